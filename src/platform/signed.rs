//! Values that a client keeps for the server, signed with keys that all processes on a database share: positions in a list,
//! and cookies of browsers in which a person has signed in before. These grant no access, but show that an attempt to sign
//! in may be the owner's (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac as _;
use tower_sessions::cookie::{Cookie, SameSite};

use super::secret;
use crate::kernel::page::Position;
use crate::kernel::problem::Problem;

/// The bytes of the HMAC in a cursor: enough that guessing is hopeless, and short.
const SIGNATURE_LENGTH: usize = 16;

#[derive(Clone)]
pub struct CursorKey(pub Vec<u8>);

impl CursorKey {
    /// `list` names the list and its order, because a position is meaningless in another list.
    pub fn seal(&self, list: &str, position: &Position) -> String {
        let payload = serde_json::to_vec(&(&position.keys, position.id)).unwrap_or_default();
        let signature = secret::hmac(&self.0, [list.as_bytes(), &payload]).finalize().into_bytes();
        URL_SAFE_NO_PAD.encode([&signature[..SIGNATURE_LENGTH], &payload].concat())
    }

    pub fn open(&self, list: &str, text: &str) -> Result<Position, Problem> {
        self.opened(list, text).ok_or(Problem::InvalidCursor)
    }

    fn opened(&self, list: &str, text: &str) -> Option<Position> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (signature, payload) = bytes.split_at_checked(SIGNATURE_LENGTH)?;
        secret::hmac(&self.0, [list.as_bytes(), payload]).verify_truncated_left(signature).ok()?;
        let (keys, id) = serde_json::from_slice(payload).ok()?;
        Some(Position { keys, id })
    }
}

/// The name of the cookie if no other instance uses the same host (see [`crate::platform::origin`]).
pub const DEVICE_COOKIE: &str = "groupdesk_device";
const DEVICE_MAX_AGE: time::Duration = time::Duration::days(180);

#[derive(Clone)]
pub struct DeviceKey(pub Vec<u8>);

impl DeviceKey {
    pub fn token(&self, account: &str) -> String {
        let device = secret::random_text();
        let signature = secret::hmac(&self.0, [device.as_bytes(), account.as_bytes()]).finalize();
        format!("{device}.{}", URL_SAFE_NO_PAD.encode(signature.into_bytes()))
    }

    pub fn device(&self, token: &str, account: &str) -> Option<String> {
        let (device, signature) = token.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        secret::hmac(&self.0, [device.as_bytes(), account.as_bytes()]).verify_slice(&signature).ok()?;
        Some(device.to_owned())
    }
}

pub fn device_cookie(name: &str, token: String, needs_tls: bool) -> String {
    Cookie::build((name, token))
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(needs_tls)
        .path("/")
        .max_age(DEVICE_MAX_AGE)
        .build()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::page::KeyValue;
    use chrono::DateTime;
    use uuid::Uuid;

    fn position() -> Position {
        Position {
            keys: vec![
                KeyValue::Time(DateTime::from_timestamp_micros(1_780_000_000_123_456)),
                KeyValue::Time(None),
            ],
            id: Uuid::from_u128(7),
        }
    }

    #[test]
    fn cursor_round_trips_to_the_microsecond() {
        let key = CursorKey(vec![1; 32]);
        assert_eq!(key.open("groups", &key.seal("groups", &position())), Ok(position()));
    }

    #[test]
    fn changed_foreign_and_misplaced_cursors_are_refused() {
        let key = CursorKey(vec![1; 32]);
        let sealed = key.seal("groups", &position());
        let mut changed = sealed.clone().into_bytes();
        changed[30] = if changed[30] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(key.open("groups", &changed), Err(Problem::InvalidCursor));
        assert_eq!(key.open("workspaces", &sealed), Err(Problem::InvalidCursor));
        assert_eq!(CursorKey(vec![2; 32]).open("groups", &sealed), Err(Problem::InvalidCursor));
        for foreign in ["", "42", "%%%", "AAAA"] {
            assert_eq!(key.open("groups", foreign), Err(Problem::InvalidCursor), "{foreign}");
        }
    }

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
