//! Refuses forms that are larger than server functions accept.

use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;

use crate::kernel::problem::Problem;
use crate::platform::http::BODY_MAX;
use crate::ui::paths;
use crate::ui::server::session::{RequestContext, wants_page};

/// A browser shows a response only after it has sent the whole body, so that the rest is read and dropped.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(20);
/// Bytes.
const DRAIN_MAX: usize = 64 << 20;

/// By `Content-Length`, which browsers always send.
pub(super) fn is_oversized(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| length > BODY_MAX)
}

/// Leads back to the page of the form. The text is too large for a session and is not restored.
pub(super) async fn refuse(context: &RequestContext, request: Request) -> Response {
    let form_at = form_at(request.headers());
    let wants_page = wants_page(request.headers());
    let _ = tokio::time::timeout(DRAIN_TIMEOUT, drain(request)).await;
    if !wants_page {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    context.refuse_at(Problem::FormTooLarge { max: BODY_MAX }.into(), &form_at).await
}

/// The page of the form by `Referer`, which browsers send within one site.
pub(super) fn form_at(headers: &HeaderMap) -> String {
    let referer = headers.get(header::REFERER).and_then(|referer| referer.to_str().ok());
    let path = referer
        .and_then(|referer| referer.parse::<Uri>().ok())
        .and_then(|uri| uri.path_and_query().map(ToString::to_string))
        .unwrap_or_default();
    paths::local_or_home(&path).to_owned()
}

async fn drain(request: Request) {
    let mut size = 0;
    let mut body = request.into_body().into_data_stream();
    while let Some(Ok(bytes)) = body.next().await {
        size += bytes.len();
        if size > DRAIN_MAX {
            return;
        }
    }
}
