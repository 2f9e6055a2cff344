//! What can be done with workspaces.

use sqlx::PgConnection;

use super::model::{NewWorkspace, Workspace, WorkspaceChange, WorkspaceFilter, WorkspaceSummary};
use super::{rules, store};
use crate::kernel::id::WorkspaceId;
use crate::kernel::page::{NamedSortKey, Page, PageRequest, Sort};
use crate::kernel::problem::Problem;
use crate::kernel::text::ShortText;
use crate::kernel::version::Version;
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::resources::admin_events::model::{AdminAction, Subject};
use crate::resources::admin_events::ops::admin_event_record;
use crate::resources::enrollments::model::EnrollmentFilter;
use crate::resources::enrollments::ops::enrollment_count;
use crate::resources::imports::model::NewLine;

/// A removed one too.
///
/// # Errors
/// `WorkspaceNotFound`.
pub async fn workspace_get(connection: &mut PgConnection, id: WorkspaceId) -> Outcome<Workspace> {
    store::get(connection, id).await?.ok_or_else(|| Problem::WorkspaceNotFound(id).into())
}

pub async fn workspace_list(
    connection: &mut PgConnection,
    filter: &WorkspaceFilter,
    sort: &Sort<NamedSortKey>,
    page: &PageRequest,
) -> Outcome<Page<Workspace>> {
    store::list(connection, filter, sort, page).await
}

/// [`workspace_list`] with what lists for people show; it counts the groups of each workspace on the page.
pub async fn workspace_summaries(
    connection: &mut PgConnection,
    filter: &WorkspaceFilter,
    sort: &Sort<NamedSortKey>,
    page: &PageRequest,
) -> Outcome<Page<WorkspaceSummary>> {
    store::summaries(connection, filter, sort, page).await
}

/// How many, exactly; the cost grows with the answer.
pub async fn workspace_count(connection: &mut PgConnection, filter: &WorkspaceFilter) -> Outcome<i64> {
    store::count(connection, filter).await
}

/// How many are in no group now, removed ones not counted.
pub async fn workspace_count_ungrouped(connection: &mut PgConnection) -> Outcome<i64> {
    store::count_ungrouped(connection).await
}

/// # Errors
/// `ExternalIdTaken`.
pub async fn workspace_create<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    new: &NewWorkspace,
) -> Outcome<Workspace> {
    let workspace = store::insert(connection, new, call.now).await?;
    let subject = Subject { id: Some(workspace.id.uuid()), name: &workspace.name };
    admin_event_record(connection, call, AdminAction::WorkspaceCreated, subject).await?;
    Ok(workspace)
}

/// Reads it, and keeps everybody else from changing it until the transaction ends.
///
/// # Errors
/// `WorkspaceNotFound`.
pub async fn workspace_lock(connection: &mut PgConnection, id: WorkspaceId) -> Outcome<Workspace> {
    store::hold(connection, id).await?.ok_or_else(|| Problem::WorkspaceNotFound(id).into())
}

/// Changes what is said; a change to what it is already writes nothing.
///
/// # Errors
/// `WorkspaceNotFound`, `WorkspaceRemoved`, `ExternalIdTaken`.
pub async fn workspace_update<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: WorkspaceId,
    change: WorkspaceChange,
) -> Outcome<Workspace> {
    update(connection, call, id, None, change).await
}

/// [`workspace_update`] by somebody who saw it before. What another made of it since is not overwritten; that
/// it is already as they want it is no reason to refuse.
///
/// # Errors
/// `ChangedMeanwhile`, and those of [`workspace_update`].
pub async fn workspace_update_as_seen<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: WorkspaceId,
    seen: Version,
    change: WorkspaceChange,
) -> Outcome<Workspace> {
    update(connection, call, id, Some(seen), change).await
}

async fn update<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: WorkspaceId,
    seen: Option<Version>,
    change: WorkspaceChange,
) -> Outcome<Workspace> {
    let before = workspace_lock(connection, id).await?;
    rules::changeable(&before, &change)?;
    let mut after = before.clone();
    if let Some(name) = change.name {
        after.name = name.to_string();
    }
    after.description = change.description.map(|text| text.as_str().to_owned()).over(after.description);
    let word = |word: ShortText| word.as_str().to_owned();
    after.external_workspace_id = change.external_workspace_id.map(word).over(after.external_workspace_id);
    after.avatar_color = change.avatar_color.map(word).over(after.avatar_color);
    if after == before {
        return Ok(before);
    }
    if let Some(seen) = seen {
        seen.still(rules::version(&before))?;
    }
    if let Some(external) = &after.external_workspace_id
        && after.external_workspace_id != before.external_workspace_id
        && let Some(holder) = store::holder(connection, external, Some(id)).await?
    {
        return Err(rules::external_id_taken(external, Some(holder)).into());
    }
    let after = store::update(connection, &after, call.now).await?;
    if after.external_workspace_id != before.external_workspace_id {
        call.tally.add_made([id.uuid()]);
    }
    let subject = Subject { id: Some(id.uuid()), name: &after.name };
    admin_event_record(connection, call, AdminAction::WorkspaceUpdated, subject).await?;
    Ok(after)
}

/// The workspaces that the lines of a list name, by id or by external id, in their order; removed ones are
/// not there. A line that cannot be read names none, whatever its text is.
///
/// # Errors
/// `WorkspacesUnknown`, with the text of every line that names none.
pub async fn workspace_resolve(
    connection: &mut PgConnection,
    lines: &[NewLine],
) -> Outcome<Vec<WorkspaceId>> {
    let words: Vec<String> = lines.iter().map(|line| line.text.clone()).collect();
    let mut found = store::resolve(connection, &words).await?;
    for (id, line) in found.iter_mut().zip(lines) {
        if line.fault.is_some() {
            *id = None;
        }
    }
    let unknown: Vec<String> =
        found.iter().zip(words).filter(|(id, _)| id.is_none()).map(|(_, word)| word).collect();
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
    let live = enrollment_count(connection, &EnrollmentFilter::of_workspace(id)).await?;
    if live > 0 {
        return Err(Problem::WorkspaceHasLiveEnrollments(live).into());
    }
    store::set_deleted(connection, id, call.now).await?;
    let subject = Subject { id: Some(id.uuid()), name: &found.name };
    admin_event_record(connection, call, AdminAction::WorkspaceRemoved, subject).await
}
