//! Maps refusals to JSON:API errors. The outermost layer of the API, [`finalize`], turns every failure into an error
//! document with the trace id, also failures outside of the handlers (an unknown path or method, a body over the limit, a
//! panic).

use std::fmt::Display;
use std::str::FromStr;

use axum::Extension;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::error_code::{self as codes, ErrorCode};
use crate::jsonapi::error::{
    ERRORS_MAX, ErrorObject, Source, common_status, error_document, invalid_parameter, validation,
};
use crate::jsonapi::media_type::{CURSOR_PAGINATION, JSON_API, JSON_API_PAGED};
use crate::jsonapi::resource_type::ResourceType;
use crate::kernel::id::GroupId;
use crate::kernel::problem::{InvalidField, LiveEnrollment, Privilege, Problem};
use crate::kernel::text::TextFault;
use crate::platform::call::RequestId;
use crate::platform::failure::{Failure, Outcome};
use crate::platform::http::BODY_MAX;
use crate::platform::http::trace::FaultNote;

const ENROLLMENTS: &str = "/v1/workspace-group-workspaces";
const PEOPLE: &str = "/v1/people";
const WORKSPACES: &str = "/v1/workspaces";

#[derive(Debug)]
pub enum Refusal {
    Errors(Vec<ErrorObject>),
    /// Never a [`Failure::Problem`]: the conversion makes errors of it.
    Failure(Failure),
}

impl From<ErrorObject> for Refusal {
    fn from(error: ErrorObject) -> Self {
        Self::Errors(vec![error])
    }
}

impl From<Vec<ErrorObject>> for Refusal {
    fn from(errors: Vec<ErrorObject>) -> Self {
        Self::Errors(errors)
    }
}

impl<E: Into<Failure>> From<E> for Refusal {
    fn from(error: E) -> Self {
        match error.into() {
            Failure::Problem(problem) => Self::Errors(error_objects(&problem)),
            failure @ (Failure::Unavailable(_) | Failure::Conflict(_) | Failure::Fault(_)) => {
                Self::Failure(failure)
            }
        }
    }
}

pub type ApiResult<T = Response> = Result<T, Refusal>;

/// `pointer` returns the JSON Pointer for a problem that the body caused.
pub fn located<T>(result: Outcome<T>, pointer: impl Fn(&Problem) -> Option<String>) -> ApiResult<T> {
    result.map_err(|failure| match failure {
        Failure::Problem(problem) => Refusal::Errors(located_errors(&problem, &pointer)),
        other @ (Failure::Unavailable(_) | Failure::Conflict(_) | Failure::Fault(_)) => other.into(),
    })
}

fn located_errors(problem: &Problem, pointer: &impl Fn(&Problem) -> Option<String>) -> Vec<ErrorObject> {
    if let Problem::Several(problems) = problem {
        return problems.iter().flat_map(|problem| located_errors(problem, pointer)).collect();
    }
    let errors = error_objects(problem);
    match pointer(problem) {
        Some(pointer) => errors.into_iter().map(|error| error.pointer(pointer.clone())).collect(),
        None => errors,
    }
}

/// A malformed id belongs to no resource, so it is not found like an unknown one.
pub fn path_id<T: FromStr>(text: &str, resource_type: &ResourceType) -> Result<T, ErrorObject> {
    text.parse().map_err(|_| {
        resource_type.not_found.error(format!("No {} with this id exists.", resource_type.noun.0))
    })
}

pub fn no_relationship(name: &str, resource_type: &ResourceType) -> ErrorObject {
    codes::NOT_FOUND.error(format!("{} has no relationship {name}.", resource_type.type_name))
}

fn missing(code: &'static ErrorCode, noun: &str, id: impl Display) -> ErrorObject {
    code.error(format!("No {noun} with id {id} exists."))
}

