//! Creating a group together with its first workspaces.

use sqlx::PgConnection;

use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::resources::enrollments::ops::{enrollment_check_workspaces, enrollment_ensure_all};
use crate::resources::workspace_groups::model::{NewGroup, WorkspaceGroup};
use crate::resources::workspace_groups::ops::group_create;

/// Creates a group and enrolls its first workspaces, all or none. The workspaces are checked first, because a group
/// that is rolled back uses up a serial key.
///
/// # Errors
/// Every missing workspace as `WorkspaceNotFound`.
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
