//! The sentences of refusals for people. Those for API clients are in `api/error.rs`.

use std::collections::BTreeMap;

use crate::kernel::id::WorkspaceId;
use crate::kernel::problem::{
    Field, ImportFault, InvalidField, LiveEnrollment, Privilege, Problem, ProviderFault,
};
use crate::kernel::text::{TextFault, isolated};
use crate::resources::imports::model::{ImportLine, LineFault, LineOutcome};
use crate::ui::error::{FORM_MALFORMED, UiError, UiErrorKind};
use crate::ui::locale::formats::Formats;
use crate::ui::paths::{self, Cookieless};

pub const UNAVAILABLE: &str = "The desk cannot read or save data at the moment. Try again shortly.";
/// Follows the refusal of a pasted list that is too long for the session.
pub const LIST_NOT_RESTORED: &str = " It is too long to show again. Please paste it again.";
/// Follows a sign-in after a form could not be stored when its session had ended.
pub const TYPED_NOT_STORED: &str = "You are signed in again. What you sent was not processed, because your session had \
    ended. It could not be kept, because it was a file or too long. Please send it again.";
pub const CONFLICT: &str = "Your change was not saved, because another change was in progress or the server was busy. \
    Please try again.";
pub const STILL_PERFORMED: &str =
    "Your request is still being processed. Check whether it is done before you send it again.";
pub const TOOK_TOO_LONG: &str = "This took too long and was stopped. Try again shortly.";
pub const REASON_MISSING: &str = " requires a reason for this change. Nothing has been changed yet.";
pub const REMOVED_ALREADY: &str = "It was already removed.";
pub const ARCHIVED_ALREADY: &str = "It was already archived.";
pub const WOULD_BE_EMPTY: &str =
    "The list names no workspace that exists, so the group would become empty. Nothing was changed.";
/// Follows the name of the system that manages a group.
pub const BY_HAND: &str = "Changes by hand may be overwritten.";
pub const NO_ENROLLING: &str = "This group was archived. No workspaces can be enrolled in it.";
/// Completes [`only_admins`] on the pages of administration.
pub const ADMINISTER: &str = "see and manage this";
/// The title of a page that the database keeps from being shown.
pub const OUTAGE: &str = "The desk is temporarily unavailable";
pub const SEARCH_TOO_BROAD: &str =
    "Too many workspaces or groups match this text. Type more of the name, or choose another filter as well.";
pub const IN_FUTURE: &str = "This time is in the future. Choose an earlier one.";
pub const OWN_PERSON: &str =
    "You are signed in as this person, so you cannot delete them. Another admin can.";
const CHANGED_BY_OTHERS: &str = "Someone else changed this while you were editing, so your changes are not saved yet. \
    Where they differ, the current value is shown below the field. Save again to overwrite it.";

/// The log contains the failure with this request id.
pub fn fault(request_id: &str) -> String {
    format!(
        "Something went wrong on our side. If this keeps happening, give an admin this request id: {request_id}"
    )
}

/// `https`: the public address, if it is known and uses https.
pub fn cookieless(reason: Cookieless, https: Option<&str>) -> String {
    let plain = "You cannot sign in here because this page was opened over http, and the sign-in cookie is only sent over \
                 https.";
    match (reason, https) {
        (Cookieless::Blocked, _) => {
            "Your browser blocked the sign-in cookie. Allow cookies for this site and try again.".to_owned()
        }
        (Cookieless::Plain, Some(address)) => format!("{plain} Go to {address} instead."),
        (Cookieless::Plain, None) => format!(
            "{plain} Open the desk with https://. If there is no https address, ask the person who runs the desk to \
             set public_url."
        ),
    }
}

pub type Names = BTreeMap<WorkspaceId, String>;

pub fn sentence(problem: &Problem, formats: &Formats) -> String {
    explain(problem, formats, &Names::new()).sentence
}

