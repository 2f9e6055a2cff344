//! The outermost layer of the API: it turns every failure into a JSON:API error document with the trace id, also
//! failures outside of the handlers (an unknown path or method, a body over the limit, a panic).

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::error::Refusal;
use crate::api::error_code as codes;
use crate::jsonapi::error::{ERRORS_MAX, ErrorObject, common_status, error_document};
use crate::jsonapi::media_type::{CURSOR_PAGINATION, JSON_API, JSON_API_PAGED};
use crate::platform::call::RequestId;
use crate::platform::failure::Failure;
use crate::platform::http::trace::FaultNote;

/// In seconds.
const RETRY_AFTER_UNAVAILABLE: &str = "1";

/// Errors that a handler leaves for [`finalize`].
#[derive(Clone)]
struct Errors(Vec<ErrorObject>);

/// Marks a response to a transaction that was rolled back and may succeed if it is repeated.
#[derive(Clone)]
pub(super) struct RolledBack;

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let is_rolled_back = matches!(&self, Self::Failure(failure) if failure.is_retryable());
        let (mut errors, note) = match self {
            Self::Errors(errors) => (errors, None),
            Self::Failure(Failure::Problem(problem)) => (super::error::error_objects(&problem), None),
            Self::Failure(Failure::Unavailable(error) | Failure::Conflict(error)) => {
                (vec![unavailable()], Some(FaultNote(error.to_string())))
            }
            Self::Failure(Failure::Fault(error)) => (vec![internal()], Some(FaultNote(error.to_string()))),
        };
        errors.truncate(ERRORS_MAX);
        let status =
            StatusCode::from_u16(common_status(&errors)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(Errors(errors));
        if let Some(note) = note {
            response.extensions_mut().insert(note);
        }
        if is_rolled_back {
            response.extensions_mut().insert(RolledBack);
        }
        response
    }
}

fn internal() -> ErrorObject {
    ErrorObject::of(&codes::INTERNAL_ERROR, "An unexpected error occurred.")
}

fn unavailable() -> ErrorObject {
    ErrorObject::of(&codes::UNAVAILABLE, "The service is temporarily unavailable. Retry shortly.")
}

pub fn too_large() -> ErrorObject {
    ErrorObject::of(&codes::PAYLOAD_TOO_LARGE, "The body is larger than 1 MiB.")
}

/// The error for a response that no handler made.
fn error_for_status(status: StatusCode) -> Option<ErrorObject> {
    Some(match status {
        StatusCode::NOT_FOUND => ErrorObject::of(&codes::NOT_FOUND, "Nothing exists at this URL."),
        StatusCode::METHOD_NOT_ALLOWED => ErrorObject::of(
            &codes::METHOD_NOT_ALLOWED,
            "This URL does not support the method. The Allow header lists the supported methods.",
        ),
        StatusCode::REQUEST_TIMEOUT => {
            ErrorObject::of(&codes::REQUEST_TIMEOUT, "The body did not arrive in time. Nothing was changed.")
        }
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        StatusCode::SERVICE_UNAVAILABLE => unavailable(),
        status if status.is_server_error() => internal(),
        status if status.is_client_error() => ErrorObject::bad_request("The request is malformed."),
        _ => return None,
    })
}

/// Marks a response that needs no error document.
#[derive(Clone)]
struct Complete;

/// Marks a response as complete, so that it is sent unchanged.
pub fn mark_complete(mut response: Response) -> Response {
    response.extensions_mut().insert(Complete);
    response
}

/// Adds the error document if the response is an error.
pub fn render_errors(mut response: Response, id: &RequestId) -> Response {
    if response.extensions().get::<Complete>().is_some() {
        return response;
    }
    let errors = response.extensions_mut().remove::<Errors>().map(|Errors(errors)| errors);
    if errors.is_none() && response.status() == StatusCode::BAD_REQUEST {
        // The router itself refuses only a path that is not UTF-8, and no resource has such a path.
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    let errors = errors.or_else(|| error_for_status(response.status()).map(|error| vec![error]));
    mark_complete(match errors {
        Some(errors) => with_errors(response, &errors, id),
        None => response,
    })
}

pub async fn finalize(request: Request, next: Next) -> Response {
    let id = RequestId::of(request.extensions());
    let is_options = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    // `OPTIONS` asks for the methods of a URL (RFC 9110 section 9.3.7). The router sets `Allow` later, as for any
    // method that the URL does not support.
    if is_options && response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response = StatusCode::NO_CONTENT.into_response();
    }
    let mut response = render_errors(response, &id);
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    response
}

/// Replaces the body with an error document; status and headers stay.
fn with_errors(response: Response, errors: &[ErrorObject], id: &RequestId) -> Response {
    let (mut parts, _) = response.into_parts();
    let headers = &mut parts.headers;
    headers.remove(header::CONTENT_LENGTH);
    // The media type names the profile if an error is one of the profile's.
    let is_of_profile =
        |error: &ErrorObject| error.type_uri.is_some_and(|uri| uri.starts_with(CURSOR_PAGINATION));
    let media_type = if errors.iter().any(is_of_profile) { JSON_API_PAGED } else { JSON_API };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    let more = match parts.status {
        StatusCode::UNAUTHORIZED => Some((header::WWW_AUTHENTICATE, "Bearer")),
        StatusCode::SERVICE_UNAVAILABLE => Some((header::RETRY_AFTER, RETRY_AFTER_UNAVAILABLE)),
        _ => None,
    };
    if let Some((name, value)) = more {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let body = serde_json::to_vec(&error_document(errors, id.as_str())).unwrap_or_default();
    Response::from_parts(parts, Body::from(body))
}
