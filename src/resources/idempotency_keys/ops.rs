//! Operations on idempotency keys.

use sqlx::PgConnection;

use super::model::{KeyState, Request};
use super::store;
pub use super::store::{key_store, keys_delete_expired};
use crate::platform::failure::Outcome;

/// Looks up the key of a request, and locks it until the transaction ends unless another request has it.
pub async fn key_find(connection: &mut PgConnection, request: &Request) -> Outcome<KeyState> {
    let is_locked = store::try_lock(connection, request).await?;
    if is_locked { store::find(connection, request).await } else { Ok(KeyState::Running) }
}

/// [`key_find`], but waits for another request that has the key, at most for the statement timeout.
pub async fn key_await(connection: &mut PgConnection, request: &Request) -> Outcome<KeyState> {
    store::lock(connection, request).await?;
    store::find(connection, request).await
}