/// What the pages show of a refused request. `names`: of workspaces that no longer exist, where known.
#[expect(clippy::too_many_lines, reason = "each problem has its line")]
pub fn explain(problem: &Problem, formats: &Formats, names: &Names) -> UiError {
    match problem {
        Problem::EnrollmentNotFound(_) => not_found("This enrollment does not exist."),
        Problem::GroupNotFound(_) => not_found("This group does not exist, or was archived."),
        Problem::WorkspaceNotFound(id) => not_found(workspace_not_found(*id, names)),
        Problem::PersonNotFound(_) => not_found("This person does not exist, or was deleted."),
        Problem::ChangeSetNotFound(_) => not_found("This change does not exist."),
        Problem::ReasonRequired { above, .. } => refused(reason_required(*above, formats)).at("reason"),
        Problem::PreviewChanged => refused(
            "This has changed since you opened the page, so nothing was changed. Check it and confirm again.",
        ),
        Problem::OtherHistory => refused(
            "The database was restored from a backup after you opened the page, so nothing was changed. Check it and \
             confirm again.",
        ),
        Problem::NothingToUndo => refused("There is nothing left to undo."),
        Problem::ImportUnderWay(_) => {
            refused("The import has not ended yet. Cancel it or wait until it ends, and then undo it.")
        }
        Problem::MomentInFuture => refused("Choose a moment in the past.").at("as_of"),
        Problem::SameGroup => refused("Choose another group as the destination.").at("to"),
        Problem::EventNotFound(_) | Problem::AdminEventNotFound(_) => not_found("This event does not exist."),
        Problem::OperatorNotFound(_) => not_found("This operator does not exist."),
        Problem::OperatorEmailUnknown(email) => {
            not_found(format!("No operator has the e-mail address {}.", isolated(email)))
        }
        Problem::TokenNotFound(_) => not_found("This token does not exist."),
        Problem::ImportNotFound(_) => not_found("This import does not exist, or was discarded."),
        Problem::SignInLinkRefused => {
            not_found("This link has been used or has expired. Ask an admin for a new one.")
        }
        Problem::NotEnrolled { .. } => refused("The workspace is no longer in this group."),
        Problem::GroupRemoved(_) => refused("This group was archived and can no longer be changed."),
        Problem::WorkspaceRemoved(_) => {
            refused("This workspace was archived, so its details can no longer be edited.")
        }
        Problem::EmailTaken { email, .. } => {
            refused(format!("The e-mail address {} is used by another person.", isolated(email))).at("email")
        }
        Problem::ExternalIdTaken { external_id, is_removed, workspace } => {
            external_id_taken(external_id, *is_removed, *workspace)
        }
        Problem::PersonEmailUnknown(email) => {
            refused(format!("No person has the e-mail address {}.", isolated(email))).at("email")
        }
        Problem::AlreadyEnrolled(live) => {
            refused(already_enrolled(live, formats)).see(paths::enrollment(live.id), "See that enrollment")
        }
        Problem::EnrollmentsChanged(number) => refused(enrollments_changed(*number, formats)),
        Problem::ChangedByOthers => refused(CHANGED_BY_OTHERS),
        Problem::GroupHasLiveEnrollments(number) => refused(group_holds(*number, formats)),
        Problem::WorkspaceHasLiveEnrollments(number) => refused(workspace_is_in(*number, formats)),
        Problem::WorkspacesUnknown(words) => refused(workspaces_unknown(words, formats)).at("pasted"),
        Problem::OwnPerson => refused(OWN_PERSON),
        Problem::NothingSelected => refused("Select at least one workspace."),
        Problem::NotConfirmed(wanted) => {
            refused(format!("Nothing was changed: what you typed is not “{}”.", isolated(wanted))).at("name")
        }
        Problem::ImportStarted(_) => refused("This import has started and can no longer be discarded."),
        Problem::ImportRefused(fault) => import_refused(*fault, formats),
        Problem::RemovalsChanged(number) => refused(removals_changed(*number, formats)),
        Problem::RemovalsNotConfirmed(number) => {
            let workspaces = formats.count(*number, "workspace", "workspaces");
            refused(format!(
                "Nothing has been changed yet. Type {number} to confirm that {workspaces} will be removed."
            ))
            .at("confirm")
        }
        Problem::TooManyRemovals { removals, max, .. } => refused(format!(
            "Nothing was changed: this would remove {} from the group, and at most {} may be removed.",
            formats.count(*removals, "workspace", "workspaces"),
            formats.number(*max)
        )),
        Problem::GroupWouldBeEmpty(_) => refused(WOULD_BE_EMPTY),
        Problem::OperatorExists(email) => {
            refused(format!("The e-mail address {} is used by another operator.", isolated(email)))
                .at("email")
        }
        Problem::OwnOperator => refused("You cannot do this to your own operator. Ask another admin."),
        Problem::LastAdmin => {
            refused("This is the last admin who can sign in. Make someone else an admin first.")
        }
        Problem::OperatorDisabled(name) => {
            refused(format!("{} is disabled. Enable them first.", isolated(name)))
        }
        Problem::OperatorWithoutPerson(email) => {
            let email = isolated(email);
            refused(format!("The person behind {email} was deleted. Invite this e-mail address again."))
        }
        Problem::OperatorLinked(name) => {
            refused(format!("{} is linked to another account. Unlink them first.", isolated(name)))
                .at("subject")
        }
        Problem::IdentityTaken => refused("Another operator is linked to this account.").at("subject"),
        Problem::Invalid(fields) => invalid(fields),
        Problem::ScopeMissing => refused("Choose at least one scope.").at("scopes"),
        Problem::DayMalformed(text) => {
            refused(format!("“{}” is not a valid date. Enter it in the form 2026-05-28.", isolated(text)))
                .at("day")
        }
        Problem::DayOutOfRange => refused("Choose a date between today and ten years from now.").at("day"),
        Problem::FormMalformed => refused(FORM_MALFORMED),
        Problem::FormTooLarge { max } => refused(format!(
            "The form is larger than {} MiB, so nothing was changed. To enroll many workspaces, use “Import a list” on \
             the page of the group.",
            max >> 20
        )),
        Problem::FilterUnknown(text) => {
            let text = isolated(text);
            refused(format!("This link contains an invalid filter: {text}. Clear the filters and try again."))
        }
        Problem::InvalidCursor => {
            refused("This link does not lead to a page of this list. Start at the first page.")
        }
        Problem::SearchTooBroad => refused(SEARCH_TOO_BROAD),
        Problem::Several(problems) => {
            together(problems.iter().map(|problem| explain(problem, formats, names)))
        }
        Problem::Forbidden(privilege) => UiError::new(UiErrorKind::Forbidden, forbidden(*privilege)),
        Problem::SignedOut => {
            UiError::new(UiErrorKind::SignedOut, "You are signed out. Sign in to continue.")
        }
        Problem::SignInRefused => refused("Incorrect e-mail address or password.").at("password"),
        Problem::TriedTooOften { seconds } => UiError::new(
            UiErrorKind::TriedTooOften,
            format!("Too many attempts. Try again in {}.", wait(*seconds, formats)),
        ),
        Problem::PasswordWrong => refused("The current password is incorrect.").at("old"),
        Problem::NotSignedInBy { provider, fault } => not_signed_in(provider, fault),
    }
}

