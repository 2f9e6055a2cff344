//! Operations on administration events.

use sqlx::PgConnection;

use super::model::{AdminAction, AdminEvent, AdminEventFilter, Subject};
use super::store;
pub use super::store::count_by as admin_event_count_by;
use crate::kernel::page::{Page, PageRequest};
use crate::platform::call::{Administer, Call, Includes};
use crate::platform::failure::Outcome;

/// Takes any privilege, because a failed sign-in is recorded without one.
pub async fn admin_event_record<P: Sync>(
    connection: &mut PgConnection,
    call: &Call<P>,
    action: AdminAction,
    subject: Subject<'_>,
) -> Outcome<()> {
    store::append(connection, call, action, subject).await?;
    if action.creates_subject() {
        call.tally.add_made(subject.id);
    }
    Ok(())
}

pub async fn admin_event_list<P: Includes<Administer>>(
    connection: &mut PgConnection,
    _: &Call<P>,
    filter: AdminEventFilter,
    page: &PageRequest,
) -> Outcome<Page<AdminEvent>> {
    store::list::list(connection, filter, page).await
}
