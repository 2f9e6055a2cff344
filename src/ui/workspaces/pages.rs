//! The pages of workspaces.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::kernel::id::WorkspaceId;
use crate::kernel::text::isolated;
use crate::kernel::topic::Topic;
use crate::resources::workspaces::model::{Workspace, WorkspaceSummary};
use crate::ui::components::{
    Choose, Column, ConfirmPage, DataTable, DetailsPage, FormButtons, FormPage, IndexPage, Moment, PostForm,
    Refusal, Timeline, TimelineOf, Toolbar, WorkspaceName, crumb, list_or_empty, load_page, page_with_id,
    tabs,
};
use crate::ui::enrollments::components::{EnrollIntoBox, EnrollmentRows, RowsOf};
use crate::ui::error::UiError;
use crate::ui::locale::formats::Formats;
use crate::ui::messages::workspace_is_in;
use crate::ui::pagination::Address;
use crate::ui::paths::{self, WorkspaceTab};
use crate::ui::viewer::Viewer;
use crate::ui::workspaces::actions::{WorkspaceCreate, WorkspaceRemove, WorkspaceUpdate};
use crate::ui::workspaces::components::{ReleaseIdForm, Swatch, WorkspaceFields};
use crate::ui::workspaces::queries::{self, workspaces};

/// `/workspaces`
#[component]
pub fn WorkspacesPage() -> impl IntoView {
    let viewer = Viewer::current();
    load_page(async move {
        let list = list_or_empty("workspaces", workspaces(&viewer).await?, empty(&viewer.address()), table);
        let grouped = vec![("", "Any"), ("no", "In no group"), ("yes", "In a group")];
        let statuses = vec![("", "Live"), ("removed", "Removed"), ("any", "Any")];
        let topics = vec![Topic::WORKSPACES, Topic::ENROLLMENTS];
        Ok(view! {
            <IndexPage title="Workspaces" new=(paths::NEW_WORKSPACE, "New workspace") topics>
                <Toolbar
                    action=paths::WORKSPACES
                    placeholder="Search workspaces by name or id"
                    fields=&["q", "grouped", "status"]
                >
                    <Choose name="grouped" label="In a group" options=grouped />
                    <Choose name="status" label="Status" options=statuses />
                </Toolbar>
                {list}
            </IndexPage>
        })
    })
}

/// The title and the text in place of an empty list.
fn empty(here: &Address) -> (&'static str, String) {
    if let Some(search) = here.get("q") {
        return ("No such workspace", format!("Nothing matches “{}”.", isolated(search)));
    }
    let (title, text) = match (here.get("grouped"), here.get("status")) {
        (Some("no"), None) => ("None is left out", "Every workspace is in a group."),
        (None, None) => ("No workspaces yet", "They come from the platform, or an admin creates them here."),
        (Some(_), _) | (None, Some(_)) => ("No such workspaces", "No workspace fits these filters."),
    };
    (title, text.to_owned())
}

fn table(items: Vec<WorkspaceSummary>) -> impl IntoView {
    let (formats, default) = (Formats::current(), "name");
    let created = |summary: &WorkspaceSummary| view! { <Moment at=summary.workspace.created_at /> };
    let columns = vec![
        Column::name("Name", |WorkspaceSummary { workspace, .. }: &WorkspaceSummary| {
            view! {
                <Swatch color=workspace.avatar_color.clone() />
                <WorkspaceName
                    id=workspace.id
                    name=workspace.name.clone()
                    external_workspace_id=workspace.external_workspace_id.clone()
                    removed=workspace.deleted_at.is_some()
                />
            }
        })
        .sorted("name", default, false),
        Column::number("Groups", move |summary: &WorkspaceSummary| formats.number(summary.groups)),
        Column::text("Created", created).sorted("created_at", default, true),
    ];
    let row_id = |summary: &WorkspaceSummary| format!("workspace-{}", summary.workspace.id);
    view! { <DataTable caption="Workspaces" columns items row_id /> }
}

/// `/workspaces/{id}`: which groups a workspace is in, was in, and what happened.
#[component]
pub fn WorkspacePage() -> impl IntoView {
    let viewer = Viewer::current();
    page_with_id(async move |id| {
        let WorkspaceSummary { workspace, groups } = queries::workspace(id).await?;
        let tab = viewer.query("tab").and_then(|word| word.parse().ok()).unwrap_or_default();
        let is_removed = workspace.deleted_at.is_some();
        let mut links = Vec::new();
        let change = match (viewer.may_write(), is_removed) {
            (false, _) => None,
            (true, true) => Some(view! { <ReleaseIdForm workspace=workspace.clone() /> }.into_any()),
            (true, false) => {
                links.push((paths::workspace_edit(id), "Edit"));
                links.push((paths::workspace_removal(id), "Remove workspace"));
                Some(enroll_box(id, &viewer).await?)
            }
        };
        let shown = tab_view(id, tab).await?;
        let formats = Formats::current();
        let text = |tab| match tab {
            WorkspaceTab::Groups => format!("Groups ({})", formats.number(groups)),
            WorkspaceTab::Enrollments => "All enrollments".to_owned(),
            WorkspaceTab::History => "History".to_owned(),
        };
        let tabs = tabs("Parts of this workspace", tab, |tab| paths::workspace_tab(id, tab), text);
        Ok(view! {
            <DetailsPage
                name=workspace.name.clone()
                list=crumb(paths::WORKSPACES, "Workspaces")
                mark=view! { <Swatch color=workspace.avatar_color.clone() /> }.into_any()
                is_removed
                links
                topics=vec![Topic::workspace(id)]
            >
                <Facts workspace />
                {change}
                {tabs}
                {shown}
            </DetailsPage>
        })
    })
}

