//! Public ids, one type for each noun, so that the id of a workspace cannot be passed for the id of a group.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedId;

/// Only the hyphenated form of 36 characters, so that equal ids are equal text in logs, caches and URLs.
fn parse_hyphenated(text: &str) -> Result<Uuid, MalformedId> {
    text.parse().map(Hyphenated::into_uuid).map_err(|_| MalformedId)
}

/// The shortest prefix of an id, which ends before its first hyphen. A shorter text may be a word.
const PREFIX_MIN: usize = 8;

/// The first and the last id with this prefix, ignoring case. For a whole id both are this id.
pub fn beginning_with(text: &str) -> Option<(Uuid, Uuid)> {
    if text.len() < PREFIX_MIN || !text.is_ascii() {
        return None;
    }
    let completed = |filler: Uuid| {
        let filler = filler.to_string();
        parse_hyphenated(&format!("{text}{}", filler.get(text.len()..)?)).ok()
    };
    completed(Uuid::nil()).zip(completed(Uuid::max()))
}

macro_rules! ids {
    ($($name:ident),* $(,)?) => {$(
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = MalformedId;

            fn from_str(text: &str) -> Result<Self, MalformedId> {
                parse_hyphenated(text).map(Self)
            }
        }
    )*};
}

ids! {
    EnrollmentId, GroupId, WorkspaceId, PersonId, EventId, OperatorId, TokenId, AdminEventId, ImportId,
    ChangeSetId, HistoryId,
    // It is not the secret in the cookie.
    SessionId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefix_is_a_range_of_ids() {
        let range = |text| beginning_with(text).map(|(first, last)| (first.to_string(), last.to_string()));
        let both = |first: &str, last: &str| Some((first.to_owned(), last.to_owned()));
        assert_eq!(
            range("A1B2C3D4"),
            both("a1b2c3d4-0000-0000-0000-000000000000", "a1b2c3d4-ffff-ffff-ffff-ffffffffffff")
        );
        assert_eq!(
            range("a1b2c3d4-e5f"),
            both("a1b2c3d4-e5f0-0000-0000-000000000000", "a1b2c3d4-e5ff-ffff-ffff-ffffffffffff")
        );
        let whole = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
        assert_eq!(range(whole), both(whole, whole));
        for other in
            ["", "a1b2c3d", "a1b2c3d4e", "jagermeister", "a1b2c3d4-e5f6-7890-abcd-ef12345678901", "äa1b2c3d"]
        {
            assert_eq!(range(other), None, "{other}");
        }
    }

    #[test]
    fn id_has_one_spelling() {
        let plain = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
        assert_eq!(plain.parse::<GroupId>().unwrap().to_string(), plain);
        for other in ["", "42", "a1b2c3d4e5f67890abcdef1234567890", "{a1b2c3d4-e5f6-7890-abcd-ef1234567890}"]
        {
            assert_eq!(other.parse::<GroupId>(), Err(MalformedId), "{other}");
        }
    }
}