fn not_found(sentence: impl Into<String>) -> UiError {
    UiError::new(UiErrorKind::NotFound, sentence)
}

fn refused(sentence: impl Into<String>) -> UiError {
    UiError::new(UiErrorKind::Refused, sentence)
}

fn invalid(fields: &[InvalidField]) -> UiError {
    together(
        fields.iter().map(|InvalidField { field, fault }| {
            refused(field_sentence(*field, *fault)).at(field.into_str())
        }),
    )
}

/// One error with the sentences and the fields of all.
fn together(errors: impl Iterator<Item = UiError>) -> UiError {
    let (sentences, fields): (Vec<_>, Vec<_>) = errors.map(|error| (error.sentence, error.fields)).unzip();
    UiError { fields: fields.into_iter().flatten().collect(), ..refused(sentences.join(" ")) }
}

fn external_id_taken(external_id: &str, is_removed: bool, workspace: Option<WorkspaceId>) -> UiError {
    let owner = if is_removed { "an archived workspace" } else { "another workspace" };
    let sentence = format!("The external id {} is used by {owner}.", isolated(external_id));
    let error = refused(sentence).at("external_workspace_id");
    match workspace {
        // Lists hide removed workspaces by default.
        Some(id) if is_removed => error.see(paths::workspace(id), "See that workspace"),
        Some(_) | None => error,
    }
}

fn reason_required(above: Option<i32>, formats: &Formats) -> String {
    let when = above.map_or_else(String::new, |above| {
        format!(" that concerns more than {}", formats.count(above.into(), "workspace", "workspaces"))
    });
    format!("This group requires a reason for a change{when}. Enter one and try again.")
}

