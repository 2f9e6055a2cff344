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
    // Before the database: an address that is taken should not cost the start of a Postgres.
    let listeners = Listeners {
        desk: listen(settings.listen).await?,
        metrics: match settings.metrics_listen {
            Some(address) => Some(listen(address).await?),
            None => None,
        },
    };
    // Before what takes long at a first start: whoever stops the program meanwhile means all of it.
    let signals = Signals::listen().map_err(|error| Trouble::Failed(error.to_string()))?;
    let database = OpenDatabase::open(&settings).await?;
    let outcome = serve(&settings, oidc, &database, listeners, signals, !command.no_migrate).await;
    database.close().await?;
    telemetry::stop();
    outcome
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
        is_pooled: database.is_pooled(),
        direct: database.options.clone(),
        oidc,
        signals,
    };
    server::serve(serving, settings).await.map_err(|error| failed(&error))
}
