//! Changes of all enrollments of a group that match a filter.

use sqlx::PgConnection;

use super::{BATCH, count_removals, distinct, enrollment_enroll_each, enrollment_in_locking_order};
use crate::kernel::id::{EnrollmentId, GroupId, WorkspaceId};
use crate::kernel::page::{PageRequest, Start};
use crate::kernel::problem::Problem;
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::resources::enrollments::model::{
    EnrollResult, Enrollment, EnrollmentFilter, EnrollmentInclude, RestoreSummary, enrollment_position,
    newest_first,
};
use crate::resources::enrollments::store;
use crate::resources::enrollments::store::list::enrollment_list;

/// All that match, in parts, because their number is not limited.
async fn all_matching(connection: &mut PgConnection, filter: &EnrollmentFilter) -> Outcome<Vec<Enrollment>> {
    let (sort, mut all) = (newest_first(), Vec::new());
    let mut request = PageRequest::first(BATCH);
    loop {
        let page = enrollment_list(connection, filter, &sort, &request, EnrollmentInclude::default()).await?;
        let last = page.items.last().filter(|_| page.has_next);
        let next = last.map(|last| Start::After(enrollment_position(&sort, last)));
        all.extend(page.items.into_iter().map(|item| item.enrollment));
        match next {
            Some(start) => request.start = start,
            None => return Ok(all),
        }
    }
}

/// All that match, or `EnrollmentsChanged` if their number is not the one that the user confirmed.
async fn confirmed_matching(
    connection: &mut PgConnection,
    filter: &EnrollmentFilter,
    expected: usize,
) -> Outcome<Vec<Enrollment>> {
    let matching = all_matching(connection, filter).await?;
    if matching.len() == expected {
        Ok(matching)
    } else {
        Err(Problem::EnrollmentsChanged(matching.len()).into())
    }
}

/// The enrollments that match, or `EnrollmentsChanged` if their number is not the one that the user confirmed.
pub async fn enrollment_ids_matching(
    connection: &mut PgConnection,
    filter: &EnrollmentFilter,
    expected: usize,
) -> Outcome<Vec<EnrollmentId>> {
    let matching = confirmed_matching(connection, filter, expected).await?;
    Ok(matching.into_iter().map(|enrollment| enrollment.id).collect())
}

/// Removes the live enrollments of a group that match, all or none. Fails with `EnrollmentsChanged` if their number is not the
/// one that the user confirmed.
pub async fn enrollment_remove_matching<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    filter: &EnrollmentFilter,
    expected: usize,
) -> Outcome<()> {
    let matching = all_matching(connection, filter).await?;
    let matching = enrollment_in_locking_order(connection, matching, |enrollment| enrollment.id).await?;
    let ids: Vec<EnrollmentId> = matching.iter().map(|enrollment| enrollment.id).collect();
    let mut count = 0;
    for ids in ids.chunks(BATCH.into()) {
        count += store::set_deleted(connection, call, ids).await?.len();
    }
    if count != expected {
        return Err(Problem::EnrollmentsChanged(count).into());
    }
    count_removals(call, count);
    Ok(())
}

/// Enrolls the workspaces of the removed enrollments of a group that match again. Fails with `GroupNotFound`, `SignedOut`, or
/// `EnrollmentsChanged` if their number is not the one that the user confirmed.
pub async fn enrollment_readd_matching<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    group: GroupId,
    filter: &EnrollmentFilter,
    expected: usize,
) -> Outcome<RestoreSummary> {
    let matching = confirmed_matching(connection, filter, expected).await?;
    let matching = enrollment_in_locking_order(connection, matching, |enrollment| enrollment.id).await?;
    let workspaces: Vec<WorkspaceId> = matching.iter().map(|enrollment| enrollment.workspace).collect();
    let mut summary = RestoreSummary::default();
    for workspaces in distinct(&workspaces).chunks(BATCH.into()) {
        for result in enrollment_enroll_each(connection, call, group, workspaces).await?.values() {
            match result {
                EnrollResult::Enrolled(_) => summary.enrolled += 1,
                EnrollResult::AlreadyIn => summary.already += 1,
                EnrollResult::WorkspaceNotFound => summary.gone += 1,
            }
        }
    }
    Ok(summary)
}
