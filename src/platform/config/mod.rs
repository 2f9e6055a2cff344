//! Settings: flags first, then `GROUPDESK_*` variables, then a TOML file. An unknown key in the file is an error,
//! because an ignored misspelt setting would be noticed in production.

mod args;

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::Deserialize;

use self::args::SettingsFile;
pub use self::args::{
    AddressArgs, CommonArgs, DatabaseArgs, LogArgs, NumberOrOff, OidcArgs, Proxies, RateLimit, ServingArgs,
    TrafficArgs, TrueOrFalse,
};

/// The range of `database_connections`. clap checks the command line, and [`Settings::gather`] the file.
const CONNECTIONS: RangeInclusive<u32> = 1..=1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Json,
    Pretty,
}

#[derive(Clone)]
pub enum DatabaseSettings {
    /// `direct_url`: the same database past the pooler, if `url` leads to one. `read_url`: its standbys.
    Url { url: String, direct_url: Option<String>, read_url: Option<String> },
    /// A server in the data folder, which is started if it does not run.
    Private(PrivateSettings),
}

#[derive(Debug, Clone)]
pub struct PrivateSettings {
    pub data_dir: PathBuf,
    pub data_dir_is_default: bool,
    pub postgres_bin: Option<PathBuf>,
}

#[derive(Clone)]
pub struct Settings {
    pub log: LogArgs,
    pub database: DatabaseSettings,
    pub database_connections: u32,
    pub listen: SocketAddr,
    pub public_url: Option<String>,
    pub traffic: TrafficArgs,
    /// Checked by `serve`, because no other command needs them.
    pub oidc: OidcArgs,
}

impl Settings {
    pub fn gather(common: CommonArgs, database: DatabaseArgs, serving: ServingArgs) -> Result<Self, String> {
        let file = &read_file(common.config.as_deref())?;
        let AddressArgs { listen, public_url } = serving.address.or(file.into());
        let mut traffic = serving.traffic.or(file.into());
        traffic.otlp_endpoint.take_if(|url| url.is_empty());
        let settings = Self {
            log: common.log.or(file.into()),
            database_connections: database.clone().or(file.into()).database_connections.unwrap_or(20),
            database: chosen_database(database, file.into())?,
            listen: listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 3000))),
            public_url: public_url.map(|url| url.trim_end_matches('/').to_owned()),
            traffic,
            oidc: serving.oidc.or_file(file.into()),
        };
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), String> {
        let bad = |setting: &str, why: &str| Err(format!("{} {why}", setting_name(setting)));
        if let Some(url) = &self.public_url
            && !is_origin(url)
        {
            return bad("public_url", &format!("is an origin such as https://desk.example.com, not '{url}'"));
        }
        if let Some(url) = &self.traffic.otlp_endpoint
            && !(is_origin(url.trim_end_matches('/')) && url.starts_with("http://"))
        {
            let why = "is a collector nearby, as in http://127.0.0.1:4318, without a path";
            return bad("otlp_endpoint", why);
        }
        if !CONNECTIONS.contains(&self.database_connections) {
            let (min, max) = CONNECTIONS.into_inner();
            return bad("database_connections", &format!("is a whole number from {min} to {max}"));
        }
        if let DatabaseSettings::Url { url, direct_url, read_url } = &self.database {
            let read = |url: &Option<String>, servers: fn(&str) -> _| url.as_deref().map_or(Ok(()), servers);
            let servers = |url: &str| super::db::servers(url).map(drop);
            let checked = [
                ("database_url", servers(url)),
                ("database_direct_url", read(direct_url, servers)),
                ("database_read_url", read(read_url, |url| super::db::standbys(url).map(drop))),
            ];
            for (setting, checked) in checked {
                checked.map_err(|why| format!("{}: {why}", setting_name(setting)))?;
            }
        }
        Ok(())
    }

    /// The origin of the pages for a browser. It is this machine if the server listens everywhere.
    pub fn origin(&self) -> String {
        match &self.public_url {
            Some(url) => url.clone(),
            None if self.listen.ip().is_unspecified() => format!("http://localhost:{}", self.listen.port()),
            None => format!("http://{}", self.listen),
        }
    }

    pub fn is_local_only(&self) -> bool {
        self.public_url.is_none() && self.listen.ip().is_loopback()
    }

    pub fn without_public_url(&self) -> Option<String> {
        if self.public_url.is_some() || self.is_local_only() {
            return None;
        }
        let (listen, origin) = (self.listen, self.origin());
        Some(format!(
            "public_url is not set, and groupdesk is served to other machines on {listen}: people can sign in by \
             https only, and links lead to {origin}. Set public_url (--public-url) to the address that people \
             type, with https:// or, where there is no TLS, with http://"
        ))
    }

    /// Whether cookies require TLS. The scheme of `public_url` decides; without it, only a server that listens on a
    /// loopback address works without TLS.
    pub fn cookies_need_tls(&self) -> bool {
        self.public_url.as_ref().map_or(!self.is_local_only(), |url| url.starts_with("https://"))
    }
}

