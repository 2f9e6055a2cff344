//! Settings: flags first, then `GROUPDESK_*` variables, then a TOML file.
//!
//! Flags and variables are clap's; the file fills in what both left open. An unknown key in the
//! file is an error: a misspelt setting that is silently ignored is found out in production.

mod args;
mod number_or_keyword;
mod rate;
pub mod secret_file;

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::Deserialize;

pub use self::args::{AddressArgs, CommonArgs, DatabaseArgs, LimitArgs, OperationsArgs, ServingArgs};
pub use self::rate::RateLimit;
use super::http::client::Proxies;
use super::oidc::settings::OidcArgs;
pub use crate::platform::config::number_or_keyword::NumberOrKeyword;

/// How many database connections there may be at most. Clap checks what the command line says, and nothing before
/// [`Settings::gather`] checks what the file says.
const CONNECTIONS: RangeInclusive<u32> = 1..=1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Json,
    Pretty,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    log_format: Option<LogFormat>,
    log: Option<String>,
    database_url: Option<String>,
    database_url_file: Option<PathBuf>,
    database_direct_url: Option<String>,
    database_direct_url_file: Option<PathBuf>,
    data_dir: Option<PathBuf>,
    postgres_bin: Option<PathBuf>,
    database_connections: Option<u32>,
    listen: Option<SocketAddr>,
    public_url: Option<String>,
    rate_limit: Option<RateLimit>,
    address_rate_limit: Option<RateLimit>,
    trusted_proxies: Option<Proxies>,
    metrics_listen: Option<SocketAddr>,
    otlp_endpoint: Option<String>,
    oidc_issuer: Option<String>,
    oidc_client_id: Option<String>,
    oidc_client_secret: Option<String>,
    oidc_client_secret_file: Option<PathBuf>,
    oidc_name: Option<String>,
    oidc_trust_email: Option<bool>,
}

/// Which database.
#[derive(Clone)]
pub enum Database {
    /// `direct_url`: past the pooler that the URL leads to.
    Url {
        url: String,
        direct_url: Option<String>,
    },
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
    pub address_rate_limit: RateLimit,
    pub trusted_proxies: Proxies,
    pub metrics_listen: Option<SocketAddr>,
    pub otlp_endpoint: Option<String>,
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
        serving: ServingArgs,
    ) -> Result<Self, BadSetting> {
        let file = read_file(common.config.as_deref())?;
        let ServingArgs { address, limits, operations, oidc } = serving;
        let settings = Self {
            database: named_database(database.clone(), &file)?,
            log_format: common.log_format.or(file.log_format),
            log: common.log.or(file.log).unwrap_or_else(|| "info".to_owned()),
            database_connections: database.database_connections.or(file.database_connections).unwrap_or(20),
            listen: address.listen.or(file.listen).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 3000))),
            public_url: address
                .public_url
                .or(file.public_url)
                .map(|url| url.trim_end_matches('/').to_owned()),
            rate_limit: limits.rate_limit.or(file.rate_limit).unwrap_or(RateLimit::TOKEN),
            address_rate_limit: limits
                .address_rate_limit
                .or(file.address_rate_limit)
                .unwrap_or(RateLimit::ADDRESS),
            trusted_proxies: limits.trusted_proxies.or(file.trusted_proxies).unwrap_or_default(),
            metrics_listen: operations.metrics_listen.or(file.metrics_listen),
            otlp_endpoint: operations.otlp_endpoint.or(file.otlp_endpoint).filter(|url| !url.is_empty()),
            oidc: oidc.or(OidcArgs {
                oidc_issuer: file.oidc_issuer,
                oidc_client_id: file.oidc_client_id,
                oidc_client_secret: file.oidc_client_secret,
                oidc_client_secret_file: file.oidc_client_secret_file,
                oidc_name: file.oidc_name,
                oidc_trust_email: file.oidc_trust_email.map(|trusts| trusts.to_string()),
            }),
        };
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), BadSetting> {
        if let Some(url) = &self.public_url
            && !is_origin(url)
        {
            return Err(BadSetting(format!(
                "{} is an origin such as https://desk.example.com, not '{url}'",
                secret_file::named("public_url")
            )));
        }
        if let Some(url) = &self.otlp_endpoint
            && !(is_origin(url.trim_end_matches('/')) && url.starts_with("http://"))
        {
            return Err(BadSetting(format!(
                "{} is a collector nearby, as in http://127.0.0.1:4318, without a path",
                secret_file::named("otlp_endpoint")
            )));
        }
        if !CONNECTIONS.contains(&self.database_connections) {
            return Err(BadSetting(format!(
                "{} is a whole number from {} to {}",
                secret_file::named("database_connections"),
                CONNECTIONS.start(),
                CONNECTIONS.end()
            )));
        }
        if let Database::Url { url, direct_url } = &self.database {
            let url_of = |setting: &'static str| {
                move |why: String| BadSetting(format!("{}: {why}", secret_file::named(setting)))
            };
            super::db::servers(url).map_err(url_of("database_url"))?;
            if let Some(url) = direct_url {
                super::db::servers(url).map_err(url_of("database_direct_url"))?;
            }
        }
        Ok(())
    }

    /// The origin that people type. Without `public_url` it is where the server listens, as far as that is an
    /// address: 0.0.0.0 is none, so then it is that of this machine.
    pub fn origin(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| {
            if self.listen.ip().is_unspecified() {
                format!("http://localhost:{}", self.listen.port())
            } else {
                format!("http://{}", self.listen)
            }
        })
    }

    /// Is the address that is printed one that only this machine knows?
    pub fn is_known_here_alone(&self) -> bool {
        self.public_url.is_none() && self.listen.ip().is_loopback()
    }

    /// What does not work without `public_url`, where the desk is served to more than this machine.
    pub fn without_public_url(&self) -> Option<String> {
        let is_missing = self.public_url.is_none() && !self.listen.ip().is_loopback();
        is_missing.then(|| {
            format!(
                "public_url is not set, and the desk is served to other machines on {}: people can sign in by \
                 https alone, and links lead to {}. Set public_url (--public-url) to the address that people \
                 type, with https:// or, where there is no TLS, with http://",
                self.listen,
                self.origin()
            )
        })
    }

    /// May cookies travel without TLS? Only where nothing leaves the machine.
    pub fn cookies_need_tls(&self) -> bool {
        match &self.public_url {
            Some(url) => url.starts_with("https://"),
            None => !self.listen.ip().is_loopback(),
        }
    }
}

