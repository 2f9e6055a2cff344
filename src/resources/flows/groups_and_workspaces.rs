//! Creates groups with their first workspaces, and removes groups and workspaces without live enrollments.

use sqlx::PgConnection;

use crate::kernel::id::{GroupId, WorkspaceId};
use crate::kernel::problem::Problem;
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::resources::enrollments::model::EnrollmentFilter;
use crate::resources::enrollments::ops::{
    enrollment_check_workspaces, enrollment_count, enrollment_ensure_all,
};
use crate::resources::workspace_groups::model::{NewGroup, WorkspaceGroup};
use crate::resources::workspace_groups::ops::{group_create, group_lock_for_update, group_mark_removed};
use crate::resources::workspaces::ops::{workspace_lock_for_update, workspace_mark_removed};

/// Creates a group and enrolls its first workspaces, all or none. Every missing workspace is refused first, as
/// `WorkspaceNotFound`, because a group that is rolled back uses up a serial key.
pub async fn group_create_with_workspaces<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    new: &NewGroup,
) -> Outcome<WorkspaceGroup> {
    enrollment_check_workspaces(connection, &new.workspaces).await?;
    let group = group_create(connection, call, &new.name).await?;
    enrollment_ensure_all(connection, call, group.id, &new.workspaces).await?;
    Ok(group)
}

/// Removes a group, or fails with `GroupNotFound` or `GroupHasLiveEnrollments`; removing a removed group changes nothing.
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

/// [`group_remove`] for a workspace: `WorkspaceNotFound`, `WorkspaceHasLiveEnrollments`.
pub async fn workspace_remove<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: WorkspaceId,
) -> Outcome<()> {
    let workspace = workspace_lock_for_update(connection, id).await?;
    if !workspace.is_live() {
        return Ok(());
    }
    match enrollment_count(connection, &EnrollmentFilter::of_workspace(id)).await? {
        0 => workspace_mark_removed(connection, call, &workspace).await,
        live => Err(Problem::WorkspaceHasLiveEnrollments(live).into()),
    }
}