#[expect(clippy::too_many_lines, reason = "each problem has its line")]
pub fn error_objects(problem: &Problem) -> Vec<ErrorObject> {
    vec![match problem {
        Problem::EnrollmentNotFound(id) => {
            missing(&codes::WORKSPACE_GROUP_WORKSPACE_NOT_FOUND, "enrollment", id)
        }
        Problem::GroupNotFound(id) => missing(&codes::WORKSPACE_GROUP_NOT_FOUND, "workspace group", id),
        Problem::WorkspaceNotFound(id) => missing(&codes::WORKSPACE_NOT_FOUND, "workspace", id),
        Problem::PersonNotFound(id) => missing(&codes::PEOPLE_NOT_FOUND, "person", id),
        Problem::EventNotFound(id) => missing(&codes::NOT_FOUND, "enrollment event", id),
        Problem::AdminEventNotFound(id) => missing(&codes::NOT_FOUND, "administration event", id),
        Problem::ChangeSetNotFound(id) => missing(&codes::NOT_FOUND, "change set", id),
        Problem::ReasonRequired { group, above } => reason_required(*group, *above),
        Problem::PreviewChanged => codes::PREVIEW_CHANGED
            .error("What the preview showed has changed. Nothing was changed; preview it again."),
        Problem::OtherHistory => codes::PREVIEW_CHANGED.error(
            "The database was restored from a backup after the preview was made. Nothing was changed; preview it again.",
        ),
        Problem::NothingToUndo => {
            codes::NOTHING_TO_UNDO.error("The change set has no change that can still be undone.")
        }
        Problem::ImportUnderWay(id) => codes::IMPORT_UNDER_WAY
            .error(format!("The import {id} has not ended. Cancel it or wait until it ends.")),
        Problem::NothingSelected => validation("/data", "data must name at least one workspace."),
        Problem::MomentInFuture => validation("/meta/as_of", "as_of must not be in the future."),
        Problem::SameGroup => {
            let detail = "The destination must be another workspace group.";
            validation("/meta/to", detail)
        }
        Problem::NotEnrolled { group, workspace } => {
            let detail = format!("Workspace {workspace} is not in workspace group {group}.");
            codes::WORKSPACE_GROUP_WORKSPACE_NOT_FOUND.error(detail)
        }
        Problem::PersonEmailUnknown(email) => {
            codes::PEOPLE_NOT_FOUND.error(format!("No person has the e-mail address {email}."))
        }
        Problem::WorkspacesUnknown(ids) => {
            let ids = ids.join(", ");
            codes::WORKSPACE_NOT_FOUND.error(format!("No workspace has the id or external id {ids}."))
        }
        Problem::GroupRemoved(id) => removed("workspace group", id),
        Problem::WorkspaceRemoved(id) => removed("workspace", id),
        Problem::EmailTaken { email, person } => {
            let detail = format!("Another person has the e-mail address {email}.");
            taken(&codes::EMAIL_ALREADY_EXISTS, detail, "email", person.map(|id| format!("{PEOPLE}/{id}")))
        }
        Problem::ExternalIdTaken { external_id, workspace, .. } => {
            let detail =
                format!("Another workspace, which may be removed, has the external id {external_id}.");
            let about = workspace.map(|id| format!("{WORKSPACES}/{id}"));
            taken(&codes::EXTERNAL_WORKSPACE_ID_ALREADY_EXISTS, detail, "external_workspace_id", about)
        }
        Problem::AlreadyEnrolled(live) => {
            let LiveEnrollment { id, group, workspace, .. } = &**live;
            let detail =
                format!("Workspace {workspace} already has a live enrollment in workspace group {group}.");
            codes::WORKSPACE_GROUP_WORKSPACE_ALREADY_EXISTS.error(detail).about(format!("{ENROLLMENTS}/{id}"))
        }
        Problem::GroupHasLiveEnrollments(count) => {
            live_enrollments(&codes::GROUP_HAS_LIVE_ENROLLMENTS, "workspace group", *count)
        }
        Problem::WorkspaceHasLiveEnrollments(count) => {
            live_enrollments(&codes::WORKSPACE_HAS_LIVE_ENROLLMENTS, "workspace", *count)
        }
        Problem::Invalid(fields) => return fields.iter().map(invalid).collect(),
        Problem::InvalidCursor => codes::INVALID_CURSOR.error("The cursor does not belong to this list."),
        Problem::SearchTooBroad => {
            let detail =
                "Too many workspaces or groups match filter[q]. Send a longer text or another filter.";
            invalid_parameter("filter[q]", detail)
        }
        Problem::Several(problems) => return problems.iter().flat_map(error_objects).collect(),
        Problem::Forbidden(privilege) => codes::FORBIDDEN.error(match privilege {
            Privilege::Read => "This request requires a token with the scope read.",
            Privilege::Audit => "This request requires a token with the scope audit.",
            Privilege::Write => "This request requires a token with the scope write.",
            Privilege::Attribute => "This request requires a token with the scope pipeline.",
            Privilege::Administer => "This action requires an admin and is not available through the API.",
        }),
        Problem::SignedOut
        | Problem::SignInRefused
        | Problem::SignInLinkRefused
        | Problem::NotSignedInBy { .. } => unauthorized(),
        // The API does not offer the operations that fail in these ways.
        Problem::EnrollmentsChanged(_)
        | Problem::ChangedByOthers
        | Problem::ImportNotFound(_)
        | Problem::ImportStarted(_)
        | Problem::ImportRefused(_)
        | Problem::RemovalsChanged(_)
        | Problem::RemovalsNotConfirmed(_)
        | Problem::TooManyRemovals { .. }
        | Problem::GroupWouldBeEmpty(_)
        | Problem::OperatorExists(_)
        | Problem::OperatorNotFound(_)
        | Problem::OperatorEmailUnknown(_)
        | Problem::PasswordWrong
        | Problem::OwnPerson
        | Problem::NotConfirmed(_)
        | Problem::OwnOperator
        | Problem::LastAdmin
        | Problem::OperatorDisabled(_)
        | Problem::OperatorWithoutPerson(_)
        | Problem::OperatorLinked(_)
        | Problem::IdentityTaken
        | Problem::TokenNotFound(_)
        | Problem::TriedTooOften { seconds: _ }
        | Problem::ScopeMissing
        | Problem::DayMalformed(_)
        | Problem::DayOutOfRange
        | Problem::FilterUnknown(_)
        | Problem::FormMalformed
        | Problem::FormTooLarge { .. } => {
            codes::FORBIDDEN.error("This action is only available in the web interface.")
        }
    }]
}

