//! The message that follows a change.

use leptos::prelude::*;

use crate::kernel::actor::{PersonRef, Role};
use crate::kernel::id::{EnrollmentId, GroupId, PersonId, WorkspaceId};
use crate::resources::enrollments::model::BulkRemoval;
use crate::resources::operators::model::LINK_VALID_HOURS;
use crate::ui::components::form_key::FormKey;
use crate::ui::enrollments::actions::{EnrollmentReadd, EnrollmentRemove};
use crate::ui::enrollments::bulk_actions::{EnrollmentsReadd, EnrollmentsRefill, EnrollmentsRemove};
use crate::ui::enrollments::queries::AttributionCorrect;
use crate::ui::error::{Link, UiError};
use crate::ui::flash::{Flash, Named, Notice, Once};
use crate::ui::locale::formats::Formats;
use crate::ui::operators::actions::OperatorEnable;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

/// What the last change came to. It has the focus as the page opens: so a screen reader reads it, which does not
/// read what has a role alone and was there from the start, and Tab goes on from here, to "Undo". Where a
/// refusal is about fields, the first of those has the focus instead, and is described by what was wrong:
/// see [`Viewer::focus`].
#[component]
pub fn FlashMessage() -> impl IntoView {
    let viewer = Viewer::current();
    viewer.flash.map(|Flash { outcome, typed: _, faults, about, answer: _ }| match outcome {
        Ok(notice) => view! {
            <div class="message message--done" role="status" tabindex="-1" autofocus>
                <NoticeText notice here=viewer.here />
            </div>
        }
        .into_any(),
        Err(error) => {
            let is_for_all = faults.is_empty();
            view! {
                <div class="message message--error" role="alert" tabindex="-1" autofocus=is_for_all>
                    <TroubleText error=UiError { about, ..error } />
                </div>
            }
            .into_any()
        }
    })
}

/// On a page that consists of it.
#[component]
pub fn ErrorMessage(error: UiError) -> impl IntoView {
    view! { <div class="message message--error" role="alert"><TroubleText error /></div> }
}

#[component]
fn TroubleText(error: UiError) -> impl IntoView {
    let link = error.about.map(|Link { path, text }| view! { " " <a href=path>{text}</a> });
    view! { {error.sentence} {link} }
}

