//! What every handler may reach.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use sqlx::{PgConnection, PgPool};
use tokio::sync::OnceCell;

use super::cursor::CursorKey;
use super::failure::Outcome;
use super::http::client::Proxies;
use super::last_uses::LastUses;
use super::oidc::Provider;
use super::origin::Origin;
use super::rate_limit::{AddressLimiter, TokenLimiter};
use crate::kernel::clock::Clock;
use crate::platform::db::availability::Connections;
use crate::platform::device_cookie::DeviceKey;
use crate::platform::notifications::Live;

#[derive(Clone, FromRef)]
pub struct AppState {
    pub pool: Connections,
    pub clock: Clock,
    pub leptos: LeptosOptions,
    pub origin: Origin,
    /// `None`: no limit.
    pub limiter: Option<Arc<TokenLimiter>>,
    /// `None`: no limit.
    pub address_limiter: Option<Arc<AddressLimiter>>,
    pub live: Live,
    pub last_uses: LastUses,
    /// How many proxies in front of the server are trusted to say where a request comes from.
    pub proxies: Proxies,
    /// Do cookies travel by TLS alone?
    #[from_ref(skip)]
    pub cookies_need_tls: bool,
    /// By which operators sign in, too.
    pub provider: Option<Arc<Provider>>,
    cursor_key: Arc<OnceCell<CursorKey>>,
    device_key: Arc<OnceCell<DeviceKey>>,
}

impl AppState {
    /// `rate_limit`: requests a second that a token may make.
    pub fn new(
        pool: PgPool,
        clock: Clock,
        leptos: LeptosOptions,
        origin: &str,
        rate_limit: Option<NonZeroU32>,
    ) -> Self {
        let limiter = rate_limit.map(|per_second| Arc::new(TokenLimiter::of_tokens(per_second)));
        let live = Live::new(clock.clone());
        Self {
            pool: Connections::of(pool),
            clock,
            leptos,
            origin: Origin::public(origin),
            limiter,
            address_limiter: None,
            proxies: Proxies::default(),
            live,
            last_uses: LastUses::default(),
            cookies_need_tls: false,
            provider: None,
            cursor_key: Arc::default(),
            device_key: Arc::default(),
        }
    }

    /// How its pages are reached, where that is not directly and on this machine.
    #[must_use]
    pub fn reached_by(self, proxies: Proxies, cookies_need_tls: bool) -> Self {
        Self { proxies, cookies_need_tls, ..self }
    }

    /// Nobody set the address that people type; the one given is where the server listens.
    #[must_use]
    pub fn without_public_url(self) -> Self {
        Self { origin: self.origin.assumed(), ..self }
    }

    /// Requests a second that may come from one address.
    #[must_use]
    pub fn limited_by_address(self, rate_limit: Option<NonZeroU32>) -> Self {
        let limiter = rate_limit.map(|per_second| Arc::new(AddressLimiter::of_addresses(per_second)));
        Self { address_limiter: limiter, ..self }
    }

    /// Operators sign in by this provider, too.
    #[must_use]
    pub fn signed_in_by(self, provider: Provider) -> Self {
        Self { provider: Some(Arc::new(provider)), ..self }
    }

    /// Read from the database at first use, not at the start: the server starts without one too. On the
    /// caller's connection: one who holds one and waits for another may wait for others who do the same.
    pub async fn cursor_key(&self, connection: &mut PgConnection) -> Outcome<&CursorKey> {
        self.cursor_key
            .get_or_try_init(|| async {
                let value =
                    sqlx::query_scalar!("SELECT value FROM groupdesk.instance_secrets WHERE name = 'cursor'")
                        .fetch_one(connection)
                        .await?;
                Ok(CursorKey::new(value))
            })
            .await
    }

    /// As [`Self::cursor_key`].
    pub async fn device_key(&self, connection: &mut PgConnection) -> Outcome<&DeviceKey> {
        self.device_key
            .get_or_try_init(|| async {
                let value =
                    sqlx::query_scalar!("SELECT value FROM groupdesk.instance_secrets WHERE name = 'device'")
                        .fetch_one(connection)
                        .await?;
                Ok(DeviceKey::new(value))
            })
            .await
    }
}
