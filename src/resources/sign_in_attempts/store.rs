//! Every statement that touches `groupdesk.sign_in_attempts`. Rows are locked in the order of their
//! keys, or two sign-ins of one account from one address could wait for each other.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use crate::platform::failure::Outcome;

pub(super) struct Held {
    pub(super) key: Vec<u8>,
    pub(super) settled_at: DateTime<Utc>,
}

pub(super) struct Charge {
    pub(super) key: Vec<u8>,
    pub(super) settled_at: DateTime<Utc>,
    pub(super) cost: TimeDelta,
}

/// Reads the rows, made where there are none, and keeps everybody else from them.
pub(super) async fn hold(
    connection: &mut PgConnection,
    keys: &[Vec<u8>],
    now: DateTime<Utc>,
) -> Outcome<Vec<Held>> {
    let held = sqlx::query_as!(
        Held,
        "INSERT INTO groupdesk.sign_in_attempts AS a (key, settled_at)
         SELECT key, $2 FROM unnest($1::bytea[]) AS wanted (key) ORDER BY key
         ON CONFLICT (key) DO UPDATE SET settled_at = a.settled_at
         RETURNING key, settled_at",
        keys,
        now,
    )
    .fetch_all(connection)
    .await?;
    Ok(held)
}

/// Of rows that are held.
pub(super) async fn charge(connection: &mut PgConnection, charges: &[Charge]) -> Outcome<()> {
    let keys: Vec<Vec<u8>> = charges.iter().map(|charge| charge.key.clone()).collect();
    let times: Vec<DateTime<Utc>> = charges.iter().map(|charge| charge.settled_at).collect();
    sqlx::query!(
        "UPDATE groupdesk.sign_in_attempts a SET settled_at = c.settled_at
         FROM unnest($1::bytea[], $2::timestamptz[]) AS c (key, settled_at) WHERE a.key = c.key",
        &keys,
        &times,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn give_back(connection: &mut PgConnection, charges: &[Charge]) -> Outcome<()> {
    let keys: Vec<Vec<u8>> = charges.iter().map(|charge| charge.key.clone()).collect();
    let costs: Vec<i64> = charges.iter().map(|charge| charge.cost.num_seconds()).collect();
    sqlx::query!(
        "WITH held AS (SELECT key FROM groupdesk.sign_in_attempts WHERE key = ANY ($1) ORDER BY key FOR UPDATE)
         UPDATE groupdesk.sign_in_attempts a SET settled_at = a.settled_at - c.cost * interval '1 second'
         FROM held, unnest($1::bytea[], $2::bigint[]) AS c (key, cost)
         WHERE a.key = held.key AND c.key = a.key",
        &keys,
        &costs,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// `latest`: no later time can have been written by a clock that is right.
pub(super) async fn sweep(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    latest: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query!(
        "DELETE FROM groupdesk.sign_in_attempts WHERE settled_at < $1 OR settled_at > $2",
        now,
        latest
    )
    .execute(connection)
    .await?;
    Ok(())
}
