//! Reads what the pages of people show.

use crate::resources::enrollment_events::model::{EnrollmentEvent, EventFilter};
use crate::resources::enrollments::model::{
    EnrollmentFilter, EnrollmentInclude, EnrollmentSortKey, Liveness, newest_first,
};
use crate::resources::enrollments::ops::enrollment_count;
use crate::resources::flows::delete_person::person_traces;
use crate::resources::people::model::{
    ByPerson, Person, PersonFilter, PersonSortKey, PersonTraces, person_position,
};
use crate::resources::people::ops::{person_count, person_get, person_list};
use crate::resources::workspace_groups::model::{GroupFilter, GroupSummary, group_position};
use crate::resources::workspace_groups::ops::{group_count, group_summaries};
use crate::ui::enrollments::view::{EnrollmentRow, enrollment_page};
use crate::ui::find::view::{Finding, Found, found, found_events, sort_of};
use crate::ui::server::prelude::*;

/// The people that the address asks for. An unknown order means by last name.
pub async fn people(viewer: &Viewer) -> Result<(ListPage<Person>, Option<i64>), UiError> {
    let parameter = |name: &str| viewer.query(name).unwrap_or_default();
    let sort = parameter("sort").parse().unwrap_or_else(|_| Sort(vec![(PersonSortKey::LastName, false)]));
    let filter = PersonFilter { search: searched(&parameter("q")), ..PersonFilter::default() };
    let page = paged(
        &format!("people {}", sort.words()),
        async |connection, request| person_list(connection, &filter, &sort, request).await,
        |person| person_position(&sort, person),
    )
    .await?;
    with_total(page, async |connection| person_count(connection, &filter).await).await
}

pub async fn person(id: PersonId) -> Result<(Person, PersonTraces), UiError> {
    read(async |connection, context| {
        Ok((person_get(connection, id).await?, person_traces(connection, id, context.viewer.now).await?))
    })
    .await
}

/// The enrollments that the person created, by default the latest first. An unknown status means any.
pub async fn person_enrollments(
    id: PersonId,
    traces: &PersonTraces,
) -> Result<Found<EnrollmentRow>, UiError> {
    let (live, removed) = (traces.live, traces.removed);
    read(async |connection, context| {
        let here = context.viewer.address();
        let status = here.get("status").and_then(|word| word.parse().ok()).unwrap_or(Status::Any);
        let known = match status {
            Status::Live => live,
            Status::Removed => removed,
            Status::Any => live + removed,
        };
        let keys = [EnrollmentSortKey::CreatedAt];
        let (finding, sort) = (Finding::of(&here)?, sort_of(&here, &keys, newest_first()));
        let filter = EnrollmentFilter {
            created_by: Some(ByPerson::OneOf(vec![id])),
            liveness: Liveness::Now(status),
            search: finding.search.clone(),
            created_at: finding.range,
            ..EnrollmentFilter::default()
        };
        let (list, include) = (format!("person enrolled {}", sort.words()), EnrollmentInclude::NAMES);
        found(
            connection,
            context,
            &finding,
            Some(known),
            async |connection| enrollment_page(connection, context, &list, (&filter, &sort), include).await,
            async |connection| enrollment_count(connection, &filter).await,
        )
        .await
    })
    .await
}

/// What the person did to enrollments, the latest first.
pub async fn person_activity(id: PersonId) -> Result<Found<EnrollmentEvent>, UiError> {
    let actor = Some(ByPerson::OneOf(vec![id]));
    found_events("person activity", EventFilter { actor, ..EventFilter::default() }).await
}

/// The groups that the person created, the latest first, including removed ones.
pub async fn person_groups(id: PersonId) -> Result<Found<GroupSummary>, UiError> {
    read(async |connection, context| {
        let finding = Finding::of(&context.viewer.address())?;
        let filter = GroupFilter {
            created_by: Some(ByPerson::OneOf(vec![id])),
            status: Status::Any,
            search: finding.search.clone(),
        };
        let sort = Sort::descending(NamedSortKey::CreatedAt);
        let load = async |connection: &mut Connection| {
            let read = async |connection: &mut Connection, request: &PageRequest| {
                group_summaries(connection, &filter, &sort, request).await
            };
            let position = |summary: &GroupSummary| group_position(&sort, &summary.group);
            list_page(connection, context, "person groups", read, position).await
        };
        let count = async |connection: &mut Connection| group_count(connection, &filter).await;
        found(connection, context, &finding, None, load, count).await
    })
    .await
}
