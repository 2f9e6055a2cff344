//! What can be done with idempotency keys.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use super::model::{Found, KEPT_FOR, KeptAnswer, Request};
use super::store;
use crate::platform::failure::Outcome;

/// What is known of the request's key; if nothing, nobody else gets it until the transaction ends.
pub async fn key_find(connection: &mut PgConnection, request: &Request) -> Outcome<Found> {
    if !store::try_lock(connection, request).await? {
        return Ok(Found::Running);
    }
    known(connection, request).await
}

/// [`key_find`] for somebody who waits until nobody else has the key, as long as a statement may take.
pub async fn key_await(connection: &mut PgConnection, request: &Request) -> Outcome<Found> {
    store::lock(connection, request).await?;
    known(connection, request).await
}

async fn known(connection: &mut PgConnection, request: &Request) -> Outcome<Found> {
    Ok(match store::find(connection, request).await? {
        None => Found::Nothing,
        Some(kept) if kept.fingerprint == request.fingerprint => Found::Answered(kept.answer),
        Some(_) => Found::OfAnotherRequest,
    })
}

pub async fn key_keep(
    connection: &mut PgConnection,
    request: &Request,
    answer: &KeptAnswer,
    kept_for: TimeDelta,
) -> Outcome<()> {
    store::keep(connection, request, answer, request.now + kept_for).await
}

/// Forgets what has expired, and what was kept while a clock was far ahead. (Where clocks differ by less than a day,
/// a key of the future still stands for its request: to forget it sooner would let that request be performed twice.)
pub async fn keys_sweep(connection: &mut PgConnection, now: DateTime<Utc>) -> Outcome<()> {
    store::delete_expired(connection, now, now + KEPT_FOR * 2).await
}
