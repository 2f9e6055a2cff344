//! `/groups/{id}`: the workspaces of a group, those that were removed from it, and its history.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::kernel::id::GroupId;
use crate::kernel::text::NAME_MAX;
use crate::kernel::topic::Topic;
use crate::resources::workspace_groups::model::{GroupSummary, WorkspaceGroup};
use crate::resources::workspace_groups::rules::version;
use crate::ui::components::{
    DetailsPage, FieldState, FormKey, Moment, PersonName, PostForm, SelectionForm, Timeline, TimelineOf,
    crumb, list_or_empty, list_with_form, page_with_id, tabs,
};
use crate::ui::enrollments::components::enroll::EnrollBox;
use crate::ui::enrollments::components::rows::{EnrollmentRows, RowsOf};
use crate::ui::error::UiError;
use crate::ui::groups::actions::GroupRename;
use crate::ui::groups::queries;
use crate::ui::locale::formats::Formats;
use crate::ui::paths::{self, GroupTab};
use crate::ui::viewer::{BACK, VERSION, Viewer};

#[component]
pub fn GroupPage() -> impl IntoView {
    let viewer = Viewer::current();
    page_with_id(async move |id| {
        let GroupSummary { group, creator, live } = queries::group(id).await?;
        let tab = viewer.query("tab").and_then(|word| word.parse().ok()).unwrap_or_default();
        let is_removed = group.deleted_at.is_some();
        let may_change = viewer.may_write() && !is_removed;
        let enroll = if may_change { Some(enroll_box(id, &viewer).await?) } else { None };
        let shown = tab_view(id, tab, &viewer).await?;
        let formats = Formats::current();
        let text = |tab| match tab {
            GroupTab::Members => format!("Members ({})", formats.number(live)),
            GroupTab::Removed => "Removed".to_owned(),
            GroupTab::History => "History".to_owned(),
        };
        let tabs = tabs("Parts of this group", tab, |tab| paths::group_tab(id, tab), text);
        let change = [(paths::group_bulk(id), "Enroll many"), (paths::group_removal(id), "Remove group")];
        Ok(view! {
            <DetailsPage
                name=group.name.clone()
                list=crumb(paths::GROUPS, "Groups")
                is_removed
                links=if may_change { change.into() } else { Vec::new() }
                topics=vec![Topic::group(id)]
            >
                {may_change.then(|| view! { <Rename group=group.clone() /> })}
                <p class="muted" id="facts" data-live>
                    <span id="count" data-live="text">{formats.count(live, "workspace", "workspaces")}</span>
                    " · created by " <PersonName person=creator /> " · "
                    <Moment at=group.created_at />
                </p>
                {enroll}
                {tabs}
                {shown}
            </DetailsPage>
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
    let may_write = viewer.may_write();
    Ok(match tab {
        GroupTab::Members => {
            let empty = ("No workspaces in this group", "Search for one above to enroll it.");
            let rows = |rows| view! { <EnrollmentRows rows of=RowsOf::GroupNow /> };
            let form = may_write.then(|| {
                view! {
                    <SelectionForm method="get" action=paths::group_removals(id)>
                        <button class="button">"Remove selected …"</button>
                        <a class="button button--quiet" href=paths::group_removals_of_all(id)>"Remove all …"</a>
                    </SelectionForm>
                }
                .into_any()
            });
            list_with_form("members", queries::members(id).await?, empty, rows, form)
        }
        GroupTab::Removed => {
            let empty =
                ("Nothing was removed", "Every workspace that was ever enrolled is still in this group.");
            let rows = |rows| view! { <EnrollmentRows rows of=RowsOf::GroupRemoved /> };
            let here = viewer.here.clone();
            let form = may_write.then(|| {
                view! {
                    <SelectionForm method="post" action=paths::ENROLLMENTS_READD>
                        <FormKey />
                        <input type="hidden" name="group" value=id.to_string() />
                        <input type="hidden" name=BACK value=here />
                        <button class="button">"Add selected again"</button>
                    </SelectionForm>
                }
                .into_any()
            });
            list_with_form("removed", queries::removed(id).await?, empty, rows, form)
        }
        GroupTab::History => {
            let empty = ("Nothing happened yet", "Enrollments and removals will appear here.");
            list_or_empty("history", queries::group_history(id).await?, empty, |events| {
                view! { <Timeline events of=TimelineOf::Group /> }
            })
        }
    })
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
