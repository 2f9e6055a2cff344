//! Names each request, and says how it ended: in one log line, in the metrics, and in its trace.

use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use crate::platform::call::RequestId;
use crate::platform::{metrics, telemetry};

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A handler leaves this in its response where a fault happened: what the log says and the caller
/// does not hear.
#[derive(Clone)]
pub struct FaultNote(pub String);

/// What a request was and how it ended.
struct Ended<'a> {
    id: &'a RequestId,
    method: &'a Method,
    route: &'a str,
    status: u16,
    took: Duration,
}

/// The id is always ours: one that a caller chose could repeat another's, or carry text into logs. Where
/// traces are sent it is that of the trace.
pub async fn trace(mut request: Request, next: Next) -> Response {
    let method = request.method().clone();
    // The route and not the path: a query or a segment may hold what logs must not.
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("(none)", MatchedPath::as_str);
    let span = span(&method, route);
    let id = telemetry::trace_id(&span).map_or_else(RequestId::random, RequestId::of_trace);
    span.record("request_id", id.as_str());
    request.extensions_mut().insert(id.clone());
    let in_flight = metrics::in_flight();
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    drop(in_flight);
    let status = response.status().as_u16();
    let fault = response.extensions_mut().remove::<FaultNote>();
    let ended = Ended { id: &id, method: &method, route, status, took: started.elapsed() };
    ended.tell(&span, fault.as_ref());
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// Its fields are named as OpenTelemetry's conventions for HTTP servers have them.
fn span(method: &Method, route: &str) -> Span {
    tracing::info_span!(
        "request",
        otel.name = %format_args!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = %method,
        http.route = route,
        http.response.status_code = Empty,
        request_id = Empty,
    )
}

impl Ended<'_> {
    fn tell(&self, span: &Span, fault: Option<&FaultNote>) {
        let Self { id, method, route, status, took } = *self;
        metrics::answered(method, route, status, took);
        span.record("http.response.status_code", status);
        if status >= 500 {
            span.record("otel.status_code", "ERROR");
        }
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        if let Some(FaultNote(fault)) = fault {
            tracing::error!(request_id = %id, %method, route, status, milliseconds, fault, "request failed");
        } else {
            tracing::info!(request_id = %id, %method, route, status, milliseconds, "request");
        }
    }
}
