//! The log and the enrollments as files of any length: for the pages, which stream them, and for the
//! command line.
//!
//! A file is read in parts by key, each part by a short statement of its own on a connection that goes
//! back at once. One long statement would be cut by the statement timeout; a cursor would hold a
//! connection, and the database back from cleaning up, for as long as a slow reader takes. What such parts
//! show together is still true: the log only grows, and no row of what was at a moment of the past can come
//! or go. What happens after the moment of the request is left out.

mod rows;
pub mod table;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgPool, Postgres};

use crate::kernel::page::{Page, PageRequest, Position, Sort, Start};
use crate::platform::failure::{Failure, Outcome};
use crate::resources::enrollment_events::model::{
    EnrollmentEvent, EventFilter, EventInclude, EventSortKey, event_position,
};
use crate::resources::enrollment_events::ops::{event_count, event_list};
use crate::resources::enrollments::model::comparison::{Change, Comparison};
use crate::resources::enrollments::model::{
    EnrollmentFilter, EnrollmentInclude, EnrollmentSort, EnrollmentWithRelated, enrollment_position,
    newest_first,
};
use crate::resources::enrollments::ops::comparison::comparison_counts;
use crate::resources::enrollments::ops::{enrollment_count, enrollment_list};
use rows::Compared;
use table::{Format, Record, Table};

/// Rows of one part: read in some ten milliseconds, one or two megabytes as text.
const PART: u16 = 5_000;

/// How often a connection is asked for, each time as long as any request waits for one.
const TRIES: u8 = 10;

/// What a file holds.
#[derive(Debug, Clone)]
pub enum Subject {
    /// Events, newest first.
    Events(EventFilter),
    /// Enrollments, newest first.
    Enrollments(EnrollmentFilter),
    /// What was added, then what was removed, then what is unchanged.
    Comparison(Comparison),
}

impl Subject {
    /// Those events that have happened by now.
    pub fn events_until(mut filter: EventFilter, now: DateTime<Utc>) -> Self {
        // Times have whole milliseconds; one that is now counts.
        let end = now + TimeDelta::milliseconds(1);
        filter.occurred_at.before = Some(filter.occurred_at.before.map_or(end, |before| before.min(end)));
        Self::Events(filter)
    }

    /// How many rows it will have, exactly; the cost grows with the answer.
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

/// Where the next part begins.
#[derive(Debug)]
struct Place {
    /// Of a comparison; another subject is all of the last.
    change: Change,
    start: Start,
}

/// A file that is being made.
#[derive(Debug)]
pub struct Export {
    pool: PgPool,
    subject: Subject,
    format: Format,
    /// `None`: it is whole.
    next: Option<Place>,
    is_headed: bool,
    rows: u64,
}

impl Export {
    pub fn new(pool: PgPool, subject: Subject, format: Format) -> Self {
        let change = match subject {
            Subject::Events(_) | Subject::Enrollments(_) => Change::Unchanged,
            Subject::Comparison(_) => Change::Added,
        };
        let next = Some(Place { change, start: Start::Beginning });
        Self { pool, subject, format, next, is_headed: false, rows: 0 }
    }

    /// How many rows were made so far.
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// The next part of the text; `None` once it is whole.
    pub async fn part(&mut self) -> Outcome<Option<Vec<u8>>> {
        let Some(place) = self.next.take() else { return Ok(None) };
        let request = PageRequest { size: PART, start: place.start };
        let mut connection = self.connection().await?;
        let (text, end) = match &self.subject {
            Subject::Events(filter) => {
                let sort = Sort::descending(EventSortKey::OccurredAt);
                let page =
                    event_list(&mut connection, filter, &sort, &request, EventInclude::default()).await?;
                drop(connection);
                let page = page.map(|with| with.event);
                self.written(&page, |event: &EnrollmentEvent| event_position(&sort, event))?
            }
            Subject::Enrollments(filter) => {
                let sort = newest_first();
                let page = enrollments(&mut connection, filter, &sort, &request).await?;
                drop(connection);
                self.written(&page, |with| enrollment_position(&sort, &with.enrollment))?
            }
            Subject::Comparison(comparison) => {
                let (filter, sort) = (comparison.rows(place.change), Comparison::sort(place.change));
                let page = enrollments(&mut connection, &filter, &sort, &request).await?;
                drop(connection);
                let page = page.map(|with| Compared::new(comparison, place.change, with));
                self.written(&page, |row| enrollment_position(&sort, &row.with.enrollment))?
            }
        };
        self.is_headed = true;
        self.next = match end {
            Some(position) => Some(Place { change: place.change, start: Start::After(position) }),
            None => after(place.change).map(|change| Place { change, start: Start::Beginning }),
        };
        Ok(Some(text))
    }

    /// A file that has begun is not broken off because the desk is busy for a moment.
    async fn connection(&self) -> Outcome<PoolConnection<Postgres>> {
        let tries = if self.is_headed { TRIES } else { 1 };
        for _ in 1..tries {
            if let Ok(connection) = self.pool.acquire().await {
                return Ok(connection);
            }
        }
        Ok(self.pool.acquire().await?)
    }

    /// The page as text, and where the next begins, if there is one.
    fn written<T: Record>(
        &mut self,
        page: &Page<T>,
        position: impl Fn(&T) -> Position,
    ) -> Outcome<(Vec<u8>, Option<Position>)> {
        let mut table = Table::new(self.format, page.items.len());
        if !self.is_headed {
            table.head::<T>().map_err(Failure::fault)?;
        }
        for item in &page.items {
            table.row(item).map_err(Failure::fault)?;
        }
        self.rows += page.items.len() as u64;
        let end = page.items.last().filter(|_| page.has_next).map(position);
        Ok((table.into_bytes().map_err(Failure::fault)?, end))
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

const fn after(change: Change) -> Option<Change> {
    match change {
        Change::Added => Some(Change::Removed),
        Change::Removed => Some(Change::Unchanged),
        Change::Unchanged => None,
    }
}
