//! The pieces of pages that only enrollments have, and that pages of groups, workspaces and people show as well.

use crate::resources::enrollment_events::model::Removal;
use crate::resources::enrollments::model::{Candidate, EnrollmentWithRelated, GroupCandidate, NewEnrollment};
use crate::resources::people::model::Person;
use crate::resources::workspaces::model::Workspace;
use crate::ui::components::prelude::*;
use crate::ui::enrollments::actions::{EnrollmentEnroll, EnrollmentReadd, EnrollmentRemove};
use crate::ui::enrollments::view::EnrollmentRow;
use crate::ui::islands::picker::{ENROLL_FORM, GroupPicker, SearchText, WorkspacePicker};
use crate::ui::islands::selection::SELECTION_FORM;

/// What the rows have in common, which no column repeats: enrollments of a group, of a workspace or by a person. `Now`
/// is for live ones only, and `Removed` for removed ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowsOf {
    GroupNow,
    GroupRemoved,
    WorkspaceNow,
    Workspace,
    Person,
    /// All of a workspace in a group, on the page of the `current` one. `first`: the earliest, if the list contains it.
    Pair {
        current: EnrollmentId,
        first: Option<EnrollmentId>,
    },
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
    // The caption names the order of a list that is not sorted by its headings.
    let is_sorted = Viewer::current().query("sort").is_some();
    let caption = if is_sorted { caption.split(',').next().unwrap_or(caption) } else { caption };
    let default = if of == RowsOf::GroupRemoved { "-deleted_at" } else { "-created_at" };
    let may_write = Viewer::current().may_write();
    let has_boxes = may_write && matches!(of, RowsOf::GroupNow | RowsOf::GroupRemoved);
    let mut columns = Vec::new();
    if has_boxes {
        columns.push(select_column(of));
    }
    let heading = Column::name(name, move |row: &EnrollmentRow| heading(&row.item, of));
    columns.push(match of {
        RowsOf::GroupNow | RowsOf::GroupRemoved => heading.sorted("workspace.name", default, false),
        RowsOf::WorkspaceNow | RowsOf::Workspace => heading.sorted("workspace_group.name", default, false),
        RowsOf::Person | RowsOf::Pair { .. } => heading,
    });
    if of == RowsOf::Person {
        columns.push(Column::text("Group", |row: &EnrollmentRow| group_name(&row.item)));
    }
    if of == RowsOf::GroupNow {
        columns.push(Column::text("Enrolled by", |row: &EnrollmentRow| creator_name(&row.item)));
    }
    let enrolled = Column::text("Enrolled", move |EnrollmentRow { item, .. }: &EnrollmentRow| {
        let by = !matches!(of, RowsOf::GroupNow | RowsOf::Person);
        view! {
            {by.then(|| view! { {creator_name(item)} <br /> })}
            <a class="when" href=paths::enrollment(item.enrollment.id)><Moment at=item.enrollment.created_at /></a>
        }
    });
    let is_of_pair = matches!(of, RowsOf::Pair { .. });
    columns.push(if is_of_pair { enrolled } else { enrolled.sorted("created_at", default, true) });
    if !matches!(of, RowsOf::GroupNow | RowsOf::WorkspaceNow) {
        let removed = Column::text("Removed", |row: &EnrollmentRow| view! { <RemovedBy row=row.clone() /> });
        let is_sorted = of == RowsOf::GroupRemoved;
        columns.push(if is_sorted { removed.sorted("deleted_at", default, true) } else { removed });
    }
    if has_boxes || may_write && of == RowsOf::WorkspaceNow {
        columns.push(Column::actions(move |row| row_action(row, of)));
    }
    let current =
        if let RowsOf::Pair { current, .. } = of { format!("enrollment-{current}") } else { String::new() };
    let row_id = |row: &EnrollmentRow| format!("enrollment-{}", row.item.enrollment.id);
    view! { <DataTable caption columns items=rows row_id current /> }
}

/// The checkboxes belong to the [`SelectionForm`] by their `form` attribute, because a row may contain another form. The
/// one in the heading selects the whole page, which needs JavaScript.
fn select_column(of: RowsOf) -> Column<EnrollmentRow> {
    let header = view! {
        <th scope="col" class="table__tick">
            <span class="visually-hidden">"Select"</span>
            <input class="needs-script" type="checkbox" data-all=SELECTION_FORM aria-label="Select all on this page" />
        </th>
    };
    let name = if of == RowsOf::GroupNow { paths::SELECTED } else { "enrollments[]" };
    Column::of_cells(header.into_any(), move |row: &EnrollmentRow| {
        if row.in_again {
            return view! { <td class="table__tick"></td> }.into_any();
        }
        let (id, label) =
            (row.item.enrollment.id.to_string(), format!("Select {}", workspace_text(&row.item)));
        view! { <td class="table__tick"><input type="checkbox" form=SELECTION_FORM name=name value=id aria-label=label /></td> }
        .into_any()
    })
}

