//! The pages of groups.

use crate::kernel::text::NAME_MAX;
use crate::resources::imports::rules::begins_with_head;
use crate::resources::workspace_groups::model::{GroupSummary, WorkspaceGroup};
use crate::resources::workspace_groups::rules::version;
use crate::ui::components::prelude::*;
use crate::ui::enrollments::components::{EnrollBox, EnrollmentRows, RowsOf};
use crate::ui::groups::actions::{GroupCreate, GroupRemove, GroupRename};
use crate::ui::groups::components::GroupTable;
use crate::ui::groups::queries::{self, groups};
use crate::ui::islands::picker::InitialWorkspaces;
use crate::ui::messages::{REMOVED_ALREADY, group_holds};
use crate::ui::paths::GroupTab;
use crate::ui::viewer::VERSION;

#[component]
pub fn GroupsPage() -> impl IntoView {
    let viewer = Viewer::current();
    load_page(async move {
        let list = list_or_empty("groups", groups(&viewer).await?, empty(&viewer), |groups| {
            view! { <GroupTable caption="Groups" groups /> }
        });
        let statuses = vec![("", "Live"), ("removed", "Removed"), ("any", "Any")];
        let topics = vec![Topic::GROUPS, Topic::ENROLLMENTS];
        Ok(view! {
            <IndexPage title="Groups" new=(paths::NEW_GROUP, "New group") topics>
                <Toolbar action=paths::GROUPS placeholder="Search groups by name" fields=&["q", "status"]>
                    <Choose name="status" label="Status" options=statuses />
                </Toolbar>
                {list}
            </IndexPage>
        })
    })
}

/// The title and the text in place of an empty list.
fn empty(viewer: &Viewer) -> (&'static str, String) {
    let here = viewer.address();
    if let Some(search) = here.get("q") {
        return ("No matching groups", format!("Nothing matches “{}”.", isolated(search)));
    }
    let (title, text) = if here.get("status").is_some() {
        ("No matching groups", "No group has this status.")
    } else if viewer.may_write() {
        ("No groups yet", "Create a group and enroll workspaces in it.")
    } else {
        ("No groups yet", "Groups that admins create will appear here.")
    };
    (title, text.to_owned())
}

/// `/groups/{id}`: the workspaces of a group, those that were removed from it, and its history.
#[component]
pub fn GroupPage() -> impl IntoView {
    let viewer = Viewer::current();
    page_with_id(async move |id| {
        let GroupSummary { group, creator, live } = queries::group(id).await?;
        let tab = viewer.query("tab").and_then(|word| word.parse().ok()).unwrap_or_default();
        let is_removed = !group.is_live();
        let may_change = viewer.may_write() && !is_removed;
        let enroll = if may_change { Some(enroll_box(id, &viewer).await?) } else { None };
        let shown = tab_view(id, tab, &viewer).await?;
        let formats = Formats::current();
        let text = |tab| match tab {
            GroupTab::Members => format!("Members ({})", formats.number(live)),
            GroupTab::Removed => "Removed".to_owned(),
            GroupTab::History => "History".to_owned(),
        };
        let all = (GroupTab::VARIANTS.iter().copied(), tab);
        let tabs = tabs(Some("tabs"), "Parts of this group", all, |tab| paths::group_tab(id, tab), text);
        let change = [(paths::group_imports(id), "Enroll many"), (paths::group_removal(id), "Remove group")];
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
    let found = match find.trim() {
        "" => None,
        text => Some(queries::candidates_read(Some(group), text.to_owned()).await?),
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
            });
            list_with_form("removed", queries::removed(id).await?, empty, rows, form)
        }
        GroupTab::History => history("history", queries::group_history(id).await?, TimelineOf::Group),
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

#[component]
pub fn NewGroupPage() -> impl IntoView {
    let form = FormFields::new(&["name", "pasted"]);
    view! {
        <FormPage title="New group" crumbs=vec![crumb(paths::GROUPS, "Groups")] may="create groups">
            <PostForm action=GroupCreate::url()>
                <TextField form name="name" max=NAME_MAX required=true>"Name"</TextField>
                <Workspaces form />
                <FormButtons submit="Create group" cancel=paths::GROUPS />
            </PostForm>
        </FormPage>
    }
}

#[component]
fn Workspaces(form: FormFields) -> impl IntoView {
    let (picked, typed) = typed_workspaces(&Viewer::current());
    let picked = picked.map(|typed| {
        view! {
            <TextField form name="picked[]" id="picked-before" typed rows="2" no_spellcheck=true>
                "Selected workspaces, by id"
            </TextField>
        }
    });
    view! {
        <fieldset class="stack">
            <legend>"First workspaces"</legend>
            <p class="hint">"Optional. The group is created with all of them or not at all."</p>
            <InitialWorkspaces />
            {picked}
            <TextField form name="pasted" typed rows="4" no_spellcheck=true>"Ids or external ids, one per line"</TextField>
        </fieldset>
    }
}

/// The texts of the two lists after a refusal, when the picker has lost its choice: what was picked is added to what
/// was pasted. If that is a table, to which no lines can be added, what was picked has a separate field.
fn typed_workspaces(viewer: &Viewer) -> (Option<String>, String) {
    let (picked, pasted) = (viewer.typed("picked"), viewer.typed("pasted"));
    match (picked.trim().is_empty(), pasted.trim().is_empty()) {
        (true, _) => (None, pasted),
        (false, true) => (None, picked),
        (false, false) if begins_with_head(&pasted) => (Some(picked), pasted),
        (false, false) => (None, format!("{picked}\n{pasted}")),
    }
}

/// `/groups/{id}/remove`: says what the removal means, and asks for confirmation.
#[component]
pub fn GroupRemovalPage() -> impl IntoView {
    page_with_id(async |id| {
        let GroupSummary { group, live, creator: _ } = queries::group(id).await?;
        let form = if !group.is_live() {
            refusal(REMOVED_ALREADY)
        } else if live > 0 {
            let formats = Formats::current();
            let remove_all = format!("Remove {} …", formats.count(live, "workspace", "workspaces"));
            view! {
                {refusal(group_holds(live, &formats))}
                <div class="actions">
                    <a class="button" href=paths::group_removals_of_all(id)>{remove_all}</a>
                    <a class="button button--quiet" href=paths::group(id)>"Keep it"</a>
                </div>
            }
            .into_any()
        } else {
            let hidden = vec![("group", id.to_string())];
            view! { <ConfirmForm action=GroupRemove::url() hidden submit="Remove group" cancel=paths::group(id) /> }
                .into_any()
        };
        Ok(view! {
            <ConfirmPage
                title=format!("Remove {}?", isolated(&group.name))
                crumbs=vec![crumb(paths::GROUPS, "Groups"), crumb(paths::group(id), group.name)]
                explanation="No workspace can be enrolled in the group afterwards, and the group leaves the list. Its history stays. This cannot be undone."
                may="remove groups"
            >
                {form}
            </ConfirmPage>
        })
    })
}
