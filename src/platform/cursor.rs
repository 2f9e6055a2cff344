//! Positions in a list as opaque, signed text for links between pages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use hmac::Mac as _;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::secret;
use crate::kernel::page::{KeyValue, Position};
use crate::kernel::problem::Problem;

/// The bytes of the HMAC in a cursor: enough that guessing is hopeless, and short.
const SIGNATURE_LENGTH: usize = 16;

/// The signing key, which all processes on a database share.
#[derive(Clone)]
pub struct CursorKey(pub Vec<u8>);

/// A [`KeyValue`] with times in microseconds, the precision of the database.
#[derive(Serialize, Deserialize)]
enum Key {
    #[serde(rename = "t")]
    Time(Option<i64>),
    #[serde(rename = "x")]
    Text(String),
}

impl CursorKey {
    /// `list` names the list and its order, because a position is meaningless in another list.
    pub fn seal(&self, list: &str, position: &Position) -> String {
        let keys = position.keys.iter().map(|key| match key {
            KeyValue::Time(time) => Key::Time(time.map(|time| time.timestamp_micros())),
            KeyValue::Text(text) => Key::Text(text.clone()),
        });
        let payload = serde_json::to_vec(&(keys.collect::<Vec<_>>(), position.id)).unwrap_or_default();
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
        let (keys, id): (Vec<Key>, Uuid) = serde_json::from_slice(payload).ok()?;
        let keys = keys.into_iter().map(|key| match key {
            Key::Time(None) => Some(KeyValue::Time(None)),
            Key::Time(Some(micros)) => Some(KeyValue::Time(Some(DateTime::from_timestamp_micros(micros)?))),
            Key::Text(text) => Some(KeyValue::Text(text)),
        });
        Some(Position { keys: keys.collect::<Option<_>>()?, id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
