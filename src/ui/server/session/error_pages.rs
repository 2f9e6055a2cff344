//! Pages for requests that no other page can answer, and the refusal of forms that are larger than server functions accept.

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::kernel::problem::Problem;
use crate::platform::call::RequestId;
use crate::platform::failure::Failure;
use crate::platform::http::trace::FaultNote;
use crate::platform::http::{BODY_MAX, content_length, drain, header_text};
use crate::platform::state::AppState;
use crate::ui::paths;
use crate::ui::server::session::{RequestContext, wants_page};

/// Seconds.
const RETRY_AFTER: &str = "2";

pub(super) fn outage(failure: &Failure, request_id: &RequestId) -> Response {
    let status = match failure {
        Failure::Unavailable(_) | Failure::Conflict(_) => StatusCode::SERVICE_UNAVAILABLE,
        Failure::Problem(_) | Failure::Fault(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let mut response = outage_page(status, request_id, None);
    let note = match failure {
        Failure::Problem(problem) => format!("{problem:?}"),
        Failure::Unavailable(error) | Failure::Conflict(error) | Failure::Fault(error) => error.to_string(),
    };
    response.extensions_mut().insert(FaultNote(note));
    response
}

/// The middleware that limits the requests of one address, because each page costs database time.
pub async fn too_many(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Some(allowance) = state.over_address_limit(&request) else {
        return next.run(request).await;
    };
    let mut response = outage_page(StatusCode::TOO_MANY_REQUESTS, &RequestId::of(request.extensions()), None);
    allowance.write_headers(response.headers_mut());
    response
}

/// Marks a response that is such a page.
#[derive(Debug, Clone, Copy)]
struct IsOutage;

/// `form_at`: the page of the form that was sent. The address of the request shows nothing when it is opened.
fn outage_page(status: StatusCode, request_id: &RequestId, form_at: Option<&str>) -> Response {
    let (title, text) = match status {
        StatusCode::SERVICE_UNAVAILABLE if form_at.is_some() => (
            "The desk is temporarily unavailable",
            "The database cannot be reached or is read-only. Your change was not confirmed: go back to the form, and \
             send it again if it was not saved.",
        ),
        StatusCode::SERVICE_UNAVAILABLE => (
            "The desk is temporarily unavailable",
            "The database cannot be reached or is read-only. Changes that were confirmed are safe. Try again in a \
             moment.",
        ),
        StatusCode::TOO_MANY_REQUESTS => {
            ("Too many requests", "Your network address has sent too many requests. Try again in a moment.")
        }
        StatusCode::REQUEST_TIMEOUT => (
            "The request timed out",
            "It did not arrive completely in time, so nothing was changed. Send it again.",
        ),
        _ => (
            "Something went wrong",
            "The fault is on our side. If this keeps happening, give an admin the request id below.",
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

/// The middleware that gives failures without a page, such as a panic or a session that cannot be saved, an error page.
/// Every 503 gets `Retry-After`, also a page that was rendered in part.
pub async fn faults(request: Request, next: Next) -> Response {
    let id = RequestId::of(request.extensions());
    let form_at = (request.method() == Method::POST).then(|| form_at(request.headers()));
    let mut response = fault_page(&id, next.run(request).await);
    if let Some(form_at) = form_at.filter(|_| response.extensions().get::<IsOutage>().is_some()) {
        *response.body_mut() = outage_page(response.status(), &id, Some(&form_at)).into_body();
    }
    response
}

fn fault_page(id: &RequestId, mut response: Response) -> Response {
    let is_page = header_text(response.headers(), header::CONTENT_TYPE)
        .is_some_and(|kind| kind.starts_with("text/html") || kind.starts_with("application/json"));
    if response.status() == StatusCode::REQUEST_TIMEOUT && !is_page {
        let mut page = outage_page(StatusCode::REQUEST_TIMEOUT, id, None);
        // More bytes on this connection would be the rest of this request.
        page.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        return page;
    }
    if response.status().is_server_error() && !is_page {
        // A panic has a text. A response without a type comes from a session that could not be saved.
        let is_session = !response.headers().contains_key(header::CONTENT_TYPE);
        let status = if is_session { StatusCode::SERVICE_UNAVAILABLE } else { response.status() };
        return outage_page(status, id, None);
    }
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        let headers = response.headers_mut();
        headers.entry(header::RETRY_AFTER).or_insert(HeaderValue::from_static(RETRY_AFTER));
    }
    response
}

/// The bytes of a refused form that are read and dropped.
const DRAIN_MAX: usize = 64 << 20;

/// By `Content-Length`, which browsers always send.
pub(super) fn is_oversized(headers: &HeaderMap) -> bool {
    content_length(headers).is_some_and(|length| length > BODY_MAX)
}

/// Leads back to the page of the form. The text is too large for a session and is not restored.
pub(super) async fn refuse_oversized(context: &RequestContext, request: Request) -> Response {
    let form_at = form_at(request.headers());
    let wants_page = wants_page(request.headers());
    drain(request.into_body().into_data_stream(), DRAIN_MAX).await;
    if !wants_page {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    context.refuse_at(Problem::FormTooLarge { max: BODY_MAX }.into(), &form_at).await
}

/// The page of the form by `Referer`, which browsers send within one site.
fn form_at(headers: &HeaderMap) -> String {
    let path = header_text(headers, header::REFERER)
        .and_then(|referer| referer.parse::<Uri>().ok())
        .and_then(|uri| uri.path_and_query().map(ToString::to_string))
        .unwrap_or_default();
    paths::local_or_home(&path).to_owned()
}
