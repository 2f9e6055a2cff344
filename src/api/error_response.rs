//! The last hand on every API answer: error documents get their trace id here, where it is known,
//! and what failed outside of our handlers (an unknown path, a method that a path lacks, a body
//! over the limit, a panic) becomes an error document too.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::error::Refusal;
use crate::jsonapi::error::{ErrorObject, common_status, error_document};
use crate::jsonapi::media_type::{CURSOR_PAGINATION, JSON_API, JSON_API_PAGED};
use crate::platform::call::RequestId;
use crate::platform::failure::Failure;
use crate::platform::http::trace::FaultNote;

/// How long a client should wait while the database is away, in seconds.
const RETRY_AFTER: &str = "1";

/// What a handler leaves for [`finish`].
#[derive(Clone)]
struct Errors(Vec<ErrorObject>);

/// Says of an answer that it would be another one if the request were done again.
#[derive(Clone)]
pub(super) struct RolledBack;

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let is_rolled_back = matches!(&self, Self::Failure(failure) if failure.is_rolled_back());
        let (errors, note) = match self {
            Self::Errors(errors) => (errors, None),
            Self::Failure(Failure::Problem(problem)) => (super::error::error_objects(&problem), None),
            Self::Failure(Failure::Unavailable(error) | Failure::Conflict(error)) => {
                (vec![unavailable()], Some(FaultNote(error.to_string())))
            }
            Self::Failure(Failure::Fault(error)) => (vec![internal()], Some(FaultNote(error.to_string()))),
        };
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
    ErrorObject::new(500, "INTERNAL_ERROR", "Internal error", "Something went wrong on our side.")
}

fn unavailable() -> ErrorObject {
    ErrorObject::new(
        503,
        "UNAVAILABLE",
        "Unavailable",
        "The service cannot answer at the moment; try again shortly.",
    )
}

/// For an answer that came without errors of ours.
fn bare(status: StatusCode) -> Option<ErrorObject> {
    Some(match status {
        StatusCode::NOT_FOUND => {
            ErrorObject::new(404, "NOT_FOUND", "Not found", "There is nothing at this address.")
        }
        StatusCode::METHOD_NOT_ALLOWED => ErrorObject::new(
            405,
            "METHOD_NOT_ALLOWED",
            "Method not allowed",
            "This address does not have this method; see the Allow header.",
        ),
        StatusCode::REQUEST_TIMEOUT => ErrorObject::new(
            408,
            "REQUEST_TIMEOUT",
            "Request timeout",
            "The body did not come in time; nothing was done.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        StatusCode::SERVICE_UNAVAILABLE => unavailable(),
        status if status.is_server_error() => internal(),
        status if status.is_client_error() => ErrorObject::bad_request("The request cannot be understood."),
        _ => return None,
    })
}

/// An answer that is complete: nothing is to be told in its stead.
#[derive(Clone)]
struct Whole;

/// Marks an answer as complete.
pub fn as_it_is(mut response: Response) -> Response {
    response.extensions_mut().insert(Whole);
    response
}

/// The answer with its error document, if it has one.
pub fn told(mut response: Response, id: &RequestId) -> Response {
    if response.extensions().get::<Whole>().is_some() {
        return response;
    }
    let told = response.extensions_mut().remove::<Errors>().map(|Errors(errors)| errors);
    if told.is_none() && response.status() == StatusCode::BAD_REQUEST {
        // The one refusal of the router's own: a path that is no text, which leads nowhere.
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    let errors = told.or_else(|| bare(response.status()).map(|error| vec![error]));
    as_it_is(match errors {
        Some(errors) => with_errors(response, &errors, id),
        None => response,
    })
}

pub async fn finish(request: Request, next: Next) -> Response {
    let id = RequestId::of(request.extensions());
    let asks_for_methods = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    // `OPTIONS` asks which methods the address has (RFC 9110 section 9.3.7); the router lists them in
    // `Allow` on its way out, as for any method that an address lacks.
    if asks_for_methods && response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response = StatusCode::NO_CONTENT.into_response();
    }
    let mut response = told(response, &id);
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    response
}

pub fn too_large() -> ErrorObject {
    ErrorObject::new(413, "PAYLOAD_TOO_LARGE", "Payload too large", "The body is larger than 1 MiB.")
}

/// The same answer (its status, its headers) with a document for a body.
fn with_errors(response: Response, errors: &[ErrorObject], id: &RequestId) -> Response {
    let (mut parts, _) = response.into_parts();
    let headers = &mut parts.headers;
    headers.remove(header::CONTENT_LENGTH);
    // An error that is told in the profile's words is an application of the profile.
    let is_of_profile =
        |error: &ErrorObject| error.kind.is_some_and(|kind| kind.starts_with(CURSOR_PAGINATION));
    let media_type = if errors.iter().any(is_of_profile) { JSON_API_PAGED } else { JSON_API };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    match parts.status {
        StatusCode::UNAUTHORIZED => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
        }
        _ => {}
    }
    let body = serde_json::to_vec(&error_document(errors, id.as_str())).unwrap_or_default();
    Response::from_parts(parts, Body::from(body))
}