fn taken(code: &'static ErrorCode, detail: String, attribute: &str, about: Option<String>) -> ErrorObject {
    ErrorObject { about, ..code.error(detail).pointer(format!("/data/attributes/{attribute}")) }
}

/// It points to the document; a request without one gives the reason in a header.
fn reason_required(group: GroupId, above: Option<i32>) -> ErrorObject {
    let when = above.map_or_else(String::new, |above| {
        let enrollments = if above == 1 { "1 enrollment".to_owned() } else { format!("{above} enrollments") };
        format!(" that concerns more than {enrollments}")
    });
    let detail = format!(
        "The workspace group {group} requires a reason for a change{when}: meta.reason, or the header Groupdesk-Reason."
    );
    codes::REASON_REQUIRED.error(detail).pointer("/meta/reason")
}

/// The token is missing or invalid; the error does not reveal which.
pub fn unauthorized() -> ErrorObject {
    let detail = "This request requires a valid token, sent as 'Authorization: Bearer <token>'.";
    codes::UNAUTHORIZED.error(detail).at(Source::Header("Authorization"))
}

fn removed(noun: &str, id: impl Display) -> ErrorObject {
    codes::RESOURCE_REMOVED.error(format!("The {noun} {id} is removed and can no longer be changed."))
}

fn live_enrollments(code: &'static ErrorCode, noun: &str, count: i64) -> ErrorObject {
    let plural = if count == 1 { "" } else { "s" };
    let detail = format!("The {noun} has {count} live enrollment{plural}; remove them first.");
    code.error(detail).meta("live_enrollments", count)
}