fn enrollments_changed(number: usize, formats: &Formats) -> String {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    let workspaces = formats.count(number, "workspace", "workspaces");
    format!("The group has changed: this now concerns {workspaces}. Check the list and confirm again.")
}

fn removals_changed(number: i64, formats: &Formats) -> String {
    let workspaces = formats.count(number, "workspace", "workspaces");
    format!(
        "The group has changed: the list would now remove {workspaces}. Check the list and confirm again."
    )
}

pub fn group_holds(number: i64, formats: &Formats) -> String {
    let workspaces = formats.count(number, "workspace", "workspaces");
    let them = if number == 1 { "it" } else { "them" };
    format!("The group still contains {workspaces}. Remove {them} first.")
}

pub fn workspace_is_in(number: i64, formats: &Formats) -> String {
    let groups = formats.count(number, "group", "groups");
    let those = if number == 1 { "that group" } else { "those groups" };
    format!("The workspace is still in {groups}. Remove it from {those} first.")
}

pub fn only_admins(may: &str) -> String {
    format!("Only admins may {may}.")
}

fn forbidden(privilege: Privilege) -> String {
    match privilege {
        Privilege::Write => format!("{} You can view, search and export.", only_admins("make changes")),
        Privilege::Attribute => only_admins("change the creator of an enrollment"),
        Privilege::Read | Privilege::Audit | Privilege::Administer => only_admins(ADMINISTER),
    }
}

/// The number of unknown workspaces that a sentence names.
const NAMED: usize = 20;

fn workspaces_unknown(words: &[String], formats: &Formats) -> String {
    let what = if words.len() == 1 { "One workspace was" } else { "Some workspaces were" };
    let (named, others) = words.split_at(words.len().min(NAMED));
    let others = match i64::try_from(others.len()).unwrap_or(i64::MAX) {
        0 => String::new(),
        number => format!(", and {} more", formats.number(number)),
    };
    let named: Vec<_> = named.iter().map(|word| isolated(word)).collect();
    format!("{what} not found: {}{others}.", named.join(", "))
}

fn workspace_not_found(id: WorkspaceId, names: &Names) -> String {
    names.get(&id).map_or_else(
        || format!("The workspace {id} does not exist or was archived."),
        |name| format!("The workspace {} was archived and can no longer be enrolled.", isolated(name)),
    )
}

fn already_enrolled(live: &LiveEnrollment, formats: &Formats) -> String {
    let by = live.enrolled_by.as_ref().map(|name| format!(" by {}", isolated(name))).unwrap_or_default();
    format!(
        "{} is already in {}, enrolled{by} on {}.",
        isolated(&live.workspace_name),
        isolated(&live.group_name),
        formats.day(live.enrolled_at)
    )
}

fn not_signed_in(provider: &str, fault: &ProviderFault) -> UiError {
    let kind = match fault {
        ProviderFault::Away => UiErrorKind::Unavailable,
        ProviderFault::Misconfigured => UiErrorKind::Fault,
        ProviderFault::Stale | ProviderFault::Unproven => UiErrorKind::Refused,
        ProviderFault::Declined
        | ProviderFault::EmailUnverified { .. }
        | ProviderFault::EmailUnvouched { .. }
        | ProviderFault::NoOperator(_) => UiErrorKind::Forbidden,
    };
    let sentence = match fault {
        ProviderFault::Away => format!("{provider} is not responding. Try again shortly."),
        ProviderFault::Misconfigured => format!(
            "Sign-in with {provider} is not set up correctly, so trying again does not help. Ask an admin to check the \
             server log."
        ),
        ProviderFault::Declined => format!(
            "{provider} did not sign you in: the sign-in was cancelled or refused there. Start again, or ask an admin."
        ),
        ProviderFault::Stale => {
            format!("This sign-in with {provider} has expired or was already used. Start again.")
        }
        ProviderFault::Unproven => format!(
            "The response of {provider} could not be verified, so you are not signed in. Start again; if this keeps \
             happening, tell an admin."
        ),
        ProviderFault::EmailUnverified { subject } => format!(
            "{provider} has not verified your e-mail address. Verify it there, or ask an admin to link your {provider} \
             account; its id is {subject}."
        ),
        ProviderFault::EmailUnvouched { subject } => format!(
            "{provider} did not confirm your e-mail address, so you were not signed in. Ask an admin to link your \
             {provider} account; its id is {subject}."
        ),
        ProviderFault::NoOperator(email) => {
            format!("{} cannot sign in here. Ask an admin for access.", isolated(email))
        }
    };
    UiError::new(kind, sentence)
}