#[component]
fn NoticeText(notice: Notice, here: String) -> impl IntoView {
    match notice {
        Notice::GroupCreated { group, workspaces } => {
            let with = match i64::try_from(workspaces).unwrap_or(i64::MAX) {
                0 => " was created.".to_owned(),
                number => format!(" was created with {}.", Formats::current().count(number, "workspace", "workspaces")),
            };
            view! { <p>{group_link(group)}{with}</p> }.into_any()
        }
        Notice::Enrolled {
            enrollment,
            workspace,
            group,
        } => {
            let undo = ServerAction::<EnrollmentRemove>::new();
            view! {
                <p>{workspace_link(workspace)}" was enrolled in "{group_link(group)}"."</p>
                <ActionForm action=undo>
                    <FormKey />
                    <input type="hidden" name="enrollment" value=enrollment.to_string() />
                    <input type="hidden" name="form_at" value=here.clone() />
                    <input type="hidden" name="back" value=here />
                    <button class="button button--small">"Undo"</button>
                </ActionForm>
            }
            .into_any()
        }
        Notice::Removed {
            enrollment,
            workspace,
            group,
        } => {
            let undo = ServerAction::<EnrollmentReadd>::new();
            view! {
                <p>{workspace_link(workspace)}" was removed from "{group_link(group)}"."</p>
                <ActionForm action=undo>
                    <FormKey />
                    <input type="hidden" name="enrollment" value=enrollment.to_string() />
                    <input type="hidden" name="back" value=here />
                    <button class="button button--small">"Undo"</button>
                </ActionForm>
            }
            .into_any()
        }
        Notice::RemovedMany { enrollments, group } => {
            view! { <RemovedMany enrollments group here /> }.into_any()
        }
        Notice::EnrolledMany { enrollments, already, group } => {
            view! { <EnrolledMany enrollments already group here /> }.into_any()
        }
        Notice::Emptied { emptying, group_name, workspaces } => {
            view! { <Emptied emptying group_name workspaces here /> }.into_any()
        }
        Notice::Refilled { group, enrolled, already, gone } => {
            view! { <Refilled group enrolled already gone /> }.into_any()
        }
        Notice::GroupRenamed { from, to } => {
            view! { <p><strong dir="auto">{from}</strong> " is called " {group_link(to)} " now."</p> }.into_any()
        }
        Notice::GroupRemoved { group } => linked(group_link(group), " was removed. Its history stays."),
        Notice::WorkspaceCreated { workspace } => linked(workspace_link(workspace), " was created."),
        Notice::WorkspaceSaved { workspace } => linked(workspace_link(workspace), " was saved."),
        Notice::ExternalIdReleased { workspace } => {
            linked(workspace_link(workspace), " has no external id any more. Another workspace can use it.")
        }
        Notice::WorkspaceRemoved { workspace } => {
            linked(workspace_link(workspace), " was removed. Its history stays.")
        }
        Notice::PersonCreated { person } => linked(person_link(person), " was created."),
        Notice::PersonSaved { person } => linked(person_link(person), " was saved."),
        Notice::PersonDeleted { name, enrollments } => {
            let loses = Formats::current().count(enrollments, "enrollment stands", "enrollments stand");
            view! { <p><strong dir="auto">{name}</strong>" was deleted. "{loses}" in nobody's name since."</p> }.into_any()
        }
        Notice::AttributionCorrected { enrollment, workspace, group, from, to } => {
            view! { <Corrected enrollment workspace group from to here /> }.into_any()
        }
        Notice::AttributionUnchanged { workspace, group, to } => {
            let whose = match to {
                Some(person) => view! { {person_link(person)} "’s" }.into_any(),
                None => view! { "no one’s" }.into_any(),
            };
            view! {
                <p>
                    "The enrollment of " {workspace_link(workspace)} " in " {group_link(group)} " stands in " {whose}
                    " name already; nothing was changed."
                </p>
            }
            .into_any()
        }
        Notice::AlreadyRemoved { workspace, group } => {
            view! { <p>{workspace_link(workspace)}" was removed from "{group_link(group)}" already."</p> }.into_any()
        }
        Notice::ImportDiscarded => view! { <p>"The list was discarded. Nothing was enrolled."</p> }.into_any(),
        Notice::ImportStarted { group } => {
            view! { <p>"Enrolling in "{group_link(group)}" has begun. You may leave this page and come back."</p> }
                .into_any()
        }
        Notice::ImportStartedBefore => view! { <p>"It was started already."</p> }.into_any(),
        Notice::ImportCancelled => {
            view! { <p>"Enrolling was cancelled. What is enrolled already stays."</p> }.into_any()
        }
        Notice::ImportEndedBefore => view! { <p>"It had ended already."</p> }.into_any(),
        Notice::TokenCreated { name, text } => {
            view! {
                <p><strong dir="auto">{name}</strong>" was created. Copy the token now: it is not shown again."</p>
                <ShownOnce label="The token" text />
            }
                .into_any()
        }
        Notice::OperatorInvited { name, link } => {
            view! {
                <p><strong dir="auto">{name}</strong>" was added. "{link_advice()}</p>
                <ShownOnce label="The link" text=link />
            }
                .into_any()
        }
        Notice::LinkCreated { name, link } => {
            view! {
                <p>"A new link was made for "<strong dir="auto">{name}</strong>". "{link_advice()}</p>
                <ShownOnce label="The link" text=link />
            }
                .into_any()
        }
        Notice::OperatorDisabled { operator, name } => {
            let undo = ServerAction::<OperatorEnable>::new();
            view! {
                <p><strong dir="auto">{name}</strong>" was disabled and signed out."</p>
                <ActionForm action=undo>
                    <input type="hidden" name="operator" value=operator.to_string() />
                    <button class="button button--small">"Undo"</button>
                </ActionForm>
            }
                .into_any()
        }
        Notice::TokenRevoked { name } => told(name, " was revoked."),
        Notice::RoleGiven { name, role } => told(name, match role {
            Role::Admin => " was made an admin.",
            Role::Support => " was made support.",
        }),
        Notice::OperatorEnabled { name } => told(name, " was enabled."),
        Notice::OperatorLinked { name } => told(name, " was linked and can sign in by the identity provider."),
        Notice::OperatorUnlinked { name } => told(name, " was unlinked and is signed out everywhere."),
        Notice::PasswordChanged => {
            view! { <p>"Your password was changed. Every other session was ended."</p> }.into_any()
        }
        Notice::SessionEnded => view! { <p>"The session was ended."</p> }.into_any(),
        Notice::OtherSessionsEnded { ended } => {
            let number = i64::try_from(ended).unwrap_or(i64::MAX);
            let sessions = Formats::current().count(number, "other session was", "other sessions were");
            view! { <p>{sessions}" ended."</p> }.into_any()
        }
        Notice::TypedKept => {
            view! { <p>"You are signed in again. What you typed is still here, and not saved yet."</p> }.into_any()
        }
        Notice::SignedOut => view! { <p>"You are signed out."</p> }.into_any(),
        Notice::SignedOutEverywhere => view! { <p>"You are signed out everywhere."</p> }.into_any(),
    }
}

fn workspace_link(Named { id, name }: Named<WorkspaceId>) -> AnyView {
    view! { <a href=paths::workspace(id) dir="auto">{name}</a> }.into_any()
}

fn group_link(Named { id, name }: Named<GroupId>) -> AnyView {
    view! { <a href=paths::group(id) dir="auto">{name}</a> }.into_any()
}

fn person_link(PersonRef { id, name }: PersonRef) -> AnyView {
    view! { <a href=paths::person(id) dir="auto">{name}</a> }.into_any()
}

fn linked(name: AnyView, what: &'static str) -> AnyView {
    view! { <p>{name}{what}</p> }.into_any()
}

fn told(name: String, what: &'static str) -> AnyView {
    view! { <p><strong dir="auto">{name}</strong>{what}</p> }.into_any()
}