fn is_origin(url: &str) -> bool {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && !host.contains('/'))
}

fn named_database(args: DatabaseArgs, file: &Written) -> Result<Database, BadSetting> {
    let plain_url = || std::env::var("DATABASE_URL").ok().filter(|url| !url.is_empty());
    let args = without_anothers_direct_url(args);
    let named = url(args.database_url, args.database_url_file)?.or_else(plain_url);
    let direct = direct_url(args.database_direct_url, args.database_direct_url_file)?;
    // The two of the file belong together: past another database's pooler there is another database.
    let (url, direct_url) = match named {
        Some(url) => (Some(url), direct),
        None => (
            url(file.database_url.clone(), file.database_url_file.clone())?,
            match direct {
                Some(direct) => Some(direct),
                None => direct_url(file.database_direct_url.clone(), file.database_direct_url_file.clone())?,
            },
        ),
    };
    let data_dir = args.data_dir.or_else(|| file.data_dir.clone());
    match (url, direct_url) {
        (Some(url), direct_url) => Ok(Database::Url { url, direct_url }),
        (None, Some(_)) => Err(BadSetting(format!(
            "{} goes with {} that leads to a pooler",
            secret_file::named("database_direct_url"),
            secret_file::named("database_url")
        ))),
        (None, None) => Ok(Database::Private(PrivateSettings {
            data_dir_is_default: data_dir.is_none(),
            data_dir: data_dir.unwrap_or_else(|| PathBuf::from("var")),
            postgres_bin: args.postgres_bin.or_else(|| file.postgres_bin.clone()),
        })),
    }
}

