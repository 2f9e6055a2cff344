//! Removes a group, which is allowed only without live enrollments.

use sqlx::PgConnection;

use crate::kernel::id::GroupId;
use crate::kernel::problem::Problem;
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::resources::enrollments::model::EnrollmentFilter;
use crate::resources::enrollments::ops::enrollment_count;
use crate::resources::workspace_groups::ops::{group_lock_for_update, group_mark_removed};

/// Removes a group; removing a removed group changes nothing.
///
/// # Errors
/// `GroupNotFound`, `GroupHasLiveEnrollments`.
pub async fn group_remove<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: GroupId,
) -> Outcome<()> {
    let group = group_lock_for_update(connection, id).await?;
    if !group.is_live() {
        return Ok(());
    }
    // Counted under the lock: enrollments in progress have ended, and no new one can begin.
    match enrollment_count(connection, &EnrollmentFilter::in_group(id)).await? {
        0 => group_mark_removed(connection, call, &group).await,
        live => Err(Problem::GroupHasLiveEnrollments(live).into()),
    }
}
