//! What a refusal is called in HTTP: status, code, title, detail.

use std::str::FromStr;

use crate::jsonapi::error::{ErrorObject, Source};
use crate::jsonapi::resource_type::ResourceType;
use crate::kernel::id::{PersonId, WorkspaceId};
use crate::kernel::problem::{InvalidField, Privilege, Problem};
use crate::kernel::text::TextFault;
use crate::platform::failure::Failure;
use crate::resources::enrollments::api::ENROLLMENT;
use crate::resources::people::api::PEOPLE;
use crate::resources::workspaces::api::WORKSPACE;

/// Why an API request is not answered as asked.
#[derive(Debug)]
pub enum Refusal {
    /// At least one.
    Errors(Vec<ErrorObject>),
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

/// Says where in the body the thing stands that a problem is about.
pub trait Located<T> {
    /// `place` gives the pointer for a problem that the body caused, `None` for others.
    fn located(self, place: impl Fn(&Problem) -> Option<String>) -> Answer<T>;
}

impl<T> Located<T> for Result<T, Failure> {
    fn located(self, place: impl Fn(&Problem) -> Option<String>) -> Answer<T> {
        self.map_err(|failure| match failure {
            Failure::Problem(Problem::Several(problems)) => {
                Refusal::Errors(problems.iter().flat_map(|problem| placed(problem, &place)).collect())
            }
            Failure::Problem(problem) => Refusal::Errors(placed(&problem, &place)),
            other @ (Failure::Unavailable(_) | Failure::Conflict(_) | Failure::Fault(_)) => {
                Refusal::Failure(other)
            }
        })
    }
}

fn placed(problem: &Problem, place: impl Fn(&Problem) -> Option<String>) -> Vec<ErrorObject> {
    let pointer = place(problem);
    error_objects(problem)
        .into_iter()
        .map(|error| match &pointer {
            Some(pointer) => error.pointer(pointer.clone()),
            None => error,
        })
        .collect()
}

impl Refusal {
    /// The same refusal with each error object changed.
    #[must_use]
    pub fn map_errors(self, change: impl Fn(ErrorObject) -> ErrorObject) -> Self {
        let errors = match self {
            Self::Errors(errors) => errors,
            Self::Failure(Failure::Problem(problem)) => error_objects(&problem),
            failure @ Self::Failure(Failure::Unavailable(_) | Failure::Conflict(_) | Failure::Fault(_)) => {
                return failure;
            }
        };
        Self::Errors(errors.into_iter().map(change).collect())
    }
}

/// An id in a path. One that is none names nothing, and is as absent as one that nobody has.
pub fn path_id<T: FromStr>(text: &str, resource_type: &ResourceType) -> Result<T, ErrorObject> {
    text.parse().map_err(|_| {
        let detail = format!("There is no {} of this id.", resource_type.kind);
        ErrorObject::new(404, resource_type.not_found, "Not found", detail)
    })
}

/// The name of a relationship in a path, of a type that has none of this name.
pub fn no_relationship(name: &str, resource_type: &ResourceType) -> ErrorObject {
    let detail = format!("There is no relationship {name} in {}.", resource_type.kind);
    ErrorObject::new(404, "NOT_FOUND", "Not found", detail)
}

fn not_found(code: &'static str, what: &str, id: impl std::fmt::Display) -> ErrorObject {
    ErrorObject::new(404, code, "Not found", format!("There is no {what} {id}."))
}

/// One problem, one error object, but for those that hold several.
pub fn error_objects(problem: &Problem) -> Vec<ErrorObject> {
    vec![match problem {
        Problem::EnrollmentNotFound(id) => {
            not_found("WORKSPACE_GROUP_WORKSPACE_NOT_FOUND", "workspace_group_workspace", id)
        }
        Problem::GroupNotFound(id) => not_found("WORKSPACE_GROUP_NOT_FOUND", "workspace_group", id),
        Problem::WorkspaceNotFound(id) => not_found("WORKSPACE_NOT_FOUND", "workspace", id),
        Problem::PersonNotFound(id) => not_found("PEOPLE_NOT_FOUND", "people", id),
        Problem::EventNotFound(id) => not_found("NOT_FOUND", "enrollment_event", id),
        Problem::NotEnrolled { group, workspace } => ErrorObject::new(
            404,
            "WORKSPACE_GROUP_WORKSPACE_NOT_FOUND",
            "Not found",
            format!("Workspace {workspace} is not in workspace group {group}."),
        ),
        Problem::GroupRemoved(id) => removed("workspace_group", id),
        Problem::WorkspaceRemoved(id) => removed("workspace", id),
        Problem::EmailTaken { email, person } => email_taken(email, *person),
        Problem::ExternalIdTaken { external_id, workspace, .. } => external_id_taken(external_id, *workspace),
        Problem::PersonEmailUnknown(email) => {
            not_found("PEOPLE_NOT_FOUND", "people with the e-mail address", email)
        }
        Problem::AlreadyEnrolled(live) => ErrorObject::new(
            409,
            "WORKSPACE_GROUP_WORKSPACE_ALREADY_EXISTS",
            "Already enrolled",
            format!(
                "Workspace {} already has a live enrollment in workspace group {}.",
                live.workspace, live.group
            ),
        )
        .about(format!("{}/{}", ENROLLMENT.base, live.id)),
        Problem::GroupHasLiveEnrollments(count) => {
            live_enrollments("GROUP_HAS_LIVE_ENROLLMENTS", "workspace group", *count)
        }
        Problem::WorkspaceHasLiveEnrollments(count) => {
            live_enrollments("WORKSPACE_HAS_LIVE_ENROLLMENTS", "workspace", *count)
        }
        Problem::WorkspacesUnknown(words) => not_found("WORKSPACE_NOT_FOUND", "workspace", words.join(", ")),
        Problem::Invalid(fields) => return fields.iter().map(invalid).collect(),
        Problem::InvalidCursor => ErrorObject::new(
            400,
            "INVALID_CURSOR",
            "Invalid cursor",
            "The cursor is not one that this list has handed out.",
        ),
        // What the API does not offer, it need not refuse in detail.
        Problem::EnrollmentsChanged(_)
        // A client says what it saw by If-Match.
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
        | Problem::FormTooLarge { .. } => desk_alone(),
        Problem::Several(problems) => return problems.iter().flat_map(error_objects).collect(),
        Problem::Forbidden(privilege) => {
            let detail = match privilege {
                Privilege::Write => "This needs a token with the scope write.",
                Privilege::Attribute => "This needs a token with the scope pipeline.",
                Privilege::Administer => "This needs an admin, and is not done with a token.",
            };
            ErrorObject::new(403, "FORBIDDEN", "Forbidden", detail)
        }
        Problem::SignedOut
        | Problem::SignInRefused
        | Problem::SignInLinkRefused
        | Problem::NotSignedInBy { .. } => unauthorized(),
    }]
}

fn email_taken(email: &str, person: Option<PersonId>) -> ErrorObject {
    let conflict = ErrorObject::new(
        409,
        "EMAIL_ALREADY_EXISTS",
        "E-mail address already exists",
        format!("Another person has the e-mail address {email}."),
    );
    held_by(conflict.pointer("/data/attributes/email"), &PEOPLE, person)
}

fn external_id_taken(external_id: &str, workspace: Option<WorkspaceId>) -> ErrorObject {
    let conflict = ErrorObject::new(
        409,
        "EXTERNAL_WORKSPACE_ID_ALREADY_EXISTS",
        "External workspace id already exists",
        format!("Another workspace, perhaps a removed one, has the external id {external_id}."),
    );
    held_by(conflict.pointer("/data/attributes/external_workspace_id"), &WORKSPACE, workspace)
}

/// A conflict over a value that one resource alone can have, with a link to that resource.
fn held_by(
    conflict: ErrorObject,
    resource_type: &ResourceType,
    id: Option<impl std::fmt::Display>,
) -> ErrorObject {
    match id {
        Some(id) => conflict.about(format!("{}/{id}", resource_type.base)),
        None => conflict,
    }
}

fn desk_alone() -> ErrorObject {
    ErrorObject::new(403, "FORBIDDEN", "Forbidden", "This is done at the desk alone.")
}

/// No token, or none that works; which of these is not told.
pub fn unauthorized() -> ErrorObject {
    ErrorObject::new(
        401,
        "UNAUTHORIZED",
        "Unauthorized",
        "This needs a valid token, sent as 'Authorization: Bearer <token>'.",
    )
    .at(Source::Header("Authorization"))
}

fn removed(what: &str, id: impl std::fmt::Display) -> ErrorObject {
    let detail = format!("The {what} {id} was removed and cannot be changed any more.");
    ErrorObject::new(409, "RESOURCE_REMOVED", "Resource removed", detail)
}

fn live_enrollments(code: &'static str, what: &str, count: i64) -> ErrorObject {
    let plural = if count == 1 { "" } else { "s" };
    let detail = format!("The {what} has {count} live enrollment{plural}; remove them first.");
    ErrorObject::new(409, code, "Has live enrollments", detail).meta("live_enrollments", count)
}

pub fn invalid(field: &InvalidField) -> ErrorObject {
    let name = field.field.word();
    let fault = match field.fault {
        TextFault::Blank => "must not be blank".to_owned(),
        TextFault::Nameless => "must not be blank where the other name is blank or missing".to_owned(),
        TextFault::TooShort { min } => format!("must have at least {min} characters"),
        TextFault::TooLong { max } => format!("must have at most {max} characters"),
        TextFault::ControlCharacter => "must not hold control characters".to_owned(),
        TextFault::NotAnEmail => "has to be an e-mail address".to_owned(),
    };
    ErrorObject::validation(format!("/data/attributes/{name}"), format!("{name} {fault}."))
}
