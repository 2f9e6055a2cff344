//! The state that every handler can extract.

use std::num::NonZeroU32;
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::{FromRef, Request};
use leptos::config::LeptosOptions;
use sqlx::{PgConnection, PgPool};
use tokio::sync::OnceCell;

use super::config::Proxies;
use super::failure::Outcome;
use super::http::client_address;
use super::instances::Instances;
use super::last_uses::LastUses;
use super::oidc::Provider;
use super::origin::Origin;
use super::rate_limit::{AddressLimiter, Allowance, TokenLimiter};
use super::signed::{CursorKey, DeviceKey};
use super::token_cache::TokenCache;
use crate::kernel::clock::Clock;
use crate::platform::db::availability::Database;
use crate::platform::db::replicas::{Reads, Replicas};
use crate::platform::db::wal_position::WalPosition;
use crate::platform::notifications::Notifier;

/// Cheap to clone, because every layer of the service clones it for each request.
#[derive(Clone)]
pub struct AppState(Arc<Services>);

impl Deref for AppState {
    type Target = Services;

    fn deref(&self) -> &Services {
        &self.0
    }
}

impl From<Services> for AppState {
    fn from(services: Services) -> Self {
        Self(Arc::new(services))
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}

impl FromRef<AppState> for Database {
    fn from_ref(state: &AppState) -> Self {
        state.pool.clone()
    }
}

impl FromRef<AppState> for Origin {
    fn from_ref(state: &AppState) -> Self {
        state.origin.clone()
    }
}

pub struct Services {
    pub pool: Database,
    pub replicas: Replicas,
    pub clock: Clock,
    pub leptos: LeptosOptions,
    pub origin: Origin,
    pub limiter: Option<Arc<TokenLimiter>>,
    pub address_limiter: Option<Arc<AddressLimiter>>,
    pub instances: Instances,
    pub notifier: Notifier,
    pub last_uses: LastUses,
    pub tokens: TokenCache,
    pub proxies: Proxies,
    pub cookies_need_tls: bool,
    pub provider: Option<Arc<Provider>>,
    cursor_key: Arc<OnceCell<CursorKey>>,
    device_key: Arc<OnceCell<DeviceKey>>,
}

impl Services {
    /// Services without TLS, address limit and identity provider. `rate_limit` is the requests per second of a token.
    pub fn new(
        pool: PgPool,
        clock: Clock,
        leptos: LeptosOptions,
        origin: Origin,
        rate_limit: Option<NonZeroU32>,
    ) -> Self {
        let instances = Instances::default();
        Self {
            pool: Database::of(pool),
            replicas: Replicas::default(),
            notifier: Notifier::new(clock.clone()),
            clock,
            leptos,
            origin,
            limiter: rate_limit.map(|per_second| Arc::new(TokenLimiter::of_tokens(per_second, &instances))),
            address_limiter: None,
            instances,
            proxies: Proxies::default(),
            last_uses: LastUses::default(),
            tokens: TokenCache::default(),
            cookies_need_tls: false,
            provider: None,
            cursor_key: Arc::default(),
            device_key: Arc::default(),
        }
    }

    pub fn over_address_limit(&self, request: &Request) -> Option<Allowance> {
        let limiter = self.address_limiter.as_ref()?;
        let allowance = limiter.count_from(client_address(request, self.proxies)?);
        allowance.wait.is_some().then_some(allowance)
    }

    /// `required`: by the session of a page.
    pub fn reads(&self, required: WalPosition) -> Reads {
        Reads::of_page(self.pool.clone(), self.replicas.clone(), required)
    }

    /// Read at first use, because the server also starts without a database. It takes the caller's connection, because
    /// callers that hold one connection and wait for another can deadlock.
    pub async fn cursor_key(&self, connection: &mut PgConnection) -> Outcome<&CursorKey> {
        self.cursor_key.get_or_try_init(|| instance_secret(connection, "cursor", CursorKey)).await
    }

    pub async fn device_key(&self, connection: &mut PgConnection) -> Outcome<&DeviceKey> {
        self.device_key.get_or_try_init(|| instance_secret(connection, "device", DeviceKey)).await
    }
}

async fn instance_secret<K>(connection: &mut PgConnection, name: &str, key: fn(Vec<u8>) -> K) -> Outcome<K> {
    let value = sqlx::query_scalar!("SELECT value FROM groupdesk.instance_secrets WHERE name = $1", name);
    Ok(key(value.fetch_one(connection).await?))
}
