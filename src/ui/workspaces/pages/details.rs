//! `/workspaces/{id}`: which groups a workspace is in, was in, and what happened.

use leptos::prelude::*;

use crate::kernel::id::WorkspaceId;
use crate::kernel::topic::Topic;
use crate::resources::workspaces::model::{Workspace, WorkspaceSummary};
use crate::ui::components::{
    DetailsPage, Moment, Timeline, TimelineOf, crumb, list_or_empty, page_with_id, tabs,
};
use crate::ui::enrollments::components::enroll::EnrollIntoBox;
use crate::ui::enrollments::components::rows::{EnrollmentRows, RowsOf};
use crate::ui::error::UiError;
use crate::ui::locale::formats::Formats;
use crate::ui::paths::{self, WorkspaceTab};
use crate::ui::viewer::Viewer;
use crate::ui::workspaces::components::{ReleaseIdForm, Swatch};
use crate::ui::workspaces::queries;

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
