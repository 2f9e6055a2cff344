//! Brings back the membership that a group had at a moment.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::undo::{SeenPlan, enroll_in, ensure_complete};
use crate::kernel::id::{EnrollmentId, GroupId};
use crate::kernel::problem::Problem;
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::resources::change_sets::ops::{change_set_record, history_current, history_ensure};
use crate::resources::enrollment_events::model::origin::ChangeOrigin;
use crate::resources::enrollments::model::restore::RestorePlan;
use crate::resources::enrollments::ops::{BATCH, enrollment_remove_each, enrollment_restore_steps};
use crate::resources::workspace_groups::ops::{group_get, group_lock_for_update};

/// What a restore would do now. Fails with `GroupNotFound`, also for an archived group.
pub async fn restore_plan(
    connection: &mut PgConnection,
    group: GroupId,
    as_of: DateTime<Utc>,
) -> Outcome<RestorePlan> {
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
    if let Some(seen) = seen {
        history_ensure(connection, seen.history).await?;
    }
    group_lock_for_update(connection, group).await?;
    let plan = restore_plan(connection, group, as_of).await?;
    if seen.is_some_and(|seen| seen.version != plan.version()) {
        return Err(Problem::PreviewChanged.into());
    }
    if plan.enroll.is_empty() && plan.remove.is_empty() {
        return Ok(plan);
    }
    change_set_record(connection, call, &ChangeOrigin::Restore(as_of)).await?;
    remove(connection, call, &plan.remove).await?;
    enroll_in(connection, call, group, &plan.enroll).await?;
    Ok(plan)
}

async fn remove<P: Includes<Write>>(
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
