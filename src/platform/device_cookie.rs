//! Browsers that somebody signed in to an account with before, known again by a mark in a cookie. It
//! lets nobody in: it only says that whoever tries a password is no stranger to the account (OWASP,
//! "Slow Down Online Guessing Attacks with Device Cookies").

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tower_sessions::cookie::{Cookie, SameSite};

use crate::platform::secret;

/// What the cookie is called where the desk is alone on its host ([`crate::platform::origin`]).
pub const COOKIE: &str = "groupdesk_device";
/// A browser that is not signed in with for so long is a stranger again.
const KEPT: time::Duration = time::Duration::days(180);

/// The key, one for all processes on a database.
#[derive(Clone)]
pub struct DeviceKey(Vec<u8>);

impl DeviceKey {
    pub const fn new(key: Vec<u8>) -> Self {
        Self(key)
    }

    /// A new mark for this account.
    pub fn mark(&self, account: &str) -> String {
        let device = secret::random_text();
        let seal = URL_SAFE_NO_PAD.encode(self.seal(&device, account).finalize().into_bytes());
        format!("{device}.{seal}")
    }

    /// The device that the mark names, if it is one of ours for this account.
    pub fn device(&self, mark: &str, account: &str) -> Option<String> {
        let (device, seal) = mark.split_once('.')?;
        let seal = URL_SAFE_NO_PAD.decode(seal).ok()?;
        self.seal(device, account).verify_slice(&seal).ok()?;
        Some(device.to_owned())
    }

    fn seal(&self, device: &str, account: &str) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut seal = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0).expect("a key of any length");
        // A device's name has no NUL: where it ends is certain.
        seal.update(device.as_bytes());
        seal.update(b"\0");
        seal.update(account.as_bytes());
        seal
    }
}

/// The line that keeps a mark in a browser, under this name.
pub fn cookie(name: &str, mark: String, needs_tls: bool) -> String {
    Cookie::build((name, mark))
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(needs_tls)
        .path("/")
        .max_age(KEPT)
        .build()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_known_again_for_its_account_alone() {
        let key = DeviceKey::new(vec![7; 32]);
        let mark = key.mark("ana@example.com");
        let device = key.device(&mark, "ana@example.com").unwrap();
        assert!(mark.starts_with(&device));
        assert_eq!(key.device(&mark, "sam@example.com"), None);
        assert_eq!(DeviceKey::new(vec![8; 32]).device(&mark, "ana@example.com"), None);
        for other in ["", ".", &device, &format!("x{mark}"), &mark[..mark.len() - 1]] {
            assert_eq!(key.device(other, "ana@example.com"), None, "{other}");
        }
    }
}
