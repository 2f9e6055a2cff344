//! Writing the administrative log.

use sqlx::PgConnection;

use super::model::{AdminAction, Subject};
use super::store;
use crate::kernel::id::PersonId;
use crate::platform::call::Call;
use crate::platform::failure::Outcome;

/// Takes any privilege: a failed sign-in is told by somebody who has none.
pub async fn admin_event_record<P: Sync>(
    connection: &mut PgConnection,
    call: &Call<P>,
    action: AdminAction,
    subject: Subject<'_>,
) -> Outcome<()> {
    store::append(connection, call, action, subject).await
}

/// How many entries tell of this person as who did it.
pub async fn admin_event_count_by(connection: &mut PgConnection, person: PersonId) -> Outcome<i64> {
    store::count_by(connection, person).await
}
