//! One refusal of each kind, with values that make every branch of its wording appear.

use std::collections::BTreeSet;
use std::fmt::Debug;

use groupdesk::kernel::problem::{
    Field, ImportFault, InvalidField, LiveEnrollment, Privilege, Problem, ProviderFault,
};
use groupdesk::kernel::text::TextFault;
use strum::VariantNames;

use super::time;

const ID: &str = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
const OTHER: &str = "b2c3d4e5-f6a7-8901-bcde-f12345678901";

fn id<T: std::str::FromStr>(text: &str) -> T {
    text.parse().ok().expect("an id")
}

/// Every refusal that the operations can make.
pub fn problems() -> Vec<Problem> {
    let live = |enrolled_by: Option<&str>| {
        Problem::AlreadyEnrolled(Box::new(LiveEnrollment {
            id: id(ID),
            group: id(ID),
            group_name: "EMEA".to_owned(),
            workspace: id(OTHER),
            workspace_name: "Acme".to_owned(),
            enrolled_by: enrolled_by.map(str::to_owned),
            enrolled_at: time("2026-05-28T09:15:00Z"),
        }))
    };
    let invalid = |field, fault| InvalidField { field, fault };
    let external_id = |is_removed, workspace: Option<&str>| Problem::ExternalIdTaken {
        external_id: "ws-1".to_owned(),
        workspace: workspace.map(id),
        is_removed,
    };
    let email = "ana@example.com".to_owned();
    let subject = "248289761001".to_owned();
    let mut problems = vec![
        Problem::EnrollmentNotFound(id(ID)),
        Problem::GroupNotFound(id(ID)),
        Problem::WorkspaceNotFound(id(ID)),
        Problem::PersonNotFound(id(ID)),
        Problem::EventNotFound(id(ID)),
        Problem::AdminEventNotFound(id(ID)),
        Problem::NotEnrolled { group: id(ID), workspace: id(OTHER) },
        Problem::PersonEmailUnknown(email.clone()),
        live(Some("Ana Lima")),
        live(None),
        Problem::GroupHasLiveEnrollments(1),
        Problem::GroupHasLiveEnrollments(2),
        Problem::WorkspaceHasLiveEnrollments(1),
        Problem::WorkspaceHasLiveEnrollments(2),
        Problem::EnrollmentsChanged(0),
        Problem::EnrollmentsChanged(1),
        Problem::EnrollmentsChanged(2),
        Problem::ChangedByOthers,
        Problem::ChangeSetNotFound(id(ID)),
        Problem::ReasonRequired { group: id(ID), above: None },
        Problem::ReasonRequired { group: id(ID), above: Some(1) },
        Problem::ReasonRequired { group: id(ID), above: Some(20) },
        Problem::PreviewChanged,
        Problem::OtherHistory,
        Problem::NothingToUndo,
        Problem::SameGroup,
        Problem::MomentInFuture,
        Problem::ImportUnderWay(id(ID)),
        Problem::GroupRemoved(id(ID)),
        Problem::WorkspaceRemoved(id(ID)),
        Problem::EmailTaken { email: email.clone(), person: Some(id(ID)) },
        Problem::EmailTaken { email: email.clone(), person: None },
        external_id(false, Some(ID)),
        external_id(true, Some(ID)),
        external_id(false, None),
        Problem::WorkspacesUnknown(vec!["ws-1".to_owned()]),
        Problem::WorkspacesUnknown((1..=12).map(|number| format!("ws-{number}")).collect()),
        Problem::OwnPerson,
        Problem::NothingSelected,
        Problem::NotConfirmed("Ana Lima".to_owned()),
        Problem::ImportNotFound(id(ID)),
        Problem::ImportStarted(id(ID)),
        Problem::RemovalsChanged(0),
        Problem::RemovalsChanged(12),
        Problem::RemovalsNotConfirmed(1),
        Problem::RemovalsNotConfirmed(1_200),
        Problem::TooManyRemovals { group: id(ID), removals: 12, max: 0 },
        Problem::TooManyRemovals { group: id(ID), removals: 120, max: 76 },
        Problem::GroupWouldBeEmpty(id(ID)),
        Problem::OperatorExists(email.clone()),
        Problem::OperatorNotFound(id(ID)),
        Problem::OperatorEmailUnknown(email.clone()),
        Problem::TokenNotFound(id(ID)),
        Problem::OwnOperator,
        Problem::LastAdmin,
        Problem::OperatorDisabled("Ana Lima".to_owned()),
        Problem::OperatorWithoutPerson(email.clone()),
        Problem::OperatorLinked("Ana Lima".to_owned()),
        Problem::IdentityTaken,
        Problem::Invalid(vec![
            invalid(Field::Name, TextFault::Blank),
            invalid(Field::FirstName, TextFault::Nameless),
            invalid(Field::Password, TextFault::TooShort { min: 12 }),
            invalid(Field::Description, TextFault::TooLong { max: 1_000 }),
            invalid(Field::ExternalWorkspaceId, TextFault::ControlCharacter),
            invalid(Field::Email, TextFault::NotAnEmail),
        ]),
        Problem::ScopeMissing,
        Problem::DayMalformed("May 28".to_owned()),
        Problem::DayOutOfRange,
        Problem::FormMalformed,
        Problem::FormTooLarge { max: 1 << 20 },
        Problem::FilterUnknown("action=renamed".to_owned()),
        Problem::InvalidCursor,
        Problem::SearchTooBroad,
        Problem::Several(vec![Problem::GroupNotFound(id(ID)), Problem::WorkspaceNotFound(id(OTHER))]),
        Problem::SignedOut,
        Problem::SignInRefused,
        Problem::SignInLinkRefused,
        Problem::TriedTooOften { seconds: 1 },
        Problem::TriedTooOften { seconds: 150 },
        Problem::PasswordWrong,
    ];
    problems.extend(
        [
            ImportFault::Empty,
            ImportFault::TooManyLines { max: 100_000 },
            ImportFault::TooLarge { max: 32 << 20 },
            ImportFault::NotText,
            ImportFault::QuoteNotClosed,
            ImportFault::BrokenOff,
        ]
        .map(Problem::ImportRefused),
    );
    problems.extend(
        [Privilege::Read, Privilege::Audit, Privilege::Write, Privilege::Attribute, Privilege::Administer]
            .map(Problem::Forbidden),
    );
    problems.extend(
        [
            ProviderFault::Away,
            ProviderFault::Misconfigured,
            ProviderFault::Declined,
            ProviderFault::Stale,
            ProviderFault::Unproven,
            ProviderFault::EmailUnverified { subject: subject.clone() },
            ProviderFault::EmailUnvouched { subject },
            ProviderFault::NoOperator(email),
        ]
        .map(|fault| Problem::NotSignedInBy { provider: "Example ID".to_owned(), fault }),
    );
    assert_complete(&problems, Problem::VARIANTS);
    problems
}

/// The name of the variant of a value.
pub fn variant(value: &impl Debug) -> String {
    format!("{value:?}").chars().take_while(|sign| sign.is_alphanumeric()).collect()
}

/// Asserts that a list of examples has each variant.
pub fn assert_complete<T: Debug>(examples: &[T], variants: &[&str]) {
    let names: BTreeSet<String> = examples.iter().map(variant).collect();
    assert_eq!(names, variants.iter().map(|name| (*name).to_owned()).collect());
}
