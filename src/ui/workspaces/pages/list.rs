//! `/workspaces`

use leptos::prelude::*;

use crate::kernel::text::isolated;
use crate::kernel::topic::Topic;
use crate::resources::workspaces::model::WorkspaceSummary;
use crate::ui::address::Address;
use crate::ui::components::{
    Choose, Column, DataTable, IndexPage, Moment, Toolbar, WorkspaceName, list_or_empty, load_page,
};
use crate::ui::locale::formats::Formats;
use crate::ui::paths;
use crate::ui::viewer::Viewer;
use crate::ui::workspaces::components::Swatch;
use crate::ui::workspaces::queries::workspaces;

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
        Column::text(
            "Created",
            |summary: &WorkspaceSummary| view! { <Moment at=summary.workspace.created_at /> },
        )
        .sorted("created_at", default, true),
    ];
    let row_id = |summary: &WorkspaceSummary| format!("workspace-{}", summary.workspace.id);
    view! { <DataTable caption="Workspaces" columns items row_id /> }
}
