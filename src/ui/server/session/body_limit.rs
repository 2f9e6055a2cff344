//! A form that holds more than a server function takes.

use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;

use crate::kernel::problem::Problem;
use crate::platform::http::BODY_MAX;
use crate::ui::paths;
use crate::ui::server::session::RequestContext;

/// How long, and how much, is listened to the sender: a browser shows an answer only once it has been
/// heard out.
const HEARD_FOR: Duration = Duration::from_secs(20);
const HEARD_OUT: usize = 64 << 20;

/// By what it says of itself, which a browser always does.
pub(super) fn is_oversized(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| length > BODY_MAX)
}

/// Back to the page of the form, which says so. What was typed is not kept: it is too much for a session.
pub(super) async fn refuse(visit: &RequestContext, request: Request) -> Response {
    let form_at = form_at(request.headers());
    let wants_page = crate::ui::server::session::wants_page(request.headers());
    let _ = tokio::time::timeout(HEARD_FOR, hear_out(request)).await;
    if !wants_page {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    visit.refuse_at(Problem::FormTooLarge { max: BODY_MAX }.into(), &form_at).await
}

/// Where the form was: browsers say it to their own site alone.
pub(super) fn form_at(headers: &HeaderMap) -> String {
    let referer = headers.get(header::REFERER).and_then(|referer| referer.to_str().ok());
    let path = referer
        .and_then(|referer| referer.parse::<axum::http::Uri>().ok())
        .and_then(|uri| uri.path_and_query().map(ToString::to_string))
        .unwrap_or_default();
    paths::local_or_home(&path).to_owned()
}

async fn hear_out(request: Request) {
    let mut heard = 0;
    let mut body = request.into_body().into_data_stream();
    while let Some(Ok(bytes)) = body.next().await {
        heard += bytes.len();
        if heard > HEARD_OUT {
            return;
        }
    }
}
