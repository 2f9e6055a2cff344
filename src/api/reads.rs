//! Reads on standbys: a GET runs on one that has replayed the position in `Groupdesk-Position`, and successful changes
//! return a position. A conflict does so, too, because its client may read what it conflicts with.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::caller::Caller;
use crate::api::error::{Refusal, RolledBack, TimedOut};
use crate::api::error_code;
use crate::jsonapi::error::{ErrorObject, Source};
use crate::platform::db::wal_position::WalPosition;
use crate::platform::state::AppState;
use crate::platform::sync::lock;

const POSITION: HeaderName = HeaderName::from_static("groupdesk-position");

/// A part of the service only if there are standbys.
pub async fn on_standby(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let required = match required(request.headers()) {
        Ok(required) => required,
        Err(error) => return Refusal::from(error).into_response(),
    };
    if request.method().is_safe() {
        return read(&state, required, request, next).await;
    }
    let mut response = next.run(request).await;
    if response.status().is_success() || response.status() == StatusCode::CONFLICT {
        let position = state.replicas.position_of(&state.pool).await.map(|position| position.to_string());
        if let Some(Ok(position)) = position.map(HeaderValue::try_from) {
            response.headers_mut().insert(POSITION, position);
        }
    }
    response
}

fn required(headers: &HeaderMap) -> Result<WalPosition, ErrorObject> {
    let mut values = headers.get_all(POSITION).iter();
    let Some(value) = values.next() else { return Ok(WalPosition::default()) };
    let position = value.to_str().ok().and_then(|text| text.parse().ok()).filter(|_| values.next().is_none());
    position.ok_or_else(|| {
        let detail = "Groupdesk-Position must be one value that a response of this service had.";
        error_code::BAD_REQUEST.error(detail).at(Source::Header("Groupdesk-Position"))
    })
}

/// Runs the request again on the primary if it failed on the standby, or found nothing there.
async fn read(state: &AppState, required: WalPosition, request: Request, next: Next) -> Response {
    let Some((read, connection)) = state.replicas.connection(required).await else {
        return next.run(request).await;
    };
    let (parts, body) = request.into_parts();
    let mut on_standby = parts.clone();
    if let Some(caller) = parts.extensions.get::<Caller>() {
        // The connection to the primary on which the token was looked up is not needed.
        if let Some(unused) = lock(&caller.idle).take() {
            unused.hand_over();
        }
        let idle = Arc::new(Mutex::new(Some(connection)));
        on_standby.extensions.insert(Caller { idle, ..caller.clone() });
    }
    let response = read.run(next.clone().run(Request::from_parts(on_standby, body))).await;
    let is_rolled_back = |response: &Response| response.extensions().get::<RolledBack>().is_some();
    match response {
        Some(response) if is_final(&response) => return response,
        // The standby may not have it yet.
        Some(response) if response.status() == StatusCode::NOT_FOUND => {}
        Some(response) => {
            let is_lost = response.status() == StatusCode::SERVICE_UNAVAILABLE && !is_rolled_back(&response);
            read.failed(is_lost);
        }
        None => read.failed(true),
    }
    next.run(Request::from_parts(parts, Body::empty())).await
}

fn is_final(response: &Response) -> bool {
    let status = response.status();
    let has_failed = status.is_server_error() && response.extensions().get::<TimedOut>().is_none();
    !has_failed && status != StatusCode::NOT_FOUND
}
