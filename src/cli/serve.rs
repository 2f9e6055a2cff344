//! `groupdesk serve`

use std::net::SocketAddr;

use clap::Args;
use tokio::net::TcpListener;

use super::database::OpenDatabase;
use super::{Done, Trouble, failed, settings};
use crate::platform::config::{CommonArgs, DatabaseArgs, ServingArgs, Settings};
use crate::platform::oidc::settings::OidcSettings;
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

struct Listeners {
    pages: TcpListener,
    metrics: Option<TcpListener>,
}

pub(super) async fn run(common: CommonArgs, command: ServeCommand) -> Done {
    let settings = settings(common, command.database, Some(command.serving))?;
    let oidc = settings.oidc.clone().resolve().map_err(Trouble::Usage)?;
    check_address(&settings, oidc.as_ref())?;
    if oidc.is_some() {
        warn_of_proxy();
    }
    // Before the database: an address that is in use should not start a Postgres.
    let listeners = Listeners {
        pages: listen(settings.listen).await?,
        metrics: match settings.metrics_listen {
            Some(address) => Some(listen(address).await?),
            None => None,
        },
    };
    // Before the first start of the database, which takes long: a signal then stops that, too.
    let mut signals = Signals::listen().map_err(failed)?;
    let Some(database) = OpenDatabase::open_unless(&settings, signals.received()).await? else {
        telemetry::stop();
        return Ok(());
    };
    let outcome = serve(&settings, oidc, &database, listeners, signals, !command.no_migrate).await;
    let outcome = match outcome {
        // The user who stops a service needs to know if Postgres keeps running.
        Ok(()) => database.close().await.map_err(failed),
        Err(trouble) => database.close_after(Err(trouble)).await,
    };
    telemetry::stop();
    outcome
}

/// Warns about what does not work without a public URL, and refuses what cannot work at all.
fn check_address(settings: &Settings, oidc: Option<&OidcSettings>) -> Done {
    let Some(missing) = settings.without_public_url() else { return Ok(()) };
    if oidc.is_some() {
        return Err(Trouble::Usage(format!("sign-in by OpenID Connect does not work: {missing}")));
    }
    tracing::warn!("{missing}");
    Ok(())
}

/// Other programs would use the proxy, so an operator may expect it.
fn warn_of_proxy() {
    let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    if let Some(name) = names.into_iter().find(|name| std::env::var_os(name).is_some()) {
        tracing::warn!("{name} is set, but requests to the identity provider do not use a proxy");
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Trouble> {
    TcpListener::bind(address)
        .await
        .map_err(|error| Trouble::Failed(format!("cannot listen on {address}: {error}")))
}

async fn serve(
    settings: &Settings,
    oidc: Option<OidcSettings>,
    database: &OpenDatabase,
    listeners: Listeners,
    mut signals: Signals,
    migrate: bool,
) -> Done {
    if migrate {
        // A migration in progress is a transaction and is rolled back.
        let applied = tokio::select! {
            biased;
            () = signals.received() => return Ok(()),
            applied = database.migrate() => applied?,
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
    if listeners.metrics.is_some() {
        metrics::start().map_err(failed)?;
    }
    let serving = ServeConfig {
        listener: listeners.pages.into_std().map_err(failed)?,
        metrics: listeners.metrics,
        pool: database.serving_pool(settings),
        servers: database.servers(),
        oidc,
        signals,
    };
    server::serve(serving, settings).await.map_err(failed)
}
