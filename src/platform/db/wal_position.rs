//! Positions in the write-ahead log.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A position in the write-ahead log, as Postgres writes it: `16/B374D848`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct WalPosition(pub(super) u64);

impl WalPosition {
    /// The position of a change if it could not be read. No standby has replayed it.
    pub(super) const UNKNOWN: Self = Self(u64::MAX);
}

#[derive(Debug)]
pub struct NotAPosition;

impl FromStr for WalPosition {
    type Err = NotAPosition;

    fn from_str(text: &str) -> Result<Self, NotAPosition> {
        let (high, low) = text.split_once('/').ok_or(NotAPosition)?;
        let number = |digits: &str| {
            // The parser of the standard library accepts a sign.
            let is_number =
                (1..=8).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            u64::from_str_radix(digits, 16).ok().filter(|_| is_number).ok_or(NotAPosition)
        };
        Ok(Self((number(high)? << 32) | number(low)?))
    }
}

impl fmt::Display for WalPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:X}/{:X}", self.0 >> 32, self.0 & u64::from(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn position_is_two_hexadecimal_numbers() {
        let position: WalPosition = "16/B374D848".parse().unwrap();
        assert_eq!(position.to_string(), "16/B374D848");
        assert!(position > "16/B374D847".parse().unwrap() && position < "17/0".parse().unwrap());
        for text in ["", "/", "1", "1/", "1/+2", "1/g", "1/2/3", "123456789/0", " 1/2"] {
            assert!(text.parse::<WalPosition>().is_err(), "{text}");
        }
    }
}
