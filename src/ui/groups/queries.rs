//! Reads what the pages of groups show.

use crate::resources::enrollment_events::model::{EnrollmentEvent, EventFilter};
use crate::resources::enrollments::model::{Candidate, EnrollmentFilter, EnrollmentInclude, Liveness};
use crate::resources::enrollments::ops::enrollment_candidates;
use crate::resources::workspace_groups::model::{GroupFilter, GroupSummary, group_position};
use crate::resources::workspace_groups::ops::{group_summaries, group_summary};
use crate::ui::enrollments::view::{
    CANDIDATES, EnrollmentRow, enrollment_page, enrollment_rows, mark_in_again,
};
use crate::ui::server::prelude::*;

/// The groups that the address asks for. Unknown words mean the defaults: live groups, the latest first.
pub async fn groups(viewer: &Viewer) -> Result<ListPage<GroupSummary>, UiError> {
    let parameter = |name: &str| viewer.query(name).unwrap_or_default();
    let sort = parameter("sort").parse().unwrap_or_else(|_| Sort::descending(NamedSortKey::CreatedAt));
    let filter = GroupFilter {
        search: searched(&parameter("q")),
        status: parameter("status").parse().unwrap_or_default(),
        ..GroupFilter::default()
    };
    paged(
        &format!("groups {}", sort.words()),
        async |connection, request| group_summaries(connection, &filter, &sort, request).await,
        |summary| group_position(&sort, &summary.group),
    )
    .await
}

pub async fn group(id: GroupId) -> Result<GroupSummary, UiError> {
    read(async |connection, _| group_summary(connection, id).await).await
}

/// Reads the names of the workspace and the creator along.
const INCLUDE: EnrollmentInclude =
    EnrollmentInclude { group: false, workspace: true, created_by: true, group_created_by: false };

/// The live enrollments of the group, the latest first.
pub async fn members(group: GroupId) -> Result<ListPage<EnrollmentRow>, UiError> {
    enrollment_rows("members", &EnrollmentFilter::in_group(group), INCLUDE).await
}

/// The removed enrollments of the group, the last removed first.
pub async fn removed(group: GroupId) -> Result<ListPage<EnrollmentRow>, UiError> {
    let filter = EnrollmentFilter {
        groups: vec![group],
        liveness: Liveness::Now(Status::Removed),
        ..EnrollmentFilter::default()
    };
    let sort = Sort::descending(NamedSortKey::DeletedAt).with_tie();
    read(async |connection, context| {
        let mut page = enrollment_page(connection, context, "removed", (&filter, &sort), INCLUDE).await?;
        mark_in_again(connection, &mut page.items).await?;
        Ok(page)
    })
    .await
}

pub async fn group_history(group: GroupId) -> Result<ListPage<EnrollmentEvent>, UiError> {
    history("history", &EventFilter { groups: vec![group], ..EventFilter::default() }).await
}

/// Workspaces that match the text, each with whether it is in the group. Without a group, none of them is. The islands
/// call this function (`islands/combobox.rs`).
#[server(prefix = "/api/fn", endpoint = "candidates-read")]
pub async fn candidates_read(group: Option<GroupId>, search: String) -> Result<Vec<Candidate>, UiError> {
    read(async |connection, _| {
        let search = search.trim();
        if search.is_empty() || search.contains('\0') {
            return Ok(Vec::new());
        }
        enrollment_candidates(connection, group, search, CANDIDATES).await
    })
    .await
}