fn link_advice() -> String {
    format!(
        "Send them this link to choose a password with: it works once, for {LINK_VALID_HOURS} hours, and is not shown again."
    )
}

/// A secret in a field of which it can be copied, by a button where there is script and by hand where
/// there is none.
#[component]
fn ShownOnce(label: &'static str, text: Once) -> impl IntoView {
    let Once(text) = text;
    view! {
        <div class="once">
            <label class="visually-hidden" for="once">{label}</label>
            <input id="once" type="text" readonly autocomplete="off" spellcheck="false" value=text.clone() />
            <button class="button" type="button" aria-live="polite" data-copy=text>"Copy"</button>
        </div>
    }
}

#[component]
fn Corrected(
    enrollment: EnrollmentId,
    workspace: Named<WorkspaceId>,
    group: Named<GroupId>,
    from: Option<PersonId>,
    to: Option<PersonRef>,
    here: String,
) -> impl IntoView {
    let undo = ServerAction::<AttributionCorrect>::new();
    let back_to = from.map_or_else(|| paths::NO_ONE.to_owned(), |person| person.to_string());
    view! {
        <p>
            {workspace_link(workspace)} " was enrolled in " {group_link(group)} " by "
            {to.map_or_else(|| view! { <strong>"no one"</strong> }.into_any(), person_link)} ", it says now."
        </p>
        <ActionForm action=undo>
            <FormKey />
            <input type="hidden" name="enrollment" value=enrollment.to_string() />
            <input type="hidden" name="person" value=back_to />
            <input type="hidden" name="form_at" value=here.clone() />
            <input type="hidden" name="back" value=here />
            <button class="button button--small">"Undo"</button>
        </ActionForm>
    }
}

#[component]
fn RemovedMany(enrollments: Vec<EnrollmentId>, group: Named<GroupId>, here: String) -> impl IntoView {
    let id = group.id;
    let undo = ServerAction::<EnrollmentsReadd>::new();
    let count = enrollments.len();
    view! {
        <p>{workspaces_were(count)} " removed from " {group_link(group)} "."</p>
        {(count > 0)
            .then(|| {
                view! {
                    <ActionForm action=undo>
                        <FormKey />
                        <Ids group=id enrollments />
                        <input type="hidden" name="back" value=here />
                        <button class="button button--small">"Undo"</button>
                    </ActionForm>
                }
            })}
    }
}

#[component]
fn Emptied(emptying: BulkRemoval, group_name: String, workspaces: usize, here: String) -> impl IntoView {
    let undo = ServerAction::<EnrollmentsRefill>::new();
    let BulkRemoval { group, at, request } = emptying;
    let emptied = group_link(Named { id: group, name: group_name });
    view! {
        <p>
            {workspaces_were(workspaces)} " removed from " {emptied} ". The tab “Removed” tells which."
        </p>
        <ActionForm action=undo>
            <FormKey />
            <input type="hidden" name="group" value=group.to_string() />
            <input type="hidden" name="at" value=at.to_rfc3339() />
            <input type="hidden" name="request" value=request />
            <input type="hidden" name="back" value=here />
            <button class="button button--small">"Undo"</button>
        </ActionForm>
    }
}

#[component]
fn Refilled(group: Named<GroupId>, enrolled: usize, already: usize, gone: usize) -> impl IntoView {
    let also = |count: usize, what: &str| (count > 0).then(|| format!(" {} {what}.", workspaces_were(count)));
    view! {
        <p>
            {workspaces_were(enrolled)} " enrolled in " {group_link(group)} " again."
            {also(already, "in it already")} {also(gone, "removed meanwhile, and left out")}
        </p>
    }
}

/// `1 workspace was`, `2 workspaces were`.
fn workspaces_were(number: usize) -> String {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    Formats::current().count(number, "workspace was", "workspaces were")
}

#[component]
fn EnrolledMany(
    enrollments: Vec<EnrollmentId>,
    already: usize,
    group: Named<GroupId>,
    here: String,
) -> impl IntoView {
    let id = group.id;
    let undo = ServerAction::<EnrollmentsRemove>::new();
    let count = enrollments.len();
    let already = (already > 0).then(|| format!(" {} in it already.", workspaces_were(already)));
    view! {
        <p>
            {workspaces_were(count)} " enrolled in " {group_link(group)} "." {already}
        </p>
        {(count > 0)
            .then(|| {
                view! {
                    <ActionForm action=undo>
                        <FormKey />
                        <Ids group=id enrollments />
                        <input type="hidden" name="form_at" value=here.clone() />
                        <input type="hidden" name="back" value=here />
                        <button class="button button--small">"Undo"</button>
                    </ActionForm>
                }
            })}
    }
}

/// What to undo.
#[component]
fn Ids(group: GroupId, enrollments: Vec<EnrollmentId>) -> impl IntoView {
    let ids = enrollments.into_iter();
    view! {
        <input type="hidden" name="group" value=group.to_string() />
        {ids.map(|id| view! { <input type="hidden" name="enrollments[]" value=id.to_string() /> }).collect_view()}
    }
}
