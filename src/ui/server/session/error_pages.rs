//! The page for when no page can be made.

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::platform::call::RequestId;
use crate::platform::failure::Failure;
use crate::platform::http::trace::FaultNote;
use crate::platform::state::AppState;
use crate::ui::server::session::body_limit::form_at;

/// How long a browser should wait before it asks again, in seconds.
const RETRY_AFTER: &str = "2";

/// When not even the session can be read: a page that needs nothing.
pub(super) fn outage(failure: &Failure, request_id: &RequestId) -> Response {
    let status = match failure {
        Failure::Unavailable(_) | Failure::Conflict(_) => StatusCode::SERVICE_UNAVAILABLE,
        Failure::Problem(_) | Failure::Fault(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let mut response = outage_page(status, request_id);
    let note = match failure {
        Failure::Problem(problem) => format!("{problem:?}"),
        Failure::Unavailable(error) | Failure::Conflict(error) | Failure::Fault(error) => error.to_string(),
    };
    response.extensions_mut().insert(FaultNote(note));
    response
}

/// A page like any other costs the database what it costs; who asks for too many gets this one.
pub async fn too_many(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Some(allowance) = state.over_address_limit(&request) else {
        return next.run(request).await;
    };
    let mut response = outage_page(StatusCode::TOO_MANY_REQUESTS, &RequestId::of(request.extensions()));
    allowance.write_headers(response.headers_mut());
    response
}

/// The page for when no page can be made.
fn outage_page(status: StatusCode, request_id: &RequestId) -> Response {
    outage_page_with(status, request_id, None)
}

/// On an answer that is an outage page.
#[derive(Debug, Clone, Copy)]
struct IsOutage;

/// `form_at`: where the form is that was sent, whose own address shows nothing when it is opened again.
fn outage_page_with(status: StatusCode, request_id: &RequestId, form_at: Option<&str>) -> Response {
    let (title, text) = match status {
        StatusCode::SERVICE_UNAVAILABLE if form_at.is_some() => (
            "The desk is away for a moment",
            "It cannot reach its database, or the database takes no changes. What you sent was not confirmed: go \
             back, and send it again if it is not there.",
        ),
        StatusCode::SERVICE_UNAVAILABLE => (
            "The desk is away for a moment",
            "It cannot reach its database, or the database takes no changes. Nothing you did before is lost. \
             Try again shortly.",
        ),
        StatusCode::TOO_MANY_REQUESTS => (
            "Too many requests",
            "More pages were asked for from your address than one desk has. Try again in a moment.",
        ),
        StatusCode::REQUEST_TIMEOUT => (
            "What you sent did not arrive",
            "The rest of it did not come in time, so nothing was changed. Send it again.",
        ),
        _ => (
            "Something went wrong",
            "The fault is on our side. If it stays so, tell an admin the request below.",
        ),
    };
    let page = include_str!("../../outage.html")
        .replace("{title}", title)
        .replace("{text}", text)
        .replace("{request_id}", request_id.as_str())
        .replace("{link}", &form_at.unwrap_or_default().replace('&', "&amp;").replace('"', "&quot;"))
        .replace("{label}", if form_at.is_some() { "Back to the form" } else { "Try again" })
        .replace("{style}", &crate::platform::assets::package_dir());
    let headers = [
        ("content-type", "text/html; charset=utf-8"),
        (
            "content-security-policy",
            "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        ("retry-after", RETRY_AFTER),
    ];
    (status, headers, Extension(IsOutage), page).into_response()
}

/// What ended badly below without a page of its own (a panic, a session that could not be kept)
/// gets the page for it. Every answer that says "unavailable" says when to ask again, also a page that was made in
/// part.
pub async fn faults(request: Request, next: Next) -> Response {
    let id = RequestId::of(request.extensions());
    let form_at = (request.method() == Method::POST).then(|| form_at(request.headers()));
    let mut response = fault_page(&id, next.run(request).await);
    if let Some(form_at) = form_at.filter(|_| response.extensions().get::<IsOutage>().is_some()) {
        *response.body_mut() = outage_page_with(response.status(), &id, Some(&form_at)).into_body();
    }
    response
}

fn fault_page(id: &RequestId, mut response: Response) -> Response {
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/html") || kind.starts_with("application/json"));
    if response.status() == StatusCode::REQUEST_TIMEOUT && !is_page {
        let mut page = outage_page(StatusCode::REQUEST_TIMEOUT, id);
        // Whatever else comes on it is the rest of this request.
        page.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        return page;
    }
    if response.status().is_server_error() && !is_page {
        // A panic says so in words. What says nothing is a session that could not be kept.
        let is_session = !response.headers().contains_key(header::CONTENT_TYPE);
        let status = if is_session { StatusCode::SERVICE_UNAVAILABLE } else { response.status() };
        return outage_page(status, id);
    }
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        let headers = response.headers_mut();
        headers.entry(header::RETRY_AFTER).or_insert(HeaderValue::from_static(RETRY_AFTER));
    }
    response
}
