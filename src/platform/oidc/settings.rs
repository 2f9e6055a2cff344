//! The settings of the provider and of groupdesk as its client.

use openidconnect::ClientSecret;
use openidconnect::url::{Host, Url};

use crate::platform::config::{OidcArgs, TrueOrFalse, secret_setting, setting_name};

const NAME_MAX: usize = 60;

#[derive(Clone)]
pub struct OidcSettings {
    pub issuer: String,
    pub client_id: String,
    pub client_secret: ClientSecret,
    pub name: String,
    pub trusts_email: bool,
}

impl OidcArgs {
    /// Variables that are passed on without a value are empty, and count as not set.
    fn without_empty(mut self) -> Self {
        let Self { oidc_issuer, oidc_client_id, oidc_client_secret, oidc_name, .. } = &mut self;
        for text in [oidc_issuer, oidc_client_id, oidc_client_secret, oidc_name] {
            text.take_if(|text| text.trim().is_empty());
        }
        self.oidc_trust_email.take_if(|TrueOrFalse(text)| text.trim().is_empty());
        self
    }

    /// Takes from the file what is not set. A secret that is set here, in either way, overrides both ways there.
    #[must_use]
    pub fn or_file(self, mut file: Self) -> Self {
        let own = self.without_empty();
        if own.oidc_client_secret.is_some() || own.oidc_client_secret_file.is_some() {
            (file.oidc_client_secret, file.oidc_client_secret_file) = (None, None);
        }
        own.or(file)
    }

    /// `None`: there is no provider. The text of an error never contains the secret.
    pub fn resolve(self) -> Result<Option<OidcSettings>, String> {
        let args = self.without_empty();
        let (issuer, client_id, name) = (args.oidc_issuer, args.oidc_client_id, args.oidc_name);
        let trusts_email = args.oidc_trust_email.map_or(Ok(false), |TrueOrFalse(text)| {
            let parsed = text.trim().parse::<bool>();
            parsed.map_err(|_| format!("--oidc-trust-email is true or false, and not '{text}'"))
        })?;
        let secret =
            secret_setting("oidc_client_secret", args.oidc_client_secret, args.oidc_client_secret_file)?;
        if issuer.is_none() && client_id.is_none() && secret.is_none() && name.is_none() && !trusts_email {
            return Ok(None);
        }
        let missing = |part: &str| format!("sign-in by OpenID Connect needs {part}, too");
        let issuer = issuer.ok_or_else(|| missing(&setting_name("oidc_issuer")))?;
        let client_id = client_id.ok_or_else(|| missing(&setting_name("oidc_client_id")))?;
        let secret = secret.ok_or_else(|| {
            let file = setting_name("oidc_client_secret_file");
            missing(&format!("{file} or GROUPDESK_OIDC_CLIENT_SECRET"))
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
        let setting = setting_name("oidc_name");
        return Err(format!("{setting} is a name of at most {NAME_MAX} characters"));
    }
    Ok(name.to_owned())
}

pub fn check_issuer(issuer: &str) -> Result<String, String> {
    let refused =
        |why: &str| format!("{} is a URL such as https://id.example.com: {why}", setting_name("oidc_issuer"));
    let url = Url::parse(issuer).map_err(|error| refused(&error.to_string()))?;
    let has_user = !url.username().is_empty() || url.password().is_some();
    if has_user || url.query().is_some() || url.fragment().is_some() {
        return Err(refused("it has no password, query or fragment"));
    }
    let host = url.host().ok_or_else(|| refused("it has no host"))?;
    match (url.scheme(), &host) {
        ("https", _) | ("http", Host::Domain("localhost")) => {}
        ("http", Host::Ipv4(address)) if address.is_loopback() => {}
        ("http", Host::Ipv6(address)) if address.is_loopback() => {}
        _ => return Err(refused("only on this machine it may do without https")),
    }
    Ok(host.to_string())
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
        args.resolve().err().expect("a refusal")
    }

    #[test]
    fn no_setting_means_no_provider() {
        assert!(OidcArgs::default().resolve().unwrap().is_none());
        let empty = OidcArgs {
            oidc_issuer: Some(String::new()),
            oidc_name: Some(" ".to_owned()),
            ..OidcArgs::default()
        };
        assert!(empty.resolve().unwrap().is_none());
    }

    /// A variable that is passed on without a value is empty.
    #[test]
    fn empty_value_counts_as_not_set() {
        let trusting =
            |word: &str| OidcArgs { oidc_trust_email: Some(word.into()), ..whole("https://id.example.com") };
        for (word, trusts) in [("", false), (" ", false), ("false", false), ("true", true)] {
            assert_eq!(trusting(word).resolve().unwrap().unwrap().trusts_email, trusts, "{word:?}");
        }
        assert!(trusting("").or_file(trusting("true")).resolve().unwrap().unwrap().trusts_email);
        assert!(refusal(trusting("yes")).contains("--oidc-trust-email"));
    }

    #[test]
    fn incomplete_settings_name_what_is_missing() {
        let all = || whole("https://id.example.com");
        assert!(refusal(OidcArgs { oidc_issuer: None, ..all() }).contains("--oidc-issuer"));
        assert!(refusal(OidcArgs { oidc_client_id: None, ..all() }).contains("--oidc-client-id"));
        assert!(
            refusal(OidcArgs { oidc_client_secret: None, ..all() }).contains("GROUPDESK_OIDC_CLIENT_SECRET")
        );
        let named = OidcArgs { oidc_name: Some("Example".to_owned()), ..OidcArgs::default() };
        assert!(refusal(named).contains("--oidc-issuer"));
        let twice = OidcArgs { oidc_client_secret_file: Some("/missing".into()), ..all() };
        assert!(refusal(twice).contains("not both"));
    }

    #[test]
    fn issuer_needs_tls_unless_it_is_local() {
        for issuer in [
            "https://id.example.com",
            "https://id.example.com/realms/a/",
            "http://localhost:9",
            "http://127.0.0.1:9",
            "http://[::1]:9",
        ] {
            assert!(whole(issuer).resolve().unwrap().is_some(), "{issuer}");
        }
        for issuer in [
            "http://id.example.com",
            "http://localhost.example.com",
            "ftp://localhost",
            "id.example.com",
            "https://ana:hunter2@id.example.com",
            "https://id.example.com?a=b",
        ] {
            let text = refusal(whole(issuer));
            assert!(text.contains("--oidc-issuer") && !text.contains("hunter2"), "{issuer}: {text}");
        }
    }

    #[test]
    fn default_name_is_the_host() {
        assert_eq!(
            whole("https://id.example.com/realms/a").resolve().unwrap().unwrap().name,
            "id.example.com"
        );
        let named = OidcArgs { oidc_name: Some(" Example ".to_owned()), ..whole("https://id.example.com") };
        assert_eq!(named.resolve().unwrap().unwrap().name, "Example");
        assert!(
            refusal(OidcArgs { oidc_name: Some("x".repeat(61)), ..whole("https://id.example.com") })
                .contains("--oidc-name")
        );
    }

    #[test]
    fn secret_of_the_command_line_overrides_both_kinds_in_the_file() {
        let file = OidcArgs {
            oidc_client_secret: None,
            oidc_client_secret_file: Some("/missing".into()),
            ..whole("https://a.example")
        };
        let args = OidcArgs { oidc_issuer: None, ..whole("") }.or_file(file);
        let settings = args.resolve().unwrap().unwrap();
        assert_eq!(
            (settings.issuer.as_str(), settings.client_secret.secret().as_str()),
            ("https://a.example", "hunter2")
        );
    }
}
