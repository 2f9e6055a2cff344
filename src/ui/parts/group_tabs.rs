//! The three parts of a group's page.

use leptos::prelude::*;

use super::name::{PersonName, WorkspaceName};
use super::table::Empty;
use super::time::Moment;
use super::who::Doer;
use crate::kernel::actor::PersonRef;
use crate::resources::enrollment_events::model::{EnrollmentEvent, EventAction};
use crate::resources::enrollments::model::EnrollmentWith;
use crate::resources::people::model::Person;
use crate::ui::actions::enrollments::{EnrollmentReadd, RemovedRow};
use crate::ui::paths;
use crate::ui::viewer::Viewer;

fn workspace_name(item: &EnrollmentWith) -> impl IntoView + use<> {
    item.workspace.clone().map(|workspace| {
        view! {
            <WorkspaceName
                id=workspace.id
                name=workspace.name
                external_workspace_id=workspace.external_workspace_id
                removed=workspace.deleted_at.is_some()
            />
        }
    })
}

fn enrolled_by(item: &EnrollmentWith) -> Option<PersonRef> {
    item.created_by.as_ref().map(Person::reference)
}

#[component]
pub fn Members(items: Vec<EnrollmentWith>) -> impl IntoView {
    if items.is_empty() {
        return view! { <Empty title="No workspaces in this group">"Search for one above to enroll it."</Empty> }
            .into_any();
    }
    let may_write = Viewer::current().may_write();
    view! {
        <table class="table">
            <caption class="visually-hidden">"Workspaces in this group, last enrolled first"</caption>
            <thead>
                <tr>
                    <th scope="col">"Workspace"</th>
                    <th scope="col">"Enrolled by"</th>
                    <th scope="col">"Enrolled"</th>
                    {may_write.then(|| view! { <th scope="col"><span class="visually-hidden">"Actions"</span></th> })}
                </tr>
            </thead>
            <tbody>{items.iter().map(|item| view! { <Member item=item.clone() may_write /> }).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Member(item: EnrollmentWith, may_write: bool) -> impl IntoView {
    let name = item.workspace.as_ref().map(|workspace| workspace.name.clone()).unwrap_or_default();
    view! {
        <tr>
            <th scope="row">{workspace_name(&item)}</th>
            <td data-label="Enrolled by"><PersonName person=enrolled_by(&item) /></td>
            <td data-label="Enrolled"><Moment at=item.enrollment.created_at /></td>
            {may_write
                .then(|| {
                    view! {
                        <td class="table__action">
                            <a
                                class="button button--small"
                                href=paths::removal(item.enrollment.id)
                                aria-label=format!("Remove {name}")
                            >
                                "Remove"
                            </a>
                        </td>
                    }
                })}
        </tr>
    }
}

#[component]
pub fn Removed(rows: Vec<RemovedRow>) -> impl IntoView {
    if rows.is_empty() {
        return view! { <Empty title="Nothing was removed">"Every workspace that ever was in this group still is."</Empty> }
            .into_any();
    }
    let may_write = Viewer::current().may_write();
    view! {
        <table class="table">
            <caption class="visually-hidden">"Workspaces taken out of this group, last removed first"</caption>
            <thead>
                <tr>
                    <th scope="col">"Workspace"</th>
                    <th scope="col">"Enrolled"</th>
                    <th scope="col">"Removed"</th>
                    {may_write.then(|| view! { <th scope="col"><span class="visually-hidden">"Actions"</span></th> })}
                </tr>
            </thead>
            <tbody>{rows.into_iter().map(|row| view! { <RemovedLine row may_write /> }).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn RemovedLine(row: RemovedRow, may_write: bool) -> impl IntoView {
    let RemovedRow { item, removal, in_again } = row;
    let name = item.workspace.as_ref().map(|workspace| workspace.name.clone()).unwrap_or_default();
    let by = match removal {
        Some(removal) => {
            view! { <Doer actor=removal.actor source=removal.source token_name=removal.token_name /> }
                .into_any()
        }
        None => view! { <span class="muted">"not recorded"</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">{workspace_name(&item)}</th>
            <td data-label="Enrolled">
                <PersonName person=enrolled_by(&item) />
                <br />
                <Moment at=item.enrollment.created_at />
            </td>
            <td data-label="Removed">
                {by} <br /> {item.enrollment.deleted_at.map(|at| view! { <Moment at /> })}
            </td>
            {may_write.then(|| view! {
                <td class="table__action">
                    {if in_again {
                        view! { <span class="tag">"in again"</span> }.into_any()
                    } else {
                        view! { <Readd id=item.enrollment.id.to_string() name /> }.into_any()
                    }}
                </td>
            })}
        </tr>
    }
}

#[component]
fn Readd(id: String, name: String) -> impl IntoView {
    let readd = ServerAction::<EnrollmentReadd>::new();
    view! {
        <ActionForm action=readd>
            <input type="hidden" name="enrollment" value=id />
            <input type="hidden" name="back" value=Viewer::current().here />
            <button class="button button--small" aria-label=format!("Add {name} again")>"Add again"</button>
        </ActionForm>
    }
}

#[component]
pub fn History(events: Vec<EnrollmentEvent>) -> impl IntoView {
    if events.is_empty() {
        return view! { <Empty title="Nothing happened yet">"What is enrolled and removed here will be told here."</Empty> }
            .into_any();
    }
    view! {
        <ol class="timeline">
            {events.into_iter().map(|event| view! { <li><HistoryLine event /></li> }).collect_view()}
        </ol>
    }
    .into_any()
}

#[component]
fn HistoryLine(event: EnrollmentEvent) -> impl IntoView {
    let (class, verb) = match event.action {
        EventAction::Enrolled => ("dot dot--enrolled", " enrolled "),
        EventAction::Removed => ("dot dot--removed", " removed "),
        EventAction::AttributionCorrected => ("dot", " corrected who enrolled "),
    };
    let correction = event.correction.map(|correction| {
        let name = |name: Option<String>| name.unwrap_or_else(|| "no one".to_owned());
        format!(": {}, not {}", name(correction.to), name(correction.from))
    });
    view! {
        <span class=class aria-hidden="true"></span>
        <p>
            <Doer actor=event.actor source=event.source token_name=event.token_name /> {verb}
            <strong>{event.workspace_name}</strong> {correction}
        </p>
        <Moment at=event.occurred_at />
    }
}
