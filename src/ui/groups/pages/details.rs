//! `/groups/{id}`: the workspaces of a group, those that were removed from it, and its history.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use strum::VariantArray;

use crate::kernel::id::GroupId;
use crate::kernel::text::NAME_MAX;
use crate::kernel::topic::Topic;
use crate::resources::workspace_groups::model::{GroupSummary, WorkspaceGroup};
use crate::resources::workspace_groups::rules::version;
use crate::ui::components::{
    Crumbs, Empty, FieldState, FormKey, Live, Moment, Page, Pager, PersonName, PostForm, SelectionForm,
    Timeline, TimelineOf, crumb, page_with_id,
};
use crate::ui::enrollments::components::enroll::EnrollBox;
use crate::ui::enrollments::components::rows::{EnrollmentRows, RowsOf};
use crate::ui::error::UiError;
use crate::ui::groups::actions::GroupRename;
use crate::ui::groups::queries;
use crate::ui::locale::formats::Formats;
use crate::ui::pagination::ListPage;
use crate::ui::paths::{self, GroupTab};
use crate::ui::viewer::{BACK, VERSION, Viewer};

#[component]
pub fn GroupPage() -> impl IntoView {
    let viewer = Viewer::current();
    page_with_id(async move |id| {
        let summary = queries::group(id).await?;
        let tab = viewer.query("tab").and_then(|word| word.parse().ok()).unwrap_or(GroupTab::Members);
        let may_enroll = viewer.may_write() && summary.group.deleted_at.is_none();
        let enroll = if may_enroll { Some(enroll_box(id, &viewer).await?) } else { None };
        let shown = tab_view(id, tab, &viewer).await?;
        Ok(view! {
            <Page title=summary.group.name.clone()>
                <Heading summary=summary.clone() />
                {enroll}
                <Tabs id current=tab live=summary.live />
                {shown}
                <Live topics=vec![Topic::group(id)] />
            </Page>
        })
    })
}

async fn enroll_box(group: GroupId, viewer: &Viewer) -> Result<AnyView, UiError> {
    let find = viewer.query("find").unwrap_or_default();
    let found = if find.trim().is_empty() {
        None
    } else {
        Some(queries::candidates_read(Some(group), find.clone()).await?)
    };
    Ok(view! { <EnrollBox group find found /> }.into_any())
}

async fn tab_view(id: GroupId, tab: GroupTab, viewer: &Viewer) -> Result<AnyView, UiError> {
    let base = paths::group_tab(id, tab);
    let may_write = viewer.may_write();
    Ok(match tab {
        GroupTab::Members => list(
            "members",
            base,
            queries::members(id).await?,
            ("No workspaces in this group", "Search for one above to enroll it."),
            |rows| view! { <EnrollmentRows rows of=RowsOf::GroupNow /> }.into_any(),
            may_write.then(|| view! { <RemoveSelected id /> }.into_any()),
        ),
        GroupTab::Removed => list(
            "removed",
            base,
            queries::removed(id).await?,
            ("Nothing was removed", "Every workspace that was ever enrolled is still in this group."),
            |rows| view! { <EnrollmentRows rows of=RowsOf::GroupRemoved /> }.into_any(),
            may_write.then(|| view! { <ReaddSelected id here=viewer.here.clone() /> }.into_any()),
        ),
        GroupTab::History => list(
            "history",
            base,
            queries::group_history(id).await?,
            ("Nothing happened yet", "Enrollments and removals will appear here."),
            |events| view! { <Timeline events of=TimelineOf::Group /> }.into_any(),
            None,
        ),
    })
}

