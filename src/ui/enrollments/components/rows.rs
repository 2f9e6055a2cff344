//! Enrollments as rows of a table, on the pages of groups, workspaces and people.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::kernel::id::EnrollmentId;
use crate::resources::enrollments::model::EnrollmentWithRelated;
use crate::resources::people::model::Person;
use crate::ui::components::{
    ActorName, Column, DataTable, GroupName, Moment, PersonName, PostForm, SelectAll, SelectRow,
    WorkspaceName,
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
    /// All enrollments of a workspace in a group, on the page of the `current` one. `first`: the earliest of all,
    /// if the list contains it.
    Pair { current: EnrollmentId, first: Option<EnrollmentId> },
}

impl RowsOf {
    /// The caption, and the heading of the first column.
    const fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::GroupNow => ("Workspaces in this group, last enrolled first", "Workspace"),
            Self::GroupRemoved => {
                ("Workspaces that were removed from this group, last removed first", "Workspace")
            }
            Self::WorkspaceNow => ("Groups that the workspace is in, last enrolled first", "Group"),
            Self::Workspace => ("All enrollments of the workspace, last enrolled first", "Group"),
            Self::Person => ("Enrollments that the person created, last enrolled first", "Workspace"),
            Self::Pair { .. } => {
                ("All enrollments of this workspace in this group, first enrolled first", "Row")
            }
        }
    }
}

#[component]
pub fn EnrollmentRows(rows: Vec<EnrollmentRow>, of: RowsOf) -> impl IntoView {
    let (caption, name) = of.texts();
    let may_write = Viewer::current().may_write();
    let has_boxes = may_write && matches!(of, RowsOf::GroupNow | RowsOf::GroupRemoved);
    let mut columns = Vec::new();
    if has_boxes {
        columns.push(Column::of_cells(view! { <SelectAll /> }.into_any(), move |row| select_box(row, of)));
    }
    columns.push(Column::name(name, move |row: &EnrollmentRow| heading(&row.item, of)));
    if of == RowsOf::Person {
        columns.push(Column::text("Group", |row: &EnrollmentRow| group_name(&row.item)));
    }
    if of == RowsOf::GroupNow {
        columns.push(Column::text("Enrolled by", |row: &EnrollmentRow| creator(&row.item)));
    }
    columns.push(Column::text("Enrolled", move |EnrollmentRow { item, .. }: &EnrollmentRow| {
        let by = !matches!(of, RowsOf::GroupNow | RowsOf::Person);
        view! {
            {by.then(|| view! { {creator(item)} <br /> })}
            <a class="when" href=paths::enrollment(item.enrollment.id)><Moment at=item.enrollment.created_at /></a>
        }
    }));
    if !matches!(of, RowsOf::GroupNow | RowsOf::WorkspaceNow) {
        columns.push(Column::text("Removed", |row: &EnrollmentRow| view! { <RemovedBy row=row.clone() /> }));
    }
    if has_boxes || may_write && of == RowsOf::WorkspaceNow {
        columns.push(Column::actions(move |row| row_action(row, of)));
    }
    let current =
        if let RowsOf::Pair { current, .. } = of { format!("enrollment-{current}") } else { String::new() };
    let row_id = |row: &EnrollmentRow| format!("enrollment-{}", row.item.enrollment.id);
    view! { <DataTable caption columns items=rows row_id current /> }
}

fn select_box(row: &EnrollmentRow, of: RowsOf) -> AnyView {
    if row.in_again {
        return view! { <td></td> }.into_any();
    }
    let name = if of == RowsOf::GroupNow { paths::SELECTED } else { "enrollments[]" };
    let label = format!("Select {}", workspace_text(&row.item));
    view! { <SelectRow name value=row.item.enrollment.id.to_string() label /> }.into_any()
}

fn heading(item: &EnrollmentWithRelated, of: RowsOf) -> AnyView {
    match of {
        RowsOf::GroupNow | RowsOf::GroupRemoved | RowsOf::Person => workspace_name(item).into_any(),
        RowsOf::WorkspaceNow | RowsOf::Workspace => group_name(item).into_any(),
        RowsOf::Pair { current, first } => {
            let id = item.enrollment.id;
            let word = if first == Some(id) { "First enrolled" } else { "Added again" };
            let mark = (current == id).then(|| view! { " " <span class="tag">"this one"</span> });
            view! { {word} {mark} }.into_any()
        }
    }
}

fn row_action(row: &EnrollmentRow, of: RowsOf) -> AnyView {
    let item = &row.item;
    let id = item.enrollment.id;
    if row.in_again {
        return view! { <span class="tag">"in again"</span> }.into_any();
    }
    if of == RowsOf::GroupRemoved {
        let label = format!("Add {} again", workspace_text(item));
        return view! { <Readd id class="button button--small" label /> }.into_any();
    }
    let (path, label) = if of == RowsOf::GroupNow {
        (paths::removal(id), format!("Remove {}", workspace_text(item)))
    } else {
        let group = item.group.as_ref().map(|group| group.name.as_str()).unwrap_or_default();
        (paths::removal_from(id, &Viewer::current().here), format!("Remove from {group}"))
    };
    view! { <a class="button button--small" href=path aria-label=label>"Remove"</a> }.into_any()
}

/// The person who created the enrollment, if that was read.
pub fn creator(item: &EnrollmentWithRelated) -> impl IntoView + use<> {
    view! { <PersonName person=item.created_by.as_ref().map(Person::reference) /> }
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
pub fn workspace_name(item: &EnrollmentWithRelated) -> impl IntoView + use<> {
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

/// The link to the group, if that was read.
pub fn group_name(item: &EnrollmentWithRelated) -> impl IntoView + use<> {
    item.group.clone().map(|group| {
        view! { <GroupName id=group.id name=group.name removed=group.deleted_at.is_some() /> }
    })
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
            <dd>{creator(&item)}</dd>
            <dt>"Enrolled"</dt>
            <dd><Moment at=item.enrollment.created_at /></dd>
        </dl>
    }
}
