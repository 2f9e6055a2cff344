//! Refuses forms that are larger than server functions accept.

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use crate::kernel::problem::Problem;
use crate::platform::http::body::{content_length, drain};
use crate::platform::http::{BODY_MAX, header_text};
use crate::ui::paths;
use crate::ui::server::session::{RequestContext, wants_page};

/// The bytes of a refused form that are read and dropped.
const DRAIN_MAX: usize = 64 << 20;

/// By `Content-Length`, which browsers always send.
pub(super) fn is_oversized(headers: &HeaderMap) -> bool {
    content_length(headers).is_some_and(|length| length > BODY_MAX)
}

/// Leads back to the page of the form. The text is too large for a session and is not restored.
pub(super) async fn refuse(context: &RequestContext, request: Request) -> Response {
    let form_at = form_at(request.headers());
    let wants_page = wants_page(request.headers());
    drain(request.into_body().into_data_stream(), DRAIN_MAX).await;
    if !wants_page {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    context.refuse_at(Problem::FormTooLarge { max: BODY_MAX }.into(), &form_at).await
}

/// The page of the form by `Referer`, which browsers send within one site.
pub(super) fn form_at(headers: &HeaderMap) -> String {
    let path = header_text(headers, header::REFERER)
        .and_then(|referer| referer.parse::<Uri>().ok())
        .and_then(|uri| uri.path_and_query().map(ToString::to_string))
        .unwrap_or_default();
    paths::local_or_home(&path).to_owned()
}
