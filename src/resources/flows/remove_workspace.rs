//! Removes a workspace, which is allowed only without live enrollments.

use sqlx::PgConnection;

use crate::kernel::id::WorkspaceId;
use crate::kernel::problem::Problem;
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::resources::enrollments::model::EnrollmentFilter;
use crate::resources::enrollments::ops::enrollment_count;
use crate::resources::workspaces::ops::{workspace_lock_for_update, workspace_mark_removed};

/// Removes a workspace; removing a removed workspace changes nothing.
///
/// # Errors
/// `WorkspaceNotFound`, `WorkspaceHasLiveEnrollments`.
pub async fn workspace_remove<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: WorkspaceId,
) -> Outcome<()> {
    let workspace = workspace_lock_for_update(connection, id).await?;
    if !workspace.is_live() {
        return Ok(());
    }
    // Counted under the lock: enrollments in progress have ended, and no new one can begin.
    match enrollment_count(connection, &EnrollmentFilter::of_workspace(id)).await? {
        0 => workspace_mark_removed(connection, call, &workspace).await,
        live => Err(Problem::WorkspaceHasLiveEnrollments(live).into()),
    }
}
