//! What every handler may reach.

use std::sync::Arc;

use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use sqlx::PgPool;
use tokio::sync::OnceCell;

use super::cursor::CursorKey;
use super::failure::Outcome;
use crate::kernel::clock::Clock;

#[derive(Clone, FromRef)]
pub struct AppState {
    pub pool: PgPool,
    pub clock: Clock,
    pub leptos: LeptosOptions,
    pub origin: Origin,
    cursor_key: Arc<OnceCell<CursorKey>>,
}

/// The address that people type, as in `https://desk.example.com`.
#[derive(Clone)]
pub struct Origin(pub Arc<str>);

impl AppState {
    pub fn new(pool: PgPool, clock: Clock, leptos: LeptosOptions, origin: &str) -> Self {
        Self { pool, clock, leptos, origin: Origin(origin.into()), cursor_key: Arc::default() }
    }

    /// Read from the database at first use, not at the start: the server starts without one too.
    pub async fn cursor_key(&self) -> Outcome<&CursorKey> {
        self.cursor_key
            .get_or_try_init(|| async {
                let value =
                    sqlx::query_scalar!("SELECT value FROM groupdesk.instance_secrets WHERE name = 'cursor'")
                        .fetch_one(&self.pool)
                        .await?;
                Ok(CursorKey::new(value))
            })
            .await
    }
}
