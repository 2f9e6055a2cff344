//! Changing many enrollments at once, all or none: what somebody ticked in a list, or all of a group.

use std::collections::BTreeMap;

use sqlx::PgConnection;

use super::super::model::{
    BulkRemoval, EnrollResult, EnrollmentInclude, EnrollmentWithRelated, RestoreSummary,
};
use super::super::{rules, store};
use super::{enrollment_enroll_each, enrollment_ensure_all};
use crate::kernel::id::{EnrollmentId, GroupId, WorkspaceId};
use crate::kernel::problem::Problem;
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::resources::enrollment_events::ops::{event_removed, event_removed_by};
use crate::resources::workspace_groups::ops::group_get;

/// How many rows one statement changes at most: a group of a hundred thousand is still emptied in one
/// transaction, but by statements that each end well before their time is up. (To be quicker they could not
/// be larger: nearly all of the time goes into the rows' entries in the indexes.)
const AT_ONCE: u16 = 5_000;

/// These enrollments, live or removed, in the order in which they are named.
///
/// # Errors
/// `EnrollmentNotFound` for the first that is not there.
pub async fn enrollment_get_many(
    connection: &mut PgConnection,
    ids: &[EnrollmentId],
    include: EnrollmentInclude,
) -> Outcome<Vec<EnrollmentWithRelated>> {
    let mut found: BTreeMap<EnrollmentId, EnrollmentWithRelated> =
        store::list::get_many(connection, ids, include)
            .await?
            .into_iter()
            .map(|item| (item.enrollment.id, item))
            .collect();
    let mut wanted = ids.to_vec();
    let mut seen = std::collections::BTreeSet::new();
    wanted.retain(|id| seen.insert(*id));
    wanted
        .into_iter()
        .map(|id| found.remove(&id).ok_or_else(|| Problem::EnrollmentNotFound(id).into()))
        .collect()
}

/// These enrollments of a group, as [`enrollment_get_many`] has them.
///
/// # Errors
/// `EnrollmentNotFound`, `FormMalformed` where one is another group's.
async fn of_group(
    connection: &mut PgConnection,
    group: GroupId,
    ids: &[EnrollmentId],
) -> Outcome<Vec<EnrollmentWithRelated>> {
    let found = enrollment_get_many(connection, ids, EnrollmentInclude::default()).await?;
    rules::all_of_group(group, found.iter().map(|item| &item.enrollment))?;
    Ok(found)
}

/// Removes those of these of a group that are live; the ids of those, in the order in which they are named. What was
/// removed before stays as it is.
///
/// # Errors
/// `EnrollmentNotFound`, `FormMalformed` where one is another group's.
pub async fn enrollment_remove_many<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    ids: &[EnrollmentId],
) -> Outcome<Vec<EnrollmentId>> {
    let found = of_group(connection, group, ids).await?;
    let distinct: Vec<EnrollmentId> = found.iter().map(|item| item.enrollment.id).collect();
    let removed = store::set_deleted_of(connection, &distinct, call.now).await?;
    if !removed.is_empty() {
        event_removed(connection, call, &removed).await?;
    }
    Ok(removed)
}

/// Takes every workspace out of the group, if they are as many as whoever asked was told: what came in
/// meanwhile, nobody agreed to.
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
    let mut count = 0;
    let mut progress = store::Progress::default();
    loop {
        let removed =
            store::set_deleted_of_group(connection, group, &mut progress, AT_ONCE.into(), call.now).await?;
        if removed.is_empty() {
            break;
        }
        event_removed(connection, call, &removed).await?;
        count += removed.len();
    }
    if count == expected { Ok(()) } else { Err(Problem::EnrollmentsChanged(count).into()) }
}

/// Enrolls again what one request took out of a group, as new rows in the actor's name. Which these are, the
/// log knows: the list may be longer than a page, or a session, could hold.
///
/// # Errors
/// `GroupNotFound`, `SignedOut`.
pub async fn enrollment_restore_bulk<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    emptying: &BulkRemoval,
) -> Outcome<RestoreSummary> {
    let removed = event_removed_by(connection, emptying.group, emptying.at, &emptying.request).await?;
    let mut refilled = RestoreSummary::default();
    // They come in the order in which rows are locked.
    for workspaces in removed.chunks(AT_ONCE.into()) {
        for tried in enrollment_enroll_each(connection, call, emptying.group, workspaces).await?.values() {
            match tried {
                EnrollResult::Enrolled(_) => refilled.enrolled += 1,
                EnrollResult::AlreadyIn => refilled.already += 1,
                EnrollResult::WorkspaceNotFound => refilled.gone += 1,
            }
        }
    }
    Ok(refilled)
}

/// Enrolls the workspaces of these removed rows of a group in it again, each as a new row; what is in it already
/// stays as it is. The ids of the new rows.
///
/// # Errors
/// `EnrollmentNotFound`, `FormMalformed` where one is another group's, `GroupNotFound`, and every removed
/// workspace as `WorkspaceNotFound`.
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
