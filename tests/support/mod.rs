//! A running server, clients for people and machines, and test data.

mod api_client;
mod browser;
#[expect(dead_code, reason = "the fault tests use the rest")]
mod cluster;
mod data;
pub mod database;
mod documents;
mod invariants;
mod listing;
mod log;
mod owned;
pub mod problems;
mod processes;
mod program;
mod provider;
mod read_only;
mod reply;
mod schema;
mod sse_client;
mod statements;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;

use axum::ServiceExt;
use axum::extract::Request;
use chrono::{DateTime, Utc};
use groupdesk::kernel::clock::Clock;
use groupdesk::platform::assets::{self, Site};
use groupdesk::platform::clock;
use groupdesk::platform::config::{NumberOrOff, Proxies};
use groupdesk::platform::db::availability::Database;
use groupdesk::platform::db::{self, ConnectionMode};
use groupdesk::platform::http::connection;
use groupdesk::platform::last_uses::LastUses;
use groupdesk::platform::oidc::Provider;
use groupdesk::platform::oidc::settings::OidcSettings;
use groupdesk::platform::origin::Origin;
use groupdesk::platform::rate_limit::AddressLimiter;
use groupdesk::platform::state::{AppState, Services};
use groupdesk::resources::api_tokens::ops::api_tokens_set_last_used;
use groupdesk::routes;
use groupdesk::ui::paths;
use leptos::config::{Env, LeptosOptions};
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use api_client::{Answer, ApiClient, JSON_API, bad_parameter, error};
pub use browser::{Browser, Page, filled, visible_text};
pub use cluster::{Cluster, free_port};
pub use data::{PASSWORD, database_url, enroll, group, operator, person, remove, workspace, workspaces};
pub use documents::enrollment;
pub use invariants::violations;
pub use listing::{Listed, assert_each_refused, assert_pages, by_time, sorted};
pub use log::{admin_events, event_count, events, live_count, row, row_count};
pub use owned::OwnedDataDir;
pub use processes::{children, find_postmaster, is_running};
pub use program::{Exit, Server, groupdesk, run, run_command, wait_until};
pub use provider::{CLIENT_SECRET, IdentityProvider, link};
pub use read_only::Failover;
pub use reply::{Reply, client, get, post};
pub use sse_client::SseClient;
pub use statements::{listen, notices_of, statements_of};

/// The server on a port of its own, over the test's own database.
pub struct TestApp {
    pub pool: PgPool,
    /// The pool of the server itself.
    database: Database,
    address: SocketAddr,
    last_uses: LastUses,
    tasks: Vec<JoinHandle<()>>,
}

/// The options of a server. By default it has no proxy and no rate limit.
#[derive(Default)]
struct ServerOptions {
    token: Option<NonZeroU32>,
    address: Option<NonZeroU32>,
    proxies: Proxies,
    over_tls: bool,
    provider: Option<OidcSettings>,
    /// The public origin, if it differs from the server's own address.
    origin: Option<String>,
    /// `lock_timeout` of the server's connections.
    lock_timeout: Option<&'static str>,
    /// `statement_timeout` of the server's connections.
    statement_timeout: Option<&'static str>,
}

impl TestApp {
    pub async fn start(pool: PgPool) -> Self {
        Self::with_clock(pool, clock::system()).await
    }

    /// A server with a clock that always shows this time.
    pub async fn at(pool: PgPool, moment: &str) -> Self {
        Self::with_clock(pool, Clock::fixed(time(moment))).await
    }

    /// A server with as many connections as in production, for many concurrent requests. Close `pool` at the
    /// end of the test.
    pub async fn with_large_pool(pool: &PgPool) -> Self {
        let options = pool.connect_options().as_ref().clone();
        Self::start(db::pool(options, 20)).await
    }

    /// Like [`Self::with_large_pool`], behind one proxy.
    pub async fn proxied_with_large_pool(pool: &PgPool) -> Self {
        let options = pool.connect_options().as_ref().clone();
        Self::proxied(db::pool(options, 20), clock::system()).await
    }

    /// A server with a lock timeout of 100 ms.
    pub async fn with_short_lock_timeout(pool: PgPool) -> Self {
        let setup = ServerOptions { lock_timeout: Some("100ms"), ..ServerOptions::default() };
        Self::serve(pool, clock::system(), setup).await
    }

