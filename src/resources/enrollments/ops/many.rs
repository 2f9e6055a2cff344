//! Changing several enrollments of a group at once, all or none.

use std::collections::BTreeMap;

use sqlx::PgConnection;

use super::super::model::{
    BulkRemoval, EnrollResult, EnrollmentInclude, EnrollmentWithRelated, RestoreSummary,
};
use super::super::{rules, store};
use super::{distinct, enrollment_enroll_each, enrollment_ensure_all};
use crate::kernel::id::{EnrollmentId, GroupId, WorkspaceId};
use crate::kernel::problem::Problem;
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::resources::enrollment_events::model::EventAction;
use crate::resources::enrollment_events::ops::{event_record, event_removed_by};
use crate::resources::workspace_groups::ops::group_get;

/// The number of rows that one statement changes at most. A group of a hundred thousand is changed in one transaction, by
/// statements that each stay well below the time limit. Larger ones would not be faster, because nearly all of the time
/// goes into index entries.
const BATCH: u16 = 5_000;

/// These live or removed enrollments, each once, in the given order.
///
/// # Errors
/// `EnrollmentNotFound` for the first that does not exist.
pub async fn enrollment_get_many(
    connection: &mut PgConnection,
    ids: &[EnrollmentId],
    include: EnrollmentInclude,
) -> Outcome<Vec<EnrollmentWithRelated>> {
    let found = store::list::get_many(connection, ids, include).await?;
    let mut found: BTreeMap<_, _> = found.into_iter().map(|item| (item.enrollment.id, item)).collect();
    let take = |id| found.remove(&id).ok_or_else(|| Problem::EnrollmentNotFound(id).into());
    distinct(ids).into_iter().map(take).collect()
}

/// [`enrollment_get_many`] for enrollments of one group.
///
/// # Errors
/// `EnrollmentNotFound`, or `FormMalformed` if one belongs to another group.
async fn of_group(
    connection: &mut PgConnection,
    group: GroupId,
    ids: &[EnrollmentId],
) -> Outcome<Vec<EnrollmentWithRelated>> {
    let found = enrollment_get_many(connection, ids, EnrollmentInclude::default()).await?;
    rules::all_of_group(group, found.iter().map(|item| &item.enrollment))?;
    Ok(found)
}

/// Removes the live ones among these enrollments of a group, and returns their ids in the given order.
///
/// # Errors
/// `EnrollmentNotFound`, or `FormMalformed` if one belongs to another group.
pub async fn enrollment_remove_many<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    ids: &[EnrollmentId],
) -> Outcome<Vec<EnrollmentId>> {
    of_group(connection, group, ids).await?;
    let removed = store::set_deleted(connection, &distinct(ids), call.now).await?;
    event_record(connection, call, EventAction::Removed, &removed, None).await?;
    Ok(removed)
}

/// Removes all workspaces from the group, if their number is the one that the user confirmed.
///
/// # Errors
/// `GroupNotFound`, `EnrollmentsChanged`.
pub async fn enrollment_remove_all<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    expected: usize,
) -> Outcome<()> {
    group_get(connection, group, false).await?;
    let (mut count, mut progress) = (0, store::Progress::default());
    loop {
        let removed =
            store::set_deleted_of_group(connection, group, &mut progress, BATCH.into(), call.now).await?;
        if removed.is_empty() {
            break;
        }
        event_record(connection, call, EventAction::Removed, &removed, None).await?;
        count += removed.len();
    }
    if count == expected { Ok(()) } else { Err(Problem::EnrollmentsChanged(count).into()) }
}

/// Enrolls the workspaces again that one request removed from a group, as new rows; the actor is the creator. The
/// workspaces are read from the log, because their number is not limited.
///
/// # Errors
/// `GroupNotFound`, `SignedOut`.
pub async fn enrollment_restore_bulk<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    removal: &BulkRemoval,
) -> Outcome<RestoreSummary> {
    let removed = event_removed_by(connection, removal.group, removal.at, &removal.request).await?;
    let mut summary = RestoreSummary::default();
    // They are in the order in which rows are locked.
    for workspaces in removed.chunks(BATCH.into()) {
        for result in enrollment_enroll_each(connection, call, removal.group, workspaces).await?.values() {
            match result {
                EnrollResult::Enrolled(_) => summary.enrolled += 1,
                EnrollResult::AlreadyIn => summary.already += 1,
                EnrollResult::WorkspaceNotFound => summary.gone += 1,
            }
        }
    }
    Ok(summary)
}

/// Enrolls the workspaces of these rows in the group again, unless they are in it, and returns the ids of the new rows.
///
/// # Errors
/// `EnrollmentNotFound`, `FormMalformed` if one belongs to another group, `GroupNotFound`, `SignedOut`, and every
/// removed workspace as `WorkspaceNotFound`.
pub async fn enrollment_readd_many<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    ids: &[EnrollmentId],
) -> Outcome<Vec<EnrollmentId>> {
    let removed = of_group(connection, group, ids).await?;
    let workspaces: Vec<WorkspaceId> = removed.iter().map(|item| item.enrollment.workspace).collect();
    enrollment_ensure_all(connection, call, group, &workspaces).await
}
