//! Enrollments as rows of a table: of a workspace, of a person, of a pair.

use leptos::prelude::*;

use crate::kernel::id::EnrollmentId;
use crate::resources::people::model::Person;
use crate::ui::components::actor::ActorName;
use crate::ui::components::entity_links::{GroupName, PersonName, WorkspaceName};
use crate::ui::components::moment::Moment;
use crate::ui::enrollments::view::EnrollmentRow;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

/// What all rows share, and so is in no column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowsOf {
    /// The groups that a workspace is in now.
    WorkspaceNow,
    /// All enrollments of a workspace.
    Workspace,
    /// All in a person's name.
    Person,
    /// All of a workspace and a group; this one is looked at. `from_first`: is the first of all the first
    /// of these?
    Pair { current: EnrollmentId, from_first: bool },
}

impl RowsOf {
    const fn caption(self) -> &'static str {
        match self {
            Self::WorkspaceNow => "Groups that the workspace is in, last enrolled first",
            Self::Workspace => "All enrollments of the workspace, last enrolled first",
            Self::Person => "Enrollments in the person's name, last enrolled first",
            Self::Pair { .. } => "All enrollments of this workspace in this group, in their order",
        }
    }

    const fn names_workspace(self) -> bool {
        matches!(self, Self::Person)
    }

    const fn names_group(self) -> bool {
        matches!(self, Self::WorkspaceNow | Self::Workspace | Self::Person)
    }

    const fn names_person(self) -> bool {
        matches!(self, Self::WorkspaceNow | Self::Workspace | Self::Pair { .. })
    }

    const fn has_removed(self) -> bool {
        matches!(self, Self::Workspace | Self::Person | Self::Pair { .. })
    }

    fn has_actions(self) -> bool {
        self == Self::WorkspaceNow && Viewer::current().may_write()
    }
}

#[component]
pub fn EnrollmentRows(rows: Vec<EnrollmentRow>, of: RowsOf) -> impl IntoView {
    let is_pair = matches!(of, RowsOf::Pair { .. });
    view! {
        <table class="table">
            <caption class="visually-hidden">{of.caption()}</caption>
            <thead>
                <tr>
                    {is_pair.then(|| view! { <th scope="col">"Row"</th> })}
                    {of.names_workspace().then(|| view! { <th scope="col">"Workspace"</th> })}
                    {of.names_group().then(|| view! { <th scope="col">"Group"</th> })}
                    <th scope="col">"Enrolled"</th>
                    {of.has_removed().then(|| view! { <th scope="col">"Removed"</th> })}
                    {of.has_actions().then(|| view! { <th scope="col"><span class="visually-hidden">"Actions"</span></th> })}
                </tr>
            </thead>
            <tbody>
                {rows
                    .into_iter()
                    .enumerate()
                    .map(|(place, row)| view! { <Row row of is_first=place == 0 /> })
                    .collect_view()}
            </tbody>
        </table>
    }
}

#[component]
fn Row(row: EnrollmentRow, of: RowsOf, is_first: bool) -> impl IntoView {
    let id = row.item.enrollment.id;
    let group = row.item.group.as_ref().map(|group| group.name.clone()).unwrap_or_default();
    let current = matches!(of, RowsOf::Pair { current, .. } if current == id).then_some("true");
    view! {
        <tr id=format!("enrollment-{id}") aria-current=current>
            <Names row=row.clone() of is_first />
            <td data-label="Enrolled">
                {of.names_person()
                    .then(|| {
                        let person = row.item.created_by.as_ref().map(Person::reference);
                        view! { <PersonName person /> <br /> }
                    })}
                <a class="when" href=paths::enrollment(id)><Moment at=row.item.enrollment.created_at /></a>
            </td>
            {of.has_removed().then(|| view! { <td data-label="Removed"><RemovedBy row=row.clone() /></td> })}
            {of.has_actions()
                .then(|| {
                    let back = Viewer::current().here;
                    view! {
                        <td class="table__action">
                            <a
                                class="button button--small"
                                href=paths::removal_from(id, &back)
                                aria-label=format!("Remove from {group}")
                            >
                                "Remove"
                            </a>
                        </td>
                    }
                })}
        </tr>
    }
}

/// The cells that say what the row is about; the first is its heading.
#[component]
fn Names(row: EnrollmentRow, of: RowsOf, is_first: bool) -> impl IntoView {
    let group = row.item.group.map(|group| {
        view! { <GroupName id=group.id name=group.name removed=group.deleted_at.is_some() /> }
    });
    match of {
        RowsOf::WorkspaceNow | RowsOf::Workspace => view! { <th scope="row">{group}</th> }.into_any(),
        RowsOf::Person => {
            let workspace = row.item.workspace.map(|workspace| {
                view! {
                    <WorkspaceName
                        id=workspace.id
                        name=workspace.name
                        external_workspace_id=workspace.external_workspace_id
                        removed=workspace.deleted_at.is_some()
                    />
                }
            });
            view! {
                <th scope="row">{workspace}</th>
                <td data-label="Group">{group}</td>
            }
            .into_any()
        }
        RowsOf::Pair { current, from_first } => {
            let word = if from_first && is_first { "First enrolled" } else { "Added again" };
            let is_this = current == row.item.enrollment.id;
            view! {
                <th scope="row">{word} {is_this.then(|| view! { " " <span class="tag">"this one"</span> })}</th>
            }
            .into_any()
        }
    }
}

/// Who removed it and when, or that it is live.
#[component]
pub fn RemovedBy(row: EnrollmentRow) -> impl IntoView {
    let Some(at) = row.item.enrollment.deleted_at else {
        return view! { <span class="tag tag--done">"live"</span> }.into_any();
    };
    let by = match row.removal {
        Some(removal) => {
            view! { <ActorName actor=removal.actor source=removal.source token_name=removal.token_name /> }
                .into_any()
        }
        None => view! { <span class="muted">"not recorded"</span> }.into_any(),
    };
    view! { {by} <br /> <Moment at /> }.into_any()
}
