//! Runs the server until a signal stops it, and then lets running requests finish.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::ServiceExt;
use axum::extract::Request;
use axum_server::Handle;
use leptos::config::{Env, LeptosOptions};
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::platform::config::{RateLimit, Settings};
use crate::platform::db::availability::{Database, Servers};
use crate::platform::db::log_partitions;
use crate::platform::db::replicas::Replicas;
use crate::platform::db::serial_keys::{SerialKey, serial_keys};
use crate::platform::failure::Outcome;
use crate::platform::http::connection;
use crate::platform::oidc::Provider;
use crate::platform::oidc::settings::OidcSettings;
use crate::platform::origin::Origin;
use crate::platform::rate_limit::AddressLimiter;
use crate::platform::state::{AppState, Services};
use crate::platform::{assets, clock, metrics};
use crate::resources::api_tokens::ops::api_tokens_set_last_used;
use crate::resources::idempotency_keys::ops::keys_delete_expired;
use crate::resources::imports::ops::import_delete_expired;
use crate::resources::imports::worker;
use crate::resources::operator_sessions::session_store;
use crate::resources::sign_in_attempts::ops::sign_in_attempts_delete_expired;
use crate::routes;
use crate::ui::paths;

/// How long running requests may take to finish during a shutdown.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(30);
const DELETE_EXPIRED_INTERVAL: Duration = Duration::from_mins(10);
const WRITE_LAST_USES_INTERVAL: Duration = Duration::from_secs(2);
const COUNT_INSTANCES_INTERVAL: Duration = Duration::from_secs(1);
const CHECK_KEYS_INTERVAL: Duration = Duration::from_hours(24);
/// Partitions exist for two more months.
const MAINTAIN_LOGS_INTERVAL: Duration = Duration::from_hours(24);
const REMOVE_IDLE_INTERVAL: Duration = Duration::from_mins(1);

pub struct ServeConfig {
    pub listener: TcpListener,
    pub metrics: Option<TcpListener>,
    /// Leads to the first of `servers`.
    pub pool: PgPool,
    pub servers: Servers,
    pub replicas: Replicas,
    pub oidc: Option<OidcSettings>,
    pub signals: Signals,
}

/// The signals that stop the program. They are caught from the creation on, so none is lost or ends the process.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    pub async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

fn services(pool: PgPool, oidc: Option<OidcSettings>, settings: &Settings) -> io::Result<Services> {
    let is_watched = std::env::var_os("LEPTOS_WATCH").is_some();
    let leptos = LeptosOptions::builder()
        .output_name("groupdesk")
        .site_root("target/site")
        .site_pkg_dir(assets::package_dir())
        .site_addr(settings.listen)
        .env(if is_watched { Env::DEV } else { Env::PROD })
        .build();
    let mut origin = Origin::public(&settings.origin());
    origin.is_public = settings.public_url.is_some();
    let traffic = &settings.traffic;
    let limit = traffic.rate_limit.unwrap_or(RateLimit::TOKEN);
    let mut services = Services::new(pool, clock::system(), leptos, origin, limit.0);
    let limiter = |per_second| Arc::new(AddressLimiter::of_addresses(per_second, &services.instances));
    services.address_limiter = traffic.address_rate_limit.unwrap_or(RateLimit::ADDRESS).0.map(limiter);
    services.proxies = traffic.trusted_proxies.unwrap_or_default();
    services.cookies_need_tls = settings.cookies_need_tls();
    if let Some(oidc) = oidc {
        let callback = format!("{}{}", settings.origin(), paths::OIDC_CALLBACK);
        services.provider = Some(Arc::new(Provider::new(oidc, callback, clock::system())?));
    }
    Ok(services)
}

/// Serves until a signal arrives, and closes the pool at the end.
pub async fn serve(config: ServeConfig, settings: &Settings) -> io::Result<()> {
    let ServeConfig { listener, metrics, pool, servers, replicas, oidc, mut signals } = config;
    let address = listener.local_addr()?;
    let mut services = services(pool, oidc, settings)?;
    services.replicas = replicas;
    let state = AppState::from(services);
    let background_tasks = background_tasks(&state, servers, metrics);
    let (shutdown, is_shutting_down) = watch::channel(false);
    let worker = tokio::spawn(run_imports(state.clone(), is_shutting_down));
    let handle = Handle::new();
    let (server_handle, notifier) = (handle.clone(), state.notifier.clone());
    let stop = tokio::spawn(async move {
        signals.received().await;
        tracing::info!("stopping: running requests finish");
        // An import ends after its current batch; another process or the next start continues it.
        shutdown.send_replace(true);
        notifier.stop();
        server_handle.graceful_shutdown(Some(SHUTDOWN_TIMEOUT));
    });

    tracing::info!(%address, url = settings.origin(), "serving");
    let service = routes::service(state.clone());
    let service = ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(service);
    let server = connection::bounded(axum_server::from_tcp(listener.into_std()?)?);
    let outcome = server.handle(handle).serve(service).await;
    stop.abort();
    if timeout(SHUTDOWN_TIMEOUT, worker).await.is_err() {
        tracing::warn!("an import was still running at the end of the shutdown");
    }
    drop(background_tasks);
    write_last_uses(state.clone()).await;
    tokio::join!(state.pool.close(), state.replicas.close());
    outcome
}

