//! Cookies for browsers in which a person has signed in to an account before. They grant no access, but show that an
//! attempt to sign in may be the owner's (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac as _;
use tower_sessions::cookie::{Cookie, SameSite};

use crate::platform::secret;

/// The name of the cookie if no other instance uses the same host (see [`crate::platform::origin`]).
pub const COOKIE: &str = "groupdesk_device";
const MAX_AGE: time::Duration = time::Duration::days(180);

/// The signing key, which all processes on a database share.
#[derive(Clone)]
pub struct DeviceKey(pub Vec<u8>);

impl DeviceKey {
    /// A new token for this account: a random device id and its signature.
    pub fn token(&self, account: &str) -> String {
        let device = secret::random_text();
        let signature = secret::hmac(&self.0, [device.as_bytes(), account.as_bytes()]).finalize();
        format!("{device}.{}", URL_SAFE_NO_PAD.encode(signature.into_bytes()))
    }

    /// The device id of a token that is valid for this account.
    pub fn device(&self, token: &str, account: &str) -> Option<String> {
        let (device, signature) = token.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        secret::hmac(&self.0, [device.as_bytes(), account.as_bytes()]).verify_slice(&signature).ok()?;
        Some(device.to_owned())
    }
}

pub fn cookie(name: &str, token: String, needs_tls: bool) -> String {
    Cookie::build((name, token))
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(needs_tls)
        .path("/")
        .max_age(MAX_AGE)
        .build()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_is_valid_only_for_its_account() {
        let key = DeviceKey(vec![7; 32]);
        let token = key.token("ana@example.com");
        let device = key.device(&token, "ana@example.com").unwrap();
        assert!(token.starts_with(&device));
        assert_eq!(key.device(&token, "sam@example.com"), None);
        assert_eq!(DeviceKey(vec![8; 32]).device(&token, "ana@example.com"), None);
        for other in ["", ".", &device, &format!("x{token}"), &token[..token.len() - 1]] {
            assert_eq!(key.device(other, "ana@example.com"), None, "{other}");
        }
    }
}
