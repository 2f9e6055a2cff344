//! Enrollments as rows of a table, on the pages of groups, workspaces and people.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::kernel::id::EnrollmentId;
use crate::resources::enrollments::model::EnrollmentWithRelated;
use crate::resources::people::model::Person;
use crate::ui::components::{
    ActorName, GroupName, Moment, PersonName, PostForm, SelectAll, SelectRow, WorkspaceName,
};
use crate::ui::enrollments::actions::EnrollmentReadd;
use crate::ui::enrollments::view::EnrollmentRow;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

/// What the rows have in common, which no column repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowsOf {
    /// The live enrollments of a group.
    GroupNow,
    /// The removed enrollments of a group.
    GroupRemoved,
    /// The live enrollments of a workspace.
    WorkspaceNow,
    /// All enrollments of a workspace.
    Workspace,
    /// All enrollments that a person created.
    Person,
    /// All enrollments of a workspace in a group, on the page of the `current` one. `from_first`: the list begins
    /// with the earliest of all, and not on a later page.
    Pair { current: EnrollmentId, from_first: bool },
}

impl RowsOf {
    const fn caption(self) -> &'static str {
        match self {
            Self::GroupNow => "Workspaces in this group, last enrolled first",
            Self::GroupRemoved => "Workspaces that were removed from this group, last removed first",
            Self::WorkspaceNow => "Groups that the workspace is in, last enrolled first",
            Self::Workspace => "All enrollments of the workspace, last enrolled first",
            Self::Person => "Enrollments that the person created, last enrolled first",
            Self::Pair { .. } => "All enrollments of this workspace in this group, first enrolled first",
        }
    }

    /// The heading of the first column.
    const fn first(self) -> &'static str {
        match self {
            Self::GroupNow | Self::GroupRemoved | Self::Person => "Workspace",
            Self::WorkspaceNow | Self::Workspace => "Group",
            Self::Pair { .. } => "Row",
        }
    }

    const fn has_removed(self) -> bool {
        !matches!(self, Self::GroupNow | Self::WorkspaceNow)
    }

    fn has_boxes(self) -> bool {
        matches!(self, Self::GroupNow | Self::GroupRemoved) && Viewer::current().may_write()
    }

    fn has_actions(self) -> bool {
        self.has_boxes() || self == Self::WorkspaceNow && Viewer::current().may_write()
    }
}

