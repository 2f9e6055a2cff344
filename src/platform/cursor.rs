//! Positions in a list as opaque, signed text for links between pages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac as _;

use super::secret;
use crate::kernel::page::Position;
use crate::kernel::problem::Problem;

/// The bytes of the HMAC in a cursor: enough that guessing is hopeless, and short.
const SIGNATURE_LENGTH: usize = 16;

/// The signing key, which all processes on a database share.
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

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;
    use crate::kernel::page::KeyValue;

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
