//! The message that follows a change.

use leptos::prelude::*;

use crate::kernel::id::{EnrollmentId, GroupId, PersonId};
use crate::ui::actions::enrollment_rows::AttributionCorrect;
use crate::ui::actions::enrollments::{EnrollmentReadd, EnrollmentRemove};
use crate::ui::actions::selections::{EnrollmentsReadd, EnrollmentsRemove};
use crate::ui::flash::{Flash, Notice};
use crate::ui::formats::Formats;
use crate::ui::paths;
use crate::ui::trouble::Trouble;
use crate::ui::viewer::Viewer;

/// Read out by screen readers as soon as the page is there.
#[component]
pub fn FlashMessage() -> impl IntoView {
    let viewer = Viewer::current();
    viewer.flash.map(|Flash { outcome, typed: _ }| match outcome {
        Ok(notice) => {
            view! { <div class="message message--done" role="status"><NoticeText notice here=viewer.here /></div> }
                .into_any()
        }
        Err(trouble) => view! { <ErrorMessage trouble /> }.into_any(),
    })
}

#[component]
pub fn ErrorMessage(trouble: Trouble) -> impl IntoView {
    view! { <div class="message message--error" role="alert">{trouble.sentence}</div> }
}

#[component]
fn NoticeText(notice: Notice, here: String) -> impl IntoView {
    match notice {
        Notice::GroupCreated {
            group: _,
            name,
            workspaces,
        } => {
            let with = match i64::try_from(workspaces).unwrap_or(i64::MAX) {
                0 => " was created.".to_owned(),
                number => format!(" was created with {}.", Formats::current().count(number, "workspace", "workspaces")),
            };
            view! { <p><strong>{name}</strong>{with}</p> }.into_any()
        }
        Notice::Enrolled {
            enrollment,
            workspace,
            group,
        } => {
            let undo = ServerAction::<EnrollmentRemove>::new();
            view! {
                <p><strong>{workspace}</strong>" was enrolled in "<strong>{group}</strong>"."</p>
                <ActionForm action=undo>
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
                <p><strong>{workspace}</strong>" was removed from "<strong>{group}</strong>"."</p>
                <ActionForm action=undo>
                    <input type="hidden" name="enrollment" value=enrollment.to_string() />
                    <input type="hidden" name="back" value=here />
                    <button class="button button--small">"Undo"</button>
                </ActionForm>
            }
            .into_any()
        }
        Notice::RemovedMany { enrollments, group, group_name } => {
            view! { <RemovedMany enrollments group group_name here /> }.into_any()
        }
        Notice::EnrolledMany { enrollments, already, group, group_name } => {
            view! { <EnrolledMany enrollments already group group_name here /> }.into_any()
        }
        Notice::Emptied { group, workspaces } => {
            let all = i64::try_from(workspaces).unwrap_or(i64::MAX);
            let all = Formats::current().count(all, "workspace was", "workspaces were");
            view! { <p>{all} " removed from " <strong>{group}</strong> ". The tab “Removed” tells which."</p> }.into_any()
        }
        Notice::GroupRenamed { from, to } => {
            view! { <p><strong>{from}</strong> " is called " <strong>{to}</strong> " now."</p> }.into_any()
        }
        Notice::GroupRemoved { name } => {
            view! { <p><strong>{name}</strong> " was removed. Its history stays."</p> }.into_any()
        }
        Notice::WorkspaceCreated { name } | Notice::PersonCreated { name } => {
            view! { <p><strong>{name}</strong>" was created."</p> }.into_any()
        }
        Notice::WorkspaceSaved { name } | Notice::PersonSaved { name } => {
            view! { <p><strong>{name}</strong>" was saved."</p> }.into_any()
        }
        Notice::WorkspaceRemoved { name } => {
            view! { <p><strong>{name}</strong>" was removed. Its history stays."</p> }.into_any()
        }
        Notice::PersonDeleted { name, enrollments } => {
            let loses = Formats::current().count(enrollments, "enrollment stands", "enrollments stand");
            view! { <p><strong>{name}</strong>" was deleted. "{loses}" in nobody's name since."</p> }.into_any()
        }
        Notice::AttributionCorrected { enrollment, workspace, group, from, to } => {
            view! { <Corrected enrollment workspace group from to here /> }.into_any()
        }
        Notice::AlreadyRemoved { workspace, group } => {
            view! { <p><strong>{workspace}</strong>" was removed from "<strong>{group}</strong>" already."</p> }.into_any()
        }
        Notice::SignedOut => view! { <p>"You are signed out."</p> }.into_any(),
    }
}

#[component]
fn Corrected(
    enrollment: EnrollmentId,
    workspace: String,
    group: String,
    from: Option<PersonId>,
    to: Option<String>,
    here: String,
) -> impl IntoView {
    let undo = ServerAction::<AttributionCorrect>::new();
    let back_to = from.map_or_else(|| paths::NO_ONE.to_owned(), |person| person.to_string());
    view! {
        <p>
            <strong>{workspace}</strong> " was enrolled in " <strong>{group}</strong> " by "
            <strong>{to.unwrap_or_else(|| "no one".to_owned())}</strong> ", it says now."
        </p>
        <ActionForm action=undo>
            <input type="hidden" name="enrollment" value=enrollment.to_string() />
            <input type="hidden" name="person" value=back_to />
            <input type="hidden" name="form_at" value=here.clone() />
            <input type="hidden" name="back" value=here />
            <button class="button button--small">"Undo"</button>
        </ActionForm>
    }
}

#[component]
fn RemovedMany(
    enrollments: Vec<EnrollmentId>,
    group: GroupId,
    group_name: String,
    here: String,
) -> impl IntoView {
    let undo = ServerAction::<EnrollmentsReadd>::new();
    let count = i64::try_from(enrollments.len()).unwrap_or(i64::MAX);
    let told = Formats::current().count(count, "workspace was", "workspaces were");
    view! {
        <p>{told} " removed from " <strong>{group_name}</strong> "."</p>
        {(count > 0)
            .then(|| {
                view! {
                    <ActionForm action=undo>
                        <Ids group enrollments />
                        <input type="hidden" name="back" value=here />
                        <button class="button button--small">"Undo"</button>
                    </ActionForm>
                }
            })}
    }
}

#[component]
fn EnrolledMany(
    enrollments: Vec<EnrollmentId>,
    already: usize,
    group: GroupId,
    group_name: String,
    here: String,
) -> impl IntoView {
    let undo = ServerAction::<EnrollmentsRemove>::new();
    let formats = Formats::current();
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let count = number(enrollments.len());
    let already = (already > 0).then(|| {
        format!(" {} in it already.", formats.count(number(already), "workspace was", "workspaces were"))
    });
    view! {
        <p>
            {formats.count(count, "workspace was", "workspaces were")} " enrolled in " <strong>{group_name}</strong> "." {already}
        </p>
        {(count > 0)
            .then(|| {
                view! {
                    <ActionForm action=undo>
                        <Ids group enrollments />
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