#[component]
pub fn EnrollmentRows(rows: Vec<EnrollmentRow>, of: RowsOf) -> impl IntoView {
    let rows = rows.into_iter().enumerate().map(|(index, row)| view! { <Row row of is_first=index == 0 /> });
    view! {
        <table class="table">
            <caption class="visually-hidden">{of.caption()}</caption>
            <thead>
                <tr>
                    {of.has_boxes().then(|| view! { <SelectAll /> })}
                    <th scope="col">{of.first()}</th>
                    {(of == RowsOf::Person).then(|| view! { <th scope="col">"Group"</th> })}
                    {(of == RowsOf::GroupNow).then(|| view! { <th scope="col">"Enrolled by"</th> })}
                    <th scope="col">"Enrolled"</th>
                    {of.has_removed().then(|| view! { <th scope="col">"Removed"</th> })}
                    {of.has_actions().then(|| view! { <th scope="col"><span class="visually-hidden">"Actions"</span></th> })}
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
}

#[component]
fn Row(row: EnrollmentRow, of: RowsOf, is_first: bool) -> impl IntoView {
    let id = row.item.enrollment.id;
    let current = matches!(of, RowsOf::Pair { current, .. } if current == id).then_some("true");
    let person = || view! { <PersonName person=row.item.created_by.as_ref().map(Person::reference) /> };
    view! {
        <tr id=format!("enrollment-{id}") aria-current=current>
            {of.has_boxes().then(|| select_box(&row, of))}
            <th scope="row">{heading(&row.item, of, is_first)}</th>
            {(of == RowsOf::Person).then(|| view! { <td data-label="Group">{group_name(&row.item)}</td> })}
            {(of == RowsOf::GroupNow).then(|| view! { <td data-label="Enrolled by">{person()}</td> })}
            <td data-label="Enrolled">
                {(!matches!(of, RowsOf::GroupNow | RowsOf::Person)).then(|| view! { {person()} <br /> })}
                <a class="when" href=paths::enrollment(id)><Moment at=row.item.enrollment.created_at /></a>
            </td>
            {of.has_removed().then(|| view! { <td data-label="Removed"><RemovedBy row=row.clone() /></td> })}
            {of.has_actions().then(|| view! { <td class="table__action">{row_action(&row, of)}</td> })}
        </tr>
    }
}

fn select_box(row: &EnrollmentRow, of: RowsOf) -> AnyView {
    if row.in_again {
        return view! { <td></td> }.into_any();
    }
    let name = if of == RowsOf::GroupNow { paths::SELECTED } else { "enrollments[]" };
    let label = format!("Select {}", workspace_text(&row.item));
    view! { <SelectRow name value=row.item.enrollment.id.to_string() label /> }.into_any()
}

fn heading(item: &EnrollmentWithRelated, of: RowsOf, is_first: bool) -> AnyView {
    match of {
        RowsOf::GroupNow | RowsOf::GroupRemoved | RowsOf::Person => workspace_name(item),
        RowsOf::WorkspaceNow | RowsOf::Workspace => group_name(item),
        RowsOf::Pair { current, from_first } => {
            let word = if from_first && is_first { "First enrolled" } else { "Added again" };
            let is_this = current == item.enrollment.id;
            view! { {word} {is_this.then(|| view! { " " <span class="tag">"this one"</span> })} }.into_any()
        }
    }
}

fn row_action(row: &EnrollmentRow, of: RowsOf) -> AnyView {
    let (item, here) = (&row.item, Viewer::current().here);
    let id = item.enrollment.id;
    if row.in_again {
        return view! { <span class="tag">"in again"</span> }.into_any();
    }
    let (path, label) = match of {
        RowsOf::GroupRemoved => {
            let label = format!("Add {} again", workspace_text(item));
            return view! { <Readd id class="button button--small" label /> }.into_any();
        }
        RowsOf::GroupNow => (paths::enrollment_removal(id), format!("Remove {}", workspace_text(item))),
        RowsOf::WorkspaceNow | RowsOf::Workspace | RowsOf::Person | RowsOf::Pair { .. } => {
            let group = item.group.as_ref().map(|group| group.name.as_str()).unwrap_or_default();
            (paths::enrollment_removal_from(id, &here), format!("Remove from {group}"))
        }
    };
    view! { <a class="button button--small" href=path aria-label=label>"Remove"</a> }.into_any()
}

/// The button that enrolls the pair of a removed enrollment again.
#[component]
pub fn Readd(
    id: EnrollmentId,
    class: &'static str,
    #[prop(optional, into)] label: Option<String>,
) -> impl IntoView {
    let hidden = vec![("enrollment", id.to_string()), ("back", Viewer::current().here)];
    view! {
        <PostForm action=EnrollmentReadd::url() class="" hidden>
            <button class=class aria-label=label>"Add again"</button>
        </PostForm>
    }
}

fn workspace_text(item: &EnrollmentWithRelated) -> &str {
    item.workspace.as_ref().map(|workspace| workspace.name.as_str()).unwrap_or_default()
}

/// The link to the workspace, if that was read.
pub fn workspace_name(item: &EnrollmentWithRelated) -> AnyView {
    let link = item.workspace.clone().map(|workspace| {
        view! {
            <WorkspaceName
                id=workspace.id
                name=workspace.name
                external_workspace_id=workspace.external_workspace_id
                removed=workspace.deleted_at.is_some()
            />
        }
    });
    link.into_any()
}

/// The link to the group, if that was read.
pub fn group_name(item: &EnrollmentWithRelated) -> AnyView {
    let link = item.group.clone().map(|group| {
        view! { <GroupName id=group.id name=group.name removed=group.deleted_at.is_some() /> }
    });
    link.into_any()
}

/// When the enrollment was removed and by whom, or that it is live.
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

/// By whom and when something was enrolled, which a page shows before an enrollment is changed.
#[component]
pub fn Created(item: EnrollmentWithRelated) -> impl IntoView {
    view! {
        <dl class="facts">
            <dt>"Enrolled by"</dt>
            <dd><PersonName person=item.created_by.as_ref().map(Person::reference) /></dd>
            <dt>"Enrolled"</dt>
            <dd><Moment at=item.enrollment.created_at /></dd>
        </dl>
    }
}
