//! `groupdesk serve`

use clap::Args;
use tokio::net::TcpListener;

use super::database::OpenDatabase;
use super::{Done, Trouble, settings};
use crate::platform::config::{AddressArgs, CommonArgs, DatabaseArgs, LimitArgs, Settings};
use crate::platform::oidc::settings::{OidcArgs, OidcSettings};
use crate::server;

#[derive(Args)]
pub(super) struct ServeCommand {
    #[command(flatten)]
    address: AddressArgs,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    oidc: OidcArgs,
    #[command(flatten)]
    database: DatabaseArgs,
    /// Do not apply migrations at the start
    #[arg(long)]
    no_migrate: bool,
}

pub(super) async fn run(common: CommonArgs, command: ServeCommand) -> Done {
    let served = (command.address, command.limits, command.oidc);
    let settings = settings(common, command.database, Some(served))?;
    let oidc = settings.oidc.clone().settled().map_err(Trouble::Usage)?;
    // Before the database: an address that is taken should not cost the start of a Postgres.
    let listener = TcpListener::bind(settings.listen)
        .await
        .map_err(|error| Trouble::Failed(format!("cannot listen on {}: {error}", settings.listen)))?;
    let database = OpenDatabase::open(&settings).await?;
    let outcome = serve(&settings, oidc, &database, listener, !command.no_migrate).await;
    database.close().await?;
    outcome
}

async fn serve(
    settings: &Settings,
    oidc: Option<OidcSettings>,
    database: &OpenDatabase,
    listener: TcpListener,
    migrate: bool,
) -> Done {
    if migrate {
        for migration in database.migrate().await? {
            tracing::info!(version = migration.version, what = %migration.description, "migration applied");
        }
    }
    let pool = database.pool(settings);
    let served = server::serve(listener, pool.clone(), settings, oidc).await;
    pool.close().await;
    served.map_err(|error| Trouble::Failed(error.to_string()))
}
