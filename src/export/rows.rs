//! The columns of each file: public ids, names and UTC times.

use chrono::{DateTime, SecondsFormat, Utc};

use super::table::{Cell, Column};
use crate::resources::admin_events::model::AdminEvent;
use crate::resources::enrollment_events::model::{EnrollmentEvent, EventActor};
use crate::resources::enrollments::model::EnrollmentWithRelated;
use crate::resources::enrollments::model::comparison::{Change, Comparison};

fn time(at: DateTime<Utc>) -> Cell<'static> {
    Cell::of(at.to_rfc3339_opts(SecondsFormat::Millis, true))
}

pub(super) const EVENT: &[Column<EnrollmentEvent>] = &[
    ("event_id", |event| Cell::of(event.id)),
    ("occurred_at", |event| time(event.occurred_at)),
    ("action", |event| event.action.into_str().into()),
    ("source", |event| event.source.into_str().into()),
    ("actor", |event| actor_kind(&event.actor).into()),
    ("actor_id", |event| event.actor.person().map(Cell::of).into()),
    ("actor_name", |event| event.actor.name().into()),
    ("token_name", |event| event.token_name.as_deref().into()),
    ("request_id", |event| event.request_id.as_deref().into()),
    ("enrollment_id", |event| Cell::of(event.enrollment)),
    ("group_id", |event| Cell::of(event.group)),
    ("group_name", |event| event.group_name.as_str().into()),
    ("workspace_id", |event| Cell::of(event.workspace)),
    ("workspace_name", |event| event.workspace_name.as_str().into()),
    ("attributed_from", |event| event.correction.as_ref().and_then(|change| change.from.as_deref()).into()),
    ("attributed_to", |event| event.correction.as_ref().and_then(|change| change.to.as_deref()).into()),
    ("change_set_id", |event| event.change_set.map(Cell::of).into()),
    ("reason", |event| event.note.reason().into()),
    ("reference", |event| event.note.reference().into()),
];

const fn actor_kind(actor: &EventActor) -> &'static str {
    match actor {
        EventActor::Person(_) => "person",
        EventActor::FormerPerson(_) => "deleted_person",
        EventActor::System => "system",
        EventActor::Unrecorded => "unrecorded",
    }
}

pub(super) const ADMIN_EVENT: &[Column<AdminEvent>] = &[
    ("event_id", |event| Cell::of(event.id)),
    ("occurred_at", |event| time(event.occurred_at)),
    ("action", |event| event.action.into_str().into()),
    ("source", |event| event.source.into_str().into()),
    ("actor_id", |event| event.actor.as_ref().map(|person| Cell::of(person.id)).into()),
    ("actor_name", |event| event.actor_name.as_deref().into()),
    ("token_name", |event| event.token_name.as_deref().into()),
    ("request_id", |event| event.request_id.as_deref().into()),
    ("subject_type", |event| event.action.subject_type().into_str().into()),
    ("subject_id", |event| event.subject_id.map(Cell::of).into()),
    ("subject_name", |event| event.subject_name.as_deref().into()),
];

/// An enrollment, and in a comparison the change that it shows.
pub(super) struct EnrollmentRow {
    pub(super) compared: Option<(Comparison, Change)>,
    pub(super) with: EnrollmentWithRelated,
}

pub(super) const COMPARED: &[Column<EnrollmentRow>] = &[
    ("change", |row| row.compared.map(|(_, change)| change.into_str()).into()),
    ("is_readded", |row| {
        row.compared.map(|(comparison, change)| comparison.is_readded(change, &row.with.enrollment)).into()
    }),
    ("enrollment_id", |row| Cell::of(row.with.enrollment.id)),
    ("group_id", |row| Cell::of(row.with.enrollment.group)),
    ("group_name", |row| row.with.group.as_ref().map(|group| group.name.as_str()).into()),
    ("workspace_id", |row| Cell::of(row.with.enrollment.workspace)),
    ("workspace_name", |row| row.with.workspace.as_ref().map(|workspace| workspace.name.as_str()).into()),
    ("external_workspace_id", |row| {
        row.with.workspace.as_ref().and_then(|workspace| workspace.external_workspace_id.as_deref()).into()
    }),
    ("enrolled_at", |row| time(row.with.enrollment.created_at)),
    ("enrolled_by_id", |row| row.with.enrollment.created_by.map(Cell::of).into()),
    ("enrolled_by_name", |row| {
        row.with.created_by.as_ref().map(|person| Cell::of(person.display_name())).into()
    }),
    ("removed_at", |row| row.with.enrollment.deleted_at.map(time).into()),
];

/// The columns of enrollments that are not compared.
pub(super) const ENROLLMENT: &[Column<EnrollmentRow>] = COMPARED.split_at(2).1;
