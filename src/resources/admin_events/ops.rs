//! Writing and reading the administrative log.

use sqlx::PgConnection;

use super::model::{AdminAction, AdminEvent, AdminEventFilter, Subject};
use super::store;
use crate::kernel::id::PersonId;
use crate::kernel::page::{Page, PageRequest};
use crate::platform::call::{Administer, Call, Includes};
use crate::platform::failure::Outcome;

/// Takes any privilege: a failed sign-in is told by somebody who has none.
pub async fn admin_event_record<P: Sync>(
    connection: &mut PgConnection,
    call: &Call<P>,
    action: AdminAction,
    subject: Subject<'_>,
) -> Outcome<()> {
    store::append(connection, call, action, subject).await?;
    if action.makes_subject() {
        call.tally.add_made(subject.id);
    }
    Ok(())
}

/// How many entries tell of this person as who did it.
pub async fn admin_event_count_by(connection: &mut PgConnection, person: PersonId) -> Outcome<i64> {
    store::count_by(connection, person).await
}

/// A page, newest first.
pub async fn admin_event_list<P: Includes<Administer>>(
    connection: &mut PgConnection,
    _: &Call<P>,
    filter: AdminEventFilter,
    page: &PageRequest,
) -> Outcome<Page<AdminEvent>> {
    store::list(connection, filter, page).await
}