/// `1 second`, `59 seconds`, `2 minutes`. Rounded up, because an early attempt is refused again.
fn wait(seconds: u32, formats: &Formats) -> String {
    if seconds < 60 {
        formats.count(i64::from(seconds.max(1)), "second", "seconds")
    } else {
        formats.count(i64::from(seconds.div_ceil(60)), "minute", "minutes")
    }
}

fn import_refused(fault: ImportFault, formats: &Formats) -> UiError {
    match fault {
        ImportFault::Empty => {
            refused("The list contains no ids. Add at least one workspace id or external id.")
        }
        ImportFault::TooManyLines { max } => {
            let max = formats.number(max.into());
            refused(format!("The list has more than {max} ids. Split it into several lists."))
        }
        ImportFault::TooLarge { max } => {
            let max = max >> 20;
            refused(format!(
                "The list is larger than {max} MiB. Remove everything except the ids, or split the list into several."
            ))
        }
        ImportFault::NotText => refused(
            "This file is not UTF-8 text. Save it as UTF-8 (in Excel: Save As > CSV UTF-8) and upload it again.",
        ),
        ImportFault::QuoteNotClosed => refused(
            "A quote in the list is not closed, so the rest of the list cannot be read. Correct it and send the list again.",
        ),
        ImportFault::BrokenOff => refused("The upload was interrupted. Send the list again."),
    }
}

pub fn line_sentence(line: &ImportLine, formats: &Formats) -> String {
    let sentence = match (line.outcome, line.fault, line.duplicate_of) {
        (Some(LineOutcome::Duplicate), _, Some(first)) => {
            return format!("the same workspace as on line {}", formats.number(first.into()));
        }
        (Some(LineOutcome::Duplicate), _, None) => "the same workspace as on an earlier line",
        (Some(LineOutcome::Unreadable), fault, _) => match fault {
            Some(LineFault::NotText) => "not readable: it is not UTF-8 text",
            Some(LineFault::ControlCharacter) => "not readable: it contains a character that cannot be shown",
            Some(LineFault::TooLong) => "not readable: it is too long for an id",
            Some(LineFault::Empty) => "no id on this line",
            Some(LineFault::QuoteNotClosed) => "a quote is opened here and never closed",
            None => "not readable",
        },
        (Some(LineOutcome::Unknown), ..) => "no workspace has this id or external id, or it was archived",
        (Some(LineOutcome::GroupRemoved), ..) => "the group was archived",
        (Some(LineOutcome::AlreadyIn), ..) => "already in the group",
        (Some(LineOutcome::NotIn), ..) => "not in the group",
        (Some(LineOutcome::Removed), ..) if !line.is_listed() => "removed, because it is not on the list",
        (Some(LineOutcome::Removed), ..) => "removed",
        (Some(LineOutcome::Enrolled), ..) => "enrolled",
        (None, ..) => "not reached",
    };
    sentence.to_owned()
}

fn field_sentence(field: Field, fault: TextFault) -> String {
    let name = match field {
        Field::Name => "The name",
        Field::FirstName => "The first name",
        Field::LastName => "The last name",
        Field::Description => "The description",
        Field::ExternalWorkspaceId => "The external id",
        Field::AvatarColor => "The color",
        Field::Email => "The e-mail address",
        Field::Password => "The password",
        Field::Subject => "The account id",
        Field::Reason => "The reason",
        Field::Reference => "The ticket",
        Field::ReasonAbove => "The number of workspaces",
        Field::ManagedBy => "The name of the system",
    };
    match fault {
        TextFault::Blank => format!("{name} is missing."),
        TextFault::Nameless => "Enter a first name, a last name, or both.".to_owned(),
        TextFault::TooShort { min } => format!("{name} needs at least {min} characters."),
        TextFault::TooLong { max } => format!("{name} may have at most {max} characters."),
        TextFault::ControlCharacter => format!("{name} contains a character that cannot be shown."),
        TextFault::NotAnEmail => format!("{name} is not of the form name@example.com."),
        TextFault::NotANumber { max } => format!("{name} is not a number from 1 to {max}."),
    }
}
