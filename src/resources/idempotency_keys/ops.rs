//! What can be done with idempotency keys.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::model::{Found, KEPT_FOR, KeptAnswer, Request};
use super::store;
use crate::platform::failure::Outcome;

/// What is known of the request's key; if nothing, nobody else gets it until the transaction ends.
pub async fn key_find(connection: &mut PgConnection, request: &Request) -> Outcome<Found> {
    if !store::try_lock(connection, request).await? {
        return Ok(Found::Running);
    }
    Ok(match store::find(connection, request).await? {
        None => Found::Nothing,
        Some(kept) if kept.fingerprint == request.fingerprint => Found::Answered(kept.answer),
        Some(_) => Found::OfAnotherRequest,
    })
}

pub async fn key_keep(connection: &mut PgConnection, request: &Request, answer: &KeptAnswer) -> Outcome<()> {
    store::keep(connection, request, answer, request.now + KEPT_FOR).await
}

/// Forgets what has expired.
pub async fn keys_sweep(connection: &mut PgConnection, now: DateTime<Utc>) -> Outcome<()> {
    store::delete_expired(connection, now).await
}
