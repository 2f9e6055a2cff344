//! Operations on administration events.

use sqlx::PgConnection;

use super::model::{AdminAction, Subject};
use super::store;
pub use super::store::count_by as admin_event_count_by;
pub use super::store::list::{admin_event_count, admin_event_get, admin_event_list};
use crate::platform::call::Call;
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
