//! `/groups/{id}`: what is in a group, what was, and what happened.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::kernel::id::GroupId;
use crate::kernel::text::NAME_MAX;
use crate::kernel::topic::Topic;
use crate::resources::workspace_groups::model::{GroupSummary, WorkspaceGroup};
use crate::resources::workspace_groups::rules::version;
use crate::ui::components::entity_links::PersonName;
use crate::ui::components::field::FieldState;
use crate::ui::components::form_key::FormKey;
use crate::ui::components::live_updates::Live;
use crate::ui::components::moment::Moment;
use crate::ui::components::not_found::NotFoundPage;
use crate::ui::components::page::{ErrorPage, Page};
use crate::ui::components::pager::Pager;
use crate::ui::enrollments::actions::{candidates_read, history_read, members_read, removed_read};
use crate::ui::enrollments::components::enroll::EnrollBox;
use crate::ui::error::UiError;
use crate::ui::groups::actions::{GroupRename, group_read};
use crate::ui::groups::components::{History, Members, Removed};
use crate::ui::locale::formats::Formats;
use crate::ui::paths::{self, GroupTab};
use crate::ui::viewer::{VERSION, Viewer};

/// What of the address says which part to show.
struct Shown {
    tab: GroupTab,
    find: String,
    after: Option<String>,
    before: Option<String>,
}

#[component]
pub fn GroupPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    let Ok(id) = id.parse::<GroupId>() else {
        return view! { <NotFoundPage /> }.into_any();
    };
    let viewer = Viewer::current();
    let shown = Shown {
        tab: GroupTab::from_word(viewer.query("tab").as_deref()),
        find: viewer.query("find").unwrap_or_default(),
        after: viewer.query("after"),
        before: viewer.query("before"),
    };
    let page = async move {
        match load(id, shown).await {
            Ok(view) => view,
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }.into_any()
}

async fn load(id: GroupId, shown: Shown) -> Result<AnyView, UiError> {
    let summary = group_read(id).await?;
    let may_enroll = Viewer::current().may_write() && summary.group.deleted_at.is_none();
    let found = if may_enroll && !shown.find.trim().is_empty() {
        Some(candidates_read(Some(id), shown.find.clone()).await?)
    } else {
        None
    };
    let base = paths::group_tab(id, shown.tab);
    let tab = tab_view(id, &shown, base).await?;
    Ok(view! {
        <Page title=summary.group.name.clone()>
            <Heading summary=summary.clone() />
            {may_enroll.then(|| view! { <EnrollBox group=id find=shown.find found /> })}
            <Tabs id current=shown.tab live=summary.live />
            {tab}
            <Live topics=vec![Topic::group(id)] />
        </Page>
    }
    .into_any())
}

async fn tab_view(id: GroupId, shown: &Shown, base: String) -> Result<AnyView, UiError> {
    let (after, before) = (shown.after.clone(), shown.before.clone());
    Ok(match shown.tab {
        GroupTab::Members => {
            let page = members_read(id, after, before).await?;
            view! { <Members group=id items=page.items /><Pager base before=page.before after=page.after /> }
                .into_any()
        }
        GroupTab::Removed => {
            let page = removed_read(id, after, before).await?;
            view! { <Removed group=id rows=page.items /><Pager base before=page.before after=page.after /> }
                .into_any()
        }
        GroupTab::History => {
            let page = history_read(id, after, before).await?;
            view! { <History events=page.items /><Pager base before=page.before after=page.after /> }
                .into_any()
        }
    })
}

#[component]
fn Heading(summary: GroupSummary) -> impl IntoView {
    let GroupSummary { group, creator, live } = summary;
    let is_removed = group.deleted_at.is_some();
    let may_change = Viewer::current().may_write() && !is_removed;
    view! {
        <nav class="crumbs" aria-label="Breadcrumb"><a href=paths::GROUPS>"Groups"</a></nav>
        <div class="heading" id="heading" data-live>
            <h1><bdi>{group.name.clone()}</bdi></h1>
            {is_removed.then(|| view! { <span class="tag tag--danger">"removed"</span> })}
            {may_change.then(|| view! { <Actions id=group.id /> })}
        </div>
        {may_change.then(|| view! { <Rename group=group.clone() /> })}
        <p class="muted" id="facts" data-live>
            <span id="count" data-live="text">{Formats::current().count(live, "workspace", "workspaces")}</span>
            " · created by " <PersonName person=creator /> " · "
            <Moment at=group.created_at />
        </p>
    }
}

#[component]
fn Actions(id: GroupId) -> impl IntoView {
    view! {
        <div class="actions heading__actions">
            <a class="button" href=paths::group_bulk(id)>"Enroll many"</a>
            <a class="button button--quiet" href=paths::group_removal(id)>"Remove group"</a>
        </div>
    }
}

/// In place; open again after a refusal, with what was typed.
#[component]
fn Rename(group: WorkspaceGroup) -> impl IntoView {
    let rename = ServerAction::<GroupRename>::new();
    let viewer = Viewer::current();
    let typed = viewer.typed("name");
    let named = FieldState::named(&viewer, "rename", "name");
    let is_refused = !typed.is_empty() || named.invalid().is_some();
    let has_focus = viewer.first_faulty(&["name"]).is_some();
    let version = version(&group);
    let named = if viewer.is_outdated(version) { named.beside(&group.name, &typed) } else { named };
    view! {
        <details class="rename" open=is_refused>
            <summary>"Rename"</summary>
            <ActionForm action=rename attr:class="toolbar">
                <FormKey />
                <input type="hidden" name="group" value=group.id.to_string() />
                <input type="hidden" name=VERSION value=version.to_string() />
                <input type="hidden" name="back" value=viewer.here />
                <label class="visually-hidden" for="rename">"New name"</label>
                <input
                    class="rename__name"
                    id="rename"
                    name="name"
                    required
                    autofocus=has_focus
                    maxlength=NAME_MAX.to_string()
                    value=if is_refused { typed } else { group.name }
                    aria-invalid=named.invalid()
                    aria-describedby=named.described_by()
                />
                <button class="button">"Save"</button>
                {named.fault()}
            </ActionForm>
        </details>
    }
}

#[component]
fn Tabs(id: GroupId, current: GroupTab, live: i64) -> impl IntoView {
    let text = move |tab| match tab {
        GroupTab::Members => {
            let number = format!("({})", Formats::current().number(live));
            view! { "Members " <span id="members-count" data-live="text">{number}</span> }.into_any()
        }
        GroupTab::Removed => "Removed".into_any(),
        GroupTab::History => "History".into_any(),
    };
    view! {
        <nav class="tabs" aria-label="Parts of this group">
            {GroupTab::ALL
                .map(|tab| {
                    let current = (tab == current).then_some("page");
                    view! { <a href=paths::group_tab(id, tab) aria-current=current>{text(tab)}</a> }
                })
                .collect_view()}
        </nav>
    }
}
