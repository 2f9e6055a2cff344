//! Browser sessions: a random id in a cookie, the rest in Postgres, under a hash of it: whoever reads the
//! database, or a copy of it, is not signed in by that.

use std::fmt;
use std::net::IpAddr;

use async_trait::async_trait;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres};
use tower::{Layer as _, ServiceExt as _};
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{Expiry, SessionManagerLayer, SessionStore};
use uuid::Uuid;

use crate::kernel::id::OperatorId;
use crate::kernel::recency::CLOCKS_DIFFER;

use super::db::{SWEPT_AT_ONCE, is_last_sweep};
use super::failure::{Outcome, note};
use super::secret;
use super::state::AppState;
use crate::platform::db::availability::Connections;

const COOKIE: &str = "groupdesk_session";
/// A session that is not used for so long ends.
const IDLE: time::Duration = time::Duration::hours(8);
/// A session ends so long after its sign-in, however busy it is. Kept in the session's own data,
/// since the store knows the idle limit only.
pub const ABSOLUTE: TimeDelta = TimeDelta::hours(24);

/// Under what name [`SignIn`] is kept in a session.
pub const SIGN_IN: &str = "sign_in";
/// Under what name a message waits there for the next page, which shows it and takes it out.
pub const FLASH: &str = "flash";
/// Under what name the messages are listed there that were shown and that a second form would be answered with.
pub const READ: &str = "read";

/// Who is signed in by a session, since when, and from where. What older versions did not keep is
/// nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignIn {
    pub operator: OperatorId,
    pub at: DateTime<Utc>,
    /// When the session's idle time was last started anew.
    pub seen: DateTime<Utc>,
    /// The generation of the operator's sessions that this one is of.
    #[serde(default)]
    pub generation: i32,
    #[serde(default)]
    pub user_agent: String,
    #[serde(default)]
    pub address: Option<IpAddr>,
}

/// Under what the session with this id is kept: half of a SHA-256 hash, which is as long as the id. The id
/// itself is in the cookie alone.
pub fn kept_as(id: Id) -> Id {
    let hash = secret::hash(&id.to_string());
    Id(hash.iter().take(16).fold(0, |number, byte| (number << 8) | i128::from(*byte)))
}

/// Not the store that goes with the library, for five things. A session is kept under [`kept_as`]. What is
/// saved must still be there: that store makes a row where none is, so that a page which was loading while
/// somebody signed out would bring the session back. Whose session it is stands beside the data too, so that
/// sessions can be listed and ended by operator. A request waits for this connection out of the same time
/// as for its others. And where a session cannot be saved, as on a server that only reads, a page that changed
/// nothing in it but when it was last used is shown all the same.
#[derive(Clone)]
pub struct Sessions {
    connections: Connections,
}

impl Sessions {
    async fn update(&self, record: &Record) -> Result<()> {
        let row = Row::of(record)?;
        sqlx::query!(
            "UPDATE groupdesk.sessions
             SET data = $2, expiry_date = $3, signed_in_at = $5, seen_at = $6, user_agent = $7, address = $8,
                 operator_pk = (SELECT pk FROM groupdesk.operators WHERE operator_id = $4)
             WHERE id = $1",
            kept_as(record.id).to_string(),
            encoded(record)?,
            expiry(record)?,
            row.operator,
            row.signed_in_at,
            row.seen_at,
            row.user_agent,
            row.address,
        )
        .execute(&mut *self.connection().await?)
        .await
        .map_err(backend)?;
        Ok(())
    }

