//! A change that was broken off for the sake of another is done once more (`platform/again.rs`): from the
//! outside, a request that took a little longer. Around `Idempotency-Key`s, whose transaction is the one
//! that was broken off.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::auth;
use crate::api::auth::Caller;
use crate::api::error_response::RolledBack;
use crate::platform::db::retry::rest;
use crate::platform::http::BODY_MAX;
use crate::platform::state::AppState;

pub async fn again(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.method().is_safe() || !fits(request.headers()) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let body = match auth::body(Request::from_parts(parts.clone(), body), &state).await {
        Ok(body) => body,
        Err(refusal) => return refusal.into_response(),
    };
    let request = || Request::from_parts(parts.clone(), Body::from(body.clone()));
    let mut response = next.clone().run(request()).await;
    if response.extensions().get::<RolledBack>().is_some() {
        if let Some(caller) = parts.extensions.get::<Caller>() {
            caller.reset();
        }
        rest().await;
        response = next.run(request()).await;
    }
    state.live.changed();
    response
}

/// May the body be read before the request is looked at? One that says itself that it is too large is refused
/// by who would have read it, after all else that the request may be refused for.
fn fits(headers: &HeaderMap) -> bool {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    length.is_none_or(|length: usize| length <= BODY_MAX)
}
