//! The log and the enrollments as files of any length, which the pages stream and the command line writes.
//!
//! A file is read in parts by key, each by a short statement on a connection that is released at once. One long statement
//! would exceed the statement timeout; a cursor would occupy a connection, and delay vacuum, for as long as a slow client
//! takes. The parts are consistent: the log only grows, past states do not change, and anything after the time of the
//! request is left out.

mod rows;
pub mod table;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgPool, Postgres};

use crate::kernel::page::{Page, PageRequest, Position, Sort, Start};
use crate::platform::failure::{Failure, Outcome};
use crate::resources::enrollment_events::model::{EventFilter, EventInclude, EventSortKey, event_position};
use crate::resources::enrollment_events::ops::{event_count, event_list};
use crate::resources::enrollments::model::comparison::{Change, Comparison};
use crate::resources::enrollments::model::{
    EnrollmentFilter, EnrollmentInclude, EnrollmentSort, EnrollmentWithRelated, enrollment_position,
    newest_first,
};
use crate::resources::enrollments::ops::{comparison_counts, enrollment_count, enrollment_list};
use rows::Compared;
use table::{Format, Record, text};

/// Rows in a part, which takes some ten milliseconds and has one or two megabytes of text.
const PART_ROWS: u16 = 5_000;

/// How often a connection is requested for a later part; each attempt waits as long as any request does.
const CONNECTION_ATTEMPTS: u8 = 10;

/// The content of a file.
#[derive(Debug, Clone)]
pub enum Subject {
    /// Events, newest first.
    Events(EventFilter),
    /// Enrollments, newest first.
    Enrollments(EnrollmentFilter),
    /// Added, then removed, then unchanged enrollments.
    Comparison(Comparison),
}

impl Subject {
    /// Events that have happened by now.
    pub fn events_until(mut filter: EventFilter, now: DateTime<Utc>) -> Self {
        // Times have whole milliseconds, and an event of the current one is included.
        let end = now + TimeDelta::milliseconds(1);
        filter.occurred_at.before = Some(filter.occurred_at.before.map_or(end, |before| before.min(end)));
        Self::Events(filter)
    }

    /// The exact number of rows. The cost grows with it.
    pub async fn count(&self, connection: &mut PgConnection) -> Outcome<i64> {
        match self {
            Self::Events(filter) => event_count(connection, filter).await,
            Self::Enrollments(filter) => enrollment_count(connection, filter).await,
            Self::Comparison(comparison) => {
                let counts = comparison_counts(connection, comparison).await?;
                Ok(counts.added + counts.removed + counts.unchanged)
            }
        }
    }
}

/// The start of a part.
#[derive(Debug)]
struct PartStart {
    /// The section of a comparison; other subjects have only the last one.
    change: Change,
    start: Start,
}

/// A file that is being written.
#[derive(Debug)]
pub struct Export {
    pool: PgPool,
    subject: Subject,
    format: Format,
    /// `None` after the last part.
    next: Option<PartStart>,
    has_begun: bool,
    rows: u64,
}

impl Export {
    pub fn new(pool: PgPool, subject: Subject, format: Format) -> Self {
        let change = match subject {
            Subject::Events(_) | Subject::Enrollments(_) => Change::Unchanged,
            Subject::Comparison(_) => Change::Added,
        };
        let next = Some(PartStart { change, start: Start::Beginning });
        Self { pool, subject, format, next, has_begun: false, rows: 0 }
    }

    /// The number of rows up to now.
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// The next part of the text; `None` after the last one.
    pub async fn part(&mut self) -> Outcome<Option<Vec<u8>>> {
        let Some(PartStart { change, start }) = self.next.take() else { return Ok(None) };
        let request = PageRequest { size: PART_ROWS, start };
        let mut connection = self.connection().await?;
        let (text, rows, end) = match &self.subject {
            Subject::Events(filter) => {
                let sort = Sort::descending(EventSortKey::OccurredAt);
                let page =
                    event_list(&mut connection, filter, &sort, &request, EventInclude::default()).await?;
                drop(connection);
                let page = page.map(|with| with.event);
                self.write(&page, |event| event_position(&sort, event))?
            }
            Subject::Enrollments(filter) => {
                let sort = newest_first();
                let page = enrollments(&mut connection, filter, &sort, &request).await?;
                drop(connection);
                self.write(&page, |row| enrollment_position(&sort, &row.enrollment))?
            }
            Subject::Comparison(comparison) => {
                let (filter, sort) = (comparison.rows(change), Comparison::sort(change));
                let page = enrollments(&mut connection, &filter, &sort, &request).await?;
                drop(connection);
                let page = page.map(|row| Compared::new(comparison, change, row));
                self.write(&page, |compared| enrollment_position(&sort, &compared.row.enrollment))?
            }
        };
        self.has_begun = true;
        self.rows += rows as u64;
        self.next = match end {
            Some(position) => Some(PartStart { change, start: Start::After(position) }),
            None => section_after(change).map(|change| PartStart { change, start: Start::Beginning }),
        };
        Ok(Some(text))
    }

    /// Waits longer for a later part, so that a short overload does not break off a file.
    async fn connection(&self) -> Outcome<PoolConnection<Postgres>> {
        let attempts = if self.has_begun { CONNECTION_ATTEMPTS } else { 1 };
        for _ in 1..attempts {
            if let Ok(connection) = self.pool.acquire().await {
                return Ok(connection);
            }
        }
        Ok(self.pool.acquire().await?)
    }

    /// Returns the page as text, its number of rows, and the position after which the next page starts, if there is one.
    fn write<T: Record>(
        &self,
        page: &Page<T>,
        position: impl Fn(&T) -> Position,
    ) -> Outcome<(Vec<u8>, usize, Option<Position>)> {
        let text = text(self.format, &page.items, !self.has_begun).map_err(Failure::fault)?;
        Ok((text, page.items.len(), page.items.last().filter(|_| page.has_next).map(position)))
    }
}

async fn enrollments(
    connection: &mut PgConnection,
    filter: &EnrollmentFilter,
    sort: &EnrollmentSort,
    request: &PageRequest,
) -> Outcome<Page<EnrollmentWithRelated>> {
    let include =
        EnrollmentInclude { group: true, group_created_by: false, workspace: true, created_by: true };
    enrollment_list(connection, filter, sort, request, include).await
}

const fn section_after(change: Change) -> Option<Change> {
    match change {
        Change::Added => Some(Change::Removed),
        Change::Removed => Some(Change::Unchanged),
        Change::Unchanged => None,
    }
}
