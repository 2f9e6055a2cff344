//! Settings: flags first, then `GROUPDESK_*` variables, then a TOML file.
//!
//! Flags and variables are clap's; the file fills in what both left open. An unknown key in the
//! file is an error: a misspelt setting that is silently ignored is found out in production.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Args, ValueEnum};
use serde::Deserialize;

use super::http::client::Proxies;
use super::oidc::settings::OidcArgs;

#[derive(Debug, Clone, Default, Args)]
pub struct CommonArgs {
    /// A TOML file with settings; flags and environment variables override it
    #[arg(long, global = true, env = "GROUPDESK_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The form of the log lines on standard error [default: pretty on a terminal, else json]
    #[arg(long, global = true, env = "GROUPDESK_LOG_FORMAT", value_enum, value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
    /// What to log, as in "info,sqlx=warn" [default: info]
    #[arg(long, global = true, env = "GROUPDESK_LOG", value_name = "FILTER")]
    pub log: Option<String>,
}

#[derive(Debug, Clone, Default, Args)]
pub struct DatabaseArgs {
    /// Use this Postgres (14 or newer) instead of a private one; DATABASE_URL is honoured too
    #[arg(long, env = "GROUPDESK_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Where the private Postgres keeps its data [default: ./var]
    #[arg(long, env = "GROUPDESK_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Where initdb and pg_ctl are [default: the newest in /usr/lib/postgresql, else PATH]
    #[arg(long, env = "GROUPDESK_POSTGRES_BIN", value_name = "DIR")]
    pub postgres_bin: Option<PathBuf>,
    /// At most so many database connections [default: 20]
    #[arg(long, env = "GROUPDESK_DATABASE_CONNECTIONS", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub database_connections: Option<u32>,
}

/// Where the desk is reached.
#[derive(Debug, Clone, Default, Args)]
pub struct AddressArgs {
    /// The address that the desk is served on [default: 127.0.0.1:3000]
    #[arg(long, env = "GROUPDESK_LISTEN", value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// The address that people type, where it differs (behind a proxy): https://desk.example.com
    #[arg(long, env = "GROUPDESK_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
}

/// How much is served, and to whom it is put down.
#[derive(Debug, Clone, Default, Args)]
pub struct LimitArgs {
    /// Requests a second that an API token may make, twice as many at once; "off" for no limit [default: 200]
    #[arg(long, env = "GROUPDESK_RATE_LIMIT", value_name = "N|off")]
    pub rate_limit: Option<RateLimit>,
    /// So many proxies stand in front of the desk and append to X-Forwarded-For where a request comes
    /// from; sign-ins are limited by that address [default: off]
    #[arg(long, env = "GROUPDESK_TRUSTED_PROXIES", value_name = "N|off")]
    pub trusted_proxies: Option<Proxies>,
}

/// Requests a second; `None`: no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RateLimitText")]
pub struct RateLimit(pub Option<NonZeroU32>);

impl Default for RateLimit {
    fn default() -> Self {
        Self(NonZeroU32::new(200))
    }
}

impl FromStr for RateLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse::<NonZeroU32>() {
            Ok(per_second) if per_second.get() <= 1_000_000 => Ok(Self(Some(per_second))),
            Err(_) if text == "off" => Ok(Self(None)),
            Ok(_) | Err(_) => Err("a whole number from 1 to 1000000, or off".to_owned()),
        }
    }
}

/// In a file it is a number or a word.
#[derive(Deserialize)]
#[serde(untagged)]
enum RateLimitText {
    Number(u32),
    Word(String),
}

impl TryFrom<RateLimitText> for RateLimit {
    type Error = String;

