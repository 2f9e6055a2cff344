//! What a refusal or a success sounds like to a person. The other table is `api/error.rs`.

use std::collections::BTreeMap;

use crate::kernel::id::WorkspaceId;
use crate::kernel::problem::{
    Field, ImportFault, InvalidField, LiveEnrollment, Privilege, Problem, ProviderFault,
};
use crate::kernel::text::{TextFault, isolated};
use crate::resources::imports::model::{ImportLine, LineFault, LineOutcome};
use crate::ui::cookieless::Cookieless;
use crate::ui::error::{FORM_MALFORMED, UiError, UiErrorKind};
use crate::ui::locale::formats::Formats;
use crate::ui::paths;

pub const UNAVAILABLE: &str = "The desk cannot reach its database at the moment, or the database takes no changes. \
                               Try again shortly.";

/// Follows why a pasted list was refused, where it is too long to be put back into the form.
pub const LIST_NOT_KEPT: &str = " It is too long to be put back into the form: paste it again.";

/// Of a form that came in after its session had ended, and held more than is kept until one is signed in again.
pub const TYPED_NOT_KEPT: &str = "You are signed in again. What you sent was not taken, and it is too long to be \
    kept, or a file: send it again.";

/// Of a change.
pub const CONTENDED: &str = "Others are changing the same right now. Nothing was changed; try again.";

/// Of a form that was sent once more while it was being performed, for longer than one waits for it.
pub const STILL_PERFORMED: &str =
    "What you sent is still being done. Look whether it is there before you send it again.";

/// Of what was only looked at.
pub const TOOK_TOO_LONG: &str = "The desk is busy, and this took too long. Try again shortly.";

pub const TO_COME: &str = "This moment is still to come: nothing is known of it yet. Choose an earlier one.";

/// For an admin who would delete the person they are signed in as.
pub const OWN_PERSON: &str =
    "You are signed in as this person, so you cannot delete them. Another admin can.";

const CHANGED_MEANWHILE: &str = "Somebody changed this meanwhile, so nothing was saved. What you typed is still here; \
    where it differs from what is there now, that stands below. Save again if you want it your way.";

/// Our fault; the log has it under this request id.
pub fn fault(request_id: &str) -> String {
    format!("Something went wrong on our side. If it stays so, tell an admin: request {request_id}.")
}

/// Of a browser that does not keep the cookie. `https`: the desk's address, where that is known to be one.
pub fn cookieless(why: Cookieless, https: Option<&str>) -> String {
    let plain = "You cannot sign in here, because your browser did not keep the sign-in cookie: it is sent over https \
                 only, and this page was opened over http.";
    match (why, https) {
        (Cookieless::Blocked, _) => {
            "Your browser did not keep the sign-in cookie. Allow cookies for this site and try again."
                .to_owned()
        }
        (Cookieless::Plain, Some(address)) => format!("{plain} Go to {address} instead."),
        (Cookieless::Plain, None) => format!(
            "{plain} Open the desk with https://. If there is no https address, ask the person who runs the desk to \
             set public_url."
        ),
    }
}

/// What workspaces that are not to be had were called, where that is known.
pub type Names = BTreeMap<WorkspaceId, String>;

/// What was refused, and what to do about it.
pub fn sentence(problem: &Problem, formats: &Formats) -> String {
    explain(problem, formats, &Names::new()).sentence
}

