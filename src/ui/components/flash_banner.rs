//! The message that follows a change.

use crate::kernel::actor::{PersonRef, Role};
use crate::resources::change_sets::model::UndoSummary;
use crate::resources::enrollments::model::{BulkRemoval, MoveSummary};
use crate::resources::imports::model::ImportMode;
use crate::resources::operators::model::LINK_VALID_HOURS;
use crate::ui::components::prelude::*;
use crate::ui::error::Link;
use crate::ui::flash::{CreatorChange, Flash, Named, Notice, Once};

/// The id of the message about a refusal.
pub const MESSAGE: &str = "message";

/// The result of the last change. It takes the focus when the page opens, because screen readers do not announce an
/// element with a role that is there from the start, and because Tab then leads to "Undo". After a refusal of certain
/// fields, the first of those takes the focus instead: see [`Viewer::focus`].
#[component]
pub fn FlashMessage() -> impl IntoView {
    Viewer::current().flash.map(|Flash { outcome, .. }| match outcome {
        Ok(notice) => {
            // The page of an import shows its progress and then its result, beside which "was started" would be outdated.
            let is_shown = !matches!(notice, Notice::ImportStarted { .. });
            let class = if is_shown { "message message--done" } else { "message visually-hidden" };
            view! {
                <div class=class role="status" tabindex="-1" autofocus>
                    {notice_text(notice)}
                </div>
            }
            .into_any()
        }
        Err(error) => {
            let autofocus = error.fields.is_empty();
            view! {
                <div class="message message--error" id=MESSAGE role="alert" tabindex="-1" autofocus=autofocus>
                    {error_text(error)}
                </div>
            }
            .into_any()
        }
    })
}

/// An error that is the whole content of a page.
#[component]
pub fn ErrorMessage(error: UiError) -> impl IntoView {
    view! { <div class="message message--error" role="alert">{error_text(error)}</div> }
}

fn error_text(error: UiError) -> impl IntoView {
    let link = error.about.map(|Link { path, text }| view! { " " <a href=path>{text}</a> });
    view! { {error.sentence} {link} }
}

fn undo_of(change_set: ChangeSetId) -> Vec<(&'static str, String)> {
    vec![("change_set", change_set.to_string())]
}

fn enrolled_again(group: Named<GroupId>, enrolled: usize, already: usize, gone: usize) -> AnyView {
    let gone = also(gone, "archived and could not be enrolled");
    let already = also(already, "already there");
    let were = workspaces_were(enrolled);
    view! { {were} " enrolled in " {group_link(group)} " again." {already} {gone} }.into_any()
}

