//! What the server functions of enrollments share.

use std::str::FromStr;

use super::enrollments::RemovalPreview;
use super::selections::NAMES_SHOWN;
use crate::kernel::id::{EnrollmentId, GroupId, WorkspaceId};
use crate::kernel::page::{PAGE_SIZE_MAX, PageRequest};
use crate::kernel::problem::Problem;
use crate::platform::db::Connection;
use crate::platform::failure::{Failure, Outcome};
use crate::resources::enrollments::model::{
    EnrollmentFilter, EnrollmentInclude, EnrollmentWith, newest_first,
};
use crate::resources::enrollments::ops::{
    enrollment_count, enrollment_get, enrollment_get_many, enrollment_list,
};

pub(super) async fn preview(connection: &mut Connection, id: EnrollmentId) -> Outcome<RemovalPreview> {
    let all = EnrollmentInclude { group: true, workspace: true, created_by: true, group_created_by: false };
    let found = enrollment_get(connection, id, all).await?;
    let (Some(group), Some(workspace)) = (found.group, found.workspace) else {
        return Err(Failure::fault("group and workspace were asked for and not read"));
    };
    Ok(RemovalPreview {
        enrollment: id,
        group: group.id,
        group_name: group.name,
        workspace_name: workspace.name,
        enrolled_by: found.created_by.map(|person| person.reference()),
        enrolled_at: found.enrollment.created_at,
        is_live: found.enrollment.is_live(),
    })
}

/// Workspace and group, by name, to tell what was done.
pub(super) async fn names(connection: &mut Connection, id: EnrollmentId) -> Outcome<(String, String)> {
    let preview = preview(connection, id).await?;
    Ok((preview.workspace_name, preview.group_name))
}

/// Which of these removed rows' workspaces are in the group again; a pair has one live row at most.
pub(super) async fn live_again(
    connection: &mut Connection,
    group: GroupId,
    removed: &[EnrollmentWith],
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

/// Those of what was ticked that are in this group still, and how many these are.
pub(super) async fn ticked(
    connection: &mut Connection,
    group: GroupId,
    enrollments: &[EnrollmentId],
) -> Outcome<(Vec<EnrollmentWith>, i64)> {
    let include = EnrollmentInclude { workspace: true, ..EnrollmentInclude::default() };
    let mut items = enrollment_get_many(connection, enrollments, include).await?;
    items.retain(|item| item.enrollment.is_live() && item.enrollment.group == group);
    let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
    Ok((items, count))
}

/// The first few of what is in a group, and how many are.
pub(super) async fn all_of_group(
    connection: &mut Connection,
    group: GroupId,
) -> Outcome<(Vec<EnrollmentWith>, i64)> {
    let include = EnrollmentInclude { workspace: true, ..EnrollmentInclude::default() };
    let filter = EnrollmentFilter::in_group(group);
    let page = PageRequest::first(NAMES_SHOWN);
    let first = enrollment_list(connection, &filter, &newest_first(), &page, include).await?;
    Ok((first.items, enrollment_count(connection, &filter).await?))
}

/// Ids out of a form, as many as a page has rows.
pub(super) fn form_ids<T: FromStr>(texts: &[String]) -> Result<Vec<T>, Problem> {
    texts.iter().map(|text| form_id(text)).collect()
}

/// An id out of a form. Only a form that is not ours holds none.
pub(super) fn form_id<T: FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::FormMalformed)
}
