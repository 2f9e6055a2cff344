//! Brings back the membership that a group had at a moment.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::undo::{SeenPlan, enroll_in, remove_live};
use crate::kernel::id::{GroupId, ImportId};
use crate::kernel::problem::Problem;
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::resources::change_sets::model::AT_ONCE_MAX;
use crate::resources::change_sets::ops::{change_set_record, history_current, history_ensure};
use crate::resources::enrollment_events::model::origin::ChangeOrigin;
use crate::resources::enrollments::model::restore::RestorePlan;
use crate::resources::enrollments::ops::enrollment_restore_steps;
use crate::resources::imports::model::ImportMode;
use crate::resources::imports::ops::{PlannedChanges, import_queue};
use crate::resources::workspace_groups::ops::{group_get, group_lock_for_update};

/// What a restore would do now. Fails with `MomentInFuture`, or `GroupNotFound`, also for an archived group.
pub async fn restore_plan(
    connection: &mut PgConnection,
    group: GroupId,
    as_of: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Outcome<RestorePlan> {
    if as_of > now {
        return Err(Problem::MomentInFuture.into());
    }
    if !group_get(connection, group, false).await?.group.is_live() {
        return Err(Problem::GroupNotFound(group).into());
    }
    let history = history_current(connection).await?;
    let (enroll, remove, counts) = enrollment_restore_steps(connection, group, as_of).await?;
    Ok(RestorePlan { enroll, remove, counts, history })
}

/// Makes the group contain the workspaces that it contained at that moment, except those that are archived, all or nothing.
/// Fails with `GroupNotFound`, and with `OtherHistory` or `PreviewChanged` if the plan is not the one that was `seen`.
pub async fn group_restore<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    (group, as_of): (GroupId, DateTime<Utc>),
    seen: Option<SeenPlan>,
) -> Outcome<RestorePlan> {
    let plan = checked_plan(connection, (group, as_of, call.now), seen).await?;
    perform(connection, call, (group, as_of), &plan).await?;
    Ok(plan)
}

/// The same for few changes. More than [`AT_ONCE_MAX`] are queued as an import, which has progress and a report.
pub async fn group_restore_or_queue<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    (group, as_of): (GroupId, DateTime<Utc>),
    seen: Option<SeenPlan>,
) -> Outcome<(RestorePlan, Option<ImportId>)> {
    let plan = checked_plan(connection, (group, as_of, call.now), seen).await?;
    if plan.enroll.len() + plan.remove.len() <= AT_ONCE_MAX {
        perform(connection, call, (group, as_of), &plan).await?;
        return Ok((plan, None));
    }
    change_set_record(connection, call, &ChangeOrigin::Restore(as_of)).await?;
    let changes =
        PlannedChanges { group, mode: ImportMode::Restore, enroll: &plan.enroll, remove: &plan.remove };
    let import = import_queue(connection, call, &changes).await?;
    Ok((plan, Some(import)))
}

async fn checked_plan(
    connection: &mut PgConnection,
    (group, as_of, now): (GroupId, DateTime<Utc>, DateTime<Utc>),
    seen: Option<SeenPlan>,
) -> Outcome<RestorePlan> {
    if let Some(seen) = seen {
        history_ensure(connection, seen.history).await?;
    }
    group_lock_for_update(connection, group).await?;
    let plan = restore_plan(connection, group, as_of, now).await?;
    if seen.is_some_and(|seen| seen.version != plan.version()) {
        return Err(Problem::PreviewChanged.into());
    }
    Ok(plan)
}

async fn perform<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    (group, as_of): (GroupId, DateTime<Utc>),
    plan: &RestorePlan,
) -> Outcome<()> {
    if plan.enroll.is_empty() && plan.remove.is_empty() {
        return Ok(());
    }
    change_set_record(connection, call, &ChangeOrigin::Restore(as_of)).await?;
    remove_live(connection, call, &plan.remove).await?;
    enroll_in(connection, call, group, &plan.enroll).await
}