#[expect(clippy::too_many_lines, reason = "each notice has its line")]
fn notice_text(notice: Notice) -> AnyView {
    match notice {
        Notice::GroupCreated { group, workspaces: 0 } => text((group_link(group), " was created.")),
        Notice::GroupCreated { group, workspaces } => {
            text((group_link(group), " was created with ", count(workspaces, "workspace", "workspaces"), "."))
        }
        Notice::GroupRenamed { from, to } => text((bold(from), " was renamed to ", group_link(to), ".")),
        Notice::GroupRemoved { group } => text((group_link(group), " was archived. Its history stays.")),
        Notice::GroupSettingsSaved { group } => text(("The settings of ", group_link(group), " were saved.")),
        Notice::Undone { change_set, summary: UndoSummary { enrolled, removed, left_alone } } => {
            let done = changed(enrolled, removed);
            let alone = also(left_alone, "changed since and left alone");
            let parts = (done, ".", alone, " ", change_link(change_set));
            undoable(parts, paths::CHANGE_SET_UNDO, undo_of(change_set))
        }
        Notice::Moved { to, summary, .. } if !summary.is_change() => {
            let were = count(summary.already, "workspace is", "workspaces are");
            text((were, " already in ", group_link(to), ". Nothing was changed."))
        }
        Notice::Moved { change_set, from, to, summary: MoveSummary { workspaces, already, .. }, keeps } => {
            let verb = if keeps { " copied from " } else { " moved from " };
            let already = also(already, "already there");
            let were = workspaces_were(workspaces);
            let parts = (
                were,
                verb,
                group_link(from),
                " to ",
                group_link(to),
                ".",
                already,
                " ",
                change_link(change_set),
            );
            undoable(parts, paths::CHANGE_SET_UNDO, undo_of(change_set))
        }
        Notice::Restored { change_set, group, enrolled, removed } => {
            let done = changed(enrolled, removed);
            let parts = (
                "The members of ",
                group_link(group),
                " were restored: ",
                done,
                ". ",
                change_link(change_set),
            );
            undoable(parts, paths::CHANGE_SET_UNDO, undo_of(change_set))
        }
        Notice::Enrolled { enrollment, workspace, group } => {
            let parts = (workspace_link(workspace), " was enrolled in ", group_link(group), ".");
            undoable(parts, paths::ENROLLMENT_REMOVE, vec![("enrollment", enrollment.to_string())])
        }
        Notice::Removed { enrollment, workspace, group } => {
            let parts = (workspace_link(workspace), " was removed from ", group_link(group), ".");
            undoable(parts, paths::ENROLLMENT_READD, vec![("enrollment", enrollment.to_string())])
        }
        Notice::AlreadyRemoved { workspace, group } => {
            text((workspace_link(workspace), " was already removed from ", group_link(group), "."))
        }
        Notice::EnrolledMany { enrollments, already, group } => {
            let (hidden, were) = (ids(group.id, &enrollments), workspaces_were(enrollments.len()));
            let parts = (were, " enrolled in ", group_link(group), ".", also(already, "already there"));
            undoable(parts, paths::ENROLLMENTS_REMOVE, hidden)
        }
        Notice::RemovedMany { enrollments, group } => {
            let (hidden, were) = (ids(group.id, &enrollments), workspaces_were(enrollments.len()));
            undoable((were, " removed from ", group_link(group), "."), paths::ENROLLMENTS_READD, hidden)
        }
        Notice::GroupEmptied { emptying, group_name: name, workspaces } => {
            let BulkRemoval { group: id, at, request } = emptying;
            let hidden = vec![("group", id.to_string()), ("at", at.to_rfc3339()), ("request", request)];
            let (were, group) = (workspaces_were(workspaces), group_link(Named { id, name }));
            let parts = (were, " removed from ", group, ". The tab “Removed” lists them.");
            undoable(parts, paths::ENROLLMENTS_REFILL, hidden)
        }
        Notice::GroupRestored { group, enrolled, already, gone } => {
            text(enrolled_again(group, enrolled, already, gone))
        }
        Notice::RemovedMatching { change_set, group, workspaces } => {
            let parts = (workspaces_were(workspaces), " removed from ", group_link(group), ".");
            undoable(parts, paths::CHANGE_SET_UNDO, undo_of(change_set))
        }
        Notice::EnrolledMatching { group, enrolled: 0, already, gone, .. } => {
            text(enrolled_again(group, 0, already, gone))
        }
        Notice::EnrolledMatching { change_set, group, enrolled, already, gone } => {
            let parts = enrolled_again(group, enrolled, already, gone);
            undoable(parts, paths::CHANGE_SET_UNDO, undo_of(change_set))
        }
        Notice::CreatorChanged(CreatorChange { enrollment, workspace, group, from, to }) => {
            let from = from.map_or_else(|| paths::NO_ONE.to_owned(), |person| person.to_string());
            let hidden = vec![("enrollment", enrollment.to_string()), ("person", from)];
            let parts = (creator_of(workspace, group), " is now ", creator(to), ".");
            undoable(parts, paths::ATTRIBUTION_CORRECT, hidden)
        }
        Notice::CreatorUnchanged { workspace, group, to } => {
            text((creator_of(workspace, group), " is already ", creator(to), ". Nothing was changed."))
        }
        Notice::WorkspaceCreated { workspace } => text((workspace_link(workspace), " was created.")),
        Notice::WorkspaceSaved { workspace } => text((workspace_link(workspace), " was saved.")),
        Notice::ExternalIdReleased { workspace } => text((
            workspace_link(workspace),
            " no longer has an external id. Another workspace can use it now.",
        )),
        Notice::WorkspaceRemoved { workspace } => {
            text((workspace_link(workspace), " was archived. Its history stays."))
        }
        Notice::PersonCreated { person } => text((person_link(person), " was created.")),
        Notice::PersonSaved { person } => text((person_link(person), " was saved.")),
        Notice::PersonDeleted { name, enrollments } => {
            let have = count(enrollments, "enrollment no longer has", "enrollments no longer have");
            text((bold(name), " was deleted. ", have, " a creator."))
        }
        Notice::ImportDiscarded => text("The list was discarded. Nothing was changed."),
        Notice::ImportStarted { group, mode: ImportMode::Enroll } => {
            text(("The import into ", group_link(group), " was started."))
        }
        Notice::ImportStarted { group, mode: ImportMode::Remove } => {
            text(("The removal of the list from ", group_link(group), " was started."))
        }
        Notice::ImportStarted { group, mode: ImportMode::Exact } => {
            text(("The change of ", group_link(group), " to exactly this list was started."))
        }
        Notice::ImportStarted { group, mode: ImportMode::Restore } => {
            text(("The restore of ", group_link(group), " was started."))
        }
        Notice::ImportStarted { group, mode: ImportMode::Undo } => {
            text(("The undo in ", group_link(group), " was started."))
        }
        Notice::ImportStartedBefore => text("The import was already started."),
        Notice::ImportCancelled => {
            text("The import was cancelled. What it has changed already stays changed.")
        }
        Notice::ImportEndedBefore => text("The import had already ended."),
        Notice::TokenCreated { name, text } => {
            let created = " was created. Copy the token now. It is not shown again.";
            shown_once((bold(name), created), "The token", text)
        }
        Notice::OperatorInvited { name, link } => with_link((bold(name), " was added. "), link),
        Notice::LinkCreated { name, link } => {
            with_link(("A new link was created for ", bold(name), ". "), link)
        }
        Notice::TokenRevoked { name } => text((bold(name), " was revoked.")),
        Notice::RoleGiven { name, role: Role::Admin } => text((bold(name), " was made an admin.")),
        Notice::RoleGiven { name, role: Role::Support } => text((bold(name), " was made support.")),
        Notice::OperatorDisabled { operator, name } => {
            let parts = (bold(name), " was disabled and signed out.");
            undoable(parts, paths::OPERATOR_ENABLE, vec![("operator", operator.to_string())])
        }
        Notice::OperatorEnabled { name } => text((bold(name), " was enabled.")),
        Notice::OperatorLinked { name } => {
            text((bold(name), " was linked and can sign in with the identity provider."))
        }
        Notice::OperatorUnlinked { name } => text((bold(name), " was unlinked and signed out everywhere.")),
        Notice::PasswordChanged => text("Your password was changed. All other sessions were ended."),
        Notice::SessionEnded => text("The session was ended."),
        Notice::OtherSessionsEnded { ended } => {
            text((count(ended, "other session was", "other sessions were"), " ended."))
        }
        Notice::TypedRestored => {
            text("You are signed in again. What you entered is still here; it has not been sent yet.")
        }
        Notice::SignedOut => text("You are signed out."),
        Notice::SignedOutEverywhere => text("You are signed out everywhere."),
    }
}

