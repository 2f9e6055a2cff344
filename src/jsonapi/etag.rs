//! Entity tags (RFC 9110 section 8.8.3) of single resources, and the conditions that contain them.
//!
//! A tag is the hash of the resource object. If `include` or `fields` shaped the response, a dot and the hash of the
//! whole body follow; if the response is compressed, a colon and the content coding. So each response has its own
//! strong tag, and all responses about one state of a resource share its first part. `If-Match` compares only that
//! part: a client may read with `include` and then change the resource.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::document::Resource;
use super::resource_type::Attribute;

const HASH_LENGTH: usize = 12;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateTag(String);

fn hash(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(bytes)[..HASH_LENGTH])
}

impl StateTag {
    /// Attributes on request are no part of the state: a change is checked against a resource without them.
    pub fn of(resource: &Resource) -> Self {
        let is_on_request =
            |name: &str| resource.resource_type.attribute(name).is_some_and(Attribute::is_on_request);
        let json = if resource.attributes.iter().any(|(name, _)| is_on_request(name)) {
            let mut state = resource.clone();
            state.attributes.retain(|(name, _)| !is_on_request(name));
            serde_json::to_vec(&state)
        } else {
            serde_json::to_vec(resource)
        };
        Self(hash(&json.unwrap_or_default()))
    }

    /// The tag of the response without `include` and `fields`.
    pub fn plain(&self) -> String {
        format!("\"{}\"", self.0)
    }

    pub fn shaped(&self, body: &[u8]) -> String {
        format!("\"{}.{}\"", self.0, hash(body))
    }
}

/// The tag of the same response in this content coding (RFC 9110 section 8.4).
pub fn encoded(tag: &str, encoding: &str) -> String {
    format!("{}:{encoding}\"", tag.trim_end_matches('"'))
}

pub fn without_encoding(tag: &str) -> Option<(String, &str)> {
    let (plain, encoding) = tag.strip_suffix('"')?.rsplit_once(':')?;
    Some((format!("{plain}\""), encoding))
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition(pub String);

impl Condition {
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.0.split(',').map(str::trim)
    }

    /// Whether `If-None-Match` contains this tag, by weak comparison (RFC 9110 section 13.1.2).
    pub fn contains(&self, tag: &str) -> bool {
        self.tags().any(|known| known == "*" || known.trim_start_matches("W/") == tag)
    }

    /// Whether `If-Match` contains a tag of this state, by strong comparison (section 13.1.1): a weak tag matches
    /// nothing.
    pub fn matches(&self, state: &StateTag) -> bool {
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
    fn a_shaped_response_has_its_own_tag_and_the_same_state() {
        let state = StateTag("abc".into());
        let shaped = state.shaped(b"{}");
        assert_ne!(shaped, state.plain());
        let condition = |text: &str| Condition(text.to_owned());
        assert!(condition(&shaped).matches(&state));
        assert!(condition(&format!("\"x\", {}", state.plain())).matches(&state));
        assert!(!condition(&format!("W/{}", state.plain())).matches(&state));
        assert!(!condition("\"abcd\"").matches(&state));
        assert!(condition(&format!("W/{}", state.plain())).contains(&state.plain()));
        assert!(!condition(&shaped).contains(&state.plain()));
        assert!(condition("*").matches(&state) && condition("*").contains(&shaped));
    }

    #[test]
    fn an_encoded_response_has_its_own_tag_and_the_same_state() {
        let state = StateTag("a-b_c".into());
        for tag in [state.plain(), state.shaped(b"{}")] {
            let zstd = encoded(&tag, "zstd");
            assert_eq!(without_encoding(&zstd), Some((tag.clone(), "zstd")));
            assert_eq!(without_encoding(&tag), None);
            assert!(Condition(zstd.clone()).matches(&state) && !Condition(zstd).contains(&tag));
        }
    }
}
