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
use crate::platform::db::reach::Connections;
use crate::platform::failure::Outcome;
use crate::platform::live::Live;
use crate::platform::state::AppState;
use crate::platform::{assets, clock, session};
use crate::resources::idempotency_keys::ops::keys_sweep;
use crate::resources::imports::ops::import_sweep;
use crate::resources::imports::worker;
use crate::resources::sign_in_attempts::ops::sign_in_attempts_sweep;
use crate::routes;

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

/// Serves, and closes the pool in the end.
pub async fn serve(listener: TcpListener, pool: PgPool, settings: &Settings) -> io::Result<()> {
    let address = listener.local_addr()?;
    let limit = settings.rate_limit.0;
    let state = AppState::new(pool, clock::system(), leptos_options(settings), &settings.origin(), limit);
    let (live, connections) = (state.live.clone(), state.pool.clone());
    let watching = tokio::spawn(connections.clone().watch());
    let listening = tokio::spawn(listen(connections.clone(), live.clone()));
    let state = state.reached_by(settings.trusted_proxies, settings.cookies_need_tls());
    let service =
        ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(routes::service(state));
    let sweeper = tokio::spawn(sweep(connections.clone()));
    let (rest, resting) = watch::channel(false);
    let worker = tokio::spawn(work(connections.clone(), resting));
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
    watching.abort();
    connections.close().await;
    outcome
}

async fn listen(connections: Connections, live: Live) {
    let listen = |pool: PgPool| live.clone().listen(pool.connect_options().as_ref().clone());
    connections.attend(listen).await;
}

async fn work(connections: Connections, resting: watch::Receiver<bool>) {
    let work = |pool| worker::work(pool, clock::system(), resting.clone());
    connections.attend_until(resting.clone(), work).await;
}

/// Forgets what has expired, now and then, until it is stopped. Several processes may do so at once.
async fn sweep(connections: Connections) {
    let clock = clock::system();
    loop {
        tokio::time::sleep(SWEEP).await;
        let swept = async {
            session::sweep(connections.clone()).await;
            forget(&connections, &clock).await
        };
        if let Err(failure) = connections.within_reach(swept).await.flatten() {
            tracing::warn!(?failure, "could not forget what has expired");
        }
    }
}

async fn forget(connections: &Connections, clock: &Clock) -> Outcome<()> {
    let mut connection = connections.acquire().await?;
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
