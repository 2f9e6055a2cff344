//! The columns of each file: public ids, names and UTC times.

use chrono::{DateTime, SecondsFormat, Utc};

use super::table::{Cell, Column, Record};
use crate::resources::enrollment_events::model::{EnrollmentEvent, EventActor};
use crate::resources::enrollments::model::EnrollmentWithRelated;
use crate::resources::enrollments::model::comparison::{Change, Comparison};

fn time(at: DateTime<Utc>) -> Cell<'static> {
    Cell::of(at.to_rfc3339_opts(SecondsFormat::Millis, true))
}

const EVENT: &[Column<EnrollmentEvent>] = &[
    ("event_id", |event| Cell::of(event.id)),
    ("occurred_at", |event| time(event.occurred_at)),
    ("action", |event| Cell::text(event.action.into_str())),
    ("source", |event| Cell::text(event.source.into_str())),
    ("actor", |event| Cell::text(actor_word(&event.actor))),
    ("actor_id", |event| event.actor.person().map_or(Cell::None, Cell::of)),
    ("actor_name", |event| Cell::or_none(event.actor.name())),
    ("token_name", |event| Cell::or_none(event.token_name.as_deref())),
    ("request_id", |event| Cell::or_none(event.request_id.as_deref())),
    ("enrollment_id", |event| Cell::of(event.enrollment)),
    ("group_id", |event| Cell::of(event.group)),
    ("group_name", |event| Cell::text(&event.group_name)),
    ("workspace_id", |event| Cell::of(event.workspace)),
    ("workspace_name", |event| Cell::text(&event.workspace_name)),
    ("attributed_from", |event| Cell::or_none(event.correction.as_ref().and_then(|it| it.from.as_deref()))),
    ("attributed_to", |event| Cell::or_none(event.correction.as_ref().and_then(|it| it.to.as_deref()))),
];

const fn actor_word(actor: &EventActor) -> &'static str {
    match actor {
        EventActor::Person(_) => "person",
        EventActor::FormerPerson(_) => "deleted_person",
        EventActor::System => "system",
        EventActor::Unrecorded => "unrecorded",
    }
}

impl Record for EnrollmentEvent {
    fn names() -> Vec<&'static str> {
        EVENT.iter().map(|(name, _)| *name).collect()
    }

    fn cells(&self) -> Vec<Cell<'_>> {
        EVENT.iter().map(|(_, cell)| cell(self)).collect()
    }
}

const ENROLLMENT: &[Column<EnrollmentWithRelated>] = &[
    ("enrollment_id", |row| Cell::of(row.enrollment.id)),
    ("group_id", |row| Cell::of(row.enrollment.group)),
    ("group_name", |row| Cell::or_none(row.group.as_ref().map(|group| group.name.as_str()))),
    ("workspace_id", |row| Cell::of(row.enrollment.workspace)),
    ("workspace_name", |row| Cell::or_none(row.workspace.as_ref().map(|workspace| workspace.name.as_str()))),
    ("external_workspace_id", |row| {
        Cell::or_none(row.workspace.as_ref().and_then(|workspace| workspace.external_workspace_id.as_deref()))
    }),
    ("enrolled_at", |row| time(row.enrollment.created_at)),
    ("enrolled_by_id", |row| row.enrollment.created_by.map_or(Cell::None, Cell::of)),
    ("enrolled_by_name", |row| {
        row.created_by.as_ref().map_or(Cell::None, |person| Cell::of(person.display_name()))
    }),
    ("removed_at", |row| row.enrollment.deleted_at.map_or(Cell::None, time)),
];

impl Record for EnrollmentWithRelated {
    fn names() -> Vec<&'static str> {
        ENROLLMENT.iter().map(|(name, _)| *name).collect()
    }

    fn cells(&self) -> Vec<Cell<'_>> {
        ENROLLMENT.iter().map(|(_, cell)| cell(self)).collect()
    }
}

/// A row of a comparison.
pub(super) struct Compared {
    change: Change,
    /// Live at both times, but removed and re-added in between.
    is_readded: bool,
    pub(super) row: EnrollmentWithRelated,
}

impl Compared {
    pub(super) fn new(comparison: &Comparison, change: Change, row: EnrollmentWithRelated) -> Self {
        let is_readded = comparison.is_readded(change, &row.enrollment);
        Self { change, is_readded, row }
    }
}

impl Record for Compared {
    fn names() -> Vec<&'static str> {
        ["change", "is_readded"].into_iter().chain(EnrollmentWithRelated::names()).collect()
    }

    fn cells(&self) -> Vec<Cell<'_>> {
        let mut cells = vec![Cell::text(self.change.into_str()), Cell::YesNo(self.is_readded)];
        cells.extend(self.row.cells());
        cells
    }
}
