//! What a refusal or a success sounds like to a person. The other table is `api/error.rs`.

use super::formats::Formats;
use crate::kernel::problem::{Field, Privilege, Problem};
use crate::kernel::text::TextFault;

pub const UNAVAILABLE: &str = "The desk cannot reach its database at the moment. Try again shortly.";

/// Our fault; the log has it under this request id.
pub fn fault(request_id: &str) -> String {
    format!("Something went wrong on our side. If it stays so, tell an admin: request {request_id}.")
}

/// What was refused, and what to do about it.
pub fn sentence(problem: &Problem, formats: &Formats) -> String {
    match problem {
        Problem::EnrollmentNotFound(_) => "This enrollment does not exist.".to_owned(),
        Problem::GroupNotFound(_) => "This group does not exist, or was removed.".to_owned(),
        Problem::WorkspaceNotFound(id) => format!("There is no workspace {id}, or it was removed."),
        Problem::PersonNotFound(_) => "This person does not exist any more.".to_owned(),
        Problem::EventNotFound(_) => "There is no such entry in the history.".to_owned(),
        Problem::NotEnrolled { .. } => "The workspace is not in this group any more.".to_owned(),
        Problem::GroupRemoved(_) => "This group was removed; it cannot be changed any more.".to_owned(),
        Problem::WorkspaceRemoved(_) => {
            "This workspace was removed; it cannot be changed any more.".to_owned()
        }
        Problem::EmailTaken(email) => format!("Another person has the e-mail address {email} already."),
        Problem::ExternalIdTaken(id) => format!("Another workspace has the external id {id} already."),
        Problem::PersonEmailUnknown(email) => format!("No person has the e-mail address {email}."),
        Problem::AlreadyEnrolled(live) => {
            let by = live.enrolled_by.as_ref().map(|name| format!(" by {name}")).unwrap_or_default();
            format!(
                "{} is already in {}, enrolled{by} on {}.",
                live.workspace_name,
                live.group_name,
                formats.day(live.enrolled_at)
            )
        }
        Problem::EnrollmentsChanged(number) => format!(
            "The group changed meanwhile: it holds {} now. Look again, and confirm.",
            formats.count(i64::try_from(*number).unwrap_or(i64::MAX), "workspace", "workspaces")
        ),
        Problem::GroupHasLiveEnrollments(number) => {
            format!(
                "The group still holds {}. Remove them first.",
                formats.count(*number, "workspace", "workspaces")
            )
        }
        Problem::WorkspaceHasLiveEnrollments(number) => {
            format!(
                "The workspace is still in {}. Remove it there first.",
                formats.count(*number, "group", "groups")
            )
        }
        Problem::WorkspacesUnknown(words) => format!(
            "{} not found: {}.",
            if words.len() == 1 { "One workspace was" } else { "Some workspaces were" },
            words.join(", ")
        ),
        Problem::OwnPerson => {
            "You are signed in as this person, so you cannot delete them. Another admin can.".to_owned()
        }
        Problem::NotConfirmed(wanted) => {
            format!("Nothing was deleted: what you typed is not “{wanted}”.")
        }
        Problem::OperatorExists(email) => {
            format!("There is an operator with the e-mail address {email} already.")
        }
        Problem::Invalid(fields) => {
            let told: Vec<_> =
                fields.iter().map(|invalid| field_sentence(invalid.field, invalid.fault)).collect();
            told.join(" ")
        }
        Problem::FormMalformed => "The form was not complete. Load the page anew and try again.".to_owned(),
        Problem::InvalidCursor => {
            "This link leads to a page that does not exist. Start at the beginning.".to_owned()
        }
        Problem::Several(problems) => {
            let told: Vec<_> = problems.iter().map(|problem| sentence(problem, formats)).collect();
            told.join(" ")
        }
        Problem::Forbidden(privilege) => match privilege {
            Privilege::Write => {
                "Only admins may change anything. You can look, search and export.".to_owned()
            }
            Privilege::Attribute => "Only admins may say in whose name an enrollment stands.".to_owned(),
        },
        Problem::SignedOut => "You are signed out. Sign in to go on.".to_owned(),
        Problem::SignInRefused => "E-mail address and password do not belong together.".to_owned(),
        Problem::SignInLinkRefused => {
            "This link has been used or has expired. Ask an admin for a new one.".to_owned()
        }
    }
}

pub fn field_sentence(field: Field, fault: TextFault) -> String {
    let name = match field {
        Field::Name => "The name",
        Field::FirstName => "The first name",
        Field::LastName => "The last name",
        Field::Description => "The description",
        Field::ExternalWorkspaceId => "The external id",
        Field::AvatarColor => "The color",
        Field::Email => "The e-mail address",
        Field::Password => "The password",
    };
    match fault {
        TextFault::Blank => format!("{name} is missing."),
        TextFault::TooShort { min } => format!("{name} needs at least {min} characters."),
        TextFault::TooLong { max } => format!("{name} may have at most {max} characters."),
        TextFault::ControlCharacter => format!("{name} holds a character that cannot be shown."),
        TextFault::NotAnEmail => format!("{name} is not of the form name@example.com."),
    }
}
