//! The message that follows a change.

use leptos::prelude::*;

use crate::kernel::actor::{PersonRef, Role};
use crate::kernel::id::{EnrollmentId, GroupId, WorkspaceId};
use crate::resources::enrollments::model::BulkRemoval;
use crate::resources::operators::model::LINK_VALID_HOURS;
use crate::ui::components::form::PostForm;
use crate::ui::error::{Link, UiError};
use crate::ui::flash::{CreatorChange, Flash, Named, Notice, Once};
use crate::ui::locale::formats::Formats;
use crate::ui::paths;
use crate::ui::viewer::{BACK, Viewer};

/// The result of the last change. It takes the focus when the page opens, because screen readers do not announce an
/// element with a role that is there from the start, and because Tab then leads to "Undo". After a refusal of certain
/// fields, the first of those takes the focus instead: see [`Viewer::focus`].
#[component]
pub fn FlashMessage() -> impl IntoView {
    Viewer::current().flash.map(|Flash { outcome, typed: _, faults, about, answer: _ }| match outcome {
        Ok(notice) => view! {
            <div class="message message--done" role="status" tabindex="-1" autofocus>
                <NoticeText notice />
            </div>
        }
        .into_any(),
        Err(error) => {
            let is_for_all = faults.is_empty();
            view! {
                <div class="message message--error" role="alert" tabindex="-1" autofocus=is_for_all>
                    <ErrorText error=UiError { about, ..error } />
                </div>
            }
            .into_any()
        }
    })
}

/// An error that is the whole content of a page.
#[component]
pub fn ErrorMessage(error: UiError) -> impl IntoView {
    view! { <div class="message message--error" role="alert"><ErrorText error /></div> }
}

#[component]
fn ErrorText(error: UiError) -> impl IntoView {
    let link = error.about.map(|Link { path, text }| view! { " " <a href=path>{text}</a> });
    view! { {error.sentence} {link} }
}

