//! Reads what the pages of workspaces show.

use crate::resources::enrollment_events::model::{EnrollmentEvent, EventFilter};
use crate::resources::enrollments::model::{EnrollmentFilter, EnrollmentInclude, GroupCandidate, Liveness};
use crate::resources::enrollments::ops::{enrollment_count, enrollment_group_candidates};
use crate::resources::workspaces::model::{WorkspaceFilter, WorkspaceSummary, workspace_position};
use crate::resources::workspaces::ops::{workspace_get, workspace_summaries};
use crate::ui::enrollments::view::{CANDIDATES, EnrollmentRow, enrollment_rows};
use crate::ui::server::prelude::*;

/// The workspaces that the address asks for. Unknown words mean the defaults: live ones, in a group or not, by name.
pub async fn workspaces(viewer: &Viewer) -> Result<ListPage<WorkspaceSummary>, UiError> {
    let parameter = |name: &str| viewer.query(name).unwrap_or_default();
    let sort = parameter("sort").parse().unwrap_or_else(|_| Sort(vec![(NamedSortKey::Name, false)]));
    let filter = WorkspaceFilter {
        search: searched(&parameter("q")),
        status: parameter("status").parse().unwrap_or_default(),
        grouped: match parameter("grouped").as_str() {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        },
        ..WorkspaceFilter::default()
    };
    paged(
        &format!("workspaces {}", sort.words()),
        async |connection, request| workspace_summaries(connection, &filter, &sort, request).await,
        |summary| workspace_position(&sort, &summary.workspace),
    )
    .await
}

/// A workspace, and the number of groups that it is in now.
pub async fn workspace(id: WorkspaceId) -> Result<WorkspaceSummary, UiError> {
    read(async |connection, _| {
        let workspace = workspace_get(connection, id).await?;
        let groups = enrollment_count(connection, &EnrollmentFilter::of_workspace(id)).await?;
        Ok(WorkspaceSummary { workspace, groups })
    })
    .await
}

/// The enrollments of the workspace, the latest first. `live`: only those in force now.
pub async fn workspace_enrollments(id: WorkspaceId, live: bool) -> Result<ListPage<EnrollmentRow>, UiError> {
    let (list, status) = if live { ("workspace live", Status::Live) } else { ("workspace any", Status::Any) };
    let filter = EnrollmentFilter { liveness: Liveness::Now(status), ..EnrollmentFilter::of_workspace(id) };
    let include = EnrollmentInclude { group: true, created_by: true, ..EnrollmentInclude::default() };
    enrollment_rows(list, &filter, include).await
}

pub async fn workspace_history(id: WorkspaceId) -> Result<ListPage<EnrollmentEvent>, UiError> {
    history("workspace history", &EventFilter { workspaces: vec![id], ..EventFilter::default() }).await
}

/// Groups that match the text, each with whether the workspace is in it.
pub async fn group_candidates(id: WorkspaceId, search: &str) -> Result<Vec<GroupCandidate>, UiError> {
    let Some(search) = searched(search) else { return Ok(Vec::new()) };
    read(async |connection, _| enrollment_group_candidates(connection, id, &search, CANDIDATES).await).await
}
