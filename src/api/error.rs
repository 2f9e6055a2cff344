//! Maps refusals to JSON:API errors: each problem to a code, a detail and the part of the request that caused it.

use std::fmt::Display;
use std::str::FromStr;

use crate::api::error_code as codes;
use crate::api::error_code::ErrorCode;
use crate::jsonapi::error::{ErrorObject, Source};
use crate::jsonapi::resource_type::ResourceType;
use crate::kernel::problem::{InvalidField, Privilege, Problem};
use crate::kernel::text::TextFault;
use crate::platform::failure::Failure;

/// The collections that errors link to.
const ENROLLMENTS: &str = "/v1/workspace-group-workspaces";
const PEOPLE: &str = "/v1/people";
const WORKSPACES: &str = "/v1/workspaces";

/// Why an API request fails.
#[derive(Debug)]
pub enum Refusal {
    /// At least one error.
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

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Problem(problem) => problem.into(),
            Failure::Unavailable(_) | Failure::Conflict(_) | Failure::Fault(_) => Self::Failure(failure),
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Errors(error_objects(&problem))
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        Failure::from(error).into()
    }
}

pub type Answer<T> = Result<T, Refusal>;

/// Locates problems in the body of the request.
pub trait Located<T> {
    /// `pointer` returns the JSON Pointer for a problem that the body caused, `None` for others.
    fn located(self, pointer: impl Fn(&Problem) -> Option<String>) -> Answer<T>;
}