    async fn connection(&self) -> Result<PoolConnection<Postgres>> {
        self.connections.acquire().await.map_err(backend)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn backend(error: sqlx::Error) -> Error {
    note(&error);
    Error::Backend(error.to_string())
}

/// Does a session come to the same as before, but for what a mere look at a page changes: when it was last
/// used, and a message that was shown?
fn is_look(before: &Record, after: &Record) -> bool {
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

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let row = Row::of(record)?;
        loop {
            let done = sqlx::query!(
                "INSERT INTO groupdesk.sessions
                     (id, data, expiry_date, operator_pk, signed_in_at, seen_at, user_agent, address)
                 VALUES ($1, $2, $3, (SELECT pk FROM groupdesk.operators WHERE operator_id = $4), $5, $6, $7, $8)
                 ON CONFLICT (id) DO NOTHING",
                kept_as(record.id).to_string(),
                encoded(record)?,
                expiry(record)?,
                row.operator,
                row.signed_in_at,
                row.seen_at,
                row.user_agent,
                row.address,
            )
            .execute(&mut *self.connection().await?)
            .await
            .map_err(backend)?;
            if done.rows_affected() == 1 {
                return Ok(());
            }
            // Taken, once in the age of the universe.
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let Err(error) = self.update(record).await else { return Ok(()) };
        match self.load(&record.id).await {
            Ok(Some(before)) if is_look(&before, record) => Ok(()),
            Ok(_) | Err(_) => Err(error),
        }
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let data = sqlx::query_scalar!(
            "SELECT data FROM groupdesk.sessions WHERE id = $1 AND expiry_date > now()",
            kept_as(*id).to_string(),
        )
        .fetch_optional(&mut *self.connection().await?)
        .await
        .map_err(backend)?;
        let decoded =
            |data: Vec<u8>| rmp_serde::from_slice(&data).map_err(|error| Error::Decode(error.to_string()));
        let found: Option<Record> = data.map(decoded).transpose()?;
        Ok(found.map(|record| with_id(*id, record)))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        sqlx::query!("DELETE FROM groupdesk.sessions WHERE id = $1", kept_as(*id).to_string())
            .execute(&mut *self.connection().await?)
            .await
            .map_err(backend)?;
        Ok(())
    }
}

fn with_id(id: Id, record: Record) -> Record {
    Record { id, data: record.data, expiry_date: record.expiry_date }
}

/// In the calendar that everything else is in here.
fn expiry(record: &Record) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp(record.expiry_date.unix_timestamp(), 0)
        .ok_or_else(|| Error::Encode(format!("no time for a session to end: {}", record.expiry_date)))
}

fn encoded(record: &Record) -> Result<Vec<u8>> {
    let kept = with_id(kept_as(record.id), record.clone());
    rmp_serde::to_vec(&kept).map_err(|error| Error::Encode(error.to_string()))
}

/// What stands in columns of its own.
#[derive(Default)]
struct Row {
    operator: Option<Uuid>,
    signed_in_at: Option<DateTime<Utc>>,
    seen_at: Option<DateTime<Utc>>,
    user_agent: Option<String>,
    address: Option<String>,
}

impl Row {
    fn of(record: &Record) -> Result<Self> {
        let Some(sign_in) = record.data.get(SIGN_IN) else { return Ok(Self::default()) };
        let sign_in = SignIn::deserialize(sign_in).map_err(|error| Error::Encode(error.to_string()))?;
        Ok(Self {
            operator: Some(sign_in.operator.uuid()),
            signed_in_at: Some(sign_in.at),
            seen_at: Some(sign_in.seen),
            user_agent: Some(sign_in.user_agent),
            address: sign_in.address.map(|address| address.to_canonical().to_string()),
        })
    }
}

/// Provides the request's session. The library's layer is made for each request, because the cookie's name may
/// depend on the address at which the desk was reached ([`super::origin`]).
///
/// `Lax` and not `Strict`: a link to the desk in a chat must find its reader signed in. What a
/// cross-site form could do with that, [`super::http::csrf`] refuses.
pub async fn provide(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let layer = SessionManagerLayer::new(Sessions { connections: state.pool.clone() })
        .with_name(state.origin.cookie(COOKIE, request.headers()))
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(state.cookies_need_tls)
        .with_expiry(Expiry::OnInactivity(IDLE));
    match layer.layer(next).oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Is it still there, and not expired?
pub async fn lives(connection: &mut PgConnection, id: Id) -> Outcome<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM groupdesk.sessions WHERE id = $1 AND expiry_date > now()) AS "lives!""#,
        kept_as(id).to_string(),
    )
    .fetch_one(connection)
    .await?)
}

/// Deletes expired sessions, some at a time, however many there are. What expires later than any session that
/// is made now, or was begun in the future, was made while a clock was wrong.
pub async fn sweep(connection: &mut PgConnection, now: DateTime<Utc>) -> Outcome<()> {
    loop {
        let done = sqlx::query!(
            "DELETE FROM groupdesk.sessions WHERE ctid = ANY (ARRAY(
                 SELECT ctid FROM groupdesk.sessions
                 WHERE expiry_date <= now() OR expiry_date > now() + interval '2 days' OR signed_in_at > $2
                 LIMIT $1 FOR UPDATE SKIP LOCKED))",
            SWEPT_AT_ONCE,
            now + CLOCKS_DIFFER,
        )
        .execute(&mut *connection)
        .await?;
        if is_last_sweep(&done) {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_session_is_not_kept_under_what_its_cookie_says() {
        let (one, other) = (Id(7), Id(8));
        assert_eq!(kept_as(one), kept_as(one));
        assert_ne!(kept_as(one), kept_as(other));
        // Nor is what it is kept under worth anything in a cookie.
        assert!(![one, kept_as(one)].contains(&kept_as(kept_as(one))));
    }

    #[test]
    fn a_look_at_a_page_is_told_from_a_change_of_its_session() {
        let record = |data: Value| Record {
            id: Id(7),
            data: serde_json::from_value(data).unwrap(),
            expiry_date: time::OffsetDateTime::UNIX_EPOCH,
        };
        let sign_in = |seen: &str| json!({ "operator": "ana", "at": "9:00", "seen": seen, "address": null });
        let before = record(json!({ SIGN_IN: sign_in("9:00"), FLASH: "Enrolled" }));
        assert!(is_look(&before, &record(json!({ SIGN_IN: sign_in("9:15"), FLASH: "Enrolled" }))));
        assert!(is_look(&before, &record(json!({ SIGN_IN: sign_in("9:15") }))));
        assert!(is_look(&before, &record(json!({ SIGN_IN: sign_in("9:15"), READ: ["a form"] }))));
        assert!(!is_look(&before, &record(json!({ SIGN_IN: sign_in("9:15"), FLASH: "Removed" }))));
        assert!(!is_look(&before, &record(json!({ SIGN_IN: sign_in("9:15"), "kept": "typed" }))));
        let of_another = json!({ "operator": "sam", "at": "9:00", "seen": "9:00", "address": null });
        assert!(!is_look(&before, &record(json!({ SIGN_IN: of_another, FLASH: "Enrolled" }))));
        assert!(!is_look(&record(json!({})), &before));
    }
}
