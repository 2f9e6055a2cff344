//! What somebody saw of a thing when they set out to change it.

use std::fmt;
use std::str::FromStr;

use super::problem::Problem;

/// Of the values that a form shows: the same for as long as they are. Not the time of the last change, which
/// two changes share where clocks disagree. Nobody gains by two states of one version, so this is no hash
/// that withstands an attack (FNV-1a), and every build has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version(u64);

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

impl Version {
    /// Of these values in their order; `None`: there is none.
    pub fn of<const N: usize>(values: [Option<&str>; N]) -> Self {
        let mut hash = FNV_OFFSET;
        let mut add = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
        for value in values {
            add(value.is_some().into());
            value.unwrap_or_default().bytes().for_each(&mut add);
            // No text that the database keeps holds one: where a value ends is certain.
            add(0);
        }
        Self(hash)
    }

    /// Is it now as it was seen?
    ///
    /// # Errors
    /// `ChangedMeanwhile`.
    pub fn still(self, now: Self) -> Result<(), Problem> {
        if self == now { Ok(()) } else { Err(Problem::ChangedMeanwhile) }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The text is no version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoVersion;

impl FromStr for Version {
    type Err = NoVersion;

    fn from_str(text: &str) -> Result<Self, NoVersion> {
        u64::from_str_radix(text, 16).map(Self).map_err(|_| NoVersion)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_changes_with_each_value_and_its_place() {
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
        assert_eq!(all[0].still(all[0]), Ok(()));
        assert_eq!(all[0].still(all[1]), Err(Problem::ChangedMeanwhile));
        assert_eq!("".parse::<Version>(), Err(NoVersion));
    }
}
