//! `/workspaces`

use leptos::prelude::*;

use crate::kernel::text::isolated;
use crate::kernel::topic::Topic;
use crate::resources::workspaces::model::WorkspaceSummary;
use crate::ui::components::{
    Choose, Empty, Live, Moment, Page, SortHeader, Toolbar, WorkspaceName, load_page, paged_list,
};
use crate::ui::locale::formats::Formats;
use crate::ui::pagination::ListPage;
use crate::ui::paths;
use crate::ui::viewer::Viewer;
use crate::ui::workspaces::components::Swatch;
use crate::ui::workspaces::queries::workspaces;

#[component]
pub fn WorkspacesPage() -> impl IntoView {
    let viewer = Viewer::current();
    load_page(async move {
        let [search, status, grouped, sort] =
            ["q", "status", "grouped", "sort"].map(|name| viewer.query(name).unwrap_or_default());
        let page = workspaces(&search, &status, &grouped, &sort).await?;
        Ok(view! { <Workspaces page /> })
    })
}

#[component]
fn Workspaces(page: ListPage<WorkspaceSummary>) -> impl IntoView {
    let viewer = Viewer::current();
    view! {
        <Page title="Workspaces">
            <div class="heading">
                <h1>"Workspaces"</h1>
                {viewer
                    .may_write()
                    .then(|| view! { <a class="button button--primary" href=paths::NEW_WORKSPACE>"New workspace"</a> })}
            </div>
            <Toolbar
                action=paths::WORKSPACES
                placeholder="Search workspaces by name or id"
                fields=&["q", "grouped", "status"]
            >
                <Choose
                    name="grouped"
                    label="In a group"
                    options=vec![("", "Any"), ("no", "In no group"), ("yes", "In a group")]
                />
                <Choose name="status" label="Status" options=vec![("", "Live"), ("removed", "Removed"), ("any", "Any")] />
            </Toolbar>
            {paged_list(
                "workspaces",
                page,
                || view! { <NoWorkspaces /> }.into_any(),
                |workspaces| view! { <WorkspaceTable workspaces /> }.into_any(),
            )}
            <Live topics=vec![Topic::WORKSPACES, Topic::ENROLLMENTS] />
        </Page>
    }
}

#[component]
fn NoWorkspaces() -> impl IntoView {
    let here = Viewer::current().address();
    if let Some(search) = here.get("q") {
        let told = format!("Nothing matches “{}”.", isolated(search));
        return view! { <Empty title="No such workspace">{told}</Empty> }.into_any();
    }
    if here.get("grouped") == Some("no") && here.get("status").is_none() {
        return view! { <Empty title="None is left out">"Every workspace is in a group."</Empty> }.into_any();
    }
    if here.get("grouped").is_some() || here.get("status").is_some() {
        return view! { <Empty title="No such workspaces">"No workspace fits these filters."</Empty> }
            .into_any();
    }
    view! { <Empty title="No workspaces yet">"They come from the platform, or an admin creates them here."</Empty> }
        .into_any()
}

#[component]
fn WorkspaceTable(workspaces: Vec<WorkspaceSummary>) -> impl IntoView {
    view! {
        <table class="table">
            <caption class="visually-hidden">"Workspaces"</caption>
            <thead>
                <tr>
                    <SortHeader word="name" text="Name" default="name" />
                    <th scope="col" class="number">"Groups"</th>
                    <SortHeader word="created_at" text="Created" default="name" last_first=true />
                </tr>
            </thead>
            <tbody>{workspaces.into_iter().map(|summary| view! { <WorkspaceRow summary /> }).collect_view()}</tbody>
        </table>
    }
}

#[component]
fn WorkspaceRow(summary: WorkspaceSummary) -> impl IntoView {
    let WorkspaceSummary { workspace, groups } = summary;
    view! {
        <tr id=format!("workspace-{}", workspace.id)>
            <th scope="row">
                <Swatch color=workspace.avatar_color />
                <WorkspaceName
                    id=workspace.id
                    name=workspace.name
                    external_workspace_id=workspace.external_workspace_id
                    removed=workspace.deleted_at.is_some()
                />
            </th>
            <td class="number" data-label="Groups">{Formats::current().number(groups)}</td>
            <td data-label="Created"><Moment at=workspace.created_at /></td>
        </tr>
    }
}