    fn try_from(text: RateLimitText) -> Result<Self, String> {
        match text {
            RateLimitText::Number(number) => number.to_string().parse(),
            RateLimitText::Word(word) => word.parse(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Json,
    Pretty,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    log_format: Option<LogFormat>,
    log: Option<String>,
    database_url: Option<String>,
    data_dir: Option<PathBuf>,
    postgres_bin: Option<PathBuf>,
    database_connections: Option<u32>,
    listen: Option<SocketAddr>,
    public_url: Option<String>,
    rate_limit: Option<RateLimit>,
    trusted_proxies: Option<Proxies>,
    oidc_issuer: Option<String>,
    oidc_client_id: Option<String>,
    oidc_client_secret: Option<String>,
    oidc_client_secret_file: Option<PathBuf>,
    oidc_name: Option<String>,
}

/// Which database.
#[derive(Clone)]
pub enum Database {
    Url(String),
    Private(PrivateSettings),
}

#[derive(Debug, Clone)]
pub struct PrivateSettings {
    pub data_dir: PathBuf,
    /// Was the folder named by somebody, or is it the default?
    pub data_dir_is_default: bool,
    pub postgres_bin: Option<PathBuf>,
}

#[derive(Clone)]
pub struct Settings {
    pub log_format: Option<LogFormat>,
    pub log: String,
    pub database: Database,
    pub database_connections: u32,
    pub listen: SocketAddr,
    pub public_url: Option<String>,
    pub rate_limit: RateLimit,
    pub trusted_proxies: Proxies,
    /// Gathered, and checked by what serves: nothing else needs them.
    pub oidc: OidcArgs,
}

/// Why the settings cannot be used; exit status 2.
#[derive(Debug)]
pub struct BadSetting(pub String);

impl Settings {
    pub fn gather(
        common: CommonArgs,
        database: DatabaseArgs,
        address: AddressArgs,
        limits: LimitArgs,
        oidc: OidcArgs,
    ) -> Result<Self, BadSetting> {
        let file = read_file(common.config.as_deref())?;
        let plain_url = std::env::var("DATABASE_URL").ok();
        let url = [database.database_url, plain_url, file.database_url]
            .into_iter()
            .flatten()
            .find(|url| !url.is_empty());
        let data_dir = database.data_dir.or(file.data_dir);
        let settings = Self {
            log_format: common.log_format.or(file.log_format),
            log: common.log.or(file.log).unwrap_or_else(|| "info".to_owned()),
            database: match url {
                Some(url) => Database::Url(url),
                None => Database::Private(PrivateSettings {
                    data_dir_is_default: data_dir.is_none(),
                    data_dir: data_dir.unwrap_or_else(|| PathBuf::from("var")),
                    postgres_bin: database.postgres_bin.or(file.postgres_bin),
                }),
            },
            database_connections: database.database_connections.or(file.database_connections).unwrap_or(20),
            listen: address.listen.or(file.listen).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 3000))),
            public_url: address
                .public_url
                .or(file.public_url)
                .map(|url| url.trim_end_matches('/').to_owned()),
            rate_limit: limits.rate_limit.or(file.rate_limit).unwrap_or_default(),
            trusted_proxies: limits.trusted_proxies.or(file.trusted_proxies).unwrap_or_default(),
            oidc: oidc.or(OidcArgs {
                oidc_issuer: file.oidc_issuer,
                oidc_client_id: file.oidc_client_id,
                oidc_client_secret: file.oidc_client_secret,
                oidc_client_secret_file: file.oidc_client_secret_file,
                oidc_name: file.oidc_name,
            }),
        };
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), BadSetting> {
        if let Some(url) = &self.public_url {
            let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
            if host.is_none_or(|host| host.is_empty() || host.contains('/')) {
                return Err(BadSetting(format!(
                    "--public-url is an origin such as https://desk.example.com, not '{url}'"
                )));
            }
        }
        if let Database::Url(url) = &self.database {
            super::db::options(url).map_err(BadSetting)?;
        }
        Ok(())
    }

    /// The origin that people type.
    pub fn origin(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.listen))
    }

    /// May cookies travel without TLS? Only where nothing leaves the machine.
    pub fn cookies_need_tls(&self) -> bool {
        match &self.public_url {
            Some(url) => url.starts_with("https://"),
            None => !self.listen.ip().is_loopback(),
        }
    }
}

fn read_file(path: Option<&Path>) -> Result<File, BadSetting> {
    let Some(path) = path else {
        return Ok(File::default());
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| BadSetting(format!("cannot read {}: {error}", path.display())))?;
    // The message alone: toml's full form quotes the line, which may hold a password.
    toml::from_str(&text).map_err(|error| BadSetting(format!("{}: {}", path.display(), error.message())))
}