/// `components::paged_list` with a form for the selected rows. The form follows the list directly, because the style hides it
/// if the list has no table.
fn list<T>(
    id: &'static str,
    base: String,
    page: ListPage<T>,
    (title, text): (&'static str, &'static str),
    rows: impl FnOnce(Vec<T>) -> AnyView,
    form: Option<AnyView>,
) -> AnyView {
    let ListPage { items, before, after } = page;
    let shown = if items.is_empty() { view! { <Empty title>{text}</Empty> }.into_any() } else { rows(items) };
    view! {
        <div id=id data-live>{shown}</div>
        {form}
        <Pager base before after />
    }
    .into_any()
}

#[component]
fn RemoveSelected(id: GroupId) -> impl IntoView {
    view! {
        <SelectionForm method="get" action=paths::group_removals(id)>
            <button class="button">"Remove selected …"</button>
            <a class="button button--quiet" href=paths::group_removals_of_all(id)>"Remove all …"</a>
        </SelectionForm>
    }
}

#[component]
fn ReaddSelected(id: GroupId, here: String) -> impl IntoView {
    view! {
        <SelectionForm method="post" action=paths::ENROLLMENTS_READD>
            <FormKey />
            <input type="hidden" name="group" value=id.to_string() />
            <input type="hidden" name="back" value=here />
            <button class="button">"Add selected again"</button>
        </SelectionForm>
    }
}

#[component]
fn Heading(summary: GroupSummary) -> impl IntoView {
    let GroupSummary { group, creator, live } = summary;
    let (id, created_at) = (group.id, group.created_at);
    let is_removed = group.deleted_at.is_some();
    let may_change = Viewer::current().may_write() && !is_removed;
    view! {
        <Crumbs crumbs=vec![crumb(paths::GROUPS, "Groups")] />
        <div class="heading" id="heading" data-live>
            <h1><bdi>{group.name.clone()}</bdi></h1>
            {is_removed.then(|| view! { <span class="tag tag--danger">"removed"</span> })}
            {may_change
                .then(|| {
                    view! {
                        <div class="actions heading__actions">
                            <a class="button" href=paths::group_imports(id)>"Enroll many"</a>
                            <a class="button button--quiet" href=paths::group_removal(id)>"Remove group"</a>
                        </div>
                    }
                })}
        </div>
        {may_change.then(|| view! { <Rename group /> })}
        <p class="muted" id="facts" data-live>
            <span id="count" data-live="text">{Formats::current().count(live, "workspace", "workspaces")}</span>
            " · created by " <PersonName person=creator /> " · "
            <Moment at=created_at />
        </p>
    }
}

/// Closed until it is needed, and open after a refusal.
#[component]
fn Rename(group: WorkspaceGroup) -> impl IntoView {
    let viewer = Viewer::current();
    let typed = viewer.typed("name");
    let mut state = FieldState::named(&viewer, "rename", "name");
    let is_refused = !typed.is_empty() || state.invalid().is_some();
    let has_focus = viewer.first_faulty(&["name"]).is_some();
    let version = version(&group);
    if viewer.is_outdated(version) {
        state = state.beside(&group.name, &typed);
    }
    let hidden = vec![("group", group.id.to_string()), (VERSION, version.to_string()), (BACK, viewer.here)];
    view! {
        <details class="rename" open=is_refused>
            <summary>"Rename"</summary>
            <PostForm action=GroupRename::url() class="toolbar" hidden>
                <label class="visually-hidden" for="rename">"New name"</label>
                <input
                    class="rename__name"
                    id="rename"
                    name="name"
                    required
                    autofocus=has_focus
                    maxlength=NAME_MAX.to_string()
                    value=if is_refused { typed } else { group.name }
                    aria-invalid=state.invalid()
                    aria-describedby=state.described_by()
                />
                <button class="button">"Save"</button>
                {state.fault()}
            </PostForm>
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
            {GroupTab::VARIANTS
                .iter()
                .map(|&tab| {
                    let current = (tab == current).then_some("page");
                    view! { <a href=paths::group_tab(id, tab) aria-current=current>{text(tab)}</a> }
                })
                .collect_view()}
        </nav>
    }
}
