//! What a row of each file holds: public ids, names, UTC instants.

use chrono::{DateTime, SecondsFormat, Utc};

use super::table::{Cell, Record};
use crate::resources::enrollment_events::model::{EnrollmentEvent, EventActor};
use crate::resources::enrollments::model::EnrollmentWithRelated;
use crate::resources::enrollments::model::comparison::{Change, Comparison};

fn instant(at: DateTime<Utc>) -> Cell<'static> {
    Cell::Text(at.to_rfc3339_opts(SecondsFormat::Millis, true).into())
}

impl Record for EnrollmentEvent {
    const COLUMNS: &'static [&'static str] = &[
        "event_id",
        "occurred_at",
        "action",
        "source",
        "actor",
        "actor_id",
        "actor_name",
        "token_name",
        "request_id",
        "enrollment_id",
        "group_id",
        "group_name",
        "workspace_id",
        "workspace_name",
        "attributed_from",
        "attributed_to",
    ];

    fn cells(&self) -> Vec<Cell<'_>> {
        let (from, to) = match &self.correction {
            Some(correction) => (correction.from.as_deref(), correction.to.as_deref()),
            None => (None, None),
        };
        vec![
            Cell::of(self.id),
            instant(self.occurred_at),
            Cell::text(self.action.word()),
            Cell::text(self.source.word()),
            Cell::text(actor_word(&self.actor)),
            self.actor.person().map_or(Cell::None, Cell::of),
            Cell::or_none(self.actor.name()),
            Cell::or_none(self.token_name.as_deref()),
            Cell::or_none(self.request_id.as_deref()),
            Cell::of(self.enrollment),
            Cell::of(self.group),
            Cell::text(&self.group_name),
            Cell::of(self.workspace),
            Cell::text(&self.workspace_name),
            Cell::or_none(from),
            Cell::or_none(to),
        ]
    }
}

const fn actor_word(actor: &EventActor) -> &'static str {
    match actor {
        EventActor::Person(_) => "person",
        EventActor::FormerPerson(_) => "deleted_person",
        EventActor::System => "system",
        EventActor::Unrecorded => "unrecorded",
    }
}

impl Record for EnrollmentWithRelated {
    const COLUMNS: &'static [&'static str] = &[
        "enrollment_id",
        "group_id",
        "group_name",
        "workspace_id",
        "workspace_name",
        "external_workspace_id",
        "enrolled_at",
        "enrolled_by_id",
        "enrolled_by_name",
        "removed_at",
    ];

    fn cells(&self) -> Vec<Cell<'_>> {
        let row = &self.enrollment;
        let workspace = self.workspace.as_ref();
        vec![
            Cell::of(row.id),
            Cell::of(row.group),
            Cell::or_none(self.group.as_ref().map(|group| group.name.as_str())),
            Cell::of(row.workspace),
            Cell::or_none(workspace.map(|workspace| workspace.name.as_str())),
            Cell::or_none(workspace.and_then(|workspace| workspace.external_workspace_id.as_deref())),
            instant(row.created_at),
            row.created_by.map_or(Cell::None, Cell::of),
            self.created_by.as_ref().map_or(Cell::None, |person| Cell::of(person.display_name())),
            row.deleted_at.map_or(Cell::None, instant),
        ]
    }
}

/// A row of a comparison.
pub(super) struct Compared {
    change: Change,
    /// In at both moments, and removed and added again between.
    is_readded: bool,
    pub(super) with: EnrollmentWithRelated,
}

impl Compared {
    pub(super) fn new(comparison: &Comparison, change: Change, with: EnrollmentWithRelated) -> Self {
        let is_readded = comparison.is_readded(change, &with.enrollment);
        Self { change, is_readded, with }
    }
}

impl Record for Compared {
    const COLUMNS: &'static [&'static str] = &[
        "change",
        "is_readded",
        "enrollment_id",
        "group_id",
        "group_name",
        "workspace_id",
        "workspace_name",
        "external_workspace_id",
        "enrolled_at",
        "enrolled_by_id",
        "enrolled_by_name",
        "removed_at",
    ];

    fn cells(&self) -> Vec<Cell<'_>> {
        let mut cells = vec![Cell::text(self.change.word()), Cell::YesNo(self.is_readded)];
        cells.extend(self.with.cells());
        cells
    }
}
