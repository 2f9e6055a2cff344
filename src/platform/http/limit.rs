//! What an answer says of a rate limit: the headers of draft-ietf-httpapi-ratelimit-headers, and, in a
//! refusal, when to come again.

use std::net::IpAddr;
use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::client;
use crate::platform::rate_limit::Allowance;
use crate::platform::state::AppState;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Counts the request to where it comes from; how that stands, where there are too many. Nobody is held
/// against whom it is not known.
pub fn too_many_from_there(state: &AppState, request: &Request) -> Option<Allowance> {
    let limiter = state.address_limiter.as_ref()?;
    let address: IpAddr = client::address(request, state.proxies)?;
    Some(limiter.count_from(address)).filter(|allowance| allowance.wait.is_some())
}

/// Says what is left, in how many seconds all of it is there again and, of a refusal, when to come back.
pub fn tell(allowance: Allowance, headers: &mut HeaderMap) {
    let Allowance { by, burst, per_second, left, wait } = allowance;
    let refill = f64::from(burst - left.min(burst)) / f64::from(per_second);
    let full_in = whole_seconds(Duration::from_secs_f64(refill));
    let policy = format!("\"{by}\";q={burst};w={}", burst.div_ceil(per_second));
    let limit = format!("\"{by}\";r={left};t={full_in}");
    for (name, value) in [(POLICY, policy), (LIMIT, limit)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    if let Some(wait) = wait {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(wait)));
    }
}

/// Rounded up, since a client that comes back early is refused again.
pub fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}
