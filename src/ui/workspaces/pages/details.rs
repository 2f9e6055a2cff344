//! `/workspaces/{id}`: which groups a workspace is in, was in, and what happened.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::kernel::id::WorkspaceId;
use crate::kernel::topic::Topic;
use crate::resources::workspaces::model::{Workspace, WorkspaceSummary};
use crate::ui::components::live_updates::Live;
use crate::ui::components::moment::Moment;
use crate::ui::components::not_found::NotFoundPage;
use crate::ui::components::page::{ErrorPage, Page};
use crate::ui::components::pager::Pager;
use crate::ui::components::table::Empty;
use crate::ui::components::timeline::{Timeline, ToldOn};
use crate::ui::enrollments::components::enroll_into::EnrollIntoBox;
use crate::ui::enrollments::components::rows::{EnrollmentRows, RowsOf};
use crate::ui::enrollments::queries::workspace_enrollments_read;
use crate::ui::error::UiError;
use crate::ui::locale::formats::Formats;
use crate::ui::paths::{self, WorkspaceTab};
use crate::ui::viewer::Viewer;
use crate::ui::workspaces::actions::{group_candidates_read, workspace_history_read, workspace_read};
use crate::ui::workspaces::components::Swatch;
use crate::ui::workspaces::release_id::ReleaseIdBox;

#[component]
pub fn WorkspacePage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    let Ok(id) = id.parse::<WorkspaceId>() else {
        return view! { <NotFoundPage /> }.into_any();
    };
    let viewer = Viewer::current();
    let page = async move {
        match load(id, viewer).await {
            Ok(view) => view,
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }.into_any()
}

async fn load(id: WorkspaceId, viewer: Viewer) -> Result<AnyView, UiError> {
    let summary = workspace_read(id).await?;
    let tab = WorkspaceTab::from_word(viewer.query("tab").as_deref());
    let (may_write, is_removed) = (viewer.may_write(), summary.workspace.deleted_at.is_some());
    let may_enroll = may_write && !is_removed;
    let removed = (may_write && is_removed).then(|| summary.workspace.clone());
    let find = viewer.query("find").unwrap_or_default();
    let found = if may_enroll && !find.trim().is_empty() {
        Some(group_candidates_read(id, find.clone()).await?)
    } else {
        None
    };
    let shown = tab_view(id, tab, &viewer).await?;
    Ok(view! {
        <Page title=summary.workspace.name.clone()>
            <Heading workspace=summary.workspace.clone() />
            {may_enroll.then(|| view! { <EnrollIntoBox workspace=id find found /> })}
            {removed.map(|workspace| view! { <ReleaseIdBox workspace /> })}
            <Tabs summary current=tab />
            <div class="stack" id="shown" data-live>{shown}</div>
            <Live topics=vec![Topic::workspace(id)] />
        </Page>
    }
    .into_any())
}

async fn tab_view(id: WorkspaceId, tab: WorkspaceTab, viewer: &Viewer) -> Result<AnyView, UiError> {
    let (after, before) = (viewer.query("after"), viewer.query("before"));
    let base = paths::workspace_tab(id, tab);
    Ok(match tab {
        WorkspaceTab::Groups => {
            let page = workspace_enrollments_read(id, true, after, before).await?;
            if page.items.is_empty() {
                return Ok(view! { <Empty title="In no group">"It is in none now."</Empty> }.into_any());
            }
            view! {
                <EnrollmentRows rows=page.items of=RowsOf::WorkspaceNow />
                <Pager base before=page.before after=page.after />
            }
            .into_any()
        }
        WorkspaceTab::Enrollments => {
            let page = workspace_enrollments_read(id, false, after, before).await?;
            if page.items.is_empty() {
                return Ok(
                    view! { <Empty title="Never enrolled">"It never was in a group."</Empty> }.into_any()
                );
            }
            view! {
                <EnrollmentRows rows=page.items of=RowsOf::Workspace />
                <Pager base before=page.before after=page.after />
            }
            .into_any()
        }
        WorkspaceTab::History => {
            let page = workspace_history_read(id, after, before).await?;
            if page.items.is_empty() {
                let told = "Where it is enrolled and removed will be told here.";
                return Ok(view! { <Empty title="Nothing happened yet">{told}</Empty> }.into_any());
            }
            view! {
                <Timeline events=page.items on=ToldOn::Workspace />
                <Pager base before=page.before after=page.after />
            }
            .into_any()
        }
    })
}

#[component]
fn Heading(workspace: Workspace) -> impl IntoView {
    let may_change = Viewer::current().may_write() && workspace.deleted_at.is_none();
    let id = workspace.id;
    let description = workspace.description.filter(|text| !text.is_empty());
    view! {
        <nav class="crumbs" aria-label="Breadcrumb"><a href=paths::WORKSPACES>"Workspaces"</a></nav>
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
            {WorkspaceTab::ALL
                .map(|tab| {
                    let current = (tab == current).then_some("page");
                    view! { <a href=paths::workspace_tab(id, tab) aria-current=current>{text(tab)}</a> }
                })
                .collect_view()}
        </nav>
    }
}
