//! What the server functions of enrollments share.

use std::str::FromStr;

use crate::kernel::id::{EnrollmentId, GroupId, WorkspaceId};
use crate::kernel::page::{PAGE_SIZE_MAX, Page, PageRequest, Sort, Status};
use crate::kernel::problem::Problem;
use crate::platform::db::Connection;
use crate::platform::failure::{Failure, Outcome};
use crate::resources::enrollment_events::model::{EnrollmentEvent, EventFilter, EventInclude, EventSortKey};
use crate::resources::enrollment_events::ops::event_list;
use crate::resources::enrollments::model::{
    EnrollmentFilter, EnrollmentInclude, EnrollmentSort, EnrollmentWithRelated, Liveness, NewEnrollment,
    newest_first,
};
use crate::resources::enrollments::ops::{
    enrollment_count, enrollment_get, enrollment_get_many, enrollment_list, enrollment_of_pair,
};
use crate::ui::enrollments::actions::RemovalPreview;
use crate::ui::enrollments::bulk_actions::NAMES_SHOWN;
pub use crate::ui::enrollments::view::{NAMES, with_removals};
use crate::ui::flash::Named;
use crate::ui::pagination::ROWS;
pub use crate::ui::server::forms::form_id;

pub async fn preview(connection: &mut Connection, id: EnrollmentId) -> Outcome<RemovalPreview> {
    let found = enrollment_get(connection, id, NAMES).await?;
    let (Some(group), Some(workspace)) = (found.group, found.workspace) else {
        return Err(Failure::fault("group and workspace were asked for and not read"));
    };
    Ok(RemovalPreview {
        enrollment: id,
        group: group.id,
        group_name: group.name,
        workspace: workspace.id,
        workspace_name: workspace.name,
        enrolled_by: found.created_by.map(|person| person.reference()),
        enrolled_at: found.enrollment.created_at,
        is_live: found.enrollment.is_live(),
    })
}

/// Workspace and group, to tell what was done.
pub async fn names(
    connection: &mut Connection,
    id: EnrollmentId,
) -> Outcome<(Named<WorkspaceId>, Named<GroupId>)> {
    let preview = preview(connection, id).await?;
    let workspace = Named { id: preview.workspace, name: preview.workspace_name };
    Ok((workspace, Named { id: preview.group, name: preview.group_name }))
}

/// Which of these removed rows' workspaces are in the group again; a pair has one live row at most.
pub async fn live_again(
    connection: &mut Connection,
    group: GroupId,
    removed: &[EnrollmentWithRelated],
) -> Outcome<Vec<WorkspaceId>> {
    if removed.is_empty() {
        return Ok(Vec::new());
    }
    let workspaces = removed.iter().map(|item| item.enrollment.workspace).collect();
    let filter = EnrollmentFilter { groups: vec![group], workspaces, ..EnrollmentFilter::default() };
    let page = PageRequest::first(PAGE_SIZE_MAX);
    let live =
        enrollment_list(connection, &filter, &newest_first(), &page, EnrollmentInclude::default()).await?;
    Ok(live.items.iter().map(|item| item.enrollment.workspace).collect())
}

/// All rows of a pair.
pub async fn rows_of_pair(
    connection: &mut Connection,
    group: GroupId,
    workspace: WorkspaceId,
    sort: &EnrollmentSort,
    page: &PageRequest,
) -> Outcome<Page<EnrollmentWithRelated>> {
    let filter = EnrollmentFilter {
        groups: vec![group],
        liveness: Liveness::Now(Status::Any),
        ..EnrollmentFilter::of_workspace(workspace)
    };
    let include = EnrollmentInclude { created_by: true, ..EnrollmentInclude::default() };
    enrollment_list(connection, &filter, sort, page, include).await
}

/// The live row of a pair.
pub async fn live_of_pair(
    connection: &mut Connection,
    group: GroupId,
    workspace: WorkspaceId,
) -> Outcome<Option<EnrollmentId>> {
    match enrollment_of_pair(connection, NewEnrollment { group, workspace }).await {
        Ok(id) => Ok(Some(id)),
        Err(Failure::Problem(Problem::NotEnrolled { .. })) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// The last that happened to it.
pub async fn events_of(
    connection: &mut Connection,
    enrollment: EnrollmentId,
) -> Outcome<Vec<EnrollmentEvent>> {
    let filter = EventFilter { enrollments: vec![enrollment], ..EventFilter::default() };
    let sort = Sort::descending(EventSortKey::OccurredAt);
    let first = PageRequest::first(ROWS);
    let page = event_list(connection, &filter, &sort, &first, EventInclude::default()).await?;
    Ok(page.items.into_iter().map(|with| with.event).collect())
}

/// Those of what was ticked that are in this group still, and how many these are.
pub async fn ticked(
    connection: &mut Connection,
    group: GroupId,
    enrollments: &[EnrollmentId],
) -> Outcome<(Vec<EnrollmentWithRelated>, i64)> {
    let include = EnrollmentInclude { workspace: true, ..EnrollmentInclude::default() };
    let mut items = enrollment_get_many(connection, enrollments, include).await?;
    items.retain(|item| item.enrollment.is_live() && item.enrollment.group == group);
    let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
    Ok((items, count))
}

/// The first few of what is in a group, and how many are.
pub async fn all_of_group(
    connection: &mut Connection,
    group: GroupId,
) -> Outcome<(Vec<EnrollmentWithRelated>, i64)> {
    let include = EnrollmentInclude { workspace: true, ..EnrollmentInclude::default() };
    let filter = EnrollmentFilter::in_group(group);
    let page = PageRequest::first(NAMES_SHOWN);
    let first = enrollment_list(connection, &filter, &newest_first(), &page, include).await?;
    Ok((first.items, enrollment_count(connection, &filter).await?))
}

/// Ids out of a form, as many as a page has rows.
pub fn form_ids<T: FromStr>(texts: &[String]) -> Result<Vec<T>, Problem> {
    texts.iter().map(|text| form_id(text)).collect()
}