/// What the pages show of a refused request: its kind, a sentence, the fields that it concerns and where to read
/// more. `names`: of workspaces that no longer exist, where known.
///
/// Pages, forms and the command line get the words of every [`Problem`] here; the API's are in `api/error.rs`.
pub fn explain(problem: &Problem, formats: &Formats, names: &Names) -> UiError {
    match problem {
        Problem::EnrollmentNotFound(_) => not_found("This enrollment does not exist."),
        Problem::GroupNotFound(_) => not_found("This group does not exist, or was removed."),
        Problem::WorkspaceNotFound(id) => not_found(workspace_not_found(*id, names)),
        Problem::PersonNotFound(_) => not_found("This person does not exist any more."),
        Problem::EventNotFound(_) => not_found("There is no such entry in the history."),
        Problem::OperatorNotFound(_) => not_found("This operator does not exist."),
        Problem::OperatorEmailUnknown(email) => {
            not_found(format!("No operator has the e-mail address {}.", isolated(email)))
        }
        Problem::TokenNotFound(_) => not_found("This token does not exist."),
        Problem::ImportNotFound(_) => not_found("This import does not exist, or was discarded."),
        Problem::SignInLinkRefused => {
            not_found("This link has been used or has expired. Ask an admin for a new one.")
        }
        Problem::NotEnrolled { .. } => refused("The workspace is not in this group any more."),
        Problem::GroupRemoved(_) => refused("This group was removed; it cannot be changed any more."),
        Problem::WorkspaceRemoved(_) => refused("This workspace was removed; it cannot be changed any more."),
        Problem::EmailTaken { email, .. } => {
            refused(format!("Another person has the e-mail address {} already.", isolated(email))).at("email")
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
        Problem::ChangedMeanwhile => refused(CHANGED_MEANWHILE),
        Problem::GroupHasLiveEnrollments(number) => refused(group_holds(*number, formats)),
        Problem::WorkspaceHasLiveEnrollments(number) => refused(workspace_is_in(*number, formats)),
        Problem::WorkspacesUnknown(words) => refused(workspaces_unknown(words, formats)).at("pasted"),
        Problem::OwnPerson => refused(OWN_PERSON),
        Problem::NothingSelected => refused("Select at least one workspace."),
        Problem::NotConfirmed(wanted) => {
            refused(format!("Nothing was deleted: what you typed is not “{}”.", isolated(wanted))).at("name")
        }
        Problem::ImportStarted(_) => refused("This import was started; it cannot be discarded any more."),
        Problem::ImportRefused(fault) => refused(import_sentence(*fault, formats)),
        Problem::OperatorExists(email) => {
            let email = isolated(email);
            refused(format!("There is an operator with the e-mail address {email} already.")).at("email")
        }
        Problem::OwnOperator => refused("You cannot do this to yourself. Another admin can."),
        Problem::LastAdmin => {
            refused("This is the last admin who can sign in. Make somebody else an admin first.")
        }
        Problem::OperatorDisabled(name) => {
            refused(format!("{} is disabled. Enable them first.", isolated(name)))
        }
        Problem::OperatorWithoutPerson(email) => {
            let email = isolated(email);
            refused(format!("The person behind {email} was deleted. Invite this e-mail address anew."))
        }
        Problem::OperatorLinked(name) => {
            let name = isolated(name);
            refused(format!("{name} is linked to another account there. Unlink them first.")).at("subject")
        }
        Problem::IdentityTaken => refused("Another operator is linked to this account.").at("subject"),
        Problem::Invalid(fields) => invalid(fields),
        Problem::ScopeMissing => refused("Choose at least one scope.").at("scopes"),
        Problem::DayMalformed(text) => {
            refused(format!("“{}” is not a day such as 2026-05-28.", isolated(text))).at("day")
        }
        Problem::DayOutOfRange => refused("The last day is over already, or too far off.").at("day"),
        Problem::FormMalformed => refused(FORM_MALFORMED),
        Problem::FormTooLarge { max } => refused(format!(
            "That was more than the {} MiB that one form may hold, and nothing was changed. Many workspaces \
             are best enrolled into a group by “Enroll many” on its page.",
            max >> 20
        )),
        Problem::FilterUnknown(text) => {
            let text = isolated(text);
            refused(format!("This link asks for what the desk does not know: {text}. Start anew."))
        }
        Problem::InvalidCursor => {
            refused("This link leads to a page that does not exist. Start at the beginning.")
        }
        Problem::Several(problems) => several(problems, formats, names),
        Problem::Forbidden(privilege) => error(UiErrorKind::Forbidden, forbidden(*privilege)),
        Problem::SignedOut => error(UiErrorKind::SignedOut, "You are signed out. Sign in to go on."),
        Problem::SignInRefused => {
            refused("E-mail address and password do not belong together.").at("password")
        }
        Problem::TriedTooOften { seconds } => error(
            UiErrorKind::TriedTooOften,
            format!("Too many attempts. You can try again in {}.", wait(*seconds, formats)),
        ),
        Problem::PasswordWrong => refused("Your present password is not the one you typed.").at("old"),
        Problem::NotSignedInBy { provider, fault } => not_signed_in(provider, fault),
    }
}

fn error(kind: UiErrorKind, sentence: impl Into<String>) -> UiError {
    UiError::new(kind, sentence.into())
}

fn not_found(sentence: impl Into<String>) -> UiError {
    error(UiErrorKind::NotFound, sentence)
}

fn refused(sentence: impl Into<String>) -> UiError {
    error(UiErrorKind::Refused, sentence)
}

fn invalid(fields: &[InvalidField]) -> UiError {
    let sentences = fields.iter().map(|invalid| field_sentence(invalid.field, invalid.fault));
    let sentences: Vec<String> = sentences.collect();
    let names = fields.iter().map(|invalid| invalid.field.word().to_owned());
    UiError { fields: names.zip(sentences.clone()).collect(), ..refused(sentences.join(" ")) }
}

fn several(problems: &[Problem], formats: &Formats, names: &Names) -> UiError {
    let errors: Vec<UiError> = problems.iter().map(|problem| explain(problem, formats, names)).collect();
    let sentences: Vec<&str> = errors.iter().map(|error| error.sentence.as_str()).collect();
    let whole = refused(sentences.join(" "));
    UiError { fields: errors.into_iter().flat_map(|error| error.fields).collect(), ..whole }
}

fn external_id_taken(external_id: &str, is_removed: bool, workspace: Option<WorkspaceId>) -> UiError {
    let whose = if is_removed { "A removed workspace" } else { "Another workspace" };
    let sentence = format!("{whose} has the external id {} already.", isolated(external_id));
    let error = refused(sentence).at("external_workspace_id");
    match workspace {
        // No list shows a removed workspace unless it is asked to.
        Some(id) if is_removed => error.see(paths::workspace(id), "See that workspace"),
        Some(_) | None => error,
    }
}

fn enrollments_changed(number: usize, formats: &Formats) -> String {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    let workspaces = formats.count(number, "workspace", "workspaces");
    format!("The group changed meanwhile: it holds {workspaces} now. Look again, and confirm.")
}

/// Why a group cannot be removed.
pub fn group_holds(number: i64, formats: &Formats) -> String {
    let workspaces = formats.count(number, "workspace", "workspaces");
    let them = if number == 1 { "it" } else { "them" };
    format!("The group still holds {workspaces}. Remove {them} first.")
}

/// Why a workspace cannot be removed.
pub fn workspace_is_in(number: i64, formats: &Formats) -> String {
    let groups = formats.count(number, "group", "groups");
    format!("The workspace is still in {groups}. Remove it there first.")
}

const fn forbidden(privilege: Privilege) -> &'static str {
    match privilege {
        Privilege::Write => "Only admins may change anything. You can look, search and export.",
        Privilege::Attribute => "Only admins may say in whose name an enrollment stands.",
        Privilege::Administer => "Only admins may see and manage this.",
    }
}

