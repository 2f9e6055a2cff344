//! Enrollments as pages show them.

use serde::{Deserialize, Serialize};

use crate::kernel::id::EnrollmentId;
use crate::kernel::page::Page;
use crate::platform::db::Connection;
use crate::platform::failure::Outcome;
use crate::resources::enrollment_events::model::Removal;
use crate::resources::enrollment_events::ops::event_removals;
use crate::resources::enrollments::model::{
    EnrollmentFilter, EnrollmentInclude, EnrollmentWithRelated, enrollment_position, newest_first,
};
use crate::resources::enrollments::ops::enrollment_list;
use crate::ui::error::UiError;
use crate::ui::pagination::ListPage;
use crate::ui::server::lists::paged;

/// Groups or workspaces that are offered for the text of a search field.
pub const CANDIDATES: u16 = 8;

/// Reads the names of both ends of an enrollment and of its creator along.
pub const NAMES: EnrollmentInclude =
    EnrollmentInclude { group: true, workspace: true, created_by: true, group_created_by: false };

/// An enrollment, and its removal if it is removed and an event of that exists.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EnrollmentRow {
    pub item: EnrollmentWithRelated,
    pub removal: Option<Removal>,
}

/// A list of enrollments, the latest first, with their removals.
pub async fn enrollment_rows(
    list: &str,
    filter: &EnrollmentFilter,
    include: EnrollmentInclude,
) -> Result<ListPage<EnrollmentRow>, UiError> {
    let sort = newest_first();
    paged(
        list,
        async |connection, request| {
            let page = enrollment_list(connection, filter, &sort, request, include).await?;
            with_removals(connection, page).await
        },
        |row| enrollment_position(&sort, &row.item.enrollment),
    )
    .await
}

/// Adds the removal of each removed enrollment.
pub async fn with_removals(
    connection: &mut Connection,
    page: Page<EnrollmentWithRelated>,
) -> Outcome<Page<EnrollmentRow>> {
    let removed = page.items.iter().filter(|item| !item.enrollment.is_live());
    let ids: Vec<EnrollmentId> = removed.map(|item| item.enrollment.id).collect();
    let mut removals = if ids.is_empty() { Vec::new() } else { event_removals(connection, &ids).await? };
    Ok(page.map(|item| {
        let found = removals.iter().position(|removal| removal.enrollment == item.enrollment.id);
        EnrollmentRow { removal: found.map(|index| removals.swap_remove(index)), item }
    }))
}
