//! Retries a request once if Postgres aborted its transaction in favor of another one (`is_retryable` in
//! `platform/failure.rs`). This layer wraps the one for idempotency keys, so that a retry of a request with a key
//! begins a new transaction.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::caller::Caller;
use crate::api::document::read_body;
use crate::api::error::RolledBack;
use crate::platform::db::backoff;
use crate::platform::http::BODY_MAX;
use crate::platform::state::AppState;

pub async fn on_conflict(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.method().is_safe() || !fits(request.headers()) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let body = match read_body(Request::from_parts(parts.clone(), body), &state).await {
        Ok(body) => body,
        Err(refusal) => return refusal.into_response(),
    };
    let request = || Request::from_parts(parts.clone(), Body::from(body.clone()));
    let mut response = next.clone().run(request()).await;
    if response.extensions().get::<RolledBack>().is_some() {
        if let Some(caller) = parts.extensions.get::<Caller>() {
            caller.changes.discard();
        }
        backoff().await;
        response = next.run(request()).await;
    }
    state.notifier.record_change();
    response
}

/// Whether the body may be buffered. One with too large a `Content-Length` is left to the handler, which reports the
/// size only after all other checks.
fn fits(headers: &HeaderMap) -> bool {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    length.is_none_or(|length: usize| length <= BODY_MAX)
}
