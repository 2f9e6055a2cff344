//! Of enrollments.

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::kernel::actor::PersonRef;
use crate::kernel::id::{EnrollmentId, GroupId, WorkspaceId};
use crate::resources::enrollment_events::model::{EnrollmentEvent, Removal};
use crate::resources::enrollments::model::{Candidate, EnrollmentWithRelated};
use crate::ui::enrollments::view::CANDIDATES;
use crate::ui::error::UiError;
use crate::ui::pagination::ListPage;

/// What is in the group now, newest first.
#[server(prefix = "/api/fn", endpoint = "members-read")]
pub async fn members_read(
    group: GroupId,
    after: Option<String>,
    before: Option<String>,
) -> Result<ListPage<EnrollmentWithRelated>, UiError> {
    use crate::resources::enrollments::model::{
        EnrollmentFilter, EnrollmentInclude, enrollment_position, newest_first,
    };
    use crate::resources::enrollments::ops::enrollment_list;
    use crate::ui::pagination::{list_page, list_request};
    use crate::ui::server::session::read;
    read(async |connection, visit| {
        let key = visit.state.cursor_key(connection).await?;
        let request = list_request(key, "members", after.as_deref(), before.as_deref())?;
        let filter = EnrollmentFilter::in_group(group);
        let sort = newest_first();
        let include = EnrollmentInclude { workspace: true, created_by: true, ..EnrollmentInclude::default() };
        let page = enrollment_list(connection, &filter, &sort, &request, include).await?;
        Ok(list_page(page, key, "members", |item| enrollment_position(&sort, &item.enrollment)))
    })
    .await
}

/// A removed row, and who removed it where that is known.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RemovedRow {
    pub item: EnrollmentWithRelated,
    pub removal: Option<Removal>,
    /// Was it added again since?
    pub in_again: bool,
}

/// What was taken out of the group, last removed first.
#[server(prefix = "/api/fn", endpoint = "removed-read")]
pub async fn removed_read(
    group: GroupId,
    after: Option<String>,
    before: Option<String>,
) -> Result<ListPage<RemovedRow>, UiError> {
    use crate::kernel::page::{Sort, Status};
    use crate::resources::enrollment_events::ops::event_removals;
    use crate::resources::enrollments::model::{
        EnrollmentFilter, EnrollmentInclude, EnrollmentSortKey, Liveness, enrollment_position,
    };
    use crate::resources::enrollments::ops::enrollment_list;
    use crate::ui::enrollments::details::live_again;
    use crate::ui::pagination::{list_page, list_request};
    use crate::ui::server::session::read;
    read(async |connection, visit| {
        let key = visit.state.cursor_key(connection).await?;
        let request = list_request(key, "removed", after.as_deref(), before.as_deref())?;
        let filter = EnrollmentFilter {
            groups: vec![group],
            liveness: Liveness::Now(Status::Removed),
            ..EnrollmentFilter::default()
        };
        let sort = Sort::descending(EnrollmentSortKey::DeletedAt)
            .with_tie(EnrollmentSortKey::DeletedAt, EnrollmentSortKey::CreatedAt);
        let include = EnrollmentInclude { workspace: true, created_by: true, ..EnrollmentInclude::default() };
        let page = enrollment_list(connection, &filter, &sort, &request, include).await?;
        let ids: Vec<EnrollmentId> = page.items.iter().map(|item| item.enrollment.id).collect();
        let mut removals = event_removals(connection, &ids).await?;
        let live = live_again(connection, group, &page.items).await?;
        let rows = page.map(|item| {
            let found = removals.iter().position(|removal| removal.enrollment == item.enrollment.id);
            RemovedRow {
                removal: found.map(|index| removals.swap_remove(index)),
                in_again: live.contains(&item.enrollment.workspace),
                item,
            }
        });
        Ok(list_page(rows, key, "removed", |row| enrollment_position(&sort, &row.item.enrollment)))
    })
    .await
}

/// What happened in the group, newest first.
#[server(prefix = "/api/fn", endpoint = "history-read")]
pub async fn history_read(
    group: GroupId,
    after: Option<String>,
    before: Option<String>,
) -> Result<ListPage<EnrollmentEvent>, UiError> {
    use crate::kernel::page::Sort;
    use crate::resources::enrollment_events::model::{
        EventFilter, EventInclude, EventSortKey, event_position,
    };
    use crate::resources::enrollment_events::ops::event_list;
    use crate::ui::pagination::{list_page, list_request};
    use crate::ui::server::session::read;
    read(async |connection, visit| {
        let key = visit.state.cursor_key(connection).await?;
        let request = list_request(key, "history", after.as_deref(), before.as_deref())?;
        let filter = EventFilter { groups: vec![group], ..EventFilter::default() };
        let sort = Sort::descending(EventSortKey::OccurredAt);
        let page = event_list(connection, &filter, &sort, &request, EventInclude::default()).await?;
        Ok(list_page(page.map(|with| with.event), key, "history", |event| event_position(&sort, event)))
    })
    .await
}

