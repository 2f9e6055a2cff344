//! Reads what the pages of enrollments show.

pub mod matching;

use crate::resources::enrollment_events::model::{EventFilter, EventInclude};
use crate::resources::enrollment_events::ops::event_list;
use crate::resources::enrollments::api::enrollment_document;
use crate::resources::enrollments::model::{
    EnrollmentFilter, EnrollmentInclude, EnrollmentSortKey, Liveness, NewEnrollment, newest_first,
};
use crate::resources::enrollments::ops::{
    enrollment_count, enrollment_get, enrollment_get_many, enrollment_list, enrollment_of_pair,
};
use crate::resources::people::model::{Person, PersonFilter, PersonSortKey};
use crate::resources::people::ops::{person_get, person_list};
use crate::resources::workspace_groups::model::settings::ReasonPolicy;
use crate::resources::workspace_groups::ops::{group_get, group_settings_get};
use crate::ui::enrollments::view::{
    EnrollmentDetails, NAMES_SHOWN, NamedEnrollment, RemovalPreview, enrollment_page, with_removals,
};
use crate::ui::pagination::ROWS;
use crate::ui::server::prelude::*;

/// The `after` or `before` of the address is a cursor of the list of the pair.
pub async fn enrollment(id: EnrollmentId) -> Result<EnrollmentDetails, UiError> {
    read(async |connection, context| {
        let item = enrollment_get(connection, id, EnrollmentInclude::NAMES).await?;
        let document = enrollment_document(item.enrollment.clone());
        let (group, workspace) = (item.enrollment.group, item.enrollment.workspace);
        let filter = EnrollmentFilter {
            groups: vec![group],
            liveness: Liveness::Now(Status::Any),
            ..EnrollmentFilter::of_workspace(workspace)
        };
        let sort = Sort(vec![(EnrollmentSortKey::CreatedAt, false)]);
        let include = EnrollmentInclude { created_by: true, ..EnrollmentInclude::default() };
        let pair = enrollment_page(connection, context, "pair", (&filter, &sort), include).await?;
        let page = Page { items: vec![item], has_previous: false, has_next: false };
        let row = with_removals(connection, page).await?.items.remove(0);
        let live = match enrollment_of_pair(connection, NewEnrollment { group, workspace }).await {
            Ok(id) => Some(id),
            Err(Failure::Problem(Problem::NotEnrolled { .. })) => None,
            Err(failure) => return Err(failure),
        };
        let filter = EventFilter { enrollments: vec![id], ..EventFilter::default() };
        let sort = Sort::descending(EventSortKey::OccurredAt);
        let (first, include) = (PageRequest::first(ROWS), EventInclude::default());
        let events = event_list(connection, &filter, &sort, &first, include).await?;
        Ok(EnrollmentDetails { row, events: events.map(|with| with.event).items, pair, live, document })
    })
    .await
}

pub async fn enrollment_names(id: EnrollmentId) -> Result<NamedEnrollment, UiError> {
    read(async |connection, _| named(connection, id).await).await
}

/// [`enrollment_names`] as a part of a change.
pub async fn named(connection: &mut Connection, id: EnrollmentId) -> Outcome<NamedEnrollment> {
    let item = enrollment_get(connection, id, EnrollmentInclude::NAMES).await?;
    let (Some(group), Some(workspace)) = (&item.group, &item.workspace) else {
        return Err(Failure::fault("the group and the workspace of an enrollment were not read"));
    };
    let group = Named { id: group.id, name: group.name.clone() };
    let workspace = Named { id: workspace.id, name: workspace.name.clone() };
    Ok(NamedEnrollment { item, group, workspace })
}

/// Without selected enrollments, the preview is of all that are live in the group.
pub async fn removal_preview(group: GroupId, selected: &[EnrollmentId]) -> Result<RemovalPreview, UiError> {
    read(async |connection, _| {
        let name = group_get(connection, group, false).await?.group.name;
        let include = EnrollmentInclude { workspace: true, ..EnrollmentInclude::default() };
        let (items, count) = if selected.is_empty() {
            let filter = EnrollmentFilter::in_group(group);
            let page = PageRequest::first(NAMES_SHOWN);
            let first = enrollment_list(connection, &filter, &newest_first(), &page, include).await?;
            (first.items, enrollment_count(connection, &filter).await?)
        } else {
            let mut items = enrollment_get_many(connection, selected, include).await?;
            items.retain(|item| item.enrollment.is_live() && item.enrollment.group == group);
            let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
            (items, count)
        };
        let policy = group_settings_get(connection, group).await?.reason_policy;
        Ok(RemovalPreview { group: Named { id: group, name }, items, count, policy })
    })
    .await
}

pub async fn reason_policy(group: GroupId) -> Result<ReasonPolicy, UiError> {
    read(async |connection, _| Ok(group_settings_get(connection, group).await?.reason_policy)).await
}

/// How many people a search for a creator offers.
const CREATORS: u16 = 8;

/// People whose name or e-mail address contains the text; `None` if the text is empty.
pub async fn creator_candidates(search: &str) -> Result<Option<Vec<Person>>, UiError> {
    let Some(search) = searched(search) else { return Ok(None) };
    let filter = PersonFilter { search: Some(search), ..PersonFilter::default() };
    let sort = Sort(vec![(PersonSortKey::LastName, false)]);
    read(async |connection, _| {
        let page = person_list(connection, &filter, &sort, &PageRequest::first(CREATORS)).await?;
        Ok(Some(page.items))
    })
    .await
}

pub async fn creator(id: PersonId) -> Result<Person, UiError> {
    read(async |connection, _| person_get(connection, id).await).await
}
