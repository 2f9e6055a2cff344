//! Reads what the pages of workspaces show.

use crate::resources::enrollment_events::model::{EnrollmentEvent, EventFilter};
use crate::resources::enrollments::model::{
    EnrollmentFilter, EnrollmentInclude, EnrollmentSortKey, GroupCandidate, Liveness, newest_first,
};
use crate::resources::enrollments::ops::{enrollment_count, enrollment_group_candidates};
use crate::resources::workspaces::model::{WorkspaceFilter, WorkspaceSummary, workspace_position};
use crate::resources::workspaces::ops::{workspace_count, workspace_get, workspace_summaries};
use crate::ui::enrollments::view::{CANDIDATES, EnrollmentRow, enrollment_page};
use crate::ui::find::view::{Finding, Found, found, found_events, sort_of};
use crate::ui::server::prelude::*;

/// The workspaces that the address asks for. Unknown words mean the defaults: live ones, in a group or not, by name.
pub async fn workspaces(viewer: &Viewer) -> Result<(ListPage<WorkspaceSummary>, Option<i64>), UiError> {
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
    let page = paged(
        &format!("workspaces {}", sort.words()),
        async |connection, request| workspace_summaries(connection, &filter, &sort, request).await,
        |summary| workspace_position(&sort, &summary.workspace),
    )
    .await?;
    with_total(page, async |connection| workspace_count(connection, &filter).await).await
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

/// The orders of the lists of a workspace.
const ORDERS: [EnrollmentSortKey; 2] = [EnrollmentSortKey::CreatedAt, EnrollmentSortKey::GroupName];

/// The enrollments of the workspace that the address asks for, by default the latest first. `live`: the number of those in
/// force now, if only those are wanted.
pub async fn workspace_enrollments(
    id: WorkspaceId,
    live: Option<i64>,
) -> Result<Found<EnrollmentRow>, UiError> {
    let (list, status) =
        if live.is_some() { ("workspace live", Status::Live) } else { ("workspace any", Status::Any) };
    let include = EnrollmentInclude { group: true, created_by: true, ..EnrollmentInclude::default() };
    read(async |connection, context| {
        let here = context.viewer.address();
        let (finding, sort) = (Finding::of(&here)?, sort_of(&here, &ORDERS, newest_first()));
        let of_workspace = EnrollmentFilter::of_workspace(id);
        let filter = finding.enrolled(EnrollmentFilter { liveness: Liveness::Now(status), ..of_workspace });
        let list = format!("{list} {}", sort.words());
        found(
            connection,
            context,
            &finding,
            live,
            async |connection| enrollment_page(connection, context, &list, (&filter, &sort), include).await,
            async |connection| enrollment_count(connection, &filter).await,
        )
        .await
    })
    .await
}

pub async fn workspace_history(id: WorkspaceId) -> Result<Found<EnrollmentEvent>, UiError> {
    let filter = EventFilter { workspaces: vec![id], ..EventFilter::default() };
    found_events("workspace history", filter).await
}

/// Groups that match the text, each with whether the workspace is in it. The islands call this function
/// (`islands/combobox.rs`).
#[server(prefix = "/api/fn", endpoint = "group-candidates-read")]
pub async fn group_candidates_read(
    workspace: WorkspaceId,
    search: String,
) -> Result<Vec<GroupCandidate>, UiError> {
    read(async |connection, _| {
        let Some(search) = searched(&search) else { return Ok(Vec::new()) };
        enrollment_group_candidates(connection, workspace, &search, CANDIDATES).await
    })
    .await
}
