//! A running desk, people and machines to use it, and things to use it on.

mod browser;
mod data;
pub mod database;
mod documents;
mod hearing;
mod invariants;
mod listing;
mod log;
mod machine;
mod owned;
mod processes;
mod program;
mod provider;
mod read_only;
mod reply;
mod schema;
mod statements;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::Path;

use axum::ServiceExt;
use axum::extract::Request;
use chrono::{DateTime, Utc};
use groupdesk::kernel::clock::Clock;
use groupdesk::platform::assets::{self, Site};
use groupdesk::platform::clock;
use groupdesk::platform::db::{self, ConnectionMode};
use groupdesk::platform::http::client::Proxies;
use groupdesk::platform::http::connection;
use groupdesk::platform::last_uses::LastUses;
use groupdesk::platform::notifications::Live;
use groupdesk::platform::oidc::Provider;
use groupdesk::platform::oidc::settings::OidcSettings;
use groupdesk::platform::state::AppState;
use groupdesk::resources::api_tokens::ops::api_tokens_set_last_used;
use groupdesk::routes;
use groupdesk::ui::paths;
use leptos::config::{Env, LeptosOptions};
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use browser::{Browser, Page, filled};
pub use data::{PASSWORD, database_url, enroll, group, operator, person, remove, workspace, workspaces};
pub use documents::enrollment;
pub use hearing::Hearing;
pub use invariants::violations;
pub use listing::{Listed, by_time, refuses_each, sorted, walk};
pub use log::{admin_events, event_count, events, live_count, row, row_count};
pub use machine::{Answer, JSON_API, Machine, bad_parameter, error};
pub use owned::OwnedDataDir;
pub use processes::{children, find_postmaster, lives};
pub use program::{Ended, Server, ended, groupdesk, run, within};
pub use provider::{CLIENT_SECRET, IdentityProvider, link};
pub use read_only::Failover;
pub use reply::{Reply, client, get, post};
pub use statements::{listen, notices_of, statements_of};

/// The desk on a port of its own, over the test's own database.
pub struct Desk {
    pub pool: PgPool,
    /// What the desk itself uses.
    served: PgPool,
    address: SocketAddr,
    last_uses: LastUses,
    tasks: Vec<JoinHandle<()>>,
}

/// How a desk is reached, and how often it may be; by default directly, and as often as one likes.
#[derive(Default)]
struct Surroundings {
    token: Option<NonZeroU32>,
    address: Option<NonZeroU32>,
    proxies: Proxies,
    by_tls: bool,
    provider: Option<OidcSettings>,
    /// The address that people type, where it is not the server's own.
    origin: Option<String>,
    /// How long a statement waits for a lock.
    lock_timeout: Option<&'static str>,
    /// How long a statement takes.
    statement_timeout: Option<&'static str>,
}

impl Desk {
    pub async fn start(pool: PgPool) -> Self {
        Self::with_clock(pool, clock::system()).await
    }

    /// Where it is always this moment, so that a test can name it.
    pub async fn at(pool: PgPool, moment: &str) -> Self {
        Self::with_clock(pool, Clock::fixed(time(moment))).await
    }

    /// With as many connections as a served desk has, for tests in which many come at once. Close
    /// `pool` at the end of the test.
    pub async fn crowded(pool: &PgPool) -> Self {
        let options = pool.connect_options().as_ref().clone();
        Self::start(db::pool(options, 20)).await
    }

    /// Both at once.
    pub async fn crowded_and_proxied(pool: &PgPool) -> Self {
        let options = pool.connect_options().as_ref().clone();
        Self::proxied(db::pool(options, 20), clock::system()).await
    }

    /// With a lock timeout of a moment.
    pub async fn impatient(pool: PgPool) -> Self {
        let around = Surroundings { lock_timeout: Some("100ms"), ..Surroundings::default() };
        Self::serve(pool, clock::system(), around).await
    }

    /// With a second for each statement.
    pub async fn hurried(pool: PgPool) -> Self {
        let around = Surroundings { statement_timeout: Some("1s"), ..Surroundings::default() };
        Self::serve(pool, clock::system(), around).await
    }

    /// Where a token makes so many requests a second.
    pub async fn limited(pool: PgPool, per_second: u32) -> Self {
        Self::serve(
            pool,
            clock::system(),
            Surroundings { token: NonZeroU32::new(per_second), ..Surroundings::default() },
        )
        .await
    }

    /// Where so many requests a second may come from one address; behind one proxy, which tells the address.
    pub async fn limited_by_address(pool: PgPool, per_second: u32) -> Self {
        let around = Surroundings {
            address: NonZeroU32::new(per_second),
            proxies: Proxies(1),
            ..Surroundings::default()
        };
        Self::serve(pool, clock::system(), around).await
    }

    pub async fn with_clock(pool: PgPool, clock: Clock) -> Self {
        Self::serve(pool, clock, Surroundings::default()).await
    }

    /// Which hears of changes, as a served desk does.
    pub async fn listening(pool: PgPool) -> Self {
        let options = pool.connect_options().as_ref().clone();
        let (mut desk, live) = Self::serve_with(pool, clock::system(), Surroundings::default()).await;
        desk.tasks.push(tokio::spawn(live.listen(options)));
        desk
    }

    /// Behind one proxy, which tells where requests come from.
    pub async fn proxied(pool: PgPool, clock: Clock) -> Self {
        Self::serve(pool, clock, Surroundings { proxies: Proxies(1), ..Surroundings::default() }).await
    }

    /// Which people reach by https alone.
    pub async fn behind_tls(pool: PgPool) -> Self {
        Self::behind_tls_at(pool, "https://desk.example.com").await
    }

