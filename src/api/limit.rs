//! What an answer says of the rate limit: the headers of draft-ietf-httpapi-ratelimit-headers, and the
//! refusal of a token that makes too many requests.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::error::Refusal;
use crate::jsonapi::error::ErrorObject;
use crate::platform::rate_limit::Allowance;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// The refusal, where the token has made too many requests.
pub fn refusal(allowance: Allowance) -> Option<Response> {
    let wait = whole_seconds(allowance.wait?);
    let error = ErrorObject::new(
        429,
        "RATE_LIMITED",
        "Rate limited",
        format!(
            "This token makes more than {} requests a second; try again in {wait} s.",
            allowance.per_second
        ),
    );
    let mut response = Refusal::from(error).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
    Some(response)
}

/// Says what is left, and in how many seconds all of it is there again.
pub fn tell(allowance: Allowance, headers: &mut HeaderMap) {
    let Allowance { burst, per_second, left, .. } = allowance;
    let refill = f64::from(burst - left.min(burst)) / f64::from(per_second);
    let full_in = whole_seconds(Duration::from_secs_f64(refill));
    let policy = format!("\"token\";q={burst};w={}", burst.div_ceil(per_second));
    let limit = format!("\"token\";r={left};t={full_in}");
    for (name, value) in [(POLICY, policy), (LIMIT, limit)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
}

/// Rounded up, since a client that comes back early is refused again.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}
