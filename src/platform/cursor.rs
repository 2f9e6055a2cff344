//! Places in a list as opaque text: for a page link, sealed against tampering.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use crate::kernel::page::{KeyValue, Position};
use crate::kernel::problem::Problem;

/// How much of the 32 bytes of HMAC-SHA-256 is kept: enough that guessing is hopeless, and short.
const SEAL: usize = 16;

/// The key, one for all processes on a database.
#[derive(Clone)]
pub struct CursorKey(Vec<u8>);

/// Times in microseconds, as exact as the database's.
#[derive(Serialize, Deserialize)]
enum Key {
    #[serde(rename = "t")]
    Time(Option<i64>),
    #[serde(rename = "x")]
    Text(String),
}

impl CursorKey {
    pub const fn new(key: Vec<u8>) -> Self {
        Self(key)
    }

    /// `list` names the list and its order: a place in one means nothing in another.
    pub fn seal(&self, list: &str, position: &Position) -> String {
        let keys: Vec<Key> = position
            .keys
            .iter()
            .map(|key| match key {
                KeyValue::Time(time) => Key::Time(time.map(|time| time.timestamp_micros())),
                KeyValue::Text(text) => Key::Text(text.clone()),
            })
            .collect();
        let payload = serde_json::to_vec(&(keys, position.id)).unwrap_or_default();
        let mut bytes = self.seal_of(list, &payload).finalize().into_bytes()[..SEAL].to_vec();
        bytes.extend_from_slice(&payload);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// # Errors
    /// [`Problem::InvalidCursor`] for anything that [`Self::seal`] did not make for this list.
    pub fn open(&self, list: &str, text: &str) -> Result<Position, Problem> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Problem::InvalidCursor)?;
        let (seal, payload) = bytes.split_at_checked(SEAL).ok_or(Problem::InvalidCursor)?;
        self.seal_of(list, payload).verify_truncated_left(seal).map_err(|_| Problem::InvalidCursor)?;
        let (keys, id): (Vec<Key>, Uuid) =
            serde_json::from_slice(payload).map_err(|_| Problem::InvalidCursor)?;
        let keys = keys
            .into_iter()
            .map(|key| match key {
                Key::Time(None) => Ok(KeyValue::Time(None)),
                Key::Time(Some(micros)) => DateTime::from_timestamp_micros(micros)
                    .map(|time| KeyValue::Time(Some(time)))
                    .ok_or(Problem::InvalidCursor),
                Key::Text(text) => Ok(KeyValue::Text(text)),
            })
            .collect::<Result<_, _>>()?;
        Ok(Position { keys, id })
    }

    fn seal_of(&self, list: &str, payload: &[u8]) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(list.as_bytes());
        mac.update(&[0]);
        mac.update(payload);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Position {
        Position {
            keys: vec![
                KeyValue::Time(DateTime::from_timestamp_micros(1_780_000_000_123_456)),
                KeyValue::Time(None),
            ],
            id: Uuid::from_u128(7),
        }
    }

    #[test]
    fn a_sealed_place_opens_to_the_microsecond() {
        let key = CursorKey::new(vec![1; 32]);
        assert_eq!(key.open("groups", &key.seal("groups", &place())), Ok(place()));
    }

    #[test]
    fn a_touched_a_strange_and_a_misplaced_cursor_are_refused() {
        let key = CursorKey::new(vec![1; 32]);
        let sealed = key.seal("groups", &place());
        let mut touched = sealed.clone().into_bytes();
        touched[30] = if touched[30] == b'A' { b'B' } else { b'A' };
        let touched = String::from_utf8(touched).unwrap();
        assert_eq!(key.open("groups", &touched), Err(Problem::InvalidCursor));
        assert_eq!(key.open("workspaces", &sealed), Err(Problem::InvalidCursor));
        assert_eq!(CursorKey::new(vec![2; 32]).open("groups", &sealed), Err(Problem::InvalidCursor));
        for strange in ["", "42", "%%%", "AAAA"] {
            assert_eq!(key.open("groups", strange), Err(Problem::InvalidCursor), "{strange}");
        }
    }
}
