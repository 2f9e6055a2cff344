//! The types for idempotency keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::kernel::actor::ChangeNote;
use crate::kernel::id::{OperatorId, TokenId};

pub const VALID_FOR: TimeDelta = TimeDelta::hours(24);

/// 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    Token(TokenId),
    Operator(OperatorId),
}

impl Holder {
    pub const fn uuid(self) -> Uuid {
        match self {
            Self::Token(token) => token.uuid(),
            Self::Operator(operator) => operator.uuid(),
        }
    }
}

#[derive(Debug)]
pub struct Request {
    pub holder: Holder,
    pub key: Key,
    /// SHA-256 of method, path and body.
    pub fingerprint: Vec<u8>,
    pub now: DateTime<Utc>,
}

impl Request {
    /// `note`: the headers that belong to the request like the body.
    pub fn new(
        token: TokenId,
        key: Key,
        (method, path): (&str, &str),
        note: &ChangeNote,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Self {
        let parts = [method.as_bytes(), b"\n", path.as_bytes(), b"\n", body];
        let mut digest = parts.iter().fold(Sha256::new(), Digest::chain_update);
        // Without them the fingerprint is that of versions without notes.
        for (tag, text) in [(1, note.reason()), (2, note.reference())] {
            if let Some(text) = text {
                digest = digest.chain_update([0, tag]).chain_update(text);
            }
        }
        Self { holder: Holder::Token(token), key, fingerprint: digest.finalize().to_vec(), now }
    }

    /// A submitted form. `content` is the SHA-256 of its address and all its fields. They include the form key, so nobody
    /// can guess the digest, which serves as the key.
    pub fn of_form(operator: OperatorId, content: &[u8], now: DateTime<Utc>) -> Self {
        let key = Key(URL_SAFE_NO_PAD.encode(content));
        Self { holder: Holder::Operator(operator), key, fingerprint: content.to_vec(), now }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResponse {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

#[derive(Debug)]
pub enum KeyState {
    Unused,
    /// The first request with the key has not ended.
    Running,
    OfAnotherRequest,
    Answered(StoredResponse),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_is_visible_ascii() {
        assert!(Key::parse("a").is_some() && Key::parse(&"~".repeat(255)).is_some());
        for bad in ["", "a b", "é", "a\tb", &"x".repeat(256)] {
            assert_eq!(Key::parse(bad), None, "{bad}");
        }
    }
}
