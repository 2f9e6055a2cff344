//! Every statement on `groupdesk.idempotency_keys`.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use super::model::{Holder, KeyState, Request, StoredResponse, VALID_FOR};
use crate::platform::db::statement::{DELETE_BATCH, delete_in_batches, execute};
use crate::platform::failure::{Failure, Outcome};

/// Looks up the key of a request, and locks it until the transaction ends unless another request has it. Two keys collide
/// with a probability of 2^-64; the client then retries.
pub async fn key_find(connection: &mut PgConnection, request: &Request) -> Outcome<KeyState> {
    let query = sqlx::query_scalar!(
        r#"SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS "locked!""#,
        lock_name(request),
    );
    let is_locked = query.fetch_one(&mut *connection).await?;
    if is_locked { find(connection, request).await } else { Ok(KeyState::Running) }
}

/// [`key_find`], but waits for another request that has the key, at most for the statement timeout. `lock_timeout` would
/// be too short, because the other transaction may itself wait that long, and for several locks; it is restored for the
/// rest of this transaction.
pub async fn key_await(connection: &mut PgConnection, request: &Request) -> Outcome<KeyState> {
    let query = sqlx::query!(
        r#"WITH was AS MATERIALIZED (
               SELECT current_setting('lock_timeout') AS allowed, set_config('lock_timeout', '0', true) AS unlimited)
           SELECT pg_advisory_xact_lock(hashtextextended($1, 0)) AS "locked",
                  set_config('lock_timeout', was.allowed, true) AS "restored"
           FROM was WHERE was.unlimited = '0'"#,
        lock_name(request),
    );
    query.fetch_one(&mut *connection).await?;
    find(connection, request).await
}

fn lock_name(request: &Request) -> String {
    format!("{} {}", request.holder.uuid(), request.key.as_str())
}

/// A separate statement after the lock, so that it sees what the previous holder of the lock committed. It locks the row,
/// which a read-only server refuses: a primary that was cut off from its standbys may have committed the row and then lose
/// it in a failover, so no answer may be repeated from there.
async fn find(connection: &mut PgConnection, request: &Request) -> Outcome<KeyState> {
    let query = sqlx::query!(
        "SELECT fingerprint, status, header_names, header_values, body FROM groupdesk.idempotency_keys
         WHERE holder = $1 AND key = $2 AND expires_at > $3 FOR KEY SHARE",
        request.holder.uuid(),
        request.key.as_str(),
        request.now,
    );
    Ok(match query.fetch_optional(connection).await? {
        None => KeyState::Unused,
        Some(row) if row.fingerprint != request.fingerprint => KeyState::OfAnotherRequest,
        Some(row) => KeyState::Answered(StoredResponse {
            status: u16::try_from(row.status).map_err(Failure::fault)?,
            headers: row.header_names.into_iter().zip(row.header_values).collect(),
            body: row.body,
        }),
    })
}

/// Replaces an expired key.
pub async fn key_store(
    connection: &mut PgConnection,
    request: &Request,
    response: &StoredResponse,
    valid_for: TimeDelta,
) -> Outcome<()> {
    let (names, values): (Vec<String>, Vec<String>) = response.headers.iter().cloned().unzip();
    let (token, operator) = match request.holder {
        Holder::Token(token) => (Some(token.uuid()), None),
        Holder::Operator(operator) => (None, Some(operator.uuid())),
    };
    let statement = sqlx::query!(
        "INSERT INTO groupdesk.idempotency_keys
             (api_token_id, operator_id, key, fingerprint, status, header_names, header_values, body, created_at,
              expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (holder, key) DO UPDATE
         SET (fingerprint, status, header_names, header_values, body, created_at, expires_at) =
             (excluded.fingerprint, excluded.status, excluded.header_names, excluded.header_values,
              excluded.body, excluded.created_at, excluded.expires_at)",
        token,
        operator,
        request.key.as_str(),
        request.fingerprint,
        i16::try_from(response.status).map_err(Failure::fault)?,
        &names,
        &values,
        response.body,
        request.now,
        request.now + valid_for,
    );
    execute(connection, statement).await
}

/// Deletes expired keys, and keys that were stored while a clock was more than a day ahead. A key from the nearer future
/// stays valid, because deleting it could let its request be performed twice.
pub async fn keys_delete_expired(connection: &mut PgConnection, now: DateTime<Utc>) -> Outcome<()> {
    let statement = || {
        sqlx::query!(
            "DELETE FROM groupdesk.idempotency_keys WHERE ctid = ANY (ARRAY(
                 SELECT ctid FROM groupdesk.idempotency_keys WHERE expires_at <= $1 OR expires_at > $3 LIMIT $2
                 FOR UPDATE SKIP LOCKED))",
            now,
            DELETE_BATCH,
            now + VALID_FOR * 2,
        )
    };
    delete_in_batches(connection, statement).await
}
