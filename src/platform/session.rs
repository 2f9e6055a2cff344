//! Browser sessions: a random id in a cookie, the rest in Postgres.

use async_trait::async_trait;
use chrono::TimeDelta;
use sqlx::{PgConnection, PgPool};
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, ExpiredDeletion, Result};
use tower_sessions::{Expiry, SessionManagerLayer, SessionStore};
use tower_sessions_sqlx_store::PostgresStore;

use super::failure::Outcome;

pub const COOKIE: &str = "groupdesk_session";
/// A session that is not used for so long ends.
const IDLE: time::Duration = time::Duration::hours(8);
/// A session ends so long after its sign-in, however busy it is. Kept in the session's own data,
/// since the store knows the idle limit only.
pub const ABSOLUTE: TimeDelta = TimeDelta::hours(24);

/// The library's store, but for one thing: what it saves must still be there. Its own `save` makes a
/// row where none is, so that a page which was loading while somebody signed out would bring the
/// session back.
#[derive(Debug, Clone)]
pub struct Sessions {
    store: PostgresStore,
    pool: PgPool,
}

impl Sessions {
    fn new(pool: PgPool) -> Self {
        #[expect(clippy::expect_used, reason = "both names are literals of the allowed form")]
        let store = PostgresStore::new(pool.clone())
            .with_schema_name("groupdesk")
            .and_then(|store| store.with_table_name("sessions"))
            .expect("both names are plain identifiers");
        Self { store, pool }
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        self.store.create(record).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let data = rmp_serde::to_vec(record).map_err(|error| Error::Encode(error.to_string()))?;
        sqlx::query!(
            "UPDATE groupdesk.sessions SET data = $2, expiry_date = $3 WHERE id = $1",
            record.id.to_string(),
            data,
            record.expiry_date,
        )
        .execute(&self.pool)
        .await
        .map_err(|error| Error::Backend(error.to_string()))?;
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        self.store.load(id).await
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.store.delete(id).await
    }
}

/// `Lax` and not `Strict`: a link to the desk in a chat must find its reader signed in. What a
/// cross-site form could do with that, [`super::http::csrf`] refuses.
pub fn layer(pool: PgPool, cookies_need_tls: bool) -> SessionManagerLayer<Sessions> {
    SessionManagerLayer::new(Sessions::new(pool))
        .with_name(COOKIE)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(cookies_need_tls)
        .with_expiry(Expiry::OnInactivity(IDLE))
}

/// Is it still there, and not expired?
pub async fn lives(connection: &mut PgConnection, id: Id) -> Outcome<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM groupdesk.sessions WHERE id = $1 AND expiry_date > now()) AS "lives!""#,
        id.to_string(),
    )
    .fetch_one(connection)
    .await?)
}

/// Deletes expired sessions.
pub async fn sweep(pool: &PgPool) {
    if let Err(error) = Sessions::new(pool.clone()).store.delete_expired().await {
        tracing::warn!(%error, "could not delete expired sessions");
    }
}
