//! The operations on workspaces. Removing one also concerns enrollments, see `resources/flows`.

use sqlx::PgConnection;

use super::model::{NewWorkspace, Workspace, WorkspaceChange};
use super::{rules, store};
use crate::kernel::id::WorkspaceId;
use crate::kernel::problem::Problem;
use crate::kernel::version::Version;
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::resources::admin_events::model::AdminAction;
use crate::resources::admin_events::ops::admin_event_record;
use crate::resources::imports::model::NewLine;

pub use store::{
    workspace_count, workspace_count_ungrouped, workspace_get, workspace_list, workspace_lock_for_key_share,
    workspace_lock_for_no_key_update, workspace_lock_for_update, workspace_summaries,
};

/// Creates a workspace, or fails with `ExternalIdTaken`.
pub async fn workspace_create<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    new: &NewWorkspace,
) -> Outcome<Workspace> {
    let workspace = store::insert(connection, new, call.now).await?;
    admin_event_record(connection, call, AdminAction::WorkspaceCreated, workspace.subject()).await?;
    Ok(workspace)
}

/// Applies the given changes; a change without an effect writes nothing. Fails with `WorkspaceNotFound`, `WorkspaceRemoved`,
/// `ExternalIdTaken`, or `ChangedByOthers` if the version is not the one that a form showed, `seen`.
pub async fn workspace_update<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: WorkspaceId,
    seen: Option<Version>,
    change: WorkspaceChange,
) -> Outcome<Workspace> {
    let before = workspace_lock_for_no_key_update(connection, id).await?;
    rules::changeable(&before, &change)?;
    let after = change.applied_to(before.clone());
    if after == before {
        return Ok(before);
    }
    if let Some(seen) = seen {
        seen.ensure_unchanged(rules::version(&before))?;
    }
    if let Some(external_id) = &after.external_workspace_id
        && after.external_workspace_id != before.external_workspace_id
        && let Some(holder) = store::holder(connection, external_id, Some(id)).await?
    {
        return Err(rules::external_id_taken(external_id, Some(holder)).into());
    }
    let after = store::update(connection, &after, call.now).await?;
    if after.external_workspace_id != before.external_workspace_id {
        call.pending_metrics.add_made([id.uuid()]);
    }
    admin_event_record(connection, call, AdminAction::WorkspaceUpdated, after.subject()).await?;
    Ok(after)
}

/// The live workspaces that the lines name by id or by external id, in their order, or `WorkspacesUnknown` with the text of
/// every line that names none. A line with a fault names none.
pub async fn workspace_resolve(
    connection: &mut PgConnection,
    lines: &[NewLine],
) -> Outcome<Vec<WorkspaceId>> {
    let words: Vec<String> = lines.iter().map(|line| line.text.clone()).collect();
    let resolved = store::resolve(connection, &words).await?;
    let (mut workspaces, mut unknown) = (Vec::with_capacity(words.len()), Vec::new());
    for ((id, line), word) in resolved.into_iter().zip(lines).zip(words) {
        match id {
            Some(id) if line.fault.is_none() => workspaces.push(id),
            Some(_) | None => unknown.push(word),
        }
    }
    if unknown.is_empty() { Ok(workspaces) } else { Err(Problem::WorkspacesUnknown(unknown).into()) }
}

/// The live workspace that each of these words names by id or by external id, in their order.
pub async fn workspace_find_each(
    connection: &mut PgConnection,
    words: &[String],
) -> Outcome<Vec<Option<WorkspaceId>>> {
    store::resolve(connection, words).await
}

/// Marks a workspace as removed that the caller has locked `FOR UPDATE` and found without live enrollments.
pub async fn workspace_mark_removed<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    workspace: &Workspace,
) -> Outcome<()> {
    store::set_deleted(connection, workspace.id, call.now).await?;
    admin_event_record(connection, call, AdminAction::WorkspaceRemoved, workspace.subject()).await
}
