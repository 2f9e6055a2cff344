//! The rows of `groupdesk.sessions` as the store of the session library.

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Deserialize as _;
use serde_json::Value;
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres};
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

use crate::kernel::recency::MAX_CLOCK_SKEW;
use crate::platform::db::availability::Database;
use crate::platform::db::statement::{DELETE_BATCH, delete_in_batches};
use crate::platform::failure::{Outcome, note};
use crate::platform::secret;
use crate::platform::session::{FLASH, READ, SIGN_IN, SignIn};

/// The id of the row of a session: half of a SHA-256 hash, which has the length of an id. The id itself is only in the
/// cookie, so a copy of the database signs nobody in.
pub fn stored_id(id: Id) -> Id {
    let hash = secret::hash(&id.to_string());
    Id(hash.iter().take(16).fold(0, |number, byte| (number << 8) | i128::from(*byte)))
}

/// Replaces the Postgres store of the library for five reasons. Ids are hashed ([`stored_id`]). Saving never inserts,
/// so a page that is loading during a sign-out does not revive the session. The operator has a column, so that
/// sessions can be listed and ended by operator. Waiting for a connection counts toward the time limit of the request.
/// And if the database refuses writes, a page that changed only the time of the last use is shown anyway.
#[derive(Clone)]
pub struct SessionRows {
    pub connections: Database,
}

/// Writes a session; the statement has its columns as $1 to $8. Returns how many rows it affected.
macro_rules! write_session {
    ($rows:expr, $statement:literal, $record:expr) => {{
        let record: &Record = $record;
        let id = stored_id(record.id);
        let sign_in = record.data.get(SIGN_IN).map(SignIn::deserialize).transpose().map_err(encoding)?;
        let expires_at = DateTime::from_timestamp(record.expiry_date.unix_timestamp(), 0)
            .ok_or_else(|| encoding(format!("a session cannot expire at {}", record.expiry_date)))?;
        let data = rmp_serde::to_vec(&Record { id, ..record.clone() }).map_err(encoding)?;
        let sign_in = sign_in.as_ref();
        sqlx::query!(
            $statement,
            id.to_string(),
            data,
            expires_at,
            sign_in.map(|sign_in| sign_in.operator.uuid()),
            sign_in.map(|sign_in| sign_in.at),
            sign_in.map(|sign_in| sign_in.seen),
            sign_in.map(|sign_in| sign_in.user_agent.as_str()),
            sign_in.and_then(|sign_in| Some(sign_in.address?.to_canonical().to_string())),
        )
        .execute(&mut *$rows.connection().await?)
        .await
        .map(|done| done.rows_affected())
        .map_err(backend)
    }};
}

impl SessionRows {
    async fn connection(&self) -> Result<PoolConnection<Postgres>> {
        self.connections.acquire().await.map_err(backend)
    }

    async fn update(&self, record: &Record) -> Result<u64> {
        write_session!(
            self,
            "UPDATE groupdesk.sessions
             SET data = $2, expiry_date = $3, signed_in_at = $5, seen_at = $6, user_agent = $7, address = $8,
                 operator_pk = (SELECT pk FROM groupdesk.operators WHERE operator_id = $4)
             WHERE id = $1",
            record
        )
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the signature that map_err requires")]
fn backend(error: sqlx::Error) -> Error {
    note(&error);
    Error::Backend(error.to_string())
}

/// Whether the records differ only in what viewing a page changes: the time of the last use, and a message that was shown.
fn is_view(before: &Record, after: &Record) -> bool {
    let essence = |record: &Record| {
        let mut data = record.data.clone();
        if let Some(sign_in) = data.get_mut(SIGN_IN).and_then(Value::as_object_mut) {
            sign_in.retain(|name, _| !["seen", "address"].contains(&name.as_str()));
        }
        if !after.data.contains_key(FLASH) {
            data.remove(FLASH);
        }
        data.remove(READ);
        data
    };
    essence(before) == essence(after)
}

impl fmt::Debug for SessionRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionRows")
    }
}