    /// The same at this address.
    pub async fn behind_tls_at(pool: PgPool, origin: &str) -> Self {
        let around =
            Surroundings { by_tls: true, origin: Some(origin.to_owned()), ..Surroundings::default() };
        Self::serve(pool, clock::system(), around).await
    }

    /// Where operators sign in by this provider, too.
    pub async fn signed_in_by(pool: PgPool, clock: Clock, provider: &IdentityProvider) -> Self {
        Self::signed_in_as_set(pool, clock, provider.settings()).await
    }

    /// The same with these settings.
    pub async fn signed_in_as_set(pool: PgPool, clock: Clock, settings: OidcSettings) -> Self {
        let around = Surroundings { provider: Some(settings), ..Surroundings::default() };
        Self::serve(pool, clock, around).await
    }

    /// Another server of a desk, behind the same address.
    pub async fn beside(desk: &Self, clock: Clock) -> Self {
        let around = Surroundings { origin: Some(desk.url("")), ..Surroundings::default() };
        Self::serve(desk.pool.clone(), clock, around).await
    }

    async fn serve(pool: PgPool, clock: Clock, around: Surroundings) -> Self {
        Self::serve_with(pool, clock, around).await.0
    }

    async fn serve_with(pool: PgPool, clock: Clock, around: Surroundings) -> (Self, Live) {
        // Small files of the tests' own: no test waits for the browser's build.
        assets::provide(Site::folder(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/site")));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let options =
            LeptosOptions::builder().output_name("groupdesk").site_pkg_dir("pkg").env(Env::PROD).build();
        let served = as_served(&pool);
        let limits = [("lock_timeout", around.lock_timeout), ("statement_timeout", around.statement_timeout)];
        for (name, limit) in limits {
            if let Some(limit) = limit {
                let options = served.connect_options().as_ref().clone();
                served.set_connect_options(options.options([(name, limit)]));
            }
        }
        let origin = around.origin.unwrap_or_else(|| format!("http://{address}"));
        let state = AppState::new(served.clone(), clock.clone(), options, &origin, around.token);
        let state = match around.provider {
            Some(settings) => {
                let callback = format!("{origin}{}", paths::OIDC_CALLBACK);
                state.signed_in_by(Provider::new(settings, callback, clock).unwrap())
            }
            None => state,
        };
        let (live, last_uses) = (state.live.clone(), state.last_uses.clone());
        let state = state.limited_by_address(around.address).reached_by(around.proxies, around.by_tls);
        let service = routes::service(state);
        let service = ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(service);
        let bounded = connection::bounded(axum_server::from_tcp(listener.into_std().unwrap()).unwrap());
        let serving = tokio::spawn(async move {
            bounded.serve(service).await.unwrap();
        });
        (Self { pool, served, address, last_uses, tasks: vec![serving] }, live)
    }

    /// Gives up its connections, and those of `pool`: the database is away, or the test is at its end.
    pub async fn close(&self) {
        self.served.close().await;
        self.pool.close().await;
    }

    /// Writes when tokens were last used, as a served desk does now and then.
    pub async fn write_last_uses(&self) {
        let uses = self.last_uses.take();
        let mut connection = self.served.acquire().await.unwrap();
        api_tokens_set_last_used(&mut connection, &uses, clock::system().now()).await.unwrap();
    }

    /// Whether no connection of the desk\'s own is in use.
    pub fn is_idle(&self) -> bool {
        usize::try_from(self.served.size()).unwrap() == self.served.num_idle()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A line with a cookie of the desk's, whose names end in its port.
    pub fn cookie(&self, name: &str, value: &str) -> String {
        format!("{name}_{}={value}", self.address.port())
    }

    /// A client that shows no token.
    pub fn anonymous(&self) -> Machine {
        Machine::new(self.url(""), None)
    }

    /// A client that shows this text as its token.
    pub fn holder_of(&self, token: &str) -> Machine {
        Machine::new(self.url(""), Some(token.to_owned()))
    }

    /// A client with a token of these scopes that acts for nobody.
    pub async fn machine(&self, scopes: &[&str]) -> Machine {
        let token = data::token(&self.pool, scopes, None).await;
        Machine::new(self.url(""), Some(token))
    }

    /// A client with a token of these scopes that acts for this person.
    pub async fn machine_for(&self, email: &str, scopes: &[&str]) -> Machine {
        let token = data::token(&self.pool, scopes, Some(email)).await;
        Machine::new(self.url(""), Some(token))
    }

    /// A browser in which nobody is signed in.
    pub fn browser(&self) -> Browser {
        Browser::new(self)
    }

    /// Ana Lima, who may do everything.
    pub async fn admin(&self) -> Browser {
        operator(&self.pool, "ana@example.com", "Ana Lima", "admin").await;
        self.browser().signed_in("ana@example.com").await
    }

    /// Sam Okoye, who looks things up.
    pub async fn support(&self) -> Browser {
        operator(&self.pool, "sam@example.com", "Sam Okoye", "support").await;
        self.browser().signed_in("sam@example.com").await
    }
}

/// A pool like this one, in the role that a served desk has: a statement that needs more than the role has
/// fails in its test.
fn as_served(pool: &PgPool) -> PgPool {
    db::serving_pool(
        pool.connect_options().as_ref().clone(),
        pool.options().get_max_connections(),
        ConnectionMode::Direct,
    )
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Server {
    /// A client with a token of these scopes that acts for nobody. `pool`: of the server's database.
    pub async fn machine(&self, pool: &PgPool, scopes: &[&str]) -> Machine {
        Machine::new(self.url(""), Some(data::token(pool, scopes, None).await))
    }
}

/// A moment as tests write it.
pub fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}
