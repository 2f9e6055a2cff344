//! Serves until told to stop, then lets what is running finish.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::ServiceExt;
use axum::extract::Request;
use axum_server::Handle;
use leptos::config::{Env, LeptosOptions};
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::kernel::clock::Clock;
use crate::platform::config::Settings;
use crate::platform::db::availability::{Connections, Servers};
use crate::platform::db::serial_keys::{SerialKey, serial_keys};
use crate::platform::failure::Outcome;
use crate::platform::http::connection;
use crate::platform::last_uses::LastUses;
use crate::platform::notifications::Live;
use crate::platform::oidc::Provider;
use crate::platform::oidc::settings::OidcSettings;
use crate::platform::state::AppState;
use crate::platform::{assets, clock, metrics, session};
use crate::resources::api_tokens::ops::api_tokens_set_last_used;
use crate::resources::idempotency_keys::ops::keys_sweep;
use crate::resources::imports::ops::import_sweep;
use crate::resources::imports::worker;
use crate::resources::sign_in_attempts::ops::sign_in_attempts_sweep;
use crate::routes;
use crate::ui::paths;

/// How long running requests may take to finish once we stop.
const DRAIN: Duration = Duration::from_secs(30);

/// How often what has expired is deleted.
const SWEEP: Duration = Duration::from_mins(10);
/// How often it is written which tokens were used.
const WRITE_LAST_USES: Duration = Duration::from_secs(2);
/// How often somebody is warned of what comes to its end in years.
const WARN: Duration = Duration::from_hours(24);
/// How often it is forgotten who made requests.
const FORGET: Duration = Duration::from_mins(1);

/// What is served, and by what.
pub struct Serving {
    pub listener: std::net::TcpListener,
    /// Where the metrics are read.
    pub metrics: Option<TcpListener>,
    pub pool: PgPool,
    /// Where the database may be; the pool leads to the first.
    pub servers: Servers,
    /// By whom operators may sign in, too.
    pub oidc: Option<OidcSettings>,
    pub signals: Signals,
}

/// What tells the program to stop. From when it is made: a signal that comes before anybody waits is not lost,
/// and ends nothing by itself.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// # Errors
    /// The system has no more room for it.
    pub fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    pub async fn told_to_stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

fn leptos_options(settings: &Settings) -> LeptosOptions {
    let watched = std::env::var_os("LEPTOS_WATCH").is_some();
    LeptosOptions::builder()
        .output_name("groupdesk")
        .site_root("target/site")
        .site_pkg_dir(assets::package_dir())
        .site_addr(settings.listen)
        .env(if watched { Env::DEV } else { Env::PROD })
        .build()
}

fn state(pool: PgPool, settings: &Settings) -> AppState {
    let limit = settings.rate_limit.0;
    let state = AppState::new(pool, clock::system(), leptos_options(settings), &settings.origin(), limit)
        .limited_by_address(settings.address_rate_limit.0)
        .reached_by(settings.trusted_proxies, settings.cookies_need_tls());
    if settings.public_url.is_some() { state } else { state.without_public_url() }
}

/// Serves, and closes the pool in the end.
pub async fn serve(serving: Serving, settings: &Settings) -> io::Result<()> {
    let Serving { listener, metrics, pool, servers, oidc, mut signals } = serving;
    let address = listener.local_addr()?;
    let state = match oidc {
        Some(oidc) => state(pool, settings).signed_in_by(provider(oidc, settings)?),
        None => state(pool, settings),
    };
    let (live, connections) = (state.live.clone(), state.pool.clone());
    let uses = LastUsesWriter { connections: connections.clone(), uses: state.last_uses.clone() };
    let aside = [
        tokio::spawn(connections.clone().watch(servers)),
        tokio::spawn(listen(connections.clone(), live.clone())),
        tokio::spawn(sweep(connections.clone())),
        tokio::spawn(uses.clone().write_now_and_then()),
        tokio::spawn(warn_of_keys(connections.clone())),
        tokio::spawn(forget_addresses(state.clone())),
        tokio::spawn(tell_metrics(metrics, connections.clone())),
        tokio::spawn(metrics::upkeep()),
    ];
    let (rest, resting) = watch::channel(false);
    let worker = tokio::spawn(work(connections.clone(), resting));
    let handle = Handle::new();
    let stopping = handle.clone();
    let stop = tokio::spawn(async move {
        signals.told_to_stop().await;
        tracing::info!("stopping: running requests finish");
        // Imports end after the batch that runs; another process goes on with them, or the next start.
        rest.send_replace(true);
        live.stop();
        stopping.graceful_shutdown(Some(DRAIN));
    });

    tracing::info!(%address, url = settings.origin(), "serving");
    let service =
        ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(routes::service(state));
    let server = connection::bounded(axum_server::from_tcp(listener)?);
    let outcome = server.handle(handle).serve(service).await;
    stop.abort();
    if tokio::time::timeout(DRAIN, worker).await.is_err() {
        tracing::warn!("an import was still running when the time was up");
    }
    aside.iter().for_each(JoinHandle::abort);
    uses.write().await;
    connections.close().await;
    outcome
}

