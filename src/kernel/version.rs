//! Optimistic concurrency for forms, as entity tags (`jsonapi/etag.rs`) are for the API.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::problem::Problem;

/// A hash of the values that a person saw. The time of the last change would not do, because two changes can have the
/// same time where clocks differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Version(u64);

impl Version {
    pub fn of<const N: usize>(values: [Option<&str>; N]) -> Self {
        let mut hash = Sha256::new();
        for value in values {
            hash.update([u8::from(value.is_some())]);
            hash.update(value.unwrap_or_default());
            // Postgres stores no NUL, so values cannot run into each other.
            hash.update([0]);
        }
        Self(hash.finalize().first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes)))
    }

    /// The version of any number of texts.
    pub fn of_many(values: impl Iterator<Item = String>) -> Self {
        let mut hash = Sha256::new();
        for value in values {
            hash.update(value);
            hash.update([0]);
        }
        Self(hash.finalize().first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes)))
    }

    /// # Errors
    /// [`Problem::ChangedByOthers`] if `now` is another version.
    pub fn ensure_unchanged(self, now: Self) -> Result<(), Problem> {
        if self == now { Ok(()) } else { Err(Problem::ChangedByOthers) }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

impl TryFrom<String> for Version {
    type Error = ParseIntError;

    fn try_from(text: String) -> Result<Self, ParseIntError> {
        text.parse()
    }
}

impl FromStr for Version {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        u64::from_str_radix(text, 16).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_depends_on_every_value_and_its_position() {
        let all = [
            Version::of([Some("a"), Some("b")]),
            Version::of([Some("b"), Some("a")]),
            Version::of([Some("ab"), Some("")]),
            Version::of([Some("ab"), None]),
            Version::of([None, Some("ab")]),
        ];
        for (index, one) in all.iter().enumerate() {
            assert!(!all[index + 1..].contains(one), "{index}");
            assert_eq!(one.to_string().parse(), Ok(*one));
        }
        assert_eq!(all[0].ensure_unchanged(all[0]), Ok(()));
        assert_eq!(all[0].ensure_unchanged(all[1]), Err(Problem::ChangedByOthers));
        assert!("".parse::<Version>().is_err());
    }
}
