//! The logs and the enrollments as files of any length, which the pages stream and the command line writes.
//!
//! A file is read in parts by key, each by a short statement. One long statement would exceed the statement timeout; a
//! cursor would occupy a connection, and delay vacuum, for as long as a slow client takes. The parts are consistent: the log
//! only grows, past states do not change, and anything after the time of the request is left out.

mod rows;
pub mod table;

use std::collections::VecDeque;
use std::mem::take;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use strum::VariantArray;

use crate::kernel::page::{EventSortKey, Page, PageRequest, Position, Sort, Start, TimeRange};
use crate::platform::db::replicas::Reads;
use crate::platform::failure::{Failure, Outcome};
use crate::resources::admin_events::model::{AdminEventFilter, admin_event_position};
use crate::resources::admin_events::ops::{admin_event_count, admin_event_list};
use crate::resources::enrollment_events::model::{EventFilter, EventInclude, event_position};
use crate::resources::enrollment_events::ops::{event_count, event_list};
use crate::resources::enrollments::model::comparison::{Change, Comparison};
use crate::resources::enrollments::model::{
    EnrollmentFilter, EnrollmentInclude, enrollment_position, newest_first,
};
use crate::resources::enrollments::ops::{comparison_counts, enrollment_count, enrollment_list};
use rows::{ADMIN_EVENT, COMPARED, ENROLLMENT, EVENT, EnrollmentRow};
use table::{Column, Format, text};

/// The number of rows in one part of a file. A part takes some ten milliseconds and has one or two megabytes of text.
const PART_ROWS: u16 = 5_000;

/// How often a later part is attempted, so that a short overload does not break off a file. Each attempt waits for a
/// connection as long as any request does.
const ATTEMPTS: u8 = 10;

#[derive(Debug, Clone)]
pub enum Subject {
    Events(EventFilter),
    AdminEvents(AdminEventFilter),
    Enrollments(EnrollmentFilter),
    /// Added, then removed, then unchanged enrollments.
    Comparison(Comparison),
}

impl Subject {
    /// Events that have happened by now.
    pub fn events_until(mut filter: EventFilter, now: DateTime<Utc>) -> Self {
        filter.occurred_at = until(filter.occurred_at, now);
        Self::Events(filter)
    }

    /// Administration events that have happened by now.
    pub fn admin_events_until(mut filter: AdminEventFilter, now: DateTime<Utc>) -> Self {
        filter.occurred_at = until(filter.occurred_at, now);
        Self::AdminEvents(filter)
    }

    /// The exact number of rows. The cost grows with it.
    pub async fn count(&self, connection: &mut PgConnection) -> Outcome<i64> {
        match self {
            Self::Events(filter) => event_count(connection, filter).await,
            Self::AdminEvents(filter) => admin_event_count(connection, filter).await,
            Self::Enrollments(filter) => enrollment_count(connection, filter).await,
            Self::Comparison(comparison) => {
                let counts = comparison_counts(connection, comparison).await?;
                Ok(counts.added + counts.removed + counts.unchanged)
            }
        }
    }
}

/// Times have whole milliseconds, and an event of the current one is included.
fn until(range: TimeRange, now: DateTime<Utc>) -> TimeRange {
    let end = now + TimeDelta::milliseconds(1);
    TimeRange { before: Some(range.before.map_or(end, |before| before.min(end))), ..range }
}

#[derive(Debug)]
enum Section {
    Events(EventFilter),
    AdminEvents(AdminEventFilter),
    /// All enrollments, or those that show one change of a comparison.
    Enrollments(EnrollmentFilter, Option<(Comparison, Change)>),
}

pub struct Export {
    reads: Reads,
    format: Format,
    /// The sections that are left, and where the next part starts in the first of them.
    sections: VecDeque<Section>,
    start: Start,
    has_begun: bool,
    /// The number of rows up to now.
    pub(crate) rows: u64,
}

impl Export {
    pub fn new(reads: Reads, subject: Subject, format: Format) -> Self {
        let sections = match subject {
            Subject::Events(filter) => [Section::Events(filter)].into(),
            Subject::AdminEvents(filter) => [Section::AdminEvents(filter)].into(),
            Subject::Enrollments(filter) => [Section::Enrollments(filter, None)].into(),
            Subject::Comparison(comparison) => {
                let section =
                    |&change| Section::Enrollments(comparison.rows(change), Some((comparison, change)));
                Change::VARIANTS.iter().map(section).collect()
            }
        };
        Self { reads, format, sections, start: Start::Beginning, has_begun: false, rows: 0 }
    }

    /// The next part of the text; `None` after the last one.
    pub async fn part(&mut self) -> Outcome<Option<Vec<u8>>> {
        let Some(section) = self.sections.pop_front() else { return Ok(None) };
        let request = PageRequest { size: PART_ROWS, start: take(&mut self.start) };
        let text = match &section {
            Section::Events(filter) => {
                let sort = Sort::descending(EventSortKey::OccurredAt);
                let include = EventInclude::default();
                let page = self
                    .read(async |connection| event_list(connection, filter, &sort, &request, include).await);
                let page = page.await?.map(|with| with.event);
                self.write(EVENT, &page, |event| event_position(&sort, event))?
            }
            Section::AdminEvents(filter) => {
                let sort = Sort::descending(EventSortKey::OccurredAt);
                let page = self.read(async |connection| {
                    admin_event_list(connection, filter, &sort, &request, false).await
                });
                let page = page.await?.map(|row| row.event);
                self.write(ADMIN_EVENT, &page, |event| admin_event_position(&sort, event))?
            }
            &Section::Enrollments(ref filter, compared) => {
                let sort = compared.map_or_else(newest_first, |(_, change)| Comparison::sort(change));
                let include = EnrollmentInclude::NAMES;
                let page = self.read(async |connection| {
                    enrollment_list(connection, filter, &sort, &request, include).await
                });
                let page = page.await?.map(|with| EnrollmentRow { compared, with });
                let columns = if compared.is_some() { COMPARED } else { ENROLLMENT };
                self.write(columns, &page, |row| enrollment_position(&sort, &row.with))?
            }
        };
        if self.start != Start::Beginning {
            self.sections.push_front(section);
        }
        Ok(Some(text))
    }

    async fn read<T>(&self, work: impl AsyncFnOnce(&mut PgConnection) -> Outcome<T> + Clone) -> Outcome<T> {
        let attempts = if self.has_begun { ATTEMPTS } else { 1 };
        for _ in 1..attempts {
            match self.reads.run(work.clone()).await {
                Err(Failure::Unavailable(_)) => {}
                outcome => return outcome,
            }
        }
        self.reads.run(work).await
    }

    /// Returns the page as text, and remembers where the next one of this section starts.
    fn write<T>(
        &mut self,
        columns: &[Column<T>],
        page: &Page<T>,
        position: impl Fn(&T) -> Position,
    ) -> Outcome<Vec<u8>> {
        let text = text(self.format, columns, &page.items, !self.has_begun).map_err(Failure::fault)?;
        self.has_begun = true;
        self.rows += page.items.len() as u64;
        if let Some(last) = page.items.last().filter(|_| page.has_next) {
            self.start = Start::After(position(last));
        }
        Ok(text)
    }
}
