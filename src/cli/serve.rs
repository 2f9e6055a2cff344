//! `groupdesk serve`

use std::net::SocketAddr;

use clap::Args;
use futures::future::OptionFuture;
use sqlx::postgres::PgConnectOptions;
use tokio::net::TcpListener;

use super::database::OpenDatabase;
use super::{CommandError, CommandResult, cannot, settings};
use crate::platform::config::{CommonArgs, DatabaseArgs, ServingArgs, Settings};
use crate::platform::db::migrate;
use crate::platform::{assets, metrics, telemetry};
use crate::server::{self, ServeConfig, Signals};

#[derive(Args)]
pub(super) struct ServeCommand {
    #[command(flatten)]
    serving: ServingArgs,
    #[command(flatten)]
    database: DatabaseArgs,
    /// Do not apply migrations at startup
    #[arg(long)]
    no_migrate: bool,
}

pub(super) async fn run(common: CommonArgs, command: ServeCommand) -> CommandResult {
    let settings = settings(common, command.database, command.serving)?;
    let oidc = settings.oidc.clone().resolve().map_err(CommandError::Usage)?;
    if let Some(missing) = settings.without_public_url() {
        if oidc.is_some() {
            return Err(CommandError::Usage(format!("sign-in by OpenID Connect does not work: {missing}")));
        }
        tracing::warn!("{missing}");
    }
    // Other programs would use the proxy, so an operator may expect it.
    let proxies = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    if let Some(name) = proxies.into_iter().find(|name| oidc.is_some() && std::env::var_os(name).is_some()) {
        tracing::warn!("{name} is set, but requests to the identity provider do not use a proxy");
    }
    // Before the database: an address that is in use should not start a Postgres.
    let listener = listen(settings.listen).await?;
    let metrics = OptionFuture::from(settings.traffic.metrics_listen.map(listen)).await.transpose()?;
    // Before the first start of the database, which takes long: a signal then stops that, too.
    let mut signals = Signals::listen()?;
    let Some(database) = OpenDatabase::open(&settings, signals.received()).await? else {
        telemetry::stop();
        return Ok(());
    };
    let (pool, servers, replicas) = database.serving_pool(&settings);
    let config = ServeConfig { listener, metrics, pool, servers, replicas, oidc, signals };
    let migrated = (!command.no_migrate).then(|| database.options());
    let outcome = match serve(&settings, config, migrated).await {
        // The user who stops a service needs to know if Postgres keeps running.
        Ok(()) => database.close().await,
        failed => database.close_after(failed).await,
    };
    telemetry::stop();
    outcome
}

async fn listen(address: SocketAddr) -> CommandResult<TcpListener> {
    TcpListener::bind(address).await.map_err(cannot(format_args!("listen on {address}")))
}

async fn serve(
    settings: &Settings,
    mut config: ServeConfig,
    migrated: Option<PgConnectOptions>,
) -> CommandResult {
    if let Some(options) = migrated {
        // A migration in progress is a transaction and is rolled back.
        let applied = tokio::select! {
            biased;
            () = config.signals.received() => return Ok(()),
            applied = migrate::run(&options) => applied?,
        };
        for migration in applied {
            tracing::info!(version = migration.version, what = %migration.description, "migration applied");
        }
    }
    if assets::are_missing() {
        tracing::error!(
            "this program was built without the browser's files: pages have no styles and no scripts"
        );
    }
    if config.metrics.is_some() {
        metrics::start()?;
    }
    Ok(server::serve(config, settings).await?)
}
