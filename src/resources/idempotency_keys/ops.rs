//! Operations on idempotency keys.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use super::model::{KeyState, Request, StoredResponse, VALID_FOR};
use super::store;
use crate::platform::failure::Outcome;

/// Looks up the key of a request, and locks it until the transaction ends unless another request has it.
pub async fn key_find(connection: &mut PgConnection, request: &Request) -> Outcome<KeyState> {
    if !store::try_lock(connection, request).await? {
        return Ok(KeyState::Running);
    }
    look_up(connection, request).await
}

/// As [`key_find`], but waits for another request that has the key, at most for the statement timeout.
pub async fn key_await(connection: &mut PgConnection, request: &Request) -> Outcome<KeyState> {
    store::lock(connection, request).await?;
    look_up(connection, request).await
}

async fn look_up(connection: &mut PgConnection, request: &Request) -> Outcome<KeyState> {
    Ok(match store::find(connection, request).await? {
        None => KeyState::Unused,
        Some(stored) if stored.fingerprint == request.fingerprint => KeyState::Answered(stored.answer),
        Some(_) => KeyState::OfAnotherRequest,
    })
}

pub async fn key_store(
    connection: &mut PgConnection,
    request: &Request,
    answer: &StoredResponse,
    kept_for: TimeDelta,
) -> Outcome<()> {
    store::keep(connection, request, answer, request.now + kept_for).await
}

/// Deletes expired keys, and keys that were stored while a clock was more than a day ahead. A key from the nearer future
/// stays valid, because deleting it could let its request be performed twice.
pub async fn keys_delete_expired(connection: &mut PgConnection, now: DateTime<Utc>) -> Outcome<()> {
    store::delete_expired(connection, now, now + VALID_FOR * 2).await
}