/// Workspaces that match, each with "is it in the group?"; without a group, none is.
#[server(prefix = "/api/fn", endpoint = "candidates-read")]
pub async fn candidates_read(group: Option<GroupId>, search: String) -> Result<Vec<Candidate>, UiError> {
    use crate::resources::enrollments::ops::enrollment_candidates;
    use crate::ui::server::session::read;
    read(async |connection, _| {
        let search = search.trim();
        if search.is_empty() || search.contains('\0') {
            return Ok(Vec::new());
        }
        enrollment_candidates(connection, group, search, CANDIDATES).await
    })
    .await
}

/// What is about to be removed, by name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RemovalPreview {
    pub enrollment: EnrollmentId,
    pub group: GroupId,
    pub group_name: String,
    pub workspace: WorkspaceId,
    pub workspace_name: String,
    pub enrolled_by: Option<PersonRef>,
    pub enrolled_at: DateTime<Utc>,
    pub is_live: bool,
}

#[server(prefix = "/api/fn", endpoint = "removal-preview-read")]
pub async fn removal_preview_read(enrollment: EnrollmentId) -> Result<RemovalPreview, UiError> {
    use crate::ui::enrollments::details::preview;
    use crate::ui::server::session::read;
    read(async |connection, _| preview(connection, enrollment).await).await
}

/// `back`: where to go when it is done; `form_at`: the page of the form, where it is another.
#[server(prefix = "/api/fn", endpoint = "enrollment-enroll")]
pub async fn enrollment_enroll(
    group: String,
    workspace: String,
    #[server(default)] form_at: String,
    back: String,
) -> Result<(), UiError> {
    use crate::resources::enrollments::model::NewEnrollment;
    use crate::resources::enrollments::ops;
    use crate::ui::enrollments::details::{form_id, names};
    use crate::ui::flash::Notice;
    use crate::ui::server::session::{Changed, change_at};
    let form_at = if form_at.is_empty() { &back } else { &form_at };
    change_at(form_at, async |connection, call| {
        let new = NewEnrollment { group: form_id(&group)?, workspace: form_id(&workspace)? };
        let enrolled = ops::enrollment_enroll(connection, call, new).await?;
        let (workspace, group) = names(connection, enrolled.id).await?;
        let notice = Notice::Enrolled { enrollment: enrolled.id, workspace, group };
        Ok(Changed { notice, go_to: back.clone() })
    })
    .await
}

/// `form_at`: the page of the form; `back`: where to go when it is done.
#[server(prefix = "/api/fn", endpoint = "enrollment-remove")]
pub async fn enrollment_remove(enrollment: String, form_at: String, back: String) -> Result<(), UiError> {
    use crate::resources::enrollments::model::RemoveOutcome;
    use crate::resources::enrollments::ops;
    use crate::ui::enrollments::details::{form_id, names};
    use crate::ui::flash::Notice;
    use crate::ui::server::session::{Changed, change_at};
    change_at(&form_at, async |connection, call| {
        let id: EnrollmentId = form_id(&enrollment)?;
        let outcome = ops::enrollment_remove(connection, call, id).await?;
        let (workspace, group) = names(connection, id).await?;
        let notice = match outcome {
            RemoveOutcome::Removed => Notice::Removed { enrollment: id, workspace, group },
            RemoveOutcome::AlreadyRemoved => Notice::AlreadyRemoved { workspace, group },
        };
        Ok(Changed { notice, go_to: back.clone() })
    })
    .await
}

/// Of a removed row: enrolls its pair anew.
#[server(prefix = "/api/fn", endpoint = "enrollment-readd")]
pub async fn enrollment_readd(enrollment: String, back: String) -> Result<(), UiError> {
    use crate::resources::enrollments::ops;
    use crate::ui::enrollments::details::{form_id, names};
    use crate::ui::flash::Notice;
    use crate::ui::server::session::{Changed, change_at};
    change_at(&back, async |connection, call| {
        let id: EnrollmentId = form_id(&enrollment)?;
        let enrolled = ops::enrollment_readd(connection, call, id).await?;
        let (workspace, group) = names(connection, enrolled.id).await?;
        let notice = Notice::Enrolled { enrollment: enrolled.id, workspace, group };
        Ok(Changed { notice, go_to: back.clone() })
    })
    .await
}
