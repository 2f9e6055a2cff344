//! Writing the log, for the operations that change enrollments, and reading it.

use sqlx::PgConnection;

use super::model::{Correction, EnrollmentEvent, EventAction, Removal};
use super::store;
use crate::kernel::id::{EnrollmentId, GroupId};
use crate::kernel::page::{Page, PageRequest};
use crate::platform::call::{Attribute, Call, Includes, Write};
use crate::platform::failure::Outcome;

pub async fn event_enrolled<P: Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    enrollments: &[EnrollmentId],
) -> Outcome<()> {
    store::append(connection, call, EventAction::Enrolled, enrollments, None).await
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

/// What happened in a group, newest first.
pub async fn event_list_of_group(
    connection: &mut PgConnection,
    group: GroupId,
    page: &PageRequest,
) -> Outcome<Page<EnrollmentEvent>> {
    store::list_of_group(connection, group, page).await
}

/// Who removed these, in no order; one that is live, or whose removal no event tells, is left out.
pub async fn event_removals(
    connection: &mut PgConnection,
    enrollments: &[EnrollmentId],
) -> Outcome<Vec<Removal>> {
    store::removals(connection, enrollments).await
}
