//! Reads what the pages of people show.

use crate::resources::enrollment_events::model::{EnrollmentEvent, EventFilter};
use crate::resources::enrollments::model::{EnrollmentFilter, EnrollmentInclude, Liveness};
use crate::resources::flows::delete_person::person_traces;
use crate::resources::people::model::{
    ByPerson, Person, PersonFilter, PersonSortKey, PersonTraces, person_position,
};
use crate::resources::people::ops::{person_get, person_list};
use crate::resources::workspace_groups::model::{GroupFilter, GroupSummary, group_position};
use crate::resources::workspace_groups::ops::group_summaries;
use crate::ui::enrollments::view::{EnrollmentRow, enrollment_rows};
use crate::ui::server::prelude::*;

/// The people that the address asks for. An unknown order means by last name.
pub async fn people(viewer: &Viewer) -> Result<ListPage<Person>, UiError> {
    let parameter = |name: &str| viewer.query(name).unwrap_or_default();
    let sort = parameter("sort").parse().unwrap_or_else(|_| Sort(vec![(PersonSortKey::LastName, false)]));
    let filter = PersonFilter { search: searched(&parameter("q")), ..PersonFilter::default() };
    paged(
        &format!("people {}", sort.words()),
        async |connection, request| person_list(connection, &filter, &sort, request).await,
        |person| person_position(&sort, person),
    )
    .await
}

pub async fn person(id: PersonId) -> Result<(Person, PersonTraces), UiError> {
    read(async |connection, context| {
        Ok((person_get(connection, id).await?, person_traces(connection, id, context.viewer.now).await?))
    })
    .await
}

/// The enrollments that the person created, the latest first. An unknown status means any.
pub async fn person_enrollments(id: PersonId, status: &str) -> Result<ListPage<EnrollmentRow>, UiError> {
    let filter = EnrollmentFilter {
        created_by: Some(ByPerson::OneOf(vec![id])),
        liveness: Liveness::Now(status.parse().unwrap_or(Status::Any)),
        ..EnrollmentFilter::default()
    };
    enrollment_rows("person enrolled", &filter, EnrollmentInclude::NAMES).await
}

/// What the person did to enrollments, the latest first.
pub async fn person_activity(id: PersonId) -> Result<ListPage<EnrollmentEvent>, UiError> {
    let actor = Some(ByPerson::OneOf(vec![id]));
    history("person activity", &EventFilter { actor, ..EventFilter::default() }).await
}

/// The groups that the person created, the latest first, including removed ones.
pub async fn person_groups(id: PersonId) -> Result<ListPage<GroupSummary>, UiError> {
    let created_by = Some(ByPerson::OneOf(vec![id]));
    let filter = GroupFilter { created_by, status: Status::Any, ..GroupFilter::default() };
    let sort = Sort::descending(NamedSortKey::CreatedAt);
    paged(
        "person groups",
        async |connection, request| group_summaries(connection, &filter, &sort, request).await,
        |summary| group_position(&sort, &summary.group),
    )
    .await
}
