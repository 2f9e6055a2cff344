//! Undoes change sets.

use sqlx::PgConnection;

use crate::kernel::id::{ChangeSetId, EnrollmentId, GroupId, HistoryId, ImportId, WorkspaceId};
use crate::kernel::problem::Problem;
use crate::kernel::version::Version;
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::{Failure, Outcome};
use crate::resources::change_sets::model::{AT_ONCE_MAX, UndoPlan, UndoSummary, UndoVerdict};
use crate::resources::change_sets::ops::{
    change_set_get, change_set_groups, change_set_record, change_set_undo_plan, change_set_undo_under_way,
    history_ensure,
};
use crate::resources::enrollment_events::model::origin::ChangeOrigin;
use crate::resources::enrollments::ops::{BATCH, enrollment_ensure_all, enrollment_remove_each};
use crate::resources::imports::model::ImportMode;
use crate::resources::imports::ops::{PlannedChanges, import_get, import_queue};
use crate::resources::workspace_groups::ops::group_lock_for_update;
use crate::resources::workspaces::ops::workspace_lock_for_key_share;

/// What a preview of an undo showed.
#[derive(Debug, Clone, Copy)]
pub struct SeenPlan {
    pub history: HistoryId,
    pub version: Version,
}

/// Reverses what the change set did, all or nothing, and leaves alone what others have changed since. Fails with
/// `ChangeSetNotFound`, `ImportUnderWay`, `NothingToUndo`, and with `OtherHistory` or `PreviewChanged` if the plan is not the
/// one that was `seen`.
pub async fn change_set_undo<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: ChangeSetId,
    seen: Option<SeenPlan>,
) -> Outcome<UndoSummary> {
    let (plan, _) = checked_plan(connection, id, seen).await?;
    perform(connection, call, id, &plan).await
}

/// The same for few changes, and for those of several groups. More than [`AT_ONCE_MAX`] of one group are queued as an
/// import, which has progress and a report.
pub async fn change_set_undo_or_queue<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: ChangeSetId,
    seen: Option<SeenPlan>,
) -> Outcome<Undone> {
    let (plan, groups) = checked_plan(connection, id, seen).await?;
    let &[group] = &groups[..] else {
        return Ok(Undone::AtOnce(perform(connection, call, id, &plan).await?));
    };
    if plan.changes() <= AT_ONCE_MAX {
        return Ok(Undone::AtOnce(perform(connection, call, id, &plan).await?));
    }
    change_set_record(connection, call, &ChangeOrigin::Undo(id)).await?;
    let (enroll, remove) = (plan.enroll(), plan.remove());
    let changes = PlannedChanges { group, mode: ImportMode::Undo, enroll: &enroll, remove: &remove };
    Ok(Undone::Queued(group, import_queue(connection, call, &changes).await?))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undone {
    AtOnce(UndoSummary),
    Queued(GroupId, ImportId),
}

/// Locks the groups. Under these locks nobody enrolls, so that the plan holds until the end.
async fn checked_plan(
    connection: &mut PgConnection,
    id: ChangeSetId,
    seen: Option<SeenPlan>,
) -> Outcome<(UndoPlan, Vec<GroupId>)> {
    change_set_get(connection, id).await?;
    if let Some(seen) = seen {
        history_ensure(connection, seen.history).await?;
    }
    let groups = change_set_groups(connection, id).await?;
    for &group in &groups {
        group_lock_for_update(connection, group).await?;
    }
    ensure_ended(connection, id).await?;
    let plan = change_set_undo_plan(connection, id).await?;
    if seen.is_some_and(|seen| seen.version != plan.version()) {
        return Err(Problem::PreviewChanged.into());
    }
    if plan.changes() == 0 {
        return Err(Problem::NothingToUndo.into());
    }
    Ok((plan, groups))
}

async fn perform<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: ChangeSetId,
    plan: &UndoPlan,
) -> Outcome<UndoSummary> {
    change_set_record(connection, call, &ChangeOrigin::Undo(id)).await?;
    let workspaces: Vec<WorkspaceId> = plan.steps.iter().map(|step| step.workspace).collect();
    workspace_lock_for_key_share(connection, &workspaces).await?;
    let removed = plan.remove();
    remove_live(connection, call, &removed).await?;
    let enrolled = enroll(connection, call, plan).await?;
    Ok(UndoSummary { enrolled, removed: removed.len(), left_alone: plan.steps.len() - plan.changes() })
}

/// An import adds to its change set until it has ended. So does an import that undoes another one.
async fn ensure_ended(connection: &mut PgConnection, id: ChangeSetId) -> Outcome<()> {
    if let Some(undo) = change_set_undo_under_way(connection, id).await? {
        return Err(Problem::ImportUnderWay(undo).into());
    }
    let import = ImportId::new(id.uuid());
    match import_get(connection, import).await {
        Ok(found) if found.state.is_under_way() => Err(Problem::ImportUnderWay(import).into()),
        Ok(_) | Err(Failure::Problem(Problem::ImportNotFound(_))) => Ok(()),
        Err(failure) => Err(failure),
    }
}

/// Removes enrollments that a plan has found live, or fails with `PreviewChanged`: a removal by others does not wait for the
/// lock of the group.
pub(super) async fn remove_live<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    enrollments: &[EnrollmentId],
) -> Outcome<()> {
    for batch in enrollments.chunks(BATCH.into()) {
        let removed = enrollment_remove_each(connection, call, batch).await?;
        ensure_complete(removed.len(), batch.len())?;
    }
    Ok(())
}

async fn enroll<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    plan: &UndoPlan,
) -> Outcome<usize> {
    let steps: Vec<_> = plan.steps.iter().filter(|step| step.verdict == UndoVerdict::Enroll).collect();
    for of_group in steps.chunk_by(|one, other| one.group == other.group) {
        let Some(group) = of_group.first().map(|step| step.group) else { continue };
        let workspaces: Vec<WorkspaceId> = of_group.iter().map(|step| step.workspace).collect();
        enroll_in(connection, call, group, &workspaces).await?;
    }
    Ok(steps.len())
}

/// Enrolls workspaces of which a plan says that they are not in the group, or fails with `PreviewChanged`.
pub(super) async fn enroll_in<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    workspaces: &[WorkspaceId],
) -> Outcome<()> {
    for batch in workspaces.chunks(BATCH.into()) {
        let enrolled = match enrollment_ensure_all(connection, call, group, batch).await {
            Err(Failure::Problem(problem)) if concerns_workspaces(&problem) => {
                return Err(Problem::PreviewChanged.into());
            }
            enrolled => enrolled?,
        };
        ensure_complete(enrolled.len(), batch.len())?;
    }
    Ok(())
}

/// A workspace was archived in this moment.
fn concerns_workspaces(problem: &Problem) -> bool {
    match problem {
        Problem::Several(problems) => problems.iter().any(concerns_workspaces),
        problem => matches!(problem, Problem::WorkspaceNotFound(_)),
    }
}

pub(super) fn ensure_complete(done: usize, planned: usize) -> Outcome<()> {
    if done == planned { Ok(()) } else { Err(Problem::PreviewChanged.into()) }
}
