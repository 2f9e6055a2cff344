//! Names each request, and says in one log line how it ended.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use crate::platform::call::RequestId;

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A handler leaves this in its response where a fault happened: what the log says and the caller
/// does not hear.
#[derive(Clone)]
pub struct FaultNote(pub String);

/// The id is always ours: one that a caller chose could repeat another's, or carry text into logs.
pub async fn trace(mut request: Request, next: Next) -> Response {
    let id = RequestId::random();
    request.extensions_mut().insert(id.clone());
    let method = request.method().clone();
    // The route and not the path: a query or a segment may hold what logs must not.
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let started = Instant::now();
    let span = tracing::info_span!("request", request_id = %id);
    let mut response = next.run(request).instrument(span).await;
    let status = response.status().as_u16();
    let route = route.as_deref().unwrap_or("(none)");
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    if let Some(FaultNote(fault)) = response.extensions_mut().remove() {
        tracing::error!(request_id = %id, %method, route, status, milliseconds, fault, "request failed");
    } else {
        tracing::info!(request_id = %id, %method, route, status, milliseconds, "request");
    }
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}
