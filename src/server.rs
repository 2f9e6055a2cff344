//! Serves until told to stop, then lets what is running finish.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::ServiceExt;
use axum::extract::Request;
use leptos::config::{Env, LeptosOptions};
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::kernel::clock::Clock;
use crate::platform::config::Settings;
use crate::platform::failure::Outcome;
use crate::platform::oidc::Provider;
use crate::platform::oidc::settings::OidcSettings;
use crate::platform::state::AppState;
use crate::platform::{assets, clock, session};
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

pub async fn serve(
    listener: TcpListener,
    pool: PgPool,
    settings: &Settings,
    oidc: Option<OidcSettings>,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let limit = settings.rate_limit.0;
    let state =
        AppState::new(pool.clone(), clock::system(), leptos_options(settings), &settings.origin(), limit);
    let live = state.live.clone();
    let listening = tokio::spawn(live.clone().listen(pool.connect_options().as_ref().clone()));
    let state = state.reached_by(settings.trusted_proxies, settings.cookies_need_tls());
    let state = match oidc {
        Some(oidc) => state.signed_in_by(provider(oidc, settings)?),
        None => state,
    };
    let service =
        ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(routes::service(state));
    let sweeper = tokio::spawn(sweep(pool.clone()));
    let (rest, resting) = watch::channel(false);
    let worker = tokio::spawn(worker::work(pool, clock::system(), resting));
    tracing::info!(%address, url = settings.origin(), "serving");

    let (stopping, stopped) = tokio::sync::oneshot::channel();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        wait_for_signal().await;
        tracing::info!("stopping: running requests finish");
        // Imports end after the batch that runs; another process goes on with them, or the next start.
        rest.send_replace(true);
        live.stop();
        // Nobody listens once serving has ended by itself.
        let _ = stopping.send(());
    });
    let patience = async {
        // An error means that serving ended by itself; then there is nothing to wait for.
        if stopped.await.is_ok() {
            tokio::time::sleep(DRAIN).await;
            tracing::warn!("requests were still running when the time was up");
        } else {
            std::future::pending::<()>().await;
        }
    };
    let outcome = tokio::select! {
        // The worker ends by itself once it is told to rest.
        (outcome, _) = async { (serving.await, worker.await) } => outcome,
        () = patience => Ok(()),
    };
    sweeper.abort();
    listening.abort();
    outcome
}

fn provider(oidc: OidcSettings, settings: &Settings) -> io::Result<Provider> {
    let callback = format!("{}{}", settings.origin(), paths::OIDC_CALLBACK);
    Provider::new(oidc, callback, clock::system())
}

/// Forgets what has expired, now and then, until it is stopped. Several processes may do so at once.
async fn sweep(pool: PgPool) {
    let clock = clock::system();
    loop {
        tokio::time::sleep(SWEEP).await;
        session::sweep(&pool).await;
        if let Err(failure) = forget(&pool, &clock).await {
            tracing::warn!(?failure, "could not forget what has expired");
        }
    }
}

async fn forget(pool: &PgPool, clock: &Clock) -> Outcome<()> {
    let mut connection = pool.acquire().await?;
    keys_sweep(&mut connection, clock.now()).await?;
    import_sweep(&mut connection, clock.now()).await?;
    sign_in_attempts_sweep(&mut connection, clock.now()).await
}

async fn wait_for_signal() {
    let mut terminate = signal(SignalKind::terminate()).ok();
    let terminated = async {
        match terminate.as_mut() {
            Some(signals) => drop(signals.recv().await),
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = terminated => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
