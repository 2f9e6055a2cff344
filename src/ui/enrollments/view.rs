//! Enrollments as pages show them.

use std::collections::HashSet;

use crate::resources::enrollment_events::model::{EnrollmentEvent, Removal};
use crate::resources::enrollments::model::{
    Enrollment, EnrollmentFilter, EnrollmentInclude, EnrollmentSort, EnrollmentWithRelated,
    enrollment_position, newest_first,
};
use crate::resources::enrollments::ops::{enrollment_list, enrollment_with_removals};
use crate::resources::workspace_groups::model::settings::ReasonPolicy;
use crate::ui::server::prelude::*;

/// Groups or workspaces that are offered for the text of a search field.
pub const CANDIDATES: u16 = 8;

/// An enrollment, and its removal if it is removed and an event of that exists.
#[derive(Debug, Clone)]
pub struct EnrollmentRow {
    pub item: EnrollmentWithRelated,
    pub removal: Option<Removal>,
    /// The row is removed and the workspace is in the group again. Only [`mark_in_again`] sets it.
    pub in_again: bool,
}

pub struct NamedEnrollment {
    pub item: EnrollmentWithRelated,
    pub group: Named<GroupId>,
    pub workspace: Named<WorkspaceId>,
}

pub struct EnrollmentDetails {
    pub row: EnrollmentRow,
    /// The latest first, at most one page of a list.
    pub events: Vec<EnrollmentEvent>,
    /// A page of all enrollments of the pair, the earliest first.
    pub pair: ListPage<EnrollmentRow>,
    /// The live enrollment of the pair: this one or a later one.
    pub live: Option<EnrollmentId>,
    /// The JSON:API document of the enrollment.
    pub document: String,
}

pub struct RemovalPreview {
    pub group: Named<GroupId>,
    /// All selected enrollments that are still live; the first [`NAMES_SHOWN`] if the whole group is emptied.
    pub items: Vec<EnrollmentWithRelated>,
    /// How many will be removed.
    pub count: i64,
    pub policy: ReasonPolicy,
}

/// The number of workspaces that the confirmation names before a whole group is emptied.
pub const NAMES_SHOWN: u16 = 20;

/// The page of a list of enrollments that the address asks for, with their removals.
pub async fn enrollment_page(
    connection: &mut Connection,
    context: &RequestContext,
    list: &str,
    (filter, sort): (&EnrollmentFilter, &EnrollmentSort),
    include: EnrollmentInclude,
) -> Outcome<ListPage<EnrollmentRow>> {
    let load = async |connection: &mut Connection, request: &PageRequest| {
        let page = enrollment_list(connection, filter, sort, request, include).await?;
        with_removals(connection, page).await
    };
    let position = |row: &EnrollmentRow| enrollment_position(sort, &row.item);
    list_page(connection, context, list, load, position).await
}

pub async fn with_removals(
    connection: &mut Connection,
    page: Page<EnrollmentWithRelated>,
) -> Outcome<Page<EnrollmentRow>> {
    let page = enrollment_with_removals(connection, page).await?;
    Ok(page.map(|(item, removal)| EnrollmentRow { removal, item, in_again: false }))
}

/// Marks the removed enrollments whose workspaces are in their groups again.
pub async fn mark_in_again(connection: &mut Connection, rows: &mut [EnrollmentRow]) -> Outcome<()> {
    let removed = || rows.iter().map(|row| &row.item.enrollment).filter(|enrollment| !enrollment.is_live());
    let groups: HashSet<GroupId> = removed().map(|enrollment| enrollment.group).collect();
    let workspaces: HashSet<WorkspaceId> = removed().map(|enrollment| enrollment.workspace).collect();
    if groups.is_empty() {
        return Ok(());
    }
    // Each of these groups may contain each of these workspaces, once.
    let page = PageRequest::first(u16::try_from(groups.len() * workspaces.len()).unwrap_or(u16::MAX));
    let filter = EnrollmentFilter {
        groups: groups.into_iter().collect(),
        workspaces: workspaces.into_iter().collect(),
        ..EnrollmentFilter::default()
    };
    let include = EnrollmentInclude::default();
    let live = enrollment_list(connection, &filter, &newest_first(), &page, include).await?.items;
    let pair = |enrollment: &Enrollment| (enrollment.group, enrollment.workspace);
    let live: HashSet<_> = live.iter().map(|item| pair(&item.enrollment)).collect();
    for row in rows {
        let enrollment = &row.item.enrollment;
        row.in_again = !enrollment.is_live() && live.contains(&pair(enrollment));
    }
    Ok(())
}
