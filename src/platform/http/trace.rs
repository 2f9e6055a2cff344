//! Gives each request an id, and reports its result in a log line, in the metrics and in its trace.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument as _;
use tracing::field::Empty;

use crate::platform::call::RequestId;
use crate::platform::metrics::{self, GaugeGuard, REQUESTS_IN_FLIGHT};
use crate::platform::telemetry;

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A fault for the log and not for the client, as an extension of a response.
#[derive(Clone)]
pub struct FaultNote(pub String);

impl FaultNote {
    pub fn unavailable(note: impl Into<String>) -> Response {
        let mut response = StatusCode::SERVICE_UNAVAILABLE.into_response();
        response.extensions_mut().insert(Self(note.into()));
        response
    }
}

/// The id is generated, or that of the trace: one that a client chose could repeat another or put text into logs.
pub async fn trace(mut request: Request, next: Next) -> Response {
    let method = request.method().clone();
    // The route and not the path, because a query or a segment may contain what logs must not.
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("(none)", MatchedPath::as_str);
    // The names of the fields are OpenTelemetry's conventions for HTTP servers.
    let span = tracing::info_span!(
        "request",
        otel.name = %format_args!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = %method,
        http.route = route,
        http.response.status_code = Empty,
        request_id = Empty,
    );
    let id = telemetry::trace_id(&span).map_or_else(RequestId::random, RequestId);
    span.record("request_id", id.as_str());
    request.extensions_mut().insert(id.clone());
    let in_flight = GaugeGuard::of(REQUESTS_IN_FLIGHT);
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    drop(in_flight);
    let (status, took) = (response.status().as_u16(), started.elapsed());
    metrics::answered(&method, route, status, took);
    span.record("http.response.status_code", status);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    if let Some(FaultNote(fault)) = response.extensions_mut().remove::<FaultNote>() {
        tracing::error!(request_id = %id, %method, route, status, milliseconds, fault, "request failed");
    } else {
        tracing::info!(request_id = %id, %method, route, status, milliseconds, "request");
    }
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}
