//! Entity tags (RFC 9110 section 8.8.3) of single resources, and the conditions that name them.
//!
//! A tag is the hash of the resource object, and, where `include` or `fields` shaped the answer, a
//! dot and the hash of the whole answer. So each answer has a strong tag of its own, while `If-Match`
//! can be asked of the part that all answers about one state of a resource have in common: a client
//! may read with `include` and then change what it read. The tag of an encoded answer ends with a colon and the
//! coding.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::document::Resource;

/// How much of the hash is kept: enough that two states never share it.
const KEPT: usize = 12;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateTag(String);

fn hash(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(bytes)[..KEPT])
}

impl StateTag {
    /// Of a resource with all its fields.
    pub fn of(resource: &Resource) -> Self {
        Self(hash(&serde_json::to_vec(resource).unwrap_or_default()))
    }

    /// The tag of the plain answer.
    pub fn plain(&self) -> String {
        format!("\"{}\"", self.0)
    }

    /// The tag of an answer that `include` or `fields` shaped.
    pub fn shaped(&self, body: &[u8]) -> String {
        format!("\"{}.{}\"", self.0, hash(body))
    }
}

/// The tag of the same answer in this content coding (RFC 9110 section 8.4).
pub fn encoded(tag: &str, encoding: &str) -> String {
    format!("{}:{encoding}\"", tag.trim_end_matches('"'))
}

/// A tag that [`encoded`] made, as it was before, and the coding; `None`: it is another one.
pub fn without_encoding(tag: &str) -> Option<(String, &str)> {
    let (plain, encoding) = tag.strip_suffix('"')?.rsplit_once(':')?;
    Some((format!("{plain}\""), encoding))
}

/// The value of `If-Match` or `If-None-Match`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition(String);

impl Condition {
    pub const fn new(value: String) -> Self {
        Self(value)
    }

    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.0.split(',').map(str::trim)
    }

    /// `If-None-Match`: is this tag among those that the client has? Weak comparison (RFC 9110
    /// section 13.1.2).
    pub fn names(&self, tag: &str) -> bool {
        self.tags().any(|known| known == "*" || known.trim_start_matches("W/") == tag)
    }

    /// `If-Match`: did the client see this state? Strong comparison (RFC 9110 section 13.1.1): a weak
    /// tag matches nothing.
    pub fn saw(&self, state: &StateTag) -> bool {
        self.tags().any(|known| {
            let inner = known.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            known == "*"
                || inner.is_some_and(|inner| inner.split(['.', ':']).next() == Some(state.0.as_str()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shaped_answer_has_a_tag_of_its_own_and_the_same_state() {
        let state = StateTag("abc".into());
        let shaped = state.shaped(b"{}");
        assert_ne!(shaped, state.plain());
        let condition = |text: &str| Condition::new(text.to_owned());
        assert!(condition(&shaped).saw(&state));
        assert!(condition(&format!("\"x\", {}", state.plain())).saw(&state));
        assert!(!condition(&format!("W/{}", state.plain())).saw(&state));
        assert!(!condition("\"abcd\"").saw(&state));
        assert!(condition(&format!("W/{}", state.plain())).names(&state.plain()));
        assert!(!condition(&shaped).names(&state.plain()));
        assert!(condition("*").saw(&state) && condition("*").names(&shaped));
    }

    #[test]
    fn an_encoded_answer_has_a_tag_of_its_own_and_the_same_state() {
        let state = StateTag("a-b_c".into());
        for tag in [state.plain(), state.shaped(b"{}")] {
            let zstd = encoded(&tag, "zstd");
            assert_eq!(without_encoding(&zstd), Some((tag.clone(), "zstd")));
            assert_eq!(without_encoding(&tag), None);
            assert!(Condition::new(zstd.clone()).saw(&state) && !Condition::new(zstd).names(&tag));
        }
    }
}
