//! Which field of a form a refusal is about. [`crate::ui::messages`] says it above the form, too.

use std::collections::BTreeMap;

use crate::kernel::problem::Problem;
use crate::ui::locale::formats::Formats;
use crate::ui::messages;

/// By the name of the field, as forms have it: what is wrong with what was typed there. Empty where a
/// refusal is about no field.
pub type FieldFaults = BTreeMap<String, String>;

pub fn field_faults(problem: &Problem, formats: &Formats) -> FieldFaults {
    match problem {
        Problem::Invalid(fields) => fields
            .iter()
            .map(|invalid| {
                (invalid.field.word().to_owned(), messages::field_sentence(invalid.field, invalid.fault))
            })
            .collect(),
        Problem::Several(problems) => {
            problems.iter().flat_map(|problem| field_faults(problem, formats)).collect()
        }
        single => field_of(single)
            .map(|field| (field.to_owned(), messages::sentence(single, formats)))
            .into_iter()
            .collect(),
    }
}

const fn field_of(problem: &Problem) -> Option<&'static str> {
    match problem {
        Problem::EmailTaken { .. } | Problem::OperatorExists(_) | Problem::PersonEmailUnknown(_) => {
            Some("email")
        }
        Problem::ExternalIdTaken { .. } => Some("external_workspace_id"),
        Problem::WorkspacesUnknown(_) => Some("pasted"),
        Problem::NotConfirmed(_) => Some("name"),
        Problem::ScopeMissing => Some("scopes"),
        Problem::DayMalformed(_) | Problem::DayOutOfRange => Some("day"),
        Problem::PasswordWrong => Some("old"),
        Problem::SignInRefused => Some("password"),
        Problem::OperatorLinked(_) | Problem::IdentityTaken => Some("subject"),
        Problem::Invalid(_)
        | Problem::Several(_)
        | Problem::SignedOut
        | Problem::Forbidden(_)
        | Problem::EnrollmentNotFound(_)
        | Problem::GroupNotFound(_)
        | Problem::WorkspaceNotFound(_)
        | Problem::PersonNotFound(_)
        | Problem::EventNotFound(_)
        | Problem::OperatorNotFound(_)
        | Problem::OperatorEmailUnknown(_)
        | Problem::TokenNotFound(_)
        | Problem::ImportNotFound(_)
        | Problem::SignInLinkRefused
        | Problem::TriedTooOften { .. }
        | Problem::NotSignedInBy { .. }
        | Problem::NotEnrolled { .. }
        | Problem::GroupRemoved(_)
        | Problem::WorkspaceRemoved(_)
        | Problem::AlreadyEnrolled(_)
        | Problem::EnrollmentsChanged(_)
        | Problem::ChangedMeanwhile
        | Problem::GroupHasLiveEnrollments(_)
        | Problem::WorkspaceHasLiveEnrollments(_)
        | Problem::OwnPerson
        | Problem::NothingSelected
        | Problem::ImportStarted(_)
        | Problem::ImportRefused(_)
        | Problem::FormMalformed
        | Problem::FormTooLarge { .. }
        | Problem::FilterUnknown(_)
        | Problem::InvalidCursor
        | Problem::OwnOperator
        | Problem::LastAdmin
        | Problem::OperatorDisabled(_)
        | Problem::OperatorWithoutPerson(_) => None,
    }
}
