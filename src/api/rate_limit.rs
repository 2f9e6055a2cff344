//! Rate limiting of API requests.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::error::Refusal;
use crate::api::error_code;
use crate::platform::rate_limit::Allowance;
use crate::platform::state::AppState;

/// Runs before anything else, so that guessing tokens costs the database nothing.
pub async fn by_address(State(state): State<AppState>, request: Request, next: Next) -> Response {
    match state.over_address_limit(&request).and_then(too_many_requests) {
        Some(refused) => refused,
        None => next.run(request).await,
    }
}

pub fn too_many_requests(allowance: Allowance) -> Option<Response> {
    let wait = allowance.retry_after()?;
    let Allowance { by, per_second, .. } = allowance;
    let rounded = (per_second * 100.0).round() / 100.0;
    let detail = format!("This {by} exceeds {rounded} requests per second; retry in {wait} s.");
    let mut response = Refusal::from(error_code::RATE_LIMITED.error(detail)).into_response();
    allowance.write_headers(response.headers_mut());
    Some(response)
}
