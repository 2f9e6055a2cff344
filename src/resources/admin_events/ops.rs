//! Writing the administrative log.

use sqlx::PgConnection;

use super::model::{AdminAction, Subject};
use super::store;
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
