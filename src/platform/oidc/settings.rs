//! Which provider, and as whom it knows the desk.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use clap::Args;
use openidconnect::ClientSecret;
use openidconnect::url::{Host, Url};

use crate::platform::config::secret_file;

const SECRET: &str = "oidc_client_secret";
/// The longest name, in characters: it stands on a button.
const NAME_MAX: usize = 60;

#[derive(Clone, Default, Args)]
pub struct OidcArgs {
    /// Let operators sign in by OpenID Connect, too: the issuer, as in https://id.example.com
    #[arg(long, env = "GROUPDESK_OIDC_ISSUER", value_name = "URL")]
    pub oidc_issuer: Option<String>,
    /// By which id the provider knows the desk
    #[arg(long, env = "GROUPDESK_OIDC_CLIENT_ID", value_name = "ID")]
    pub oidc_client_id: Option<String>,
    /// The secret that goes with it; a command line is seen by others, so take the variable or a file
    #[arg(long, env = "GROUPDESK_OIDC_CLIENT_SECRET", hide_env_values = true, value_name = "SECRET")]
    pub oidc_client_secret: Option<String>,
    /// The file that holds the secret
    #[arg(long, env = "GROUPDESK_OIDC_CLIENT_SECRET_FILE", value_name = "FILE")]
    pub oidc_client_secret_file: Option<PathBuf>,
    /// What the provider is called, as in "Sign in with Example" [default: its host]
    #[arg(long, env = "GROUPDESK_OIDC_NAME", value_name = "NAME")]
    pub oidc_name: Option<String>,
    /// Take the e-mail addresses of this issuer for verified where it does not say whether they are (Microsoft
    /// Entra does not). Only for an issuer that lets nobody use an address that is not theirs [default: false]
    #[arg(
        long,
        env = "GROUPDESK_OIDC_TRUST_EMAIL",
        value_name = "true|false",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub oidc_trust_email: Option<String>,
}

/// Checked, and whole.
#[derive(Clone)]
pub struct OidcSettings {
    pub issuer: String,
    pub client_id: String,
    pub client_secret: ClientSecret,
    pub name: String,
    /// Are addresses verified of which the issuer does not say whether they are?
    pub trusts_email: bool,
}

impl OidcSettings {
    pub(super) fn is_https(&self) -> bool {
        self.issuer.starts_with("https://")
    }
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

impl OidcArgs {
    /// These, and what they leave open from a settings file. A secret that is given here, in either way, goes
    /// before both ways there.
    #[must_use]
    pub fn or(self, file: Self) -> Self {
        let has_secret =
            filled(self.oidc_client_secret.clone()).is_some() || self.oidc_client_secret_file.is_some();
        let (secret, secret_file) = if has_secret {
            (self.oidc_client_secret, self.oidc_client_secret_file)
        } else {
            (file.oidc_client_secret, file.oidc_client_secret_file)
        };
        Self {
            oidc_issuer: filled(self.oidc_issuer).or(file.oidc_issuer),
            oidc_client_id: filled(self.oidc_client_id).or(file.oidc_client_id),
            oidc_client_secret: secret,
            oidc_client_secret_file: secret_file,
            oidc_name: filled(self.oidc_name).or(file.oidc_name),
            oidc_trust_email: filled(self.oidc_trust_email).or(file.oidc_trust_email),
        }
    }

    /// `None`: nobody signs in by a provider.
    ///
    /// # Errors
    /// A part is missing or cannot be, or the secret's file cannot be read; never with the secret in it.
    pub fn settled(self) -> Result<Option<OidcSettings>, String> {
        let (issuer, client_id) = (filled(self.oidc_issuer), filled(self.oidc_client_id));
        let name = filled(self.oidc_name);
        let trusts_email = match filled(self.oidc_trust_email) {
            Some(text) => text
                .trim()
                .parse::<bool>()
                .map_err(|_| format!("--oidc-trust-email is true or false, and not '{text}'"))?,
            None => false,
        };
        let secret = secret_file::secret(SECRET, self.oidc_client_secret, self.oidc_client_secret_file)?;
        if issuer.is_none() && client_id.is_none() && secret.is_none() && name.is_none() && !trusts_email {
            return Ok(None);
        }
        let missing = |part: &str| format!("sign-in by OpenID Connect needs {part}, too");
        let issuer = issuer.ok_or_else(|| missing(&secret_file::named("oidc_issuer")))?;
        let client_id = client_id.ok_or_else(|| missing(&secret_file::named("oidc_client_id")))?;
        let secret = secret.ok_or_else(|| {
            missing(&format!(
                "{} or GROUPDESK_OIDC_CLIENT_SECRET",
                secret_file::named("oidc_client_secret_file")
            ))
        })?;
        let host = check_issuer(&issuer)?;
        let name = name.map_or(Ok(host), |name| checked_name(&name))?;
        let client_secret = ClientSecret::new(secret);
        Ok(Some(OidcSettings { issuer, client_id, client_secret, name, trusts_email }))
    }
}

fn checked_name(name: &str) -> Result<String, String> {
    let name = name.trim();
    if name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(format!(
            "{} is a name of at most {NAME_MAX} characters",
            secret_file::named("oidc_name")
        ));
    }
    Ok(name.to_owned())
}

