//! Writing the log, for the operations that change enrollments, and reading it.

pub mod activity;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::model::{Correction, EventAction, EventFilter, EventInclude, EventSortKey, EventWith, Removal};
use super::store;
use crate::kernel::id::{EnrollmentId, EventId, GroupId, WorkspaceId};
use crate::kernel::page::{Page, PageRequest, Sort};
use crate::kernel::problem::Problem;
use crate::platform::call::{Attribute, Call, Includes, Write};
use crate::platform::failure::Outcome;

pub async fn event_enrolled<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    enrollments: &[EnrollmentId],
) -> Outcome<()> {
    store::append(connection, call, EventAction::Enrolled, enrollments, None).await?;
    call.tally.add_made(enrollments.iter().map(|id| id.uuid()));
    Ok(())
}

pub async fn event_removed<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    enrollments: &[EnrollmentId],
) -> Outcome<()> {
    store::append(connection, call, EventAction::Removed, enrollments, None).await
}

pub async fn event_attribution_corrected<P: Includes<Attribute>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    enrollment: EnrollmentId,
    correction: &Correction,
) -> Outcome<()> {
    store::append(connection, call, EventAction::AttributionCorrected, &[enrollment], Some(correction)).await
}

pub async fn event_list(
    connection: &mut PgConnection,
    filter: &EventFilter,
    sort: &Sort<EventSortKey>,
    page: &PageRequest,
    include: EventInclude,
) -> Outcome<Page<EventWith>> {
    store::list::list(connection, filter, sort, page, include).await
}

/// How many, exactly; the cost grows with the answer.
pub async fn event_count(connection: &mut PgConnection, filter: &EventFilter) -> Outcome<i64> {
    store::list::count(connection, filter).await
}

/// # Errors
/// `EventNotFound`.
pub async fn event_get(
    connection: &mut PgConnection,
    id: EventId,
    include: EventInclude,
) -> Outcome<EventWith> {
    store::list::get(connection, id, include).await?.ok_or_else(|| Problem::EventNotFound(id).into())
}

/// Who removed these, in no order; one that is live, or whose removal no event tells, is left out.
pub async fn event_removals(
    connection: &mut PgConnection,
    enrollments: &[EnrollmentId],
) -> Outcome<Vec<Removal>> {
    store::removals(connection, enrollments).await
}

/// Which workspaces the request of this id, which came in at that moment, took out of the group, in the order
/// in which rows are locked.
pub async fn event_removed_by(
    connection: &mut PgConnection,
    group: GroupId,
    at: DateTime<Utc>,
    request: &str,
) -> Outcome<Vec<WorkspaceId>> {
    store::removed_by(connection, group, at, request).await
}