impl<T> Located<T> for Result<T, Failure> {
    fn located(self, pointer: impl Fn(&Problem) -> Option<String>) -> Answer<T> {
        self.map_err(|failure| match failure {
            Failure::Problem(problem) => Refusal::Errors(located_errors(&problem, &pointer)),
            other @ (Failure::Unavailable(_) | Failure::Conflict(_) | Failure::Fault(_)) => other.into(),
        })
    }
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

impl Refusal {
    /// Applies `change` to each error object.
    #[must_use]
    pub fn map_errors(self, change: impl Fn(ErrorObject) -> ErrorObject) -> Self {
        match self {
            Self::Errors(errors) => Self::Errors(errors.into_iter().map(change).collect()),
            failure @ Self::Failure(_) => failure,
        }
    }
}

/// Parses an id in a path. A malformed id belongs to no resource, so it is not found like an unknown one.
pub fn path_id<T: FromStr>(text: &str, resource_type: &ResourceType) -> Result<T, ErrorObject> {
    text.parse().map_err(|_| {
        ErrorObject::of(resource_type.not_found, format!("No {} with this id exists.", resource_type.noun.0))
    })
}

/// The path names a relationship that the type does not have.
pub fn no_relationship(name: &str, resource_type: &ResourceType) -> ErrorObject {
    let detail = format!("{} has no relationship {name}.", resource_type.kind);
    ErrorObject::of(&codes::NOT_FOUND, detail)
}

fn missing(code: &ErrorCode, noun: &str, id: impl Display) -> ErrorObject {
    ErrorObject::of(code, format!("No {noun} with id {id} exists."))
}

/// One error object for each problem, and for each invalid field.
pub fn error_objects(problem: &Problem) -> Vec<ErrorObject> {
    let error = ErrorObject::of;
    vec![match problem {
        Problem::EnrollmentNotFound(id) => {
            missing(&codes::WORKSPACE_GROUP_WORKSPACE_NOT_FOUND, "enrollment", id)
        }
        Problem::GroupNotFound(id) => missing(&codes::WORKSPACE_GROUP_NOT_FOUND, "workspace group", id),
        Problem::WorkspaceNotFound(id) => missing(&codes::WORKSPACE_NOT_FOUND, "workspace", id),
        Problem::PersonNotFound(id) => missing(&codes::PEOPLE_NOT_FOUND, "person", id),
        Problem::EventNotFound(id) => missing(&codes::NOT_FOUND, "enrollment event", id),
        Problem::AdminEventNotFound(id) => missing(&codes::NOT_FOUND, "administration event", id),
        Problem::NotEnrolled { group, workspace } => error(
            &codes::WORKSPACE_GROUP_WORKSPACE_NOT_FOUND,
            format!("Workspace {workspace} is not in workspace group {group}."),
        ),
        Problem::PersonEmailUnknown(email) => {
            error(&codes::PEOPLE_NOT_FOUND, format!("No person has the e-mail address {email}."))
        }
        Problem::WorkspacesUnknown(ids) => error(
            &codes::WORKSPACE_NOT_FOUND,
            format!("No workspace has the id or external id {}.", ids.join(", ")),
        ),
        Problem::GroupRemoved(id) => removed("workspace group", id),
        Problem::WorkspaceRemoved(id) => removed("workspace", id),
        Problem::EmailTaken { email, person } => {
            let detail = format!("Another person has the e-mail address {email}.");
            taken(&codes::EMAIL_ALREADY_EXISTS, detail, "email", (PEOPLE, *person))
        }
        Problem::ExternalIdTaken { external_id, workspace, .. } => {
            let detail =
                format!("Another workspace, which may be removed, has the external id {external_id}.");
            let code = &codes::EXTERNAL_WORKSPACE_ID_ALREADY_EXISTS;
            taken(code, detail, "external_workspace_id", (WORKSPACES, *workspace))
        }
        Problem::AlreadyEnrolled(live) => error(
            &codes::WORKSPACE_GROUP_WORKSPACE_ALREADY_EXISTS,
            format!(
                "Workspace {} already has a live enrollment in workspace group {}.",
                live.workspace, live.group
            ),
        )
        .about(format!("{ENROLLMENTS}/{}", live.id)),
        Problem::GroupHasLiveEnrollments(count) => {
            live_enrollments(&codes::GROUP_HAS_LIVE_ENROLLMENTS, "workspace group", *count)
        }
        Problem::WorkspaceHasLiveEnrollments(count) => {
            live_enrollments(&codes::WORKSPACE_HAS_LIVE_ENROLLMENTS, "workspace", *count)
        }
        Problem::Invalid(fields) => return fields.iter().map(invalid).collect(),
        Problem::InvalidCursor => {
            ErrorObject::of(&codes::INVALID_CURSOR, "The cursor does not belong to this list.")
        }
        Problem::Several(problems) => return problems.iter().flat_map(error_objects).collect(),
        Problem::Forbidden(privilege) => forbidden(match privilege {
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
        | Problem::ChangedMeanwhile
        | Problem::ImportNotFound(_)
        | Problem::ImportStarted(_)
        | Problem::ImportRefused(_)
        | Problem::OperatorExists(_)
        | Problem::OperatorNotFound(_)
        | Problem::OperatorEmailUnknown(_)
        | Problem::PasswordWrong
        | Problem::OwnPerson
        | Problem::NothingSelected
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
        | Problem::FormTooLarge { .. } => forbidden("This action is only available in the web interface."),
    }]
}

/// Another resource has a value that must be unique; the error links to it if it is known.
fn taken(
    code: &ErrorCode,
    detail: String,
    attribute: &str,
    (collection, id): (&str, Option<impl Display>),
) -> ErrorObject {
    let error = ErrorObject::of(code, detail).pointer(format!("/data/attributes/{attribute}"));
    match id {
        Some(id) => error.about(format!("{collection}/{id}")),
        None => error,
    }
}

fn forbidden(detail: &str) -> ErrorObject {
    ErrorObject::of(&codes::FORBIDDEN, detail)
}

/// The token is missing or invalid; the error does not reveal which.
pub fn unauthorized() -> ErrorObject {
    let detail = "This request requires a valid token, sent as 'Authorization: Bearer <token>'.";
    ErrorObject::of(&codes::UNAUTHORIZED, detail).at(Source::Header("Authorization"))
}

fn removed(noun: &str, id: impl Display) -> ErrorObject {
    let detail = format!("The {noun} {id} is removed and can no longer be changed.");
    ErrorObject::of(&codes::RESOURCE_REMOVED, detail)
}

fn live_enrollments(code: &ErrorCode, noun: &str, count: i64) -> ErrorObject {
    let plural = if count == 1 { "" } else { "s" };
    let detail = format!("The {noun} has {count} live enrollment{plural}; remove them first.");
    ErrorObject::of(code, detail).meta("live_enrollments", count)
}

pub fn invalid(field: &InvalidField) -> ErrorObject {
    let name = field.field.into_str();
    let fault = match field.fault {
        TextFault::Blank => "must not be blank".to_owned(),
        TextFault::Nameless => "must not be blank if the other name is blank or missing".to_owned(),
        TextFault::TooShort { min } => format!("must have at least {min} characters"),
        TextFault::TooLong { max } => format!("must have at most {max} characters"),
        TextFault::ControlCharacter => "must not contain control characters".to_owned(),
        TextFault::NotAnEmail => "must be an e-mail address".to_owned(),
    };
    ErrorObject::validation(format!("/data/attributes/{name}"), format!("{name} {fault}."))
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