/// The name of a setting in the file and on the command line, because an error does not know where the value came from.
pub fn setting_name(setting: &str) -> String {
    format!("{setting} (--{})", setting.replace('_', "-"))
}

/// Returns the value of the setting, or the trimmed content of the file that `<setting>_file` names. Fails if both have
/// a value or the file is unreadable or empty, which must not count as "no secret". No error contains the secret.
pub fn secret_setting(
    setting: &str,
    text: Option<String>,
    file: Option<PathBuf>,
) -> Result<Option<String>, String> {
    let text = text.filter(|text| !text.trim().is_empty());
    let Some(path) = file.filter(|path| !path.as_os_str().is_empty()) else { return Ok(text) };
    let (setting_of_file, path_text) = (setting_name(&format!("{setting}_file")), path.display());
    if text.is_some() {
        return Err(format!("give {} or {setting_of_file}, and not both", setting_name(setting)));
    }
    let content = std::fs::read_to_string(&path)
        .map_err(|error| format!("cannot read the file of {setting_of_file}, {path_text}: {error}"))?;
    match content.trim() {
        "" => Err(format!("the file of {setting_of_file}, {path_text}, is empty")),
        secret => Ok(Some(secret.to_owned())),
    }
}

fn is_origin(url: &str) -> bool {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && !host.contains('/'))
}

fn chosen_database(args: DatabaseArgs, file: DatabaseArgs) -> Result<DatabaseSettings, String> {
    let secret = |setting, text: &Option<String>, path: &Option<PathBuf>| {
        secret_setting(setting, text.clone(), path.clone())
    };
    let url_of = |from: &DatabaseArgs| secret("database_url", &from.database_url, &from.database_url_file);
    let direct_url_of = |from: &DatabaseArgs| {
        secret("database_direct_url", &from.database_direct_url, &from.database_direct_url_file)
    };
    let read_url_of = |from: &DatabaseArgs| {
        secret("database_read_url", &from.database_read_url, &from.database_read_url_file)
    };
    let args = without_unrelated_urls(args);
    let plain_url = || std::env::var("DATABASE_URL").ok().filter(|url| !url.is_empty());
    let mut url = url_of(&args)?.or_else(plain_url);
    let (mut direct_url, mut read_url) = (direct_url_of(&args)?, read_url_of(&args)?);
    // The URLs of the file belong together: the pooler of another database leads to another database.
    if url.is_none() {
        url = url_of(&file)?;
        if direct_url.is_none() {
            direct_url = direct_url_of(&file)?;
        }
        if read_url.is_none() {
            read_url = read_url_of(&file)?;
        }
    }
    if let Some(url) = url {
        return Ok(DatabaseSettings::Url { url, direct_url, read_url });
    }
    if direct_url.is_some() {
        let (direct, url) = (setting_name("database_direct_url"), setting_name("database_url"));
        return Err(format!("{direct} goes with {url} that leads to a pooler"));
    }
    if read_url.is_some() {
        let (read, url) = (setting_name("database_read_url"), setting_name("database_url"));
        return Err(format!("{read} goes with {url} that leads to the primary"));
    }
    let DatabaseArgs { data_dir, postgres_bin, .. } = args.or(file);
    Ok(DatabaseSettings::Private(PrivateSettings {
        data_dir_is_default: data_dir.is_none(),
        data_dir: data_dir.unwrap_or_else(|| PathBuf::from("var")),
        postgres_bin,
    }))
}