#[async_trait]
impl SessionStore for SessionRows {
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            let inserted = write_session!(
                self,
                "INSERT INTO groupdesk.sessions
                     (id, data, expiry_date, operator_pk, signed_in_at, seen_at, user_agent, address)
                 VALUES ($1, $2, $3, (SELECT pk FROM groupdesk.operators WHERE operator_id = $4), $5, $6, $7, $8)
                 ON CONFLICT (id) DO NOTHING",
                record
            )?;
            if inserted == 1 {
                return Ok(());
            }
            // The id is taken, which practically never happens.
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let Err(error) = self.update(record).await else { return Ok(()) };
        match self.load(&record.id).await {
            Ok(Some(before)) if is_view(&before, record) => Ok(()),
            Ok(_) | Err(_) => Err(error),
        }
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let data = sqlx::query_scalar!(
            "SELECT data FROM groupdesk.sessions WHERE id = $1 AND expiry_date > now()",
            stored_id(*id).to_string(),
        )
        .fetch_optional(&mut *self.connection().await?)
        .await
        .map_err(backend)?;
        let record: Option<Record> = data
            .map(|data| rmp_serde::from_slice(&data))
            .transpose()
            .map_err(|error| Error::Decode(error.to_string()))?;
        Ok(record.map(|record| Record { id: *id, ..record }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        sqlx::query!("DELETE FROM groupdesk.sessions WHERE id = $1", stored_id(*id).to_string())
            .execute(&mut *self.connection().await?)
            .await
            .map_err(backend)?;
        Ok(())
    }
}

fn encoding(error: impl fmt::Display) -> Error {
    Error::Encode(error.to_string())
}

pub async fn is_live(connection: &mut PgConnection, id: Id) -> Outcome<bool> {
    let query = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM groupdesk.sessions WHERE id = $1 AND expiry_date > now()) AS "lives!""#,
        stored_id(id).to_string(),
    );
    Ok(query.fetch_one(connection).await?)
}

/// Deletes expired sessions, and those that were created while a clock was wrong: they expire later than any new one, or
/// began in the future.
pub async fn delete_expired(connection: &mut PgConnection, now: DateTime<Utc>) -> Outcome<()> {
    let statement = || {
        sqlx::query!(
            "DELETE FROM groupdesk.sessions WHERE ctid = ANY (ARRAY(
                 SELECT ctid FROM groupdesk.sessions
                 WHERE expiry_date <= now() OR expiry_date > now() + interval '2 days' OR signed_in_at > $2
                 LIMIT $1 FOR UPDATE SKIP LOCKED))",
            DELETE_BATCH,
            now + MAX_CLOCK_SKEW,
        )
    };
    delete_in_batches(connection, statement).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn stored_id_differs_from_the_id_in_the_cookie() {
        let (one, other) = (Id(7), Id(8));
        assert_eq!(stored_id(one), stored_id(one));
        assert_ne!(stored_id(one), stored_id(other));
        // A stored id is of no use in a cookie.
        assert!(![one, stored_id(one)].contains(&stored_id(stored_id(one))));
    }

    #[test]
    fn viewing_a_page_is_not_a_change_of_the_session() {
        let record = |data: Value| Record {
            id: Id(7),
            data: serde_json::from_value(data).unwrap(),
            expiry_date: time::OffsetDateTime::UNIX_EPOCH,
        };
        let sign_in = |seen: &str| json!({ "operator": "ana", "at": "9:00", "seen": seen, "address": null });
        let before = record(json!({ SIGN_IN: sign_in("9:00"), FLASH: "Enrolled" }));
        assert!(is_view(&before, &record(json!({ SIGN_IN: sign_in("9:15"), FLASH: "Enrolled" }))));
        assert!(is_view(&before, &record(json!({ SIGN_IN: sign_in("9:15") }))));
        assert!(is_view(&before, &record(json!({ SIGN_IN: sign_in("9:15"), READ: ["a form"] }))));
        assert!(!is_view(&before, &record(json!({ SIGN_IN: sign_in("9:15"), FLASH: "Removed" }))));
        assert!(!is_view(&before, &record(json!({ SIGN_IN: sign_in("9:15"), "kept": "typed" }))));
        let of_another = json!({ "operator": "sam", "at": "9:00", "seen": "9:00", "address": null });
        assert!(!is_view(&before, &record(json!({ SIGN_IN: of_another, FLASH: "Enrolled" }))));
        assert!(!is_view(&record(json!({})), &before));
    }
}