/// The host of an issuer, if it can be one.
///
/// # Errors
/// It is no URL, or one that nobody can be sent to safely.
pub fn check_issuer(issuer: &str) -> Result<String, String> {
    let refused = |why: &str| {
        format!("{} is a URL such as https://id.example.com: {why}", secret_file::named("oidc_issuer"))
    };
    let url = Url::parse(issuer).map_err(|error| refused(&error.to_string()))?;
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err(refused("it has no password, query or fragment"));
    }
    let host = url.host().ok_or_else(|| refused("it has no host"))?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&host) => {}
        _ => return Err(refused("only on this machine it may do without https")),
    }
    Ok(host.to_string())
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => Ipv4Addr::is_loopback(address),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(issuer: &str) -> OidcArgs {
        OidcArgs {
            oidc_issuer: Some(issuer.to_owned()),
            oidc_client_id: Some("desk".to_owned()),
            oidc_client_secret: Some("hunter2".to_owned()),
            oidc_client_secret_file: None,
            oidc_name: None,
            oidc_trust_email: None,
        }
    }

    fn refusal(args: OidcArgs) -> String {
        args.settled().err().expect("a refusal")
    }

    #[test]
    fn without_any_part_there_is_no_provider() {
        assert!(OidcArgs::default().settled().unwrap().is_none());
        let empty = OidcArgs {
            oidc_issuer: Some(String::new()),
            oidc_name: Some(" ".to_owned()),
            ..OidcArgs::default()
        };
        assert!(empty.settled().unwrap().is_none());
    }

    /// As where a variable is passed on that is not set.
    #[test]
    fn an_empty_word_is_no_word() {
        let trusting = |word: &str| OidcArgs {
            oidc_trust_email: Some(word.to_owned()),
            ..whole("https://id.example.com")
        };
        for (word, trusts) in [("", false), (" ", false), ("false", false), ("true", true)] {
            assert_eq!(trusting(word).settled().unwrap().unwrap().trusts_email, trusts, "{word:?}");
        }
        assert!(trusting("").or(trusting("true")).settled().unwrap().unwrap().trusts_email);
        assert!(refusal(trusting("yes")).contains("--oidc-trust-email"));
    }

    #[test]
    fn a_part_alone_is_told_what_is_missing() {
        let all = || whole("https://id.example.com");
        assert!(refusal(OidcArgs { oidc_issuer: None, ..all() }).contains("--oidc-issuer"));
        assert!(refusal(OidcArgs { oidc_client_id: None, ..all() }).contains("--oidc-client-id"));
        assert!(
            refusal(OidcArgs { oidc_client_secret: None, ..all() }).contains("GROUPDESK_OIDC_CLIENT_SECRET")
        );
        let named = OidcArgs { oidc_name: Some("Example".to_owned()), ..OidcArgs::default() };
        assert!(refusal(named).contains("--oidc-issuer"));
        let twice = OidcArgs { oidc_client_secret_file: Some("/nowhere".into()), ..all() };
        assert!(refusal(twice).contains("not both"));
    }

    #[test]
    fn an_issuer_is_reached_by_tls_or_is_this_machine() {
        for issuer in [
            "https://id.example.com",
            "https://id.example.com/realms/a/",
            "http://localhost:9",
            "http://127.0.0.1:9",
            "http://[::1]:9",
        ] {
            assert!(whole(issuer).settled().unwrap().is_some(), "{issuer}");
        }
        for issuer in [
            "http://id.example.com",
            "http://localhost.example.com",
            "ftp://localhost",
            "id.example.com",
            "https://ana:hunter2@id.example.com",
            "https://id.example.com?a=b",
        ] {
            let told = refusal(whole(issuer));
            assert!(told.contains("--oidc-issuer") && !told.contains("hunter2"), "{issuer}: {told}");
        }
    }

    #[test]
    fn the_name_is_the_host_where_none_is_given() {
        assert_eq!(
            whole("https://id.example.com/realms/a").settled().unwrap().unwrap().name,
            "id.example.com"
        );
        let named = OidcArgs { oidc_name: Some(" Example ".to_owned()), ..whole("https://id.example.com") };
        assert_eq!(named.settled().unwrap().unwrap().name, "Example");
        assert!(
            refusal(OidcArgs { oidc_name: Some("x".repeat(61)), ..whole("https://id.example.com") })
                .contains("--oidc-name")
        );
    }

    #[test]
    fn a_secret_of_the_command_line_goes_before_the_files_of_either_kind() {
        let file = OidcArgs {
            oidc_client_secret: None,
            oidc_client_secret_file: Some("/nowhere".into()),
            ..whole("https://a.example")
        };
        let args = OidcArgs { oidc_issuer: None, ..whole("") }.or(file);
        let settings = args.settled().unwrap().unwrap();
        assert_eq!(
            (settings.issuer.as_str(), settings.client_secret.secret().as_str()),
            ("https://a.example", "hunter2")
        );
    }
}