/// Drops the other URLs of the variables if the command line names a database: a command that tries a restored database
/// must not reach the one in service.
fn without_unrelated_urls(mut args: DatabaseArgs) -> DatabaseArgs {
    let names_database = is_flag(args.database_url.as_deref(), "GROUPDESK_DATABASE_URL")
        || is_flag(args.database_url_file.as_deref(), "GROUPDESK_DATABASE_URL_FILE");
    let names_direct = is_flag(args.database_direct_url.as_deref(), "GROUPDESK_DATABASE_DIRECT_URL")
        || is_flag(args.database_direct_url_file.as_deref(), "GROUPDESK_DATABASE_DIRECT_URL_FILE");
    if names_database && !names_direct {
        (args.database_direct_url, args.database_direct_url_file) = (None, None);
    }
    let names_standbys = is_flag(args.database_read_url.as_deref(), "GROUPDESK_DATABASE_READ_URL")
        || is_flag(args.database_read_url_file.as_deref(), "GROUPDESK_DATABASE_READ_URL_FILE");
    if names_database && !names_standbys {
        (args.database_read_url, args.database_read_url_file) = (None, None);
    }
    args
}

fn is_flag<T: AsRef<OsStr> + ?Sized>(value: Option<&T>, variable: &str) -> bool {
    value.is_some_and(|value| std::env::var_os(variable).as_deref() != Some(value.as_ref()))
}

fn read_file(path: Option<&Path>) -> Result<SettingsFile, String> {
    let Some(path) = path else { return Ok(SettingsFile::default()) };
    let name = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot read {name}: {error}"))?;
    read_text(&text).map_err(|why| format!("{name}: {why}"))
}

fn read_text(text: &str) -> Result<SettingsFile, String> {
    let file = toml::Deserializer::parse(text).map_err(|error| refusal(text, "", &error))?;
    serde_path_to_error::deserialize(file)
        .map_err(|error| refusal(text, &error.path().to_string(), error.inner()))
}

/// Leaves out the text of the line, which toml's full message contains, and the value: both may hold a password.
fn refusal(text: &str, setting: &str, error: &toml::de::Error) -> String {
    let above = error.span().and_then(|span| text.get(..span.start));
    let line = above.map(|above| format!("line {}: ", above.matches('\n').count() + 1)).unwrap_or_default();
    let name = if setting.is_empty() || setting == "." { String::new() } else { format!("{setting}: ") };
    let message = error.message();
    // For example `invalid type: string "…", expected u32` or "unknown variant `…`, expected `json` or `pretty`".
    let repeats_value = message.starts_with("invalid ") || message.starts_with("unknown variant ");
    let expected = repeats_value.then(|| message.rsplit_once(", expected ")).flatten();
    let why = expected.map_or_else(|| message.to_owned(), |(_, expected)| format!("expected {expected}"));
    format!("{line}{name}{why}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refusal_of_a_bad_value_names_its_setting_only() {
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
            let refusal = read_text(&format!("log = \"info\"\n{setting} = {value}\n")).err().unwrap();
            assert!(refusal.starts_with(&format!("line 2: {setting}: ")), "{refusal}");
            assert!(!refusal.contains("12345678"), "{refusal}");
        }
    }

    #[test]
    fn the_refusal_of_a_bad_line_names_its_number() {
        for text in [
            "log = \"info\"\nlistn = 1\n",
            "log = \"info\"\nlisten = hunter2\n",
            "log = \"a\"\nlog = \"b\"\n",
        ] {
            let refusal = read_text(text).err().unwrap();
            assert!(refusal.starts_with("line 2: ") && !refusal.contains("hunter2"), "{refusal}");
        }
        assert!(read_text("log = \"info\"\nrate_limit = \"off\"\ntrusted_proxies = 1\n").is_ok());
    }
}
