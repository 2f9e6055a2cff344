//! Browser sessions: a random id in a cookie, the rest in Postgres.

use std::time::Duration;

use chrono::TimeDelta;
use sqlx::PgPool;
use tower_sessions::cookie::SameSite;
use tower_sessions::{ExpiredDeletion, Expiry, SessionManagerLayer};
use tower_sessions_sqlx_store::PostgresStore;

pub const COOKIE: &str = "groupdesk_session";
/// A session that is not used for so long ends.
const IDLE: time::Duration = time::Duration::hours(8);
/// A session ends so long after its sign-in, however busy it is. Kept in the session's own data,
/// since the store knows the idle limit only.
pub const ABSOLUTE: TimeDelta = TimeDelta::hours(24);
const SWEEP: Duration = Duration::from_mins(10);

fn store(pool: PgPool) -> PostgresStore {
    #[expect(clippy::expect_used, reason = "both names are literals of the allowed form")]
    PostgresStore::new(pool)
        .with_schema_name("groupdesk")
        .and_then(|store| store.with_table_name("sessions"))
        .expect("both names are plain identifiers")
}

/// `Lax` and not `Strict`: a link to the desk in a chat must find its reader signed in. What a
/// cross-site form could do with that, [`super::http::csrf`] refuses.
pub fn layer(pool: PgPool, cookies_need_tls: bool) -> SessionManagerLayer<PostgresStore> {
    SessionManagerLayer::new(store(pool))
        .with_name(COOKIE)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(cookies_need_tls)
        .with_expiry(Expiry::OnInactivity(IDLE))
}

/// Deletes expired sessions for ever; several processes may do so at once.
pub async fn sweep(pool: PgPool) {
    loop {
        tokio::time::sleep(SWEEP).await;
        if let Err(error) = store(pool.clone()).delete_expired().await {
            tracing::warn!(%error, "could not delete expired sessions");
        }
    }
}
