//! `If-Match` and `If-None-Match` (RFC 9110 section 13.1).

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};

use crate::api::error::ApiResult;
use crate::api::error_code;
use crate::jsonapi::document::Resource;
use crate::jsonapi::error::{ErrorObject, Source};
use crate::jsonapi::etag::{Condition, StateTag};

/// The conditions of one request.
#[derive(Debug, Clone, Default)]
pub struct Preconditions {
    pub if_none_match: Option<Condition>,
    pub if_match: Option<Condition>,
}

fn condition(headers: &HeaderMap, name: HeaderName) -> Option<Condition> {
    // A value that is not UTF-8 matches no tag, but it is still a condition.
    let lines: Vec<_> =
        headers.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    (!lines.is_empty()).then(|| Condition::new(lines.join(", ")))
}

impl<S: Sync> FromRequestParts<S> for Preconditions {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self {
            if_none_match: condition(&parts.headers, header::IF_NONE_MATCH),
            if_match: condition(&parts.headers, header::IF_MATCH),
        })
    }
}

impl Preconditions {
    /// Refuses a change of a resource that has changed since the client read it. `current` locks and reads the
    /// resource; it is polled only if there is a condition.
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
        Err(ErrorObject::of(
            &error_code::PRECONDITION_FAILED,
            "The resource has changed since you read it. Fetch it again and retry.",
        )
        .at(Source::Header(refused_by))
        .into())
    }
}