/// A URL of the command line is another database than that of the variables, and so is what is past its pooler:
/// who tries a restored database must not come by the one in service.
fn without_anothers_direct_url(args: DatabaseArgs) -> DatabaseArgs {
    let names_a_database = is_of_the_line(args.database_url.as_deref(), "GROUPDESK_DATABASE_URL")
        || is_of_the_line(args.database_url_file.as_deref(), "GROUPDESK_DATABASE_URL_FILE");
    let names_the_direct_way =
        is_of_the_line(args.database_direct_url.as_deref(), "GROUPDESK_DATABASE_DIRECT_URL")
            || is_of_the_line(args.database_direct_url_file.as_deref(), "GROUPDESK_DATABASE_DIRECT_URL_FILE");
    if names_a_database && !names_the_direct_way {
        return DatabaseArgs { database_direct_url: None, database_direct_url_file: None, ..args };
    }
    args
}

/// Was it said on the command line, and something else than this variable says?
fn is_of_the_line<T: AsRef<OsStr> + ?Sized>(given: Option<&T>, variable: &str) -> bool {
    given.is_some_and(|given| std::env::var_os(variable).as_deref() != Some(given.as_ref()))
}

fn url(text: Option<String>, path: Option<PathBuf>) -> Result<Option<String>, BadSetting> {
    secret_file::secret("database_url", text, path).map_err(BadSetting)
}

fn direct_url(text: Option<String>, path: Option<PathBuf>) -> Result<Option<String>, BadSetting> {
    secret_file::secret("database_direct_url", text, path).map_err(BadSetting)
}

fn read_file(path: Option<&Path>) -> Result<Written, BadSetting> {
    let Some(path) = path else {
        return Ok(Written::default());
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| BadSetting(format!("cannot read {}: {error}", path.display())))?;
    read_text(&text).map_err(|why| BadSetting(format!("{}: {why}", path.display())))
}

/// Why not, by the line and the name of the setting.
fn read_text(text: &str) -> Result<Written, String> {
    let file = toml::Deserializer::parse(text).map_err(|error| refusal(text, "", &error))?;
    serde_path_to_error::deserialize(file)
        .map_err(|error| refusal(text, &error.path().to_string(), error.inner()))
}

/// Never with the line, as toml's full form has it, and never with the value: either may hold a password.
fn refusal(text: &str, setting: &str, error: &toml::de::Error) -> String {
    let above = error.span().and_then(|span| text.get(..span.start));
    let line = above.map(|above| format!("line {}: ", above.matches('\n').count() + 1)).unwrap_or_default();
    let name = if setting.is_empty() || setting == "." { String::new() } else { format!("{setting}: ") };
    let message = error.message();
    // `invalid type: string "…", expected u32`, "unknown variant `…`, expected `json` or `pretty`"
    let repeats_value = message.starts_with("invalid ") || message.starts_with("unknown variant ");
    let expected = repeats_value.then(|| message.rsplit_once(", expected ")).flatten();
    let why = expected.map_or_else(|| message.to_owned(), |(_, expected)| format!("expected {expected}"));
    format!("{line}{name}{why}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_value_is_refused_by_the_name_of_its_setting_and_not_repeated() {
        for (setting, value) in [
            ("listen", "\"12345678\""),
            ("listen", "12345678"),
            ("metrics_listen", "\"12345678\""),
            ("log_format", "12345678"),
            ("log_format", "\"12345678\""),
            ("database_connections", "\"12345678\""),
            ("database_url", "12345678"),
            ("database_url_file", "12345678"),
            ("oidc_client_secret", "12345678"),
            ("rate_limit", "0"),
            ("rate_limit", "true"),
            ("address_rate_limit", "\"12345678, expected 12345678\""),
            ("trusted_proxies", "99"),
        ] {
            let refusal = read_text(&format!("log = \"info\"\n{setting} = {value}\n")).unwrap_err();
            assert!(refusal.starts_with(&format!("line 2: {setting}: ")), "{refusal}");
            assert!(!refusal.contains("12345678"), "{refusal}");
        }
    }

    #[test]
    fn what_is_no_setting_or_no_toml_is_refused_by_its_line() {
        for text in [
            "log = \"info\"\nlistn = 1\n",
            "log = \"info\"\nlisten = hunter2\n",
            "log = \"a\"\nlog = \"b\"\n",
        ] {
            let told = read_text(text).unwrap_err();
            assert!(told.starts_with("line 2: ") && !told.contains("hunter2"), "{told}");
        }
        assert!(read_text("log = \"info\"\nrate_limit = \"off\"\ntrusted_proxies = 1\n").is_ok());
    }
}