#[component]
fn NoticeText(notice: Notice) -> impl IntoView {
    match notice {
        Notice::GroupCreated { group, workspaces: 0 } => text((group_link(group), " was created.")),
        Notice::GroupCreated { group, workspaces } => {
            let workspaces = count(workspaces, "workspace", "workspaces");
            text((group_link(group), " was created with ", workspaces, "."))
        }
        Notice::GroupRenamed { from, to } => text((bold(from), " was renamed to ", group_link(to), ".")),
        Notice::GroupRemoved { group } => text((group_link(group), " was removed. Its history stays.")),
        Notice::Enrolled { enrollment, workspace, group } => undoable(
            text((workspace_link(workspace), " was enrolled in ", group_link(group), ".")),
            paths::ENROLLMENT_REMOVE,
            vec![("enrollment", enrollment.to_string())],
        ),
        Notice::Removed { enrollment, workspace, group } => undoable(
            text((workspace_link(workspace), " was removed from ", group_link(group), ".")),
            paths::ENROLLMENT_READD,
            vec![("enrollment", enrollment.to_string())],
        ),
        Notice::AlreadyRemoved { workspace, group } => {
            text((workspace_link(workspace), " was already removed from ", group_link(group), "."))
        }
        Notice::EnrolledMany { enrollments, already, group } => {
            let (id, were) = (group.id, workspaces_were(enrollments.len()));
            let already = also(already, "already in it");
            let message = text((were, " enrolled in ", group_link(group), ".", already));
            undoable_if_any(message, paths::ENROLLMENTS_REMOVE, id, &enrollments)
        }
        Notice::RemovedMany { enrollments, group } => {
            let (id, were) = (group.id, workspaces_were(enrollments.len()));
            let message = text((were, " removed from ", group_link(group), "."));
            undoable_if_any(message, paths::ENROLLMENTS_READD, id, &enrollments)
        }
        Notice::GroupEmptied { emptying: BulkRemoval { group, at, request }, group_name, workspaces } => {
            let link = group_link(Named { id: group, name: group_name });
            undoable(
                text((
                    workspaces_were(workspaces),
                    " removed from ",
                    link,
                    ". The tab “Removed” lists them.",
                )),
                paths::ENROLLMENTS_REFILL,
                vec![("group", group.to_string()), ("at", at.to_rfc3339()), ("request", request)],
            )
        }
        Notice::GroupRestored { group, enrolled, already, gone } => {
            let (already, gone) =
                (also(already, "already in it"), also(gone, "removed and could not be enrolled"));
            text((workspaces_were(enrolled), " enrolled in ", group_link(group), " again.", already, gone))
        }
        Notice::CreatorChanged(CreatorChange { enrollment, workspace, group, from, to }) => {
            let from = from.map_or_else(|| paths::NO_ONE.to_owned(), |person| person.to_string());
            undoable(
                text((creator_of(workspace, group), " is now ", creator(to), ".")),
                paths::ATTRIBUTION_CORRECT,
                vec![("enrollment", enrollment.to_string()), ("person", from)],
            )
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
            text((workspace_link(workspace), " was removed. Its history stays."))
        }
        Notice::PersonCreated { person } => text((person_link(person), " was created.")),
        Notice::PersonSaved { person } => text((person_link(person), " was saved.")),
        Notice::PersonDeleted { name, enrollments } => {
            let have = Formats::current().count(
                enrollments,
                "enrollment no longer has",
                "enrollments no longer have",
            );
            text((bold(name), " was deleted. ", have, " a creator."))
        }
        Notice::ImportDiscarded => text("The list was discarded. Nothing was enrolled."),
        Notice::ImportStarted { group } => text(("The import into ", group_link(group), " was started.")),
        Notice::ImportStartedBefore => text("The import was already started."),
        Notice::ImportCancelled => {
            text("The import was cancelled. Workspaces that are already enrolled stay enrolled.")
        }
        Notice::ImportEndedBefore => text("The import had already ended."),
        Notice::TokenCreated { name, text: token } => shown_once(
            text((bold(name), " was created. Copy the token now. It is not shown again.")),
            "The token",
            token,
        ),
        Notice::OperatorInvited { name, link } => {
            shown_once(text((bold(name), " was added. ", link_advice())), "The link", link)
        }
        Notice::LinkCreated { name, link } => shown_once(
            text(("A new link was created for ", bold(name), ". ", link_advice())),
            "The link",
            link,
        ),
        Notice::TokenRevoked { name } => text((bold(name), " was revoked.")),
        Notice::RoleGiven { name, role: Role::Admin } => text((bold(name), " was made an admin.")),
        Notice::RoleGiven { name, role: Role::Support } => text((bold(name), " was made support.")),
        Notice::OperatorDisabled { operator, name } => undoable(
            text((bold(name), " was disabled and signed out.")),
            paths::OPERATOR_ENABLE,
            vec![("operator", operator.to_string())],
        ),
        Notice::OperatorEnabled { name } => text((bold(name), " was enabled.")),
        Notice::OperatorLinked { name } => {
            text((bold(name), " was linked and can sign in with the identity provider."))
        }
        Notice::OperatorUnlinked { name } => text((bold(name), " was unlinked and signed out everywhere.")),
        Notice::PasswordChanged => text("Your password was changed. All other sessions were ended."),
        Notice::SessionEnded => text("The session was ended."),
        Notice::OtherSessionsEnded { ended } => {
            let ended = usize::try_from(ended).unwrap_or(usize::MAX);
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

/// A message with the form that undoes the change: its server function and its hidden fields.
fn undoable(message: AnyView, action: &'static str, mut hidden: Vec<(&'static str, String)>) -> AnyView {
    hidden.push((BACK, Viewer::current().here));
    view! {
        {message}
        <PostForm action class="" hidden>
            <button class="button button--small">"Undo"</button>
        </PostForm>
    }
    .into_any()
}

fn undoable_if_any(
    message: AnyView,
    action: &'static str,
    group: GroupId,
    enrollments: &[EnrollmentId],
) -> AnyView {
    if enrollments.is_empty() {
        return message;
    }
    let ids = enrollments.iter().map(|id| ("enrollments[]", id.to_string()));
    undoable(message, action, [("group", group.to_string())].into_iter().chain(ids).collect())
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

fn count(number: usize, one: &str, many: &str) -> String {
    Formats::current().count(i64::try_from(number).unwrap_or(i64::MAX), one, many)
}

/// `1 workspace was`, `2 workspaces were`.
fn workspaces_were(number: usize) -> String {
    count(number, "workspace was", "workspaces were")
}

/// ` 2 workspaces were already in it.`, or nothing for none.
fn also(number: usize, state: &str) -> Option<String> {
    (number > 0).then(|| format!(" {} {state}.", workspaces_were(number)))
}

fn link_advice() -> String {
    format!(
        "Send them this link to choose a password. It works once within {LINK_VALID_HOURS} hours and is not shown again."
    )
}

/// A secret in a field, from which it can also be copied without JavaScript.
fn shown_once(message: AnyView, label: &'static str, Once(secret): Once) -> AnyView {
    view! {
        {message}
        <div class="once">
            <label class="visually-hidden" for="once">{label}</label>
            <input id="once" type="text" readonly autocomplete="off" spellcheck="false" value=secret.clone() />
            <button class="button" type="button" aria-live="polite" data-copy=secret>"Copy"</button>
        </div>
    }
    .into_any()
}
