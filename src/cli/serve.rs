//! `groupdesk serve`

use std::net::SocketAddr;

use clap::Args;
use tokio::net::TcpListener;

use super::database::OpenDatabase;
use super::{Done, Trouble, settings};
use crate::platform::config::{CommonArgs, DatabaseArgs, ServingArgs, Settings};
use crate::platform::oidc::settings::OidcSettings;
use crate::platform::{assets, metrics, telemetry};
use crate::server::{self, Serving, Signals};

#[derive(Args)]
pub(super) struct ServeCommand {
    #[command(flatten)]
    serving: ServingArgs,
    #[command(flatten)]
    database: DatabaseArgs,
    /// Do not apply migrations at the start
    #[arg(long)]
    no_migrate: bool,
}

/// Where requests come in.
struct Listeners {
    desk: TcpListener,
    metrics: Option<TcpListener>,
}

pub(super) async fn run(common: CommonArgs, command: ServeCommand) -> Done {
    let settings = settings(common, command.database, Some(command.serving))?;
    let oidc = settings.oidc.clone().settled().map_err(Trouble::Usage)?;
    check_address(&settings, oidc.as_ref())?;
    if oidc.is_some() {
        warn_of_proxy();
    }
    // Before the database: an address that is taken should not cost the start of a Postgres.
    let listeners = Listeners {
        desk: listen(settings.listen).await?,
        metrics: match settings.metrics_listen {
            Some(address) => Some(listen(address).await?),
            None => None,
        },
    };
    // Before what takes long at a first start: whoever stops the program meanwhile means all of it.
    let mut signals = Signals::listen().map_err(|error| Trouble::Failed(error.to_string()))?;
    let Some(database) = OpenDatabase::open_unless(&settings, signals.told_to_stop()).await? else {
        telemetry::stop();
        return Ok(());
    };
    let outcome = serve(&settings, oidc, &database, listeners, signals, !command.no_migrate).await;
    let outcome = match outcome {
        // Who stops a service wants to know what goes on running.
        Ok(()) => database.close().await.map_err(|error| Trouble::Failed(error.to_string())),
        Err(trouble) => database.close_after(Err(trouble)).await,
    };
    telemetry::stop();
    outcome
}

/// Says what does not work at the address that is set, and refuses what cannot work at all.
fn check_address(settings: &Settings, oidc: Option<&OidcSettings>) -> Done {
    let Some(missing) = settings.without_public_url() else { return Ok(()) };
    if oidc.is_some() {
        return Err(Trouble::Usage(format!("sign-in by OpenID Connect leads nowhere: {missing}")));
    }
    tracing::warn!("{missing}");
    Ok(())
}

/// Other programs would go through it, so somebody may count on it.
fn warn_of_proxy() {
    let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    if let Some(name) = names.into_iter().find(|name| std::env::var_os(name).is_some()) {
        tracing::warn!("{name} is set, but the identity provider is asked directly and not through a proxy");
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
        // What is being applied is a transaction, which then comes to nothing.
        let applied = tokio::select! {
            biased;
            () = signals.told_to_stop() => return Ok(()),
            applied = database.migrate() => applied?,
        };
        for migration in applied {
            tracing::info!(version = migration.version, what = %migration.description, "migration applied");
        }
    }
    if assets::are_missing() {
        tracing::error!(
            "this program was built without the browser's files: pages have no style and no scripts"
        );
    }
    let failed = |error: &dyn std::error::Error| Trouble::Failed(error.to_string());
    if listeners.metrics.is_some() {
        metrics::start().map_err(|error| failed(&error))?;
    }
    let serving = Serving {
        listener: listeners.desk.into_std().map_err(|error| failed(&error))?,
        metrics: listeners.metrics,
        pool: database.serving_pool(settings),
        servers: database.servers(),
        oidc,
        signals,
    };
    server::serve(serving, settings).await.map_err(|error| failed(&error))
}