/// How many of many are named.
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
        || format!("There is no workspace {id}, or it was removed."),
        |name| format!("The workspace {} was removed; it cannot be enrolled any more.", isolated(name)),
    )
}

/// Who was first, and when.
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
    match fault {
        ProviderFault::Away => error(
            UiErrorKind::Unavailable,
            format!("{provider} does not answer at the moment. Try again shortly."),
        ),
        ProviderFault::Misconfigured => error(
            UiErrorKind::Fault,
            format!(
                "Signing in with {provider} is not set up correctly, so trying again does not help. Tell an admin: \
                 the desk's log says what is wrong."
            ),
        ),
        ProviderFault::Declined => error(
            UiErrorKind::Forbidden,
            format!("{provider} did not sign you in. Try again if that was not meant."),
        ),
        ProviderFault::Stale => {
            refused(format!("This sign-in with {provider} has expired or was used already. Begin it again."))
        }
        ProviderFault::Unproven => refused(format!(
            "What came from {provider} could not be verified, so you are not signed in. Begin again; if it \
             stays so, tell an admin."
        )),
        ProviderFault::EmailUnverified { subject } => error(
            UiErrorKind::Forbidden,
            format!(
                "{provider} does not say that your e-mail address is verified. Verify it there, or ask an admin to \
                 link you: your account id there is {subject}."
            ),
        ),
        ProviderFault::EmailUnvouched { subject } => error(
            UiErrorKind::Forbidden,
            format!(
                "{provider} does not say whether your e-mail address is verified, so you are not recognized by it. \
                 Ask an admin to link you: your account id there is {subject}."
            ),
        ),
        ProviderFault::NoOperator(email) => error(
            UiErrorKind::Forbidden,
            format!("{} is not an operator here. Ask an admin to invite you.", isolated(email)),
        ),
    }
}

