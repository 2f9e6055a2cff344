//! The settings as flags, as `GROUPDESK_*` variables and as keys of the settings file.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use serde::Deserialize;

use crate::platform::config::LogFormat;

/// Declares groups of settings for clap, and the settings file, which has the settings of all groups as keys.
macro_rules! settings {
    ($(struct $group:ident {
        $($(#[doc $($help:tt)*])* #[arg($($arg:tt)*)] $setting:ident: $type:ty,)*
    })*) => {
        $(
            #[derive(Clone, Default, Args)]
            pub struct $group {
                $($(#[doc $($help)*])* #[arg(long, $($arg)*)] pub $setting: Option<$type>,)*
            }

            impl $group {
                /// Takes from the file what is not set here.
                #[must_use]
                pub fn or(self, file: Self) -> Self {
                    Self { $($setting: self.$setting.or(file.$setting),)* }
                }
            }

            impl From<&SettingsFile> for $group {
                fn from(file: &SettingsFile) -> Self {
                    Self { $($setting: file.$setting.clone(),)* }
                }
            }
        )*

        #[derive(Default, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct SettingsFile { $($($setting: Option<$type>,)*)* }
    };
}

settings! {
    struct LogArgs {
        /// The format of the log lines on standard error [default: pretty on a terminal, else json]
        #[arg(global = true, env = "GROUPDESK_LOG_FORMAT", value_enum, value_name = "FORMAT")]
        log_format: LogFormat,
        /// A filter for log lines, as in "info,sqlx=warn" [default: info]
        #[arg(global = true, env = "GROUPDESK_LOG", value_name = "FILTER")]
        log: String,
    }

    struct DatabaseArgs {
        /// Use this Postgres (14 or newer) instead of a private one; DATABASE_URL is honoured too. Several servers of
        /// a failover cluster are named as in postgres://user@one,two/name
        #[arg(env = "GROUPDESK_DATABASE_URL", hide_env_values = true, value_name = "URL")]
        database_url: String,
        /// A file with that URL, whose password no other process then sees
        #[arg(env = "GROUPDESK_DATABASE_URL_FILE", value_name = "FILE")]
        database_url_file: PathBuf,
        /// If the URL leads to a pooler that lends a connection for one transaction (PgBouncer 1.21 or
        /// newer): the same database without it, for migrations and for notifications from the database
        #[arg(env = "GROUPDESK_DATABASE_DIRECT_URL", hide_env_values = true, value_name = "URL")]
        database_direct_url: String,
        /// A file with that URL
        #[arg(env = "GROUPDESK_DATABASE_DIRECT_URL_FILE", value_name = "FILE")]
        database_direct_url_file: PathBuf,
        /// Read pages, exports and GET requests of the API from these standbys of the same database, named as in
        /// postgres://user@one,two/name; through a pooler if the database URL leads to one, too
        #[arg(env = "GROUPDESK_DATABASE_READ_URL", hide_env_values = true, value_name = "URL")]
        database_read_url: String,
        /// A file with that URL
        #[arg(env = "GROUPDESK_DATABASE_READ_URL_FILE", value_name = "FILE")]
        database_read_url_file: PathBuf,
        /// The data folder of the private Postgres; root acts as the owner of this folder [default: ./var]
        #[arg(env = "GROUPDESK_DATA_DIR", value_name = "DIR")]
        data_dir: PathBuf,
        /// The folder of the private Postgres' programs (initdb, pg_ctl, postgres) [default: where packages put them,
        /// else PATH, those of the version of the data; for new data the newest]
        #[arg(env = "GROUPDESK_POSTGRES_BIN", value_name = "DIR")]
        postgres_bin: PathBuf,
        /// The maximum number of database connections [default: 20]
        #[arg(env = "GROUPDESK_DATABASE_CONNECTIONS", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
        database_connections: u32,
    }

    struct AddressArgs {
        /// The address to serve on [default: 127.0.0.1:3000]
        #[arg(env = "GROUPDESK_LISTEN", value_name = "ADDRESS")]
        listen: SocketAddr,
        /// The address for browsers, if it differs (behind a proxy): https://desk.example.com
        #[arg(env = "GROUPDESK_PUBLIC_URL", value_name = "URL")]
        public_url: String,
    }

    struct TrafficArgs {
        /// Requests a second that an API token may make, twice as many at once; instances that share a database share
        /// this; "off" for no limit [default: 200]
        #[arg(env = "GROUPDESK_RATE_LIMIT", value_name = "N|off")]
        rate_limit: RateLimit,
        /// Requests a second that may come from one address, four times as many at once; instances that share a
        /// database share this; "off" for no limit [default: 250]
        #[arg(env = "GROUPDESK_ADDRESS_RATE_LIMIT", value_name = "N|off")]
        address_rate_limit: RateLimit,
        /// The number of proxies in front of the server that append the sender's address to X-Forwarded-For; requests
        /// and sign-ins are limited by that address [default: off]
        #[arg(env = "GROUPDESK_TRUSTED_PROXIES", value_name = "N|off")]
        trusted_proxies: Proxies,
        /// A separate address that serves Prometheus metrics at /metrics, so that they are not public [default: none]
        #[arg(env = "GROUPDESK_METRICS_LISTEN", value_name = "ADDRESS")]
        metrics_listen: SocketAddr,
        /// The collector to which traces are sent by OTLP over HTTP, as in http://127.0.0.1:4318 [default: none]
        #[arg(env = "GROUPDESK_OTLP_ENDPOINT", value_name = "URL")]
        otlp_endpoint: String,
    }

    struct OidcArgs {
        /// Let operators also sign in by OpenID Connect: the issuer, such as https://id.example.com
        #[arg(env = "GROUPDESK_OIDC_ISSUER", value_name = "URL")]
        oidc_issuer: String,
        /// The client id of groupdesk at the provider
        #[arg(env = "GROUPDESK_OIDC_CLIENT_ID", value_name = "ID")]
        oidc_client_id: String,
        /// The client secret; other users can see a command line, so use the variable or a file
        #[arg(env = "GROUPDESK_OIDC_CLIENT_SECRET", hide_env_values = true, value_name = "SECRET")]
        oidc_client_secret: String,
        /// The file that contains the client secret
        #[arg(env = "GROUPDESK_OIDC_CLIENT_SECRET_FILE", value_name = "FILE")]
        oidc_client_secret_file: PathBuf,
        /// The name of the provider, as in "Sign in with Example" [default: its host]
        #[arg(env = "GROUPDESK_OIDC_NAME", value_name = "NAME")]
        oidc_name: String,
        /// Treat e-mail addresses as verified if the issuer does not report whether they are (Microsoft Entra does
        /// not). Only for an issuer that lets nobody use an address that is not theirs [default: false]
        #[arg(env = "GROUPDESK_OIDC_TRUST_EMAIL", value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
        oidc_trust_email: TrueOrFalse,
    }
}

/// The text of a flag or a variable, which is checked when it is used, or the boolean of the file.
#[derive(Clone, Deserialize)]
#[serde(from = "bool")]
pub struct TrueOrFalse(pub String);

impl From<bool> for TrueOrFalse {
    fn from(value: bool) -> Self {
        Self(value.to_string())
    }
}

impl From<&str> for TrueOrFalse {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

#[derive(Clone, Default, Args)]
pub struct CommonArgs {
    /// A TOML file with settings; flags and environment variables override it
    #[arg(long, global = true, env = "GROUPDESK_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub log: LogArgs,
}

#[derive(Clone, Default, Args)]
pub struct ServingArgs {
    #[command(flatten)]
    pub address: AddressArgs,
    #[command(flatten)]
    pub traffic: TrafficArgs,
    #[command(flatten)]
    pub oidc: OidcArgs,
}

/// A number from 1 to `MAX`; `None`: off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "FileValue")]
pub struct NumberOrOff<const MAX: u32>(pub Option<NonZeroU32>);

/// The number of proxies that append their client to `X-Forwarded-For`. Off: the header may be forged and is ignored.
pub type Proxies = NumberOrOff<9>;
pub type RateLimit = NumberOrOff<1_000_000>;

impl RateLimit {
    pub const TOKEN: Self = Self(NonZeroU32::new(200));
    /// The default of an address, enough for an office behind one address in which everyone opens page after page.
    pub const ADDRESS: Self = Self(NonZeroU32::new(250));
}

impl<const MAX: u32> FromStr for NumberOrOff<MAX> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse::<NonZeroU32>() {
            Ok(number) if number.get() <= MAX => Ok(Self(Some(number))),
            Err(_) if text == "off" => Ok(Self(None)),
            Ok(_) | Err(_) => Err(format!("a whole number from 1 to {MAX}, or off")),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a whole number, or a word in quotes")]
enum FileValue {
    Number(u32),
    Keyword(String),
}

impl<const MAX: u32> TryFrom<FileValue> for NumberOrOff<MAX> {
    type Error = String;

    fn try_from(value: FileValue) -> Result<Self, String> {
        match value {
            FileValue::Number(number) => number.to_string().parse(),
            FileValue::Keyword(keyword) => keyword.parse(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_is_a_number_or_off() {
        assert_eq!("off".parse(), Ok(NumberOrOff::<9>(None)));
        assert_eq!("2".parse(), Ok(NumberOrOff::<9>(NonZeroU32::new(2))));
        for text in ["0", "10", "-1", "on", ""] {
            assert!(text.parse::<NumberOrOff<9>>().is_err(), "{text}");
        }
    }
}
