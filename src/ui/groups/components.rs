//! The three parts of a group's page.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::kernel::actor::PersonRef;
use crate::kernel::id::GroupId;
use crate::resources::enrollment_events::model::EnrollmentEvent;
use crate::resources::enrollments::model::EnrollmentWithRelated;
use crate::resources::people::model::Person;
use crate::ui::components::actor::ActorName;
use crate::ui::components::entity_links::{PersonName, WorkspaceName};
use crate::ui::components::form_key::FormKey;
use crate::ui::components::moment::Moment;
use crate::ui::components::selection::{Picked, Tick, TickAll};
use crate::ui::components::table::Empty;
use crate::ui::components::timeline::{Timeline, ToldOn};
use crate::ui::enrollments::actions::{EnrollmentReadd, RemovedRow};
use crate::ui::enrollments::bulk_actions::EnrollmentsReadd;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

fn workspace_name(item: &EnrollmentWithRelated) -> impl IntoView + use<> {
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

fn name_of(item: &EnrollmentWithRelated) -> String {
    item.workspace.as_ref().map(|workspace| workspace.name.clone()).unwrap_or_default()
}

fn enrolled_by(item: &EnrollmentWithRelated) -> Option<PersonRef> {
    item.created_by.as_ref().map(Person::reference)
}

#[component]
pub fn Members(group: GroupId, items: Vec<EnrollmentWithRelated>) -> impl IntoView {
    let may_write = Viewer::current().may_write();
    view! {
        <div id="members" data-live>{member_table(items, may_write)}</div>
        {may_write
            .then(|| {
                view! {
                    <Picked method="get" action=paths::group_removals(group)>
                        <button class="button">"Remove selected …"</button>
                        <a class="button button--quiet" href=paths::group_removals_of_all(group)>"Remove all …"</a>
                    </Picked>
                }
            })}
    }
}

fn member_table(items: Vec<EnrollmentWithRelated>, may_write: bool) -> AnyView {
    if items.is_empty() {
        return view! { <Empty title="No workspaces in this group">"Search for one above to enroll it."</Empty> }
            .into_any();
    }
    view! {
        <table class="table">
            <caption class="visually-hidden">"Workspaces in this group, last enrolled first"</caption>
            <thead>
                <tr>
                    {may_write.then(|| view! { <TickAll /> })}
                    <th scope="col">"Workspace"</th>
                    <th scope="col">"Enrolled by"</th>
                    <th scope="col">"Enrolled"</th>
                    {may_write.then(|| view! { <th scope="col"><span class="visually-hidden">"Actions"</span></th> })}
                </tr>
            </thead>
            <tbody>{items.into_iter().map(|item| view! { <Member item may_write /> }).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Member(item: EnrollmentWithRelated, may_write: bool) -> impl IntoView {
    let name = name_of(&item);
    let id = item.enrollment.id;
    view! {
        <tr id=format!("enrollment-{id}")>
            {may_write
                .then(|| view! { <Tick name=paths::TICKED value=id.to_string() label=format!("Select {name}") /> })}
            <th scope="row">{workspace_name(&item)}</th>
            <td data-label="Enrolled by"><PersonName person=enrolled_by(&item) /></td>
            <td data-label="Enrolled"><a class="when" href=paths::enrollment(id)><Moment at=item.enrollment.created_at /></a></td>
            {may_write
                .then(|| {
                    view! {
                        <td class="table__action">
                            <a class="button button--small" href=paths::removal(id) aria-label=format!("Remove {name}")>
                                "Remove"
                            </a>
                        </td>
                    }
                })}
        </tr>
    }
}

#[component]
pub fn Removed(group: GroupId, rows: Vec<RemovedRow>) -> impl IntoView {
    let may_write = Viewer::current().may_write();
    view! {
        <div id="removed" data-live>{removed_table(rows, may_write)}</div>
        {may_write
            .then(|| {
                view! {
                    <Picked method="post" action=EnrollmentsReadd::url()>
                        <FormKey />
                        <input type="hidden" name="group" value=group.to_string() />
                        <input type="hidden" name="back" value=Viewer::current().here />
                        <button class="button">"Add selected again"</button>
                    </Picked>
                }
            })}
    }
}

fn removed_table(rows: Vec<RemovedRow>, may_write: bool) -> AnyView {
    if rows.is_empty() {
        return view! { <Empty title="Nothing was removed">"Every workspace that ever was in this group still is."</Empty> }
            .into_any();
    }
    view! {
        <table class="table">
            <caption class="visually-hidden">"Workspaces taken out of this group, last removed first"</caption>
            <thead>
                <tr>
                    {may_write.then(|| view! { <TickAll /> })}
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
    let name = name_of(&item);
    let id = item.enrollment.id;
    let by = match removal {
        Some(removal) => {
            view! { <ActorName actor=removal.actor source=removal.source token_name=removal.token_name /> }
                .into_any()
        }
        None => view! { <span class="muted">"not recorded"</span> }.into_any(),
    };
    view! {
        <tr id=format!("enrollment-{id}")>
            {may_write
                .then(|| {
                    if in_again {
                        view! { <td></td> }.into_any()
                    } else {
                        let label = format!("Select {name}");
                        view! { <Tick name="enrollments[]" value=id.to_string() label /> }.into_any()
                    }
                })}
            <th scope="row">{workspace_name(&item)}</th>
            <td data-label="Enrolled">
                <PersonName person=enrolled_by(&item) />
                <br />
                <a class="when" href=paths::enrollment(id)><Moment at=item.enrollment.created_at /></a>
            </td>
            <td data-label="Removed">
                {by} <br /> {item.enrollment.deleted_at.map(|at| view! { <Moment at /> })}
            </td>
            {may_write.then(|| view! {
                <td class="table__action">
                    {if in_again {
                        view! { <span class="tag">"in again"</span> }.into_any()
                    } else {
                        view! { <Readd id=id.to_string() name /> }.into_any()
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
            <FormKey />
            <input type="hidden" name="enrollment" value=id />
            <input type="hidden" name="back" value=Viewer::current().here />
            <button class="button button--small" aria-label=format!("Add {name} again")>"Add again"</button>
        </ActionForm>
    }
}

#[component]
pub fn History(events: Vec<EnrollmentEvent>) -> impl IntoView {
    let told = if events.is_empty() {
        view! { <Empty title="Nothing happened yet">"What is enrolled and removed here will be told here."</Empty> }
            .into_any()
    } else {
        view! { <Timeline events on=ToldOn::Group /> }.into_any()
    };
    view! { <div id="history" data-live>{told}</div> }
}
