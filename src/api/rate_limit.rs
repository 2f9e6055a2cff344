//! The refusal of who makes too many requests.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::error::Refusal;
use crate::jsonapi::error::ErrorObject;
use crate::platform::http::limit::{tell, too_many_from_there, whole_seconds};
use crate::platform::rate_limit::Allowance;
use crate::platform::state::AppState;

/// In front of everything, so that a stranger who tries tokens costs the database nothing.
pub async fn by_address(State(state): State<AppState>, request: Request, next: Next) -> Response {
    match too_many_from_there(&state, &request).and_then(refusal) {
        Some(refused) => refused,
        None => next.run(request).await,
    }
}

/// The refusal, where there were too many requests.
pub fn refusal(allowance: Allowance) -> Option<Response> {
    let wait = whole_seconds(allowance.wait?);
    let Allowance { by, per_second, .. } = allowance;
    let detail = format!("This {by} makes more than {per_second} requests a second; try again in {wait} s.");
    let error = ErrorObject::new(429, "RATE_LIMITED", "Rate limited", detail);
    let mut response = Refusal::from(error).into_response();
    tell(allowance, response.headers_mut());
    Some(response)
}
