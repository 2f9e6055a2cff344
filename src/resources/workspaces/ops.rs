//! What can be done with workspaces.

use sqlx::PgConnection;

use super::model::{Workspace, WorkspaceFilter};
use super::store;
use crate::kernel::id::WorkspaceId;
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::problem::Problem;
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::resources::admin_events::model::{AdminAction, Subject};
use crate::resources::admin_events::ops::admin_event_record;

/// A removed one too.
///
/// # Errors
/// `WorkspaceNotFound`.
pub async fn workspace_get(connection: &mut PgConnection, id: WorkspaceId) -> Outcome<Workspace> {
    store::get(connection, id).await?.ok_or_else(|| Problem::WorkspaceNotFound(id).into())
}

/// Newest first.
pub async fn workspace_list(
    connection: &mut PgConnection,
    filter: &WorkspaceFilter,
    page: &PageRequest,
) -> Outcome<Page<Workspace>> {
    store::list(connection, filter, page).await
}

/// The workspaces that these words name, by id or by external id, in their order; removed ones are
/// not there.
///
/// # Errors
/// `WorkspacesUnknown`, with every word that names none.
pub async fn workspace_resolve(connection: &mut PgConnection, words: &[String]) -> Outcome<Vec<WorkspaceId>> {
    let found = store::resolve(connection, words).await?;
    let unknown: Vec<String> =
        words.iter().zip(&found).filter(|(_, id)| id.is_none()).map(|(word, _)| word.clone()).collect();
    if unknown.is_empty() {
        Ok(found.into_iter().flatten().collect())
    } else {
        Err(Problem::WorkspacesUnknown(unknown).into())
    }
}

/// Removes; of a workspace that is removed already nothing changes.
///
/// # Errors
/// `WorkspaceNotFound`, `WorkspaceHasLiveEnrollments`.
pub async fn workspace_remove<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: WorkspaceId,
) -> Outcome<()> {
    let found = store::lock(connection, id).await?.ok_or(Problem::WorkspaceNotFound(id))?;
    if found.removed {
        return Ok(());
    }
    // Counted after the lock: an enroll that was under way has ended, and none can begin.
    let live = store::live_enrollments(connection, id).await?;
    if live > 0 {
        return Err(Problem::WorkspaceHasLiveEnrollments(live).into());
    }
    store::set_deleted(connection, id, call.now).await?;
    let subject = Subject { id: Some(id.uuid()), name: &found.name };
    admin_event_record(connection, call, AdminAction::WorkspaceRemoved, subject).await
}