fn heading(item: &EnrollmentWithRelated, of: RowsOf) -> AnyView {
    match of {
        RowsOf::GroupNow | RowsOf::GroupRemoved | RowsOf::Person => workspace_name(item).into_any(),
        RowsOf::WorkspaceNow | RowsOf::Workspace => group_name(item).into_any(),
        RowsOf::Pair { current, first } => {
            let id = item.enrollment.id;
            let word = if first == Some(id) { "First enrolled" } else { "Enrolled again" };
            let mark = (current == id).then(|| view! { " " <span class="tag">"this one"</span> });
            view! { {word} {mark} }.into_any()
        }
    }
}

fn row_action(row: &EnrollmentRow, of: RowsOf) -> AnyView {
    let item = &row.item;
    let id = item.enrollment.id;
    if row.in_again {
        return view! { <span class="tag">"enrolled again"</span> }.into_any();
    }
    if of == RowsOf::GroupRemoved {
        let label = format!("Enroll {} again", workspace_text(item));
        return view! { <Readd id class="button button--small" label /> }.into_any();
    }
    let label = if of == RowsOf::GroupNow {
        format!("Remove {}", workspace_text(item))
    } else {
        format!("Remove from {}", group_text(item))
    };
    let id = id.to_string();
    view! { <button class="button button--small" form=REMOVAL_FORM name="enrollment" value=id aria-label=label>"Remove"</button> }
        .into_any()
}

const REMOVAL_FORM: &str = "removal";

/// The form of the button in each row, which names the enrollment. One form for all rows keeps the page small. There is no
/// confirmation, because the message that follows has an Undo.
#[component]
pub fn RemovalForm() -> impl IntoView {
    let viewer = Viewer::current();
    viewer.may_write().then(|| {
        let hidden = vec![(BACK, viewer.here)];
        view! {
            <PostForm action=EnrollmentRemove::url() class="remote" hidden attr:id=REMOVAL_FORM />
        }
    })
}

pub fn creator_name(item: &EnrollmentWithRelated) -> impl IntoView + use<> {
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
    view! { <PostButton action=EnrollmentReadd::url() hidden class label text="Enroll again" /> }
}

pub fn workspace_text(item: &EnrollmentWithRelated) -> &str {
    item.workspace.as_ref().map(|workspace| workspace.name.as_str()).unwrap_or_default()
}

pub fn group_text(item: &EnrollmentWithRelated) -> &str {
    item.group.as_ref().map(|group| group.name.as_str()).unwrap_or_default()
}

/// The link to the workspace, if that was read.
pub fn workspace_name(item: &EnrollmentWithRelated) -> impl IntoView + use<> {
    item.workspace.clone().map(|workspace| {
        let removed = !workspace.is_live();
        let Workspace { id, name, external_workspace_id, avatar_color, .. } = workspace;
        view! { <WorkspaceName id name color=avatar_color external_workspace_id removed /> }
    })
}

/// The link to the group, if that was read.
pub fn group_name(item: &EnrollmentWithRelated) -> impl IntoView + use<> {
    item.group.clone().map(|group| {
        let removed = !group.is_live();
        view! { <GroupName id=group.id name=group.name removed /> }
    })
}

/// The time and the actor of the removal, or a word for a live enrollment.
#[component]
pub fn RemovedBy(row: EnrollmentRow) -> impl IntoView {
    let Some(at) = row.item.enrollment.deleted_at else {
        return view! { <span class="tag tag--done">"live"</span> }.into_any();
    };
    let by = match row.removal {
        Some(Removal { actor, source, token_name }) => {
            view! { <ActorName actor source token_name /> }.into_any()
        }
        None => view! { <span class="muted">"not recorded"</span> }.into_any(),
    };
    view! { {by} <br /> <Moment at /> }.into_any()
}

/// The creator and the time of an enrollment, which a page shows before the enrollment is changed.
#[component]
pub fn Created(item: EnrollmentWithRelated) -> impl IntoView {
    let (creator, at) = (creator_name(&item), item.enrollment.created_at);
    view! {
        <dl class="facts">
            <Fact name="Enrolled by">{creator}</Fact>
            <Fact name="Enrolled"><Moment at /></Fact>
        </dl>
    }
}

