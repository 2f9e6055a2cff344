//! The pages of groups.

pub mod settings;

use crate::kernel::text::NAME_MAX;
use crate::resources::imports::rules::begins_with_head;
use crate::resources::workspace_groups::model::{GroupSummary, WorkspaceGroup};
use crate::resources::workspace_groups::rules::version;
use crate::ui::audit::view::View;
use crate::ui::components::prelude::*;
use crate::ui::enrollments::components::{EnrollBox, EnrollmentRows, RemovalForm, RowsOf};
use crate::ui::find::components::{
    FindBar, FindWords, FoundFiles, NoRows, all_matching, found_history, found_list, with_search,
};
use crate::ui::find::view::{Found, PARAMETERS};
use crate::ui::groups::actions::{GroupCreate, GroupRemove, GroupRename};
use crate::ui::groups::components::GroupTable;
use crate::ui::groups::queries::{self, groups};
use crate::ui::islands::picker::InitialWorkspaces;
use crate::ui::messages::{ARCHIVED_ALREADY, group_holds};
use crate::ui::paths::GroupTab;
use crate::ui::viewer::VERSION;

#[component]
pub fn GroupsPage() -> impl IntoView {
    let viewer = Viewer::current();
    load_page(async move {
        let (page, total) = groups(&viewer).await?;
        let list = list_or_empty("groups", page, empty(&viewer), |groups| {
            view! { <GroupTable caption="Groups" groups /> }
        });
        let statuses = vec![("", "Live"), ("removed", "Archived"), ("any", "Any")];
        let topics = vec![Topic::GROUPS, Topic::ENROLLMENTS];
        Ok(view! {
            <IndexPage title="Groups" new=(paths::NEW_GROUP, "New group") topics>
                <Toolbar action=paths::GROUPS placeholder="Search groups by name" fields=&["q", "status"]>
                    <Choose name="status" label="Status" options=statuses />
                </Toolbar>
                <Total number=total nouns=("group", "groups") />
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
        let (GroupSummary { group, creator, live }, managed_by) = queries::group_with_manager(id).await?;
        let tab = viewer.query("tab").and_then(|word| word.parse().ok()).unwrap_or_default();
        let is_removed = !group.is_live();
        let may_change = viewer.may_write() && !is_removed;
        let enroll = if may_change { Some(enroll_box(id, &viewer).await?) } else { None };
        let shown = tab_view(id, tab, live, (viewer.may_write(), may_change), &viewer.here).await?;
        let formats = Formats::current();
        let text = |tab| match tab {
            GroupTab::Members => format!("{} ({})", tab_name(tab), formats.number(live)),
            GroupTab::Removed | GroupTab::History => tab_name(tab).to_owned(),
        };
        let all = (GroupTab::VARIANTS.iter().copied(), tab);
        let path = |tab| with_search(&paths::group_tab(id, tab));
        let tabs = tabs(Some("tabs"), "Parts of this group", all, path, text);
        let part = (tab != GroupTab::Members).then(|| tab_name(tab));
        let (mut links, mut more) = (Vec::new(), Vec::new());
        if may_change {
            links.push((paths::group_imports(id), "Import a list"));
            if live > 0 {
                more.push((paths::group_move_of_all(id), "Move all workspaces"));
                more.push((paths::group_removals_of_all(id), "Remove all workspaces"));
            }
            more.push((paths::group_settings(id), "Settings"));
            more.push((paths::group_removal(id), "Archive group"));
        }
        Ok(view! {
            <DetailsPage
                name=group.name.clone()
                list=crumb(paths::GROUPS, "Groups")
                part
                is_removed
                links
                more
                topics=vec![Topic::group(id)]
            >
                {may_change.then(|| view! { <Rename group=group.clone() /> <ManagedWarning managed_by /> })}
                <p class="muted" id="facts" data-live>
                    <span id="count" data-live="text">{formats.count(live, "workspace", "workspaces")}</span>
                    "\u{a0}· created by " <PersonName person=creator /> "\u{a0}· "
                    <Moment at=group.created_at />
                </p>
                {enroll}
                <div class="tabbed">{tabs} <Elsewhere group=id /></div>
                {shown}
            </DetailsPage>
        })
    })
}

const fn tab_name(tab: GroupTab) -> &'static str {
    match tab {
        GroupTab::Members => "Members",
        GroupTab::Removed => "Removed",
        GroupTab::History => "History",
    }
}

/// Links to the same group on the audit pages.
#[component]
fn Elsewhere(group: GroupId) -> impl IntoView {
    let link = |path: String| Address::of(&path).with("group", &group.to_string()).to_string();
    view! {
        <nav class="elsewhere" aria-label="Other views of this group">
            <a href=link(View::AsOf.path().to_owned())>"As of a date"</a>
            <a href=link(View::Comparison.path().to_owned())>"Compare"</a>
            <a href=link(View::Events.path().to_owned())>"Audit log"</a>
        </nav>
    }
}

async fn enroll_box(group: GroupId, viewer: &Viewer) -> Result<AnyView, UiError> {
    let find = viewer.query("find").unwrap_or_default();
    let found = match find.trim() {
        "" => None,
        text => Some(queries::candidates_read(Some(group), text.to_owned()).await?),
    };
    Ok(view! { <EnrollBox group find found /> }.into_any())
}

/// The words of the form above each list.
const fn find_words(tab: GroupTab) -> FindWords {
    let (person, times) = match tab {
        GroupTab::Members => ("Enrolled by", ["Enrolled from", "Enrolled until"]),
        GroupTab::Removed => ("Enrolled by", ["Removed from", "Removed until"]),
        GroupTab::History => ("Done by", ["From", "Until"]),
    };
    FindWords { text: "Find in this group", person: Some(person), times: Some(times) }
}

async fn tab_view(
    id: GroupId,
    tab: GroupTab,
    live: i64,
    (may_write, may_enroll): (bool, bool),
    here: &str,
) -> Result<AnyView, UiError> {
    let words = find_words(tab);
    let (form, list) = match tab {
        GroupTab::Members => {
            let text = if may_enroll { "Search for one above to enroll it." } else { "" };
            let none = NoRows { title: "No workspaces in this group", text };
            let found = queries::members(id, live).await?;
            let bar = found.form.clone();
            let rows = |rows| view! { <EnrollmentRows rows of=RowsOf::GroupNow /> };
            let matching = may_write.then(|| members_matching(&found, id)).flatten();
            let form = may_write.then(|| {
                view! {
                    <RemovalForm />
                    <SelectionForm method="get" action=paths::group_removals(id)>
                        <SelectionButton text="Remove # selected" />
                        <button class="button button--small" formaction=paths::group_move(id)>"Move to …"</button>
                        <button class="button button--small" formaction=paths::group_move(id) name="keep" value="yes">"Copy to …"</button>
                    </SelectionForm>
                }
            });
            (bar, found_list("members", found, none, rows, form, matching))
        }
        GroupTab::Removed => {
            let none = NoRows {
                title: "Nothing was removed",
                text: "Every workspace that was ever enrolled is still in this group.",
            };
            let found = queries::removed(id).await?;
            let bar = found.form.clone();
            let rows = |rows| view! { <EnrollmentRows rows of=RowsOf::GroupRemoved /> };
            let here = here.to_owned();
            let matching =
                may_write.then(|| all_matching(&found, &paths::group_readditions(id), "Enroll")).flatten();
            let form = may_write.then(|| {
                view! {
                    <SelectionForm method="post" action=paths::ENROLLMENTS_READD>
                        <FormKey />
                        <input type="hidden" name="group" value=id.to_string() />
                        <input type="hidden" name=BACK value=here />
                        <SelectionButton text="Enroll # selected again" />
                    </SelectionForm>
                }
            });
            (bar, found_list("removed", found, none, rows, form, matching))
        }
        GroupTab::History => {
            let found = queries::group_history(id).await?;
            (found.form.clone(), found_history("history", found, TimelineOf::Group))
        }
    };
    Ok(view! { <FindBar form words /> {list} <FoundFiles group=id /> }.into_any())
}

/// Changes of all members that a search has found.
fn members_matching<T>(found: &Found<T>, group: GroupId) -> Option<AnyView> {
    let remove = all_matching(found, &paths::group_removals_of_all(group), "Remove")?;
    let search = Viewer::current().address();
    let target = Address::of(&paths::group_move_of_all(group)).with_those(&search, PARAMETERS.into_iter());
    let copy = target.with("keep", "yes").to_string();
    let links = view! {
        {remove}
        " · "
        <a href=target.to_string() aria-label="Move all that match">"Move them …"</a>
        " · "
        <a href=copy aria-label="Copy all that match">"Copy them …"</a>
    };
    Some(links.into_any())
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

/// `/groups/{id}/remove`: says what archiving means, and asks for confirmation.
#[component]
pub fn GroupRemovalPage() -> impl IntoView {
    page_with_id(async |id| {
        let GroupSummary { group, live, creator: _ } = queries::group(id).await?;
        let form = if !group.is_live() {
            refusal(ARCHIVED_ALREADY)
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
            view! { <ConfirmForm action=GroupRemove::url() hidden submit="Archive group" cancel=paths::group(id) /> }
                .into_any()
        };
        Ok(view! {
            <ConfirmPage
                title=format!("Archive {}?", isolated(&group.name))
                crumbs=vec![crumb(paths::GROUPS, "Groups"), crumb(paths::group(id), group.name)]
                explanation="No workspace can be enrolled in the group afterwards, and the group leaves the list. Its history stays. This cannot be undone."
                may="archive groups"
            >
                {form}
            </ConfirmPage>
        })
    })
}
