//! `/workspaces/{id}`: which groups a workspace is in, was in, and what happened.

use leptos::prelude::*;
use strum::VariantArray;

use crate::kernel::id::WorkspaceId;
use crate::kernel::topic::Topic;
use crate::resources::workspaces::model::{Workspace, WorkspaceSummary};
use crate::ui::components::{
    Crumbs, Empty, Live, Moment, Page, Pager, Timeline, TimelineOf, crumb, page_with_id,
};
use crate::ui::enrollments::components::enroll::EnrollIntoBox;
use crate::ui::enrollments::components::rows::{EnrollmentRows, RowsOf};
use crate::ui::error::UiError;
use crate::ui::locale::formats::Formats;
use crate::ui::pagination::ListPage;
use crate::ui::paths::{self, WorkspaceTab};
use crate::ui::viewer::Viewer;
use crate::ui::workspaces::components::{ReleaseIdForm, Swatch};
use crate::ui::workspaces::queries;

#[component]
pub fn WorkspacePage() -> impl IntoView {
    let viewer = Viewer::current();
    page_with_id(async move |id| {
        let summary = queries::workspace(id).await?;
        let tab = viewer.query("tab").and_then(|word| word.parse().ok()).unwrap_or(WorkspaceTab::Groups);
        let workspace = summary.workspace.clone();
        let is_removed = workspace.deleted_at.is_some();
        let change = match (viewer.may_write(), is_removed) {
            (false, _) => None,
            (true, true) => Some(view! { <ReleaseIdForm workspace=workspace.clone() /> }.into_any()),
            (true, false) => Some(enroll_box(id, &viewer).await?),
        };
        let shown = tab_view(id, tab).await?;
        Ok(view! {
            <Page title=workspace.name.clone()>
                <Heading workspace />
                {change}
                <Tabs summary current=tab />
                <div class="stack" id="shown" data-live>{shown}</div>
                <Live topics=vec![Topic::workspace(id)] />
            </Page>
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
    let base = paths::workspace_tab(id, tab);
    Ok(match tab {
        WorkspaceTab::Groups => shown(
            base,
            queries::workspace_enrollments(id, true).await?,
            || view! { <Empty title="In no group">"It is in none now."</Empty> }.into_any(),
            |rows| view! { <EnrollmentRows rows of=RowsOf::WorkspaceNow /> }.into_any(),
        ),
        WorkspaceTab::Enrollments => shown(
            base,
            queries::workspace_enrollments(id, false).await?,
            || view! { <Empty title="Never enrolled">"It never was in a group."</Empty> }.into_any(),
            |rows| view! { <EnrollmentRows rows of=RowsOf::Workspace /> }.into_any(),
        ),
        WorkspaceTab::History => shown(
            base,
            queries::workspace_history(id).await?,
            || {
                view! { <Empty title="Nothing happened yet">"Enrollments and removals will appear here."</Empty> }
                    .into_any()
            },
            |events| view! { <Timeline events of=TimelineOf::Workspace /> }.into_any(),
        ),
    })
}

fn shown<T>(
    base: String,
    page: ListPage<T>,
    empty: impl FnOnce() -> AnyView,
    rows: impl FnOnce(Vec<T>) -> AnyView,
) -> AnyView {
    let ListPage { items, before, after } = page;
    if items.is_empty() {
        return empty();
    }
    view! {
        {rows(items)}
        <Pager base before after />
    }
    .into_any()
}

#[component]
fn Heading(workspace: Workspace) -> impl IntoView {
    let may_change = Viewer::current().may_write() && workspace.deleted_at.is_none();
    let id = workspace.id;
    let description = workspace.description.filter(|text| !text.is_empty());
    view! {
        <Crumbs crumbs=vec![crumb(paths::WORKSPACES, "Workspaces")] />
        <div class="heading" id="heading" data-live>
            <h1><Swatch color=workspace.avatar_color /> <bdi>{workspace.name}</bdi></h1>
            {workspace.deleted_at.map(|_| view! { <span class="tag tag--danger">"removed"</span> })}
            {may_change
                .then(|| {
                    view! {
                        <div class="actions heading__actions">
                            <a class="button" href=paths::workspace_edit(id)>"Edit"</a>
                            <a class="button button--quiet" href=paths::workspace_removal(id)>"Remove workspace"</a>
                        </div>
                    }
                })}
        </div>
        <div class="stack" id="facts" data-live>
            {description.map(|text| view! { <p class="prose">{text}</p> })}
            <dl class="facts">
                {workspace.external_workspace_id.map(|id| view! { <dt>"External id"</dt> <dd><code>{id}</code></dd> })}
                <dt>"Id"</dt>
                <dd><code>{id.to_string()}</code></dd>
                <dt>"Created"</dt>
                <dd><Moment at=workspace.created_at /></dd>
                {workspace.deleted_at.map(|at| view! { <dt>"Removed"</dt> <dd><Moment at /></dd> })}
            </dl>
        </div>
    }
}

#[component]
fn Tabs(summary: WorkspaceSummary, current: WorkspaceTab) -> impl IntoView {
    let id = summary.workspace.id;
    let text = move |tab| match tab {
        WorkspaceTab::Groups => format!("Groups ({})", Formats::current().number(summary.groups)),
        WorkspaceTab::Enrollments => "All enrollments".to_owned(),
        WorkspaceTab::History => "History".to_owned(),
    };
    view! {
        <nav class="tabs" id="tabs" data-live="text" aria-label="Parts of this workspace">
            {WorkspaceTab::VARIANTS
                .iter()
                .map(|&tab| {
                    let current = (tab == current).then_some("page");
                    view! { <a href=paths::workspace_tab(id, tab) aria-current=current>{text(tab)}</a> }
                })
                .collect_view()}
        </nav>
    }
}
