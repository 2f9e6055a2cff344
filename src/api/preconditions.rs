//! `If-Match` and `If-None-Match` (RFC 9110 section 13.1).

use axum::http::{HeaderMap, HeaderName, header};

use crate::api::error::ApiResult;
use crate::api::error_code;
use crate::jsonapi::document::Resource;
use crate::jsonapi::error::Source;
use crate::jsonapi::etag::{Condition, StateTag};

#[derive(Clone, Default)]
pub struct Preconditions {
    pub if_none_match: Option<Condition>,
    pub if_match: Option<Condition>,
}

impl Preconditions {
    pub fn of(headers: &HeaderMap) -> Self {
        let condition = |name: HeaderName| {
            // A value that is not UTF-8 matches no tag, but it is still a condition.
            let lines = headers.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
            let lines: Vec<_> = lines.collect();
            (!lines.is_empty()).then(|| Condition::new(lines.join(", ")))
        };
        let (if_none_match, if_match) = (condition(header::IF_NONE_MATCH), condition(header::IF_MATCH));
        Self { if_none_match, if_match }
    }

    /// `current` locks and reads the resource; it is polled only if there is a condition.
    pub async fn check_unchanged(&self, current: impl Future<Output = ApiResult<Resource>>) -> ApiResult<()> {
        if self.if_match.is_none() && self.if_none_match.is_none() {
            return Ok(());
        }
        let state = StateTag::of(&current.await?);
        let refused_by = if self.if_match.as_ref().is_some_and(|condition| !condition.matches(&state)) {
            "If-Match"
        } else if self.if_none_match.as_ref().is_some_and(|condition| condition.contains(&state.plain())) {
            "If-None-Match"
        } else {
            return Ok(());
        };
        Err(error_code::PRECONDITION_FAILED
            .error("The resource has changed since you read it. Fetch it again and retry.")
            .at(Source::Header(refused_by))
            .into())
    }
}