async fn enroll_box(workspace: WorkspaceId, viewer: &Viewer) -> Result<AnyView, UiError> {
    let find = viewer.query("find").unwrap_or_default();
    let found =
        if find.trim().is_empty() { None } else { Some(queries::group_candidates(workspace, &find).await?) };
    Ok(view! { <EnrollIntoBox workspace find found /> }.into_any())
}

async fn tab_view(id: WorkspaceId, tab: WorkspaceTab) -> Result<AnyView, UiError> {
    Ok(match tab {
        WorkspaceTab::Groups => {
            let page = queries::workspace_enrollments(id, true).await?;
            list_or_empty("shown", page, ("In no group", "It is in none now."), |rows| {
                view! { <EnrollmentRows rows of=RowsOf::WorkspaceNow /> }
            })
        }
        WorkspaceTab::Enrollments => {
            let page = queries::workspace_enrollments(id, false).await?;
            list_or_empty("shown", page, ("Never enrolled", "It never was in a group."), |rows| {
                view! { <EnrollmentRows rows of=RowsOf::Workspace /> }
            })
        }
        WorkspaceTab::History => {
            let empty = ("Nothing happened yet", "Enrollments and removals will appear here.");
            list_or_empty("shown", queries::workspace_history(id).await?, empty, |events| {
                view! { <Timeline events of=TimelineOf::Workspace /> }
            })
        }
    })
}

#[component]
fn Facts(workspace: Workspace) -> impl IntoView {
    let description = workspace.description.filter(|text| !text.is_empty());
    view! {
        <div class="stack" id="facts" data-live>
            {description.map(|text| view! { <p class="prose">{text}</p> })}
            <dl class="facts">
                {workspace.external_workspace_id.map(|id| view! { <dt>"External id"</dt> <dd><code>{id}</code></dd> })}
                <dt>"Id"</dt>
                <dd><code>{workspace.id.to_string()}</code></dd>
                <dt>"Created"</dt>
                <dd><Moment at=workspace.created_at /></dd>
                {workspace.deleted_at.map(|at| view! { <dt>"Removed"</dt> <dd><Moment at /></dd> })}
            </dl>
        </div>
    }
}

/// `/workspaces/new`
#[component]
pub fn NewWorkspacePage() -> impl IntoView {
    view! {
        <FormPage
            title="New workspace"
            crumbs=vec![crumb(paths::WORKSPACES, "Workspaces")]
            may="create workspaces"
        >
            <PostForm action=WorkspaceCreate::url()>
                <WorkspaceFields />
                <FormButtons submit="Create workspace" cancel=paths::WORKSPACES />
            </PostForm>
        </FormPage>
    }
}

/// The links to the list and to the workspace.
fn crumbs(id: WorkspaceId, name: &str) -> Vec<(String, String)> {
    vec![crumb(paths::WORKSPACES, "Workspaces"), crumb(paths::workspace(id), name)]
}

/// `/workspaces/{id}/edit`
#[component]
pub fn WorkspaceEditPage() -> impl IntoView {
    page_with_id(async |id| {
        let workspace = queries::workspace(id).await?.workspace;
        let (title, crumbs) = (format!("Edit {}", isolated(&workspace.name)), crumbs(id, &workspace.name));
        let form = if workspace.deleted_at.is_none() {
            view! {
                <PostForm action=WorkspaceUpdate::url() hidden=vec![("workspace", id.to_string())]>
                    <WorkspaceFields workspace />
                    <FormButtons submit="Save" cancel=paths::workspace(id) />
                </PostForm>
            }
            .into_any()
        } else {
            let text = match workspace.external_workspace_id {
                Some(_) => {
                    "This workspace was removed and can no longer be changed, except for its external id."
                }
                None => "This workspace was removed and can no longer be changed.",
            };
            view! { <Refusal text /> <ReleaseIdForm workspace /> }.into_any()
        };
        Ok(view! { <FormPage title crumbs may="edit workspaces">{form}</FormPage> })
    })
}

/// `/workspaces/{id}/remove`: says what the removal means, and asks for confirmation.
#[component]
pub fn WorkspaceRemovalPage() -> impl IntoView {
    page_with_id(async |id| {
        let WorkspaceSummary { workspace, groups } = queries::workspace(id).await?;
        let form = if workspace.deleted_at.is_some() {
            view! { <Refusal text="It was removed already." /> }.into_any()
        } else if groups > 0 {
            let formats = Formats::current();
            let see = format!("See the {}", formats.count(groups, "group", "groups"));
            view! {
                <Refusal text=workspace_is_in(groups, &formats) />
                <div class="actions"><a class="button" href=paths::workspace(id)>{see}</a></div>
            }
            .into_any()
        } else {
            view! {
                <PostForm action=WorkspaceRemove::url() class="actions" hidden=vec![("workspace", id.to_string())]>
                    <FormButtons submit="Remove workspace" danger=true cancel=paths::workspace(id) cancel_text="Keep it" />
                </PostForm>
            }
            .into_any()
        };
        Ok(view! {
            <ConfirmPage
                title=format!("Remove {}?", isolated(&workspace.name))
                crumbs=crumbs(id, &workspace.name)
                explanation="The workspace can no longer be enrolled and leaves the list. Its history stays. This cannot be undone."
                may="remove workspaces"
            >
                {form}
            </ConfirmPage>
        })
    })
}