pub fn invalid(field: &InvalidField) -> ErrorObject {
    let name = field.field.into_str();
    validation(format!("/data/attributes/{name}"), format!("{name} {}.", text_fault(field.fault)))
}

/// The end of a sentence about a text.
pub fn text_fault(fault: TextFault) -> String {
    match fault {
        TextFault::Blank => "must not be blank".to_owned(),
        TextFault::Nameless => "must not be blank if the other name is blank or missing".to_owned(),
        TextFault::TooShort { min } => format!("must have at least {min} characters"),
        TextFault::TooLong { max } => format!("must have at most {max} characters"),
        TextFault::ControlCharacter => "must not contain control characters".to_owned(),
        TextFault::NotAnEmail => "must be an e-mail address".to_owned(),
        TextFault::NotANumber { max } => format!("must be a number from 1 to {max}"),
    }
}

const RETRY_AFTER_UNAVAILABLE: &str = "1";

#[derive(Clone)]
struct Errors(Vec<ErrorObject>);

/// The transaction was rolled back and may succeed if it is repeated.
#[derive(Clone)]
pub(super) struct RolledBack;

/// A statement took too long, and would do so again.
#[derive(Clone)]
pub(super) struct TimedOut;

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let is_retryable = matches!(&self, Self::Failure(failure) if failure.is_retryable());
        let is_timeout = matches!(&self, Self::Failure(failure) if !failure.may_succeed_elsewhere());
        let (status, error) = match self {
            Self::Failure(Failure::Problem(problem)) => return Self::from(problem).into_response(),
            Self::Failure(Failure::Unavailable(error) | Failure::Conflict(error)) => {
                (StatusCode::SERVICE_UNAVAILABLE, error)
            }
            Self::Failure(Failure::Fault(error)) => (StatusCode::INTERNAL_SERVER_ERROR, error),
            Self::Errors(mut errors) => {
                errors.truncate(ERRORS_MAX);
                let status = StatusCode::from_u16(common_status(&errors));
                return (status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), Extension(Errors(errors)))
                    .into_response();
            }
        };
        let mut response = (status, Extension(FaultNote(error.to_string()))).into_response();
        if is_retryable {
            response.extensions_mut().insert(RolledBack);
        }
        if is_timeout {
            response.extensions_mut().insert(TimedOut);
        }
        response
    }
}

pub fn too_large() -> ErrorObject {
    codes::PAYLOAD_TOO_LARGE.error(format!("The body is larger than {} MiB.", BODY_MAX >> 20))
}

fn error_for_status(status: StatusCode) -> Option<ErrorObject> {
    Some(match status {
        StatusCode::NOT_FOUND => codes::NOT_FOUND.error("Nothing exists at this URL."),
        StatusCode::METHOD_NOT_ALLOWED => codes::METHOD_NOT_ALLOWED
            .error("This URL does not support the method. The Allow header lists the supported methods."),
        StatusCode::REQUEST_TIMEOUT => {
            codes::REQUEST_TIMEOUT.error("The body did not arrive in time. Nothing was changed.")
        }
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        StatusCode::SERVICE_UNAVAILABLE => {
            codes::UNAVAILABLE.error("The service is temporarily unavailable. Retry shortly.")
        }
        status if status.is_server_error() => codes::INTERNAL_ERROR.error("An unexpected error occurred."),
        status if status.is_client_error() => codes::BAD_REQUEST.error("The request is malformed."),
        _ => return None,
    })
}

#[derive(Clone)]
struct Complete;

/// The response is sent unchanged, without an error document.
pub fn mark_complete(mut response: Response) -> Response {
    response.extensions_mut().insert(Complete);
    response
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::enrollments::api::ENROLLMENT;
    use crate::resources::people::api;
    use crate::resources::workspaces::api::WORKSPACE;

    #[test]
    fn links_use_the_declared_base_paths() {
        let declared = [ENROLLMENT.base, api::PEOPLE.base, WORKSPACE.base];
        assert_eq!([ENROLLMENTS, PEOPLE, WORKSPACES], declared);
    }
}
