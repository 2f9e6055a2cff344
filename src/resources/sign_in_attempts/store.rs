//! Every statement on `groupdesk.sign_in_attempts`. The column `settled_at` is the theoretical arrival time of the GCRA.
//! Rows are locked in the order of their keys; otherwise two sign-ins of one account from one address could deadlock.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::platform::db::statement::execute;
use crate::platform::failure::Outcome;

/// Locks the rows, and inserts missing ones. Returns their arrival times by key.
pub async fn lock(
    connection: &mut PgConnection,
    keys: &[Vec<u8>],
    now: DateTime<Utc>,
) -> Outcome<HashMap<Vec<u8>, DateTime<Utc>>> {
    let rows = sqlx::query!(
        "INSERT INTO groupdesk.sign_in_attempts AS a (key, settled_at)
         SELECT key, $2 FROM unnest($1::bytea[]) AS wanted (key) ORDER BY key
         ON CONFLICT (key) DO UPDATE SET settled_at = a.settled_at
         RETURNING key, settled_at",
        keys,
        now,
    );
    let rows = rows.fetch_all(connection).await?;
    Ok(rows.into_iter().map(|row| (row.key, row.settled_at)).collect())
}

pub async fn charge(
    connection: &mut PgConnection,
    keys: &[Vec<u8>],
    arrival_times: &[DateTime<Utc>],
) -> Outcome<()> {
    let statement = sqlx::query!(
        "UPDATE groupdesk.sign_in_attempts a SET settled_at = c.settled_at
         FROM unnest($1::bytea[], $2::timestamptz[]) AS c (key, settled_at) WHERE a.key = c.key",
        keys,
        arrival_times,
    );
    execute(connection, statement).await
}

/// `costs` are in seconds.
pub async fn refund(connection: &mut PgConnection, keys: &[Vec<u8>], costs: &[i64]) -> Outcome<()> {
    let statement = sqlx::query!(
        "WITH locked AS (SELECT key FROM groupdesk.sign_in_attempts WHERE key = ANY ($1) ORDER BY key FOR UPDATE)
         UPDATE groupdesk.sign_in_attempts a SET settled_at = a.settled_at - c.cost * interval '1 second'
         FROM locked, unnest($1::bytea[], $2::bigint[]) AS c (key, cost)
         WHERE a.key = locked.key AND c.key = a.key",
        keys,
        costs,
    );
    execute(connection, statement).await
}

/// Deletes rows of restored allowances. Times after `latest` can only come from a wrong clock.
pub async fn delete_expired(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    latest: DateTime<Utc>,
) -> Outcome<()> {
    let statement = sqlx::query!(
        "DELETE FROM groupdesk.sign_in_attempts WHERE settled_at < $1 OR settled_at > $2",
        now,
        latest
    );
    execute(connection, statement).await
}
