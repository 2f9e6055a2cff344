//! Public ids, one type a noun, so that a workspace's id cannot be passed for a group's.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not a UUID in its hyphenated form of 36 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedId;

/// One id has one spelling: the braced, URN and unhyphenated forms that the uuid crate would take
/// are refused, so that equal ids are equal text in logs, caches and URLs.
fn parse_hyphenated(text: &str) -> Result<Uuid, MalformedId> {
    if text.len() != 36 {
        return Err(MalformedId);
    }
    Uuid::try_parse(text).map_err(|_| MalformedId)
}

/// How much of an id has to be there: what stands before its first hyphen. Less may be a word.
const BEGINNING_MIN: usize = 8;

/// The first and the last id that begin with this text, whatever its case; both are the same where it is a whole id.
pub fn beginning_with(text: &str) -> Option<(Uuid, Uuid)> {
    if text.len() < BEGINNING_MIN || !text.is_ascii() {
        return None;
    }
    let whole = |rest: Uuid| {
        let rest = rest.to_string();
        parse_hyphenated(&format!("{text}{}", rest.get(text.len()..)?)).ok()
    };
    whole(Uuid::nil()).zip(whole(Uuid::max()))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
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
    /// Of an enrollment: one row that says "this workspace belongs to this group".
    EnrollmentId,
    /// Of a workspace group.
    GroupId,
    /// Of a workspace.
    WorkspaceId,
    /// Of a person (`people`).
    PersonId,
    /// Of an entry of the enrollment log.
    EventId,
    /// Of an operator: somebody who signs in to the desk.
    OperatorId,
    /// Of an API token.
    TokenId,
    /// Of a session, as pages name it: not the secret in its cookie.
    SessionId,
    /// Of an entry of the administrative log.
    AdminEventId,
    /// Of an import: a long list that is enrolled in batches.
    ImportId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_a_range() {
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
    fn an_id_has_one_spelling() {
        let plain = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
        assert_eq!(plain.parse::<GroupId>().unwrap().to_string(), plain);
        for other in ["", "42", "a1b2c3d4e5f67890abcdef1234567890", "{a1b2c3d4-e5f6-7890-abcd-ef1234567890}"]
        {
            assert_eq!(other.parse::<GroupId>(), Err(MalformedId), "{other}");
        }
    }
}