    /// A server with a statement timeout of one second.
    pub async fn with_statement_timeout(pool: PgPool) -> Self {
        let setup = ServerOptions { statement_timeout: Some("1s"), ..ServerOptions::default() };
        Self::serve(pool, clock::system(), setup).await
    }

    /// A server with a limit of requests a second for each token.
    pub async fn limited(pool: PgPool, per_second: u32) -> Self {
        Self::serve(
            pool,
            clock::system(),
            ServerOptions { token: NonZeroU32::new(per_second), ..ServerOptions::default() },
        )
        .await
    }

    /// A server with a limit of requests a second for each address, behind one proxy that names the
    /// address.
    pub async fn limited_by_address(pool: PgPool, per_second: u32) -> Self {
        let setup = ServerOptions {
            address: NonZeroU32::new(per_second),
            proxies: NumberOrOff(NonZeroU32::new(1)),
            ..ServerOptions::default()
        };
        Self::serve(pool, clock::system(), setup).await
    }

    pub async fn with_clock(pool: PgPool, clock: Clock) -> Self {
        Self::serve(pool, clock, ServerOptions::default()).await
    }

    /// A server that receives change notifications, as in production.
    pub async fn with_notifications(pool: PgPool) -> Self {
        let options = pool.connect_options().as_ref().clone();
        let (mut app, state) = Self::serve_with(pool, clock::system(), ServerOptions::default()).await;
        app.tasks.push(tokio::spawn(state.notifier.clone().listen(options)));
        app
    }

    /// A server that keeps tokens in memory, as in production.
    pub async fn with_token_cache(pool: PgPool) -> Self {
        let options = pool.connect_options().as_ref().clone();
        let (mut app, state) = Self::serve_with(pool, clock::system(), ServerOptions::default()).await;
        app.tasks.push(tokio::spawn(state.tokens.clone().listen(options)));
        app
    }

    /// A server behind one proxy, which names the addresses of clients.
    pub async fn proxied(pool: PgPool, clock: Clock) -> Self {
        Self::serve(
            pool,
            clock,
            ServerOptions { proxies: NumberOrOff(NonZeroU32::new(1)), ..ServerOptions::default() },
        )
        .await
    }

    /// A server whose public address is reached by https only.
    pub async fn behind_tls(pool: PgPool) -> Self {
        Self::behind_tls_as(pool, "https://desk.example.com").await
    }

    /// Like [`Self::behind_tls`], with this public origin.
    pub async fn behind_tls_as(pool: PgPool, origin: &str) -> Self {
        let setup =
            ServerOptions { over_tls: true, origin: Some(origin.to_owned()), ..ServerOptions::default() };
        Self::serve(pool, clock::system(), setup).await
    }

    /// A server with this provider for signing in.
    pub async fn with_provider(pool: PgPool, clock: Clock, provider: &IdentityProvider) -> Self {
        Self::with_oidc_settings(pool, clock, provider.settings()).await
    }

    /// A server with these settings of a provider.
    pub async fn with_oidc_settings(pool: PgPool, clock: Clock, settings: OidcSettings) -> Self {
        let setup = ServerOptions { provider: Some(settings), ..ServerOptions::default() };
        Self::serve(pool, clock, setup).await
    }

    /// Another instance behind the same public address.
    pub async fn second_instance(app: &Self, clock: Clock) -> Self {
        let setup = ServerOptions { origin: Some(app.url("")), ..ServerOptions::default() };
        Self::serve(app.pool.clone(), clock, setup).await
    }

    async fn serve(pool: PgPool, clock: Clock, setup: ServerOptions) -> Self {
        Self::serve_with(pool, clock, setup).await.0
    }