fn text(parts: impl IntoView + 'static) -> AnyView {
    view! { <p>{parts}</p> }.into_any()
}

/// A message with the form that undoes the change, unless it has no hidden fields.
fn undoable(
    parts: impl IntoView + 'static,
    action: &'static str,
    mut hidden: Vec<(&'static str, String)>,
) -> AnyView {
    if hidden.is_empty() {
        return text(parts);
    }
    hidden.push((BACK, Viewer::current().here));
    view! {
        {text(parts)}
        <PostButton action hidden class="button button--small" text="Undo" />
    }
    .into_any()
}

fn ids(group: GroupId, enrollments: &[EnrollmentId]) -> Vec<(&'static str, String)> {
    let ids = enrollments.iter().map(|id| ("enrollments[]", id.to_string()));
    let group = (!enrollments.is_empty()).then(|| ("group", group.to_string()));
    group.into_iter().chain(ids).collect()
}

/// `2 workspaces were enrolled and 1 workspace was removed`
fn changed(enrolled: usize, removed: usize) -> String {
    let enrolled = (enrolled > 0).then(|| format!("{} enrolled", workspaces_were(enrolled)));
    let removed = (removed > 0).then(|| format!("{} removed", workspaces_were(removed)));
    let parts: Vec<_> = enrolled.into_iter().chain(removed).collect();
    if parts.is_empty() { "nothing was changed".to_owned() } else { parts.join(" and ") }
}

fn change_link(id: ChangeSetId) -> AnyView {
    view! { <a href=paths::change_set(id)>"See this change"</a> }.into_any()
}

fn bold(name: String) -> AnyView {
    view! { <strong dir="auto">{name}</strong> }.into_any()
}

fn link(path: String, name: String) -> AnyView {
    view! { <a href=path dir="auto">{name}</a> }.into_any()
}

fn workspace_link(Named { id, name }: Named<WorkspaceId>) -> AnyView {
    link(paths::workspace(id), name)
}

fn group_link(Named { id, name }: Named<GroupId>) -> AnyView {
    link(paths::group(id), name)
}

fn person_link(PersonRef { id, name }: PersonRef) -> AnyView {
    link(paths::person(id), name)
}

fn creator_of(workspace: Named<WorkspaceId>, group: Named<GroupId>) -> impl IntoView {
    ("The creator of the enrollment of ", workspace_link(workspace), " in ", group_link(group))
}

fn creator(person: Option<PersonRef>) -> AnyView {
    person.map_or_else(|| bold("no one".to_owned()), person_link)
}

fn count(number: impl TryInto<i64>, one: &str, many: &str) -> String {
    Formats::current().count(number.try_into().unwrap_or(i64::MAX), one, many)
}

fn workspaces_were(number: usize) -> String {
    count(number, "workspace was", "workspaces were")
}

/// ` 2 workspaces were already in it.`, or nothing for none.
fn also(number: usize, state: &str) -> Option<String> {
    (number > 0).then(|| format!(" {} {state}.", workspaces_were(number)))
}

fn with_link(parts: impl IntoView + 'static, link: Once) -> AnyView {
    let expiry = format!("It works once within {LINK_VALID_HOURS} hours and is not shown again.");
    shown_once((parts, "Send them this link to choose a password. ", expiry), "The link", link)
}

/// A secret in a field, from which it can also be copied without JavaScript.
fn shown_once(parts: impl IntoView + 'static, label: &'static str, Once(secret): Once) -> AnyView {
    view! {
        {text(parts)}
        <div class="once">
            <label class="visually-hidden" for="once">{label}</label>
            <input id="once" type="text" readonly autocomplete="off" spellcheck="false" value=secret.clone() />
            <button class="button" type="button" aria-live="polite" data-copy=secret>"Copy"</button>
        </div>
    }
    .into_any()
}
