//! Changes to workspaces.

use crate::kernel::patch::Patch;
use crate::resources::flows::groups_and_workspaces as flows;
use crate::resources::workspaces::model::{Workspace, WorkspaceChange};
use crate::resources::workspaces::ops;
use crate::ui::server::forms::WorkspaceForm;
use crate::ui::server::prelude::*;

/// Leads on to the page of the workspace.
fn changed(workspace: Workspace, notice: fn(Named<WorkspaceId>) -> Notice) -> Changed {
    let Workspace { id, name, .. } = workspace;
    Changed { notice: notice(Named { id, name }), go_to: paths::workspace(id) }
}

#[server(prefix = "/api/fn", endpoint = "workspace-create")]
pub async fn workspace_create(#[server(flatten)] form: WorkspaceForm) -> Result<(), UiError> {
    change_at(paths::NEW_WORKSPACE, async |connection, call| {
        let created = ops::workspace_create(connection, call, &form.read()?).await?;
        Ok(changed(created, |workspace| Notice::WorkspaceCreated { workspace }))
    })
    .await
}

/// Sets all fields; an empty one is cleared. `version`: of the values that the form showed.
#[server(prefix = "/api/fn", endpoint = "workspace-update")]
pub async fn workspace_update(
    workspace: String,
    #[server(flatten)] form: WorkspaceForm,
    #[server(default)] version: String,
) -> Result<(), UiError> {
    change(async |connection, call| {
        let (id, version) = (form_id(&workspace)?, form_id(&version)?);
        let saved = ops::workspace_update(connection, call, id, Some(version), form.change()?).await?;
        Ok(changed(saved, |workspace| Notice::WorkspaceSaved { workspace }))
    })
    .await
}

/// Clears the external id of a removed workspace, so that another can have it.
#[server(prefix = "/api/fn", endpoint = "workspace-release-id")]
pub async fn workspace_release_id(workspace: String) -> Result<(), UiError> {
    change(async |connection, call| {
        let release = WorkspaceChange {
            name: None,
            description: Patch::Absent,
            external_workspace_id: Patch::Null,
            avatar_color: Patch::Absent,
        };
        let saved = ops::workspace_update(connection, call, form_id(&workspace)?, None, release).await?;
        Ok(changed(saved, |workspace| Notice::ExternalIdReleased { workspace }))
    })
    .await
}

#[server(prefix = "/api/fn", endpoint = "workspace-remove")]
pub async fn workspace_remove(workspace: String) -> Result<(), UiError> {
    change(async |connection, call| {
        let id = form_id(&workspace)?;
        flows::workspace_remove(connection, call, id).await?;
        let removed = ops::workspace_get(connection, id).await?;
        Ok(changed(removed, |workspace| Notice::WorkspaceRemoved { workspace }))
    })
    .await
}
