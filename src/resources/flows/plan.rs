//! Plans: what makes groups what a file says, derived from one state and applied only to that state.
//!
//! A plan is applied group by group, each in one transaction under the lock of the group, and all of them are one change set.
//! A group whose members already are what the plan leads to is skipped, so that a plan that was applied in part is finished by
//! applying it again. A group that has other members than those from which the plan was derived is refused.

pub mod document;
pub mod file;
pub mod rules;

use std::collections::BTreeSet;

use sqlx::PgConnection;

use self::document::{GroupPlan, Plan, PlanFormat};
use self::file::WantedGroup;
use self::rules::{GroupFault, match_groups, members_after, members_version, plan_group};
use super::undo::{enroll_in, ensure_complete};
use crate::kernel::id::{GroupId, WorkspaceId};
use crate::kernel::problem::Problem;
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::resources::change_sets::ops::{change_set_is_undone, history_current, history_ensure};
use crate::resources::enrollments::ops::{BATCH, enrollment_ensure_none, enrollment_members};
use crate::resources::imports::model::ImportMode;
use crate::resources::imports::rules::removals::{RemovalCheck, Removals, check_removals};
use crate::resources::workspace_groups::ops::{
    group_find_live, group_get, group_lock_for_update, group_settings_get,
};
use crate::resources::workspaces::ops::workspace_find_each;

/// The plan for a file, or what is wrong with its groups. It changes nothing.
pub async fn plan_make<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    wanted: &[WantedGroup],
) -> Outcome<Result<Plan, Vec<GroupFault>>> {
    let history = history_current(connection).await?;
    let ids: Vec<GroupId> = wanted.iter().filter_map(|wanted| wanted.group.parse().ok()).collect();
    let names: Vec<String> = wanted.iter().map(|wanted| wanted.group.clone()).collect();
    let found = group_find_live(connection, &ids, &names).await?;
    let matched = match match_groups(wanted, &found) {
        Ok(matched) => matched,
        Err(faults) => return Ok(Err(faults)),
    };
    let mut groups = Vec::with_capacity(wanted.len());
    for (wanted, group) in wanted.iter().zip(matched) {
        let mut resolved = Vec::with_capacity(wanted.workspaces.len());
        for lines in wanted.workspaces.chunks(BATCH.into()) {
            let words: Vec<String> = lines.iter().map(|line| line.text.clone()).collect();
            resolved.extend(workspace_find_each(connection, &words).await?);
        }
        let members = enrollment_members(connection, group.id).await?;
        groups.push(plan_group(group, wanted, &resolved, &members));
    }
    let (format, made_at, change_set) = (PlanFormat::First, call.now, call.change_set);
    Ok(Ok(Plan { format, made_at, history, change_set, groups }))
}

/// What a plan has to do in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupState {
    /// The members are those from which the plan was derived.
    Ready,
    /// The members are those to which the plan leads.
    Done,
}

/// Refuses a plan before anything is changed: with `OtherHistory`, `GroupNotFound`, also for an archived group,
/// `PreviewChanged` if the group has other members than those from which the plan was derived, what [`check_removals`]
/// refuses, and `ReasonRequired`.
pub async fn plan_check_group<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    plan: &Plan,
    group: &GroupPlan,
    check: RemovalCheck,
) -> Outcome<GroupState> {
    history_ensure(connection, plan.history).await?;
    if !group_get(connection, group.group, false).await?.group.is_live() {
        return Err(Problem::GroupNotFound(group.group).into());
    }
    let members = enrollment_members(connection, group.group).await?;
    let members: BTreeSet<WorkspaceId> = members.iter().map(|member| member.workspace).collect();
    let now = members_version(&members);
    if now == group.result {
        return Ok(GroupState::Done);
    }
    // Undoing the plan leads back to the members from which it was derived.
    if change_set_is_undone(connection, call.change_set).await? {
        return Err(Problem::PreviewChanged.into());
    }
    let after = members_after(&members, group);
    if now != group.version || members_version(&after) != group.result {
        return Err(Problem::PreviewChanged.into());
    }
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let removals = Removals {
        group: group.group,
        removals: number(group.remove.len()),
        version: group.version,
        members: number(members.len()),
        remaining: number(after.len()),
    };
    check_removals(ImportMode::Exact, removals, check)?;
    if call.note.reason.is_none() {
        let policy = group_settings_get(connection, group.group).await?.reason_policy;
        if policy.requires(number(group.changes())) {
            return Err(Problem::ReasonRequired { group: group.group, above: policy.above() }.into());
        }
    }
    Ok(GroupState::Ready)
}

/// Does what the plan says in one group, all or nothing, with the refusals of [`plan_check_group`]. Returns `Done` if there
/// was nothing to do.
pub async fn plan_apply_group<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    plan: &Plan,
    group: &GroupPlan,
    check: RemovalCheck,
) -> Outcome<GroupState> {
    // Under this lock nobody enrolls. A removal does not wait for it, and is found by the number of changed rows.
    group_lock_for_update(connection, group.group).await?;
    let state = plan_check_group(connection, call, plan, group, check).await?;
    if state == GroupState::Done {
        return Ok(state);
    }
    let workspaces: Vec<WorkspaceId> = group.remove.iter().map(|step| step.workspace).collect();
    for batch in workspaces.chunks(BATCH.into()) {
        let removed = enrollment_ensure_none(connection, call, group.group, batch).await?;
        ensure_complete(removed.len(), batch.len())?;
    }
    let workspaces: Vec<WorkspaceId> = group.enroll.iter().map(|step| step.workspace).collect();
    enroll_in(connection, call, group.group, &workspaces).await?;
    Ok(state)
}
