//! Reads what the pages of groups show.

use crate::kernel::text::ShortText;
use crate::resources::enrollment_events::model::{EnrollmentEvent, EventFilter};
use crate::resources::enrollments::model::{
    Candidate, EnrollmentFilter, EnrollmentInclude, EnrollmentSortKey, newest_first,
};
use crate::resources::enrollments::ops::{enrollment_candidates, enrollment_count};
use crate::resources::workspace_groups::model::settings::GroupSettings;
use crate::resources::workspace_groups::model::{GroupFilter, GroupSummary, WorkspaceGroup, group_position};
use crate::resources::workspace_groups::ops::{
    group_count, group_get, group_settings_get, group_summaries, group_summary,
};
use crate::ui::enrollments::view::{CANDIDATES, EnrollmentRow, enrollment_page, mark_in_again};
use crate::ui::find::view::{Finding, Found, found, found_events, sort_of};
use crate::ui::server::prelude::*;

/// The groups that the address asks for. Unknown words mean the defaults: live groups, the latest first.
pub async fn groups(viewer: &Viewer) -> Result<(ListPage<GroupSummary>, Option<i64>), UiError> {
    let parameter = |name: &str| viewer.query(name).unwrap_or_default();
    let sort = parameter("sort").parse().unwrap_or_else(|_| Sort::descending(NamedSortKey::CreatedAt));
    let filter = GroupFilter {
        search: searched(&parameter("q")),
        status: parameter("status").parse().unwrap_or_default(),
        ..GroupFilter::default()
    };
    let page = paged(
        &format!("groups {}", sort.words()),
        async |connection, request| group_summaries(connection, &filter, &sort, request).await,
        |summary| group_position(&sort, &summary.group),
    )
    .await?;
    with_total(page, async |connection| group_count(connection, &filter).await).await
}

pub async fn group(id: GroupId) -> Result<GroupSummary, UiError> {
    read(async |connection, _| group_summary(connection, id).await).await
}

/// A group with the system that manages it.
pub async fn group_with_manager(id: GroupId) -> Result<(GroupSummary, Option<ShortText>), UiError> {
    read(async |connection, _| {
        let group = group_summary(connection, id).await?;
        Ok((group, group_settings_get(connection, id).await?.managed_by))
    })
    .await
}

/// A live group with its settings.
pub async fn group_settings(id: GroupId) -> Result<(WorkspaceGroup, GroupSettings), UiError> {
    read(async |connection, _| {
        let group = group_get(connection, id, false).await?.group;
        if !group.is_live() {
            return Err(Problem::GroupRemoved(id).into());
        }
        Ok((group, group_settings_get(connection, id).await?))
    })
    .await
}

/// Reads the names of the workspace and the creator along.
const INCLUDE: EnrollmentInclude = EnrollmentInclude { group: false, ..EnrollmentInclude::NAMES };

/// The orders of the lists of a group, which the indexes have.
const ORDERS: [EnrollmentSortKey; 3] =
    [EnrollmentSortKey::CreatedAt, EnrollmentSortKey::DeletedAt, EnrollmentSortKey::WorkspaceName];

/// The live enrollments of the group that the address asks for, by default the latest first. `live` is the number of all.
pub async fn members(group: GroupId, live: i64) -> Result<Found<EnrollmentRow>, UiError> {
    read(async |connection, context| {
        let here = context.viewer.address();
        let (finding, sort) = (Finding::of(&here)?, sort_of(&here, &ORDERS, newest_first()));
        let filter = finding.enrolled(EnrollmentFilter::in_group(group));
        let list = format!("members {}", sort.words());
        found(
            connection,
            context,
            &finding,
            Some(live),
            async |connection| enrollment_page(connection, context, &list, (&filter, &sort), INCLUDE).await,
            async |connection| enrollment_count(connection, &filter).await,
        )
        .await
    })
    .await
}

/// The removed enrollments of the group that the address asks for, by default the last removed first.
pub async fn removed(group: GroupId) -> Result<Found<EnrollmentRow>, UiError> {
    read(async |connection, context| {
        let here = context.viewer.address();
        let last_removed = Sort::descending(EnrollmentSortKey::DeletedAt);
        let (finding, sort) = (Finding::of(&here)?, sort_of(&here, &ORDERS, last_removed));
        let (filter, list) = (finding.removed(group), format!("removed {}", sort.words()));
        let load = async |connection: &mut Connection| {
            let mut page = enrollment_page(connection, context, &list, (&filter, &sort), INCLUDE).await?;
            mark_in_again(connection, &mut page.items).await?;
            Ok(page)
        };
        let count = async |connection: &mut Connection| enrollment_count(connection, &filter).await;
        found(connection, context, &finding, None, load, count).await
    })
    .await
}

/// The events of the group that the address asks for, the latest first.
pub async fn group_history(group: GroupId) -> Result<Found<EnrollmentEvent>, UiError> {
    let filter = EventFilter { groups: vec![group], ..EventFilter::default() };
    found_events("history", filter).await
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
