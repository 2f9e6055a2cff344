//! The settings as flags and `GROUPDESK_*` variables.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::LogFormat;
use super::rate::RateLimit;
use crate::platform::http::client::Proxies;
use crate::platform::oidc::settings::OidcArgs;

#[derive(Debug, Clone, Default, Args)]
pub struct CommonArgs {
    /// A TOML file with settings; flags and environment variables override it
    #[arg(long, global = true, env = "GROUPDESK_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The format of the log lines on standard error [default: pretty on a terminal, else json]
    #[arg(long, global = true, env = "GROUPDESK_LOG_FORMAT", value_enum, value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
    /// A filter for log lines, as in "info,sqlx=warn" [default: info]
    #[arg(long, global = true, env = "GROUPDESK_LOG", value_name = "FILTER")]
    pub log: Option<String>,
}

#[derive(Debug, Clone, Default, Args)]
pub struct DatabaseArgs {
    /// Use this Postgres (14 or newer) instead of a private one; DATABASE_URL is honoured too. Several servers of
    /// a failover cluster are named as in postgres://user@one,two/name
    #[arg(long, env = "GROUPDESK_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// A file with that URL, whose password no other process then sees
    #[arg(long, env = "GROUPDESK_DATABASE_URL_FILE", value_name = "FILE")]
    pub database_url_file: Option<PathBuf>,
    /// If the URL leads to a pooler that lends a connection for one transaction (PgBouncer 1.21 or
    /// newer): the same database without it, for migrations and for notifications from the database
    #[arg(long, env = "GROUPDESK_DATABASE_DIRECT_URL", hide_env_values = true, value_name = "URL")]
    pub database_direct_url: Option<String>,
    /// A file with that URL
    #[arg(long, env = "GROUPDESK_DATABASE_DIRECT_URL_FILE", value_name = "FILE")]
    pub database_direct_url_file: Option<PathBuf>,
    /// The data folder of the private Postgres; root acts as the owner of this folder [default: ./var]
    #[arg(long, env = "GROUPDESK_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// The folder of the private Postgres' programs (initdb, pg_ctl, postgres) [default: where packages put them,
    /// else PATH, those of the version of the data; for new data the newest]
    #[arg(long, env = "GROUPDESK_POSTGRES_BIN", value_name = "DIR")]
    pub postgres_bin: Option<PathBuf>,
    /// The maximum number of database connections [default: 20]
    #[arg(long, env = "GROUPDESK_DATABASE_CONNECTIONS", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub database_connections: Option<u32>,
}

#[derive(Debug, Clone, Default, Args)]
pub struct AddressArgs {
    /// The address to serve on [default: 127.0.0.1:3000]
    #[arg(long, env = "GROUPDESK_LISTEN", value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// The address for browsers, if it differs (behind a proxy): https://desk.example.com
    #[arg(long, env = "GROUPDESK_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
}

/// The settings that only `serve` takes.
#[derive(Clone, Default, Args)]
pub struct ServingArgs {
    #[command(flatten)]
    pub address: AddressArgs,
    /// Requests a second that an API token may make, twice as many at once; "off" for no limit [default: 200]
    #[arg(long, env = "GROUPDESK_RATE_LIMIT", value_name = "N|off")]
    pub rate_limit: Option<RateLimit>,
    /// Requests a second that may come from one address, four times as many at once; "off" for no limit
    /// [default: 250]
    #[arg(long, env = "GROUPDESK_ADDRESS_RATE_LIMIT", value_name = "N|off")]
    pub address_rate_limit: Option<RateLimit>,
    /// The number of proxies in front of the server that append the sender's address to X-Forwarded-For; requests
    /// and sign-ins are limited by that address [default: off]
    #[arg(long, env = "GROUPDESK_TRUSTED_PROXIES", value_name = "N|off")]
    pub trusted_proxies: Option<Proxies>,
    /// A separate address that serves Prometheus metrics at /metrics, so that they are not public [default: none]
    #[arg(long, env = "GROUPDESK_METRICS_LISTEN", value_name = "ADDRESS")]
    pub metrics_listen: Option<SocketAddr>,
    /// The collector to which traces are sent by OTLP over HTTP, as in http://127.0.0.1:4318 [default: none]
    #[arg(long, env = "GROUPDESK_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<String>,
    #[command(flatten)]
    pub oidc: OidcArgs,
}

impl From<AddressArgs> for ServingArgs {
    fn from(address: AddressArgs) -> Self {
        Self { address, ..Self::default() }
    }
}