    async fn serve_with(pool: PgPool, clock: Clock, setup: ServerOptions) -> (Self, AppState) {
        // Small files that belong to the tests, so that no test waits for the browser's build.
        assets::provide(Site::Folder(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/site")));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let options =
            LeptosOptions::builder().output_name("groupdesk").site_pkg_dir("pkg").env(Env::PROD).build();
        let served = as_served(&pool);
        let limits = [("lock_timeout", setup.lock_timeout), ("statement_timeout", setup.statement_timeout)];
        for (name, limit) in limits {
            if let Some(limit) = limit {
                let options = served.connect_options().as_ref().clone();
                served.set_connect_options(options.options([(name, limit)]));
            }
        }
        let origin = setup.origin.unwrap_or_else(|| format!("http://{address}"));
        let token_limit = setup.token;
        let mut services =
            Services::new(served, clock.clone(), options, Origin::public(&origin), token_limit);
        services.provider = setup.provider.map(|settings| {
            let callback = format!("{origin}{}", paths::OIDC_CALLBACK);
            Arc::new(Provider::new(settings, callback, clock).unwrap())
        });
        services.address_limiter = setup
            .address
            .map(|per_second| Arc::new(AddressLimiter::of_addresses(per_second, &services.instances)));
        (services.proxies, services.cookies_need_tls) = (setup.proxies, setup.over_tls);
        let state = AppState::from(services);
        let service = routes::service(state.clone());
        let service = ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(service);
        let bounded = connection::bounded(axum_server::from_tcp(listener.into_std().unwrap()).unwrap());
        let serving = tokio::spawn(async move {
            bounded.serve(service).await.unwrap();
        });
        let (database, last_uses) = (state.pool.clone(), state.last_uses.clone());
        (Self { pool, database, address, last_uses, tasks: vec![serving] }, state)
    }

    /// Closes all connections, those of `pool` too: to simulate an unavailable database, or at the end of a
    /// test.
    pub async fn close(&self) {
        self.database.close().await;
        self.pool.close().await;
    }

    /// Writes when tokens were last used, which the server does periodically.
    pub async fn write_last_uses(&self) {
        let uses = self.last_uses.take();
        let mut connection = self.database.acquire().await.unwrap();
        api_tokens_set_last_used(&mut connection, &uses, clock::system().now()).await.unwrap();
    }

    /// Whether no connection of the server is in use.
    pub fn is_idle(&self) -> bool {
        self.database.used_and_idle().0 == 0
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A cookie line for this server. The names of its cookies end in the port.
    pub fn cookie(&self, name: &str, value: &str) -> String {
        format!("{name}_{}={value}", self.address.port())
    }

    /// A client without a token.
    pub fn anonymous(&self) -> ApiClient {
        ApiClient::new(self.url(""), None)
    }

    /// A client with this text as its token.
    pub fn with_token(&self, token: &str) -> ApiClient {
        ApiClient::new(self.url(""), Some(token.to_owned()))
    }

    /// A client with a system token of these scopes.
    pub async fn api_client(&self, scopes: &[&str]) -> ApiClient {
        let token = data::token(&self.pool, scopes, None).await;
        ApiClient::new(self.url(""), Some(token))
    }

    /// A client with a token of these scopes that acts for this person.
    pub async fn api_client_for(&self, email: &str, scopes: &[&str]) -> ApiClient {
        let token = data::token(&self.pool, scopes, Some(email)).await;
        ApiClient::new(self.url(""), Some(token))
    }

    /// A browser without a session.
    pub fn browser(&self) -> Browser {
        Browser::new(self)
    }

    /// A browser signed in as Ana Lima, an admin.
    pub async fn admin(&self) -> Browser {
        operator(&self.pool, "ana@example.com", "Ana Lima", "admin").await;
        self.browser().signed_in("ana@example.com").await
    }

    /// A browser signed in as Sam Okoye, in support.
    pub async fn support(&self) -> Browser {
        operator(&self.pool, "sam@example.com", "Sam Okoye", "support").await;
        self.browser().signed_in("sam@example.com").await
    }
}

/// A pool with the application role, so that a statement that needs more rights fails in its test.
fn as_served(pool: &PgPool) -> PgPool {
    db::serving_pool(
        pool.connect_options().as_ref().clone(),
        pool.options().get_max_connections(),
        ConnectionMode::Direct,
    )
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Server {
    /// A client with a system token of these scopes. `pool`: a pool of the server's database.
    pub async fn api_client(&self, pool: &PgPool, scopes: &[&str]) -> ApiClient {
        self.with_token(&data::token(pool, scopes, None).await)
    }

    /// A client with this text as its token.
    pub fn with_token(&self, token: &str) -> ApiClient {
        ApiClient::new(self.url(""), Some(token.to_owned()))
    }
}

/// Parses a timestamp.
pub fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}