/// Tasks that are aborted when the set is dropped.
fn background_tasks(state: &AppState, servers: Servers, metrics: Option<TcpListener>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(state.pool.clone().watch(servers));
    tasks.spawn(state.replicas.clone().watch(state.pool.clone()));
    tasks.spawn(listen_for_changes(state.clone()));
    tasks.spawn(listen_for_token_changes(state.clone()));
    tasks.spawn(count_instances(state.clone()));
    tasks.spawn(every(COUNT_INSTANCES_INTERVAL, state.clone(), count_instances));
    tasks.spawn(every(DELETE_EXPIRED_INTERVAL, state.clone(), delete_expired_rows));
    tasks.spawn(every(WRITE_LAST_USES_INTERVAL, state.clone(), write_last_uses));
    tasks.spawn(warn_of_serial_keys(state.clone()));
    tasks.spawn(every(CHECK_KEYS_INTERVAL, state.clone(), warn_of_serial_keys));
    tasks.spawn(maintain_logs(state.clone()));
    tasks.spawn(every(MAINTAIN_LOGS_INTERVAL, state.clone(), maintain_logs));
    tasks.spawn(every(REMOVE_IDLE_INTERVAL, state.clone(), remove_idle_addresses));
    tasks.spawn(serve_metrics(metrics, state.clone()));
    tasks.spawn(metrics::upkeep());
    tasks
}

async fn every<W: Future<Output = ()>>(interval: Duration, state: AppState, work: impl Fn(AppState) -> W) {
    loop {
        sleep(interval).await;
        work(state.clone()).await;
    }
}

async fn listen_for_changes(state: AppState) {
    let Services { pool, notifier, .. } = &*state;
    pool.run_while_available(|_| notifier.clone().listen(pool.direct_options())).await;
}

async fn listen_for_token_changes(state: AppState) {
    let Services { pool, tokens, .. } = &*state;
    pool.run_while_available(|_| tokens.clone().listen(pool.direct_options())).await;
}

async fn run_imports(state: AppState, is_shutting_down: watch::Receiver<bool>) {
    let work = |pool| worker::run_worker(pool, clock::system(), is_shutting_down.clone());
    state.pool.run_while_available_until_shutdown(is_shutting_down.clone(), work).await;
}

async fn serve_metrics(listener: Option<TcpListener>, state: AppState) {
    let Some(listener) = listener else { return };
    if let Err(error) = axum::serve(listener, metrics::router(state.pool.clone())).await {
        tracing::error!(%error, "metrics are no longer served");
    }
}

async fn remove_idle_addresses(state: AppState) {
    if let Some(limiter) = &state.address_limiter {
        limiter.remove_idle();
    }
}

/// Keeps what cannot be written for the next time. Processes do not wait for each other.
async fn write_last_uses(state: AppState) {
    let Services { pool, last_uses, .. } = &*state;
    if !pool.accepts_changes() {
        return;
    }
    let uses = last_uses.take();
    if uses.is_empty() {
        return;
    }
    let write = async {
        let mut connection = pool.acquire().await?;
        api_tokens_set_last_used(&mut connection, &uses, clock::system().now()).await
    };
    if let Err(failure) = pool.cancel_if_unavailable(write).await.flatten() {
        tracing::warn!(?failure, "the last uses of tokens could not be written yet");
        last_uses.put_back(uses);
    }
}

/// Keeps the last number while the database is unavailable or read-only, when nobody listens.
async fn count_instances(state: AppState) {
    let Services { pool, instances, .. } = &*state;
    if !pool.accepts_changes() {
        return;
    }
    let count = async { instances.count(&mut *pool.acquire().await?).await };
    if let Ok(Err(error)) = pool.cancel_if_unavailable(count).await {
        tracing::info!(%error, "the instances could not be counted");
    }
}

async fn warn_of_serial_keys(state: AppState) {
    match state.pool.cancel_if_unavailable(serial_keys(&state.pool.current())).await {
        Ok(Ok(keys)) => {
            for SerialKey { table, numbers, left } in keys.iter().filter(|key| key.has_few_left()) {
                tracing::warn!(table, numbers, left, "few numbers are left for the keys of new rows");
            }
        }
        Ok(Err(error)) => tracing::info!(%error, "the serial keys could not be checked"),
        Err(_) => {}
    }
}

/// Processes do not wait for each other.
async fn maintain_logs(state: AppState) {
    let pool = &state.pool;
    if !pool.accepts_changes() {
        return;
    }
    match pool.cancel_if_unavailable(log_partitions::maintain(&pool.current())).await {
        Ok(Ok(Some(logs))) => {
            metrics::logs_beyond_months(logs.len());
            for log in logs {
                tracing::warn!(log, "the last partition of a log has rows: run groupdesk partition-logs");
            }
        }
        Ok(Err(error)) => tracing::info!(%error, "partitions for the coming months could not be added yet"),
        Ok(Ok(None)) | Err(_) => {}
    }
}

/// Several processes may delete at the same time.
async fn delete_expired_rows(state: AppState) {
    let pool = &state.pool;
    if pool.accepts_changes()
        && let Err(failure) = pool.cancel_if_unavailable(delete_expired(pool)).await.flatten()
    {
        tracing::warn!(?failure, "deleting expired rows failed");
    }
}

/// Deletes from every table, even if another one fails, and returns the first failure.
async fn delete_expired(connections: &Database) -> Outcome<()> {
    let mut connection = connections.acquire().await?;
    let now = clock::system().now();
    let deleted = [
        session_store::delete_expired(&mut connection, now).await,
        keys_delete_expired(&mut connection, now).await,
        import_delete_expired(&mut connection, now).await.map(|_| ()),
        sign_in_attempts_delete_expired(&mut connection, now).await,
    ];
    deleted.into_iter().collect()
}