/// `1 second`, `59 seconds`, `2 minutes`: rounded up, since who comes back early is refused again.
fn wait(seconds: u32, formats: &Formats) -> String {
    if seconds < 60 {
        formats.count(i64::from(seconds.max(1)), "second", "seconds")
    } else {
        formats.count(i64::from(seconds.div_ceil(60)), "minute", "minutes")
    }
}

fn import_sentence(fault: ImportFault, formats: &Formats) -> String {
    match fault {
        ImportFault::Empty => "The list is empty: it holds no id.".to_owned(),
        ImportFault::TooManyLines { max } => {
            format!("The list has more than {} ids. Split it into several.", formats.number(i64::from(max)))
        }
        ImportFault::TooLarge { max } => {
            format!("The list is larger than {} MiB. Leave out what is not an id, or split it.", max >> 20)
        }
        ImportFault::NotText => "The file is not text. Save it as CSV (UTF-8) and upload that.".to_owned(),
        ImportFault::BrokenOff => "The list broke off before its end. Send it again.".to_owned(),
    }
}

/// Why a line of an import came to nothing, or what it came to.
pub fn line_sentence(line: &ImportLine, formats: &Formats) -> String {
    match (line.outcome, line.fault, line.duplicate_of) {
        (Some(LineOutcome::Unreadable), Some(fault), _) => match fault {
            LineFault::NotText => "not readable: it is not UTF-8 text".to_owned(),
            LineFault::ControlCharacter => {
                "not readable: it holds a character that cannot be shown".to_owned()
            }
            LineFault::TooLong => "not readable: it is too long for an id".to_owned(),
            LineFault::Empty => "no id on this line".to_owned(),
            LineFault::QuoteNotClosed => "a quote is opened here and never closed".to_owned(),
        },
        (Some(LineOutcome::Unreadable), None, _) => "not readable".to_owned(),
        (Some(LineOutcome::Unknown), ..) => "no such workspace, or it was removed".to_owned(),
        (Some(LineOutcome::GroupRemoved), ..) => "the group was removed".to_owned(),
        (Some(LineOutcome::Duplicate), _, Some(first)) => {
            format!("the same workspace as on line {}", formats.number(first.into()))
        }
        (Some(LineOutcome::Duplicate), _, None) => "the same workspace as on an earlier line".to_owned(),
        (Some(LineOutcome::AlreadyIn), ..) => "already in the group".to_owned(),
        (Some(LineOutcome::Enrolled), ..) => "enrolled".to_owned(),
        (None, ..) => "not reached".to_owned(),
    }
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
    };
    match fault {
        TextFault::Blank => format!("{name} is missing."),
        TextFault::Nameless => "A first or a last name is needed. One of them is enough.".to_owned(),
        TextFault::TooShort { min } => format!("{name} needs at least {min} characters."),
        TextFault::TooLong { max } => format!("{name} may have at most {max} characters."),
        TextFault::ControlCharacter => format!("{name} holds a character that cannot be shown."),
        TextFault::NotAnEmail => format!("{name} is not of the form name@example.com."),
    }
}