async fn listen(connections: Connections, live: Live) {
    connections.attend(|_| live.clone().listen(connections.direct_options())).await;
}

/// What requests left to be written. Several processes may write at once, and nobody waits for any.
#[derive(Clone)]
struct LastUsesWriter {
    connections: Connections,
    uses: LastUses,
}

impl LastUsesWriter {
    async fn write_now_and_then(self) {
        loop {
            tokio::time::sleep(WRITE_LAST_USES).await;
            self.write().await;
        }
    }

    /// What cannot be written is kept for the next time.
    async fn write(&self) {
        if !self.connections.takes_changes() {
            return;
        }
        let uses = self.uses.take();
        if uses.is_empty() {
            return;
        }
        let write = async {
            let mut connection = self.connections.acquire().await?;
            api_tokens_set_last_used(&mut connection, &uses, clock::system().now()).await
        };
        if let Err(failure) = self.connections.within_reach(write).await.flatten() {
            tracing::warn!(?failure, "when tokens were last used could not be written yet");
            self.uses.put_back(uses);
        }
    }
}

/// At the start, and once a day.
async fn warn_of_keys(connections: Connections) {
    loop {
        match connections.within_reach(serial_keys(&connections.current())).await {
            Ok(Ok(keys)) => {
                for SerialKey { table, numbers, left } in keys.iter().filter(|key| key.has_few_left()) {
                    tracing::warn!(table, numbers, left, "few numbers are left for the keys of new rows");
                }
            }
            Ok(Err(error)) => tracing::info!(%error, "the numbers that are left could not be looked up"),
            Err(_) => {}
        }
        tokio::time::sleep(WARN).await;
    }
}

async fn work(connections: Connections, resting: watch::Receiver<bool>) {
    let work = |pool| worker::work(pool, clock::system(), resting.clone());
    connections.attend_until(resting.clone(), work).await;
}

/// Until it is stopped; for ever where nobody listens.
async fn tell_metrics(listener: Option<TcpListener>, connections: Connections) {
    let Some(listener) = listener else { return };
    if let Err(error) = axum::serve(listener, metrics::router(connections)).await {
        tracing::error!(%error, "metrics are not served any more");
    }
}

async fn forget_addresses(state: AppState) {
    let Some(limiter) = state.address_limiter else { return };
    loop {
        tokio::time::sleep(FORGET).await;
        limiter.forget();
    }
}

fn provider(oidc: OidcSettings, settings: &Settings) -> io::Result<Provider> {
    let callback = format!("{}{}", settings.origin(), paths::OIDC_CALLBACK);
    Provider::new(oidc, callback, clock::system())
}

/// Forgets what has expired, now and then, until it is stopped. Several processes may do so at once.
async fn sweep(connections: Connections) {
    let clock = clock::system();
    loop {
        tokio::time::sleep(SWEEP).await;
        if !connections.takes_changes() {
            continue;
        }
        if let Err(failure) = connections.within_reach(forget(&connections, &clock)).await.flatten() {
            tracing::warn!(?failure, "could not forget what has expired");
        }
    }
}

/// Each, whatever becomes of the others; the first failure.
async fn forget(connections: &Connections, clock: &Clock) -> Outcome<()> {
    let mut connection = connections.acquire().await?;
    let swept = [
        session::sweep(&mut connection, clock.now()).await,
        keys_sweep(&mut connection, clock.now()).await,
        import_sweep(&mut connection, clock.now()).await.map(|_| ()),
        sign_in_attempts_sweep(&mut connection, clock.now()).await,
    ];
    swept.into_iter().collect()
}