/// Enrolls workspaces in a group. `found`: the result of the search for `find`, which is used without JavaScript.
#[component]
pub fn EnrollBox(group: GroupId, find: String, found: Option<Vec<Candidate>>) -> impl IntoView {
    provide_context(SearchText(find.clone()));
    let back = paths::group(group);
    let results = search_results("workspace", "Workspaces found", &find, found, |candidate| {
        let Candidate { workspace, name, external_workspace_id, enrolled } = candidate;
        let label = format!("Enroll {name}");
        let name = view! { <WorkspaceName id=workspace name external_workspace_id /> }.into_any();
        choice(name, label, NewEnrollment { group, workspace }, enrolled, &back)
    });
    view! {
        <section class="card stack enroll" aria-labelledby="enroll-title">
            <h2 id="enroll-title">"Enroll a workspace"</h2>
            <form class="search" method="get" action=back.clone()>
                <WorkspacePicker />
                <button class="button">"Search"</button>
            </form>
            <PickerForm group=group.to_string() workspace="" back />
            {results}
        </section>
    }
}

/// Enrolls a workspace in groups. `found`: the result of the search for `find`.
#[component]
pub fn EnrollIntoBox(
    workspace: WorkspaceId,
    find: String,
    found: Option<Vec<GroupCandidate>>,
) -> impl IntoView {
    provide_context(SearchText(find.clone()));
    let back = paths::workspace(workspace);
    let results = search_results("group", "Groups found", &find, found, |candidate| {
        let GroupCandidate { group, name, enrolled } = candidate;
        let label = format!("Enroll into {name}");
        let name = view! { <GroupName id=group name /> }.into_any();
        choice(name, label, NewEnrollment { group, workspace }, enrolled, &back)
    });
    view! {
        <section class="card stack enroll" aria-labelledby="enroll-title">
            <h2 id="enroll-title">"Enroll into a group"</h2>
            <form class="search" method="get" action=back.clone()>
                <GroupPicker />
                <button class="button">"Search"</button>
            </form>
            <PickerForm group="" workspace=workspace.to_string() back />
            {results}
        </section>
    }
}

/// The form that a picker fills in and sends. The picker knows the id that is empty here.
#[component]
fn PickerForm(#[prop(into)] group: String, #[prop(into)] workspace: String, back: String) -> impl IntoView {
    view! {
        <form id=ENROLL_FORM method="post" action=EnrollmentEnroll::url() hidden>
            <FormKey />
            <input type="hidden" name="group" value=group />
            <input type="hidden" name="workspace" value=workspace />
            <input type="hidden" name="form_at" />
            <input type="hidden" name="back" value=back />
        </form>
    }
}

/// A search for candidates by the parameter `find`.
#[component]
pub fn SearchForm(action: String, text: &'static str, find: String) -> impl IntoView {
    view! {
        <form class="search" method="get" action=action>
            <label class="visually-hidden" for="find">{text}</label>
            <input id="find" name="find" type="search" placeholder=text value=find />
            <button class="button">"Search"</button>
        </form>
    }
}

/// A candidate: its name as a link, and a button whose accessible name is `label`.
fn choice(
    name: AnyView,
    label: String,
    pair: NewEnrollment,
    is_enrolled: bool,
    back: &str,
) -> impl IntoView + use<> {
    let NewEnrollment { group, workspace } = pair;
    let back = back.to_owned();
    let hidden = vec![("group", group.to_string()), ("workspace", workspace.to_string()), ("back", back)];
    let enroll = if is_enrolled {
        let found = Address::of(&paths::group(group)).with("q", &workspace.to_string()).to_string();
        view! { <a class="tag" href=found>"already in"</a> }.into_any()
    } else {
        let action = EnrollmentEnroll::url();
        view! { <PostButton action hidden class="button button--small" label text="Enroll" /> }.into_any()
    };
    view! { <span>{name}</span> {enroll} }
}

/// The result of a search without JavaScript: a row for each match, or that there is none. `None`: no search was made.
pub fn search_results<T, V: IntoView + 'static>(
    noun: &'static str,
    label: &'static str,
    find: &str,
    found: Option<Vec<T>>,
    row: impl Fn(T) -> V,
) -> Option<AnyView> {
    let found = found?;
    if found.is_empty() {
        let none = format!("No {noun} matches “{}”.", isolated(find));
        return Some(view! { <p class="muted" role="status">{none}</p> }.into_any());
    }
    let rows = found.into_iter().map(|item| view! { <li class="results__row">{row(item)}</li> });
    Some(view! { <ul class="results" aria-label=label>{rows.collect_view()}</ul> }.into_any())
}
