//! `/groups`

use leptos::prelude::*;

use crate::kernel::text::isolated;
use crate::kernel::topic::Topic;
use crate::resources::workspace_groups::model::GroupSummary;
use crate::ui::components::entity_links::{GroupName, PersonName};
use crate::ui::components::live_updates::Live;
use crate::ui::components::moment::Moment;
use crate::ui::components::page::{ErrorPage, Page};
use crate::ui::components::pager::Pager;
use crate::ui::components::table::{Empty, SortHeader};
use crate::ui::components::toolbar::{Choose, Toolbar};
use crate::ui::groups::actions::groups_read;
use crate::ui::locale::formats::Formats;
use crate::ui::pagination::ListPage;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

#[component]
pub fn GroupsPage() -> impl IntoView {
    let viewer = Viewer::current();
    let said = |name: &str| viewer.query(name).unwrap_or_default();
    let (search, status, sort) = (said("q"), said("status"), said("sort"));
    let (after, before) = (viewer.query("after"), viewer.query("before"));
    let page = async move {
        match groups_read(search, status, sort, after, before).await {
            Ok(page) => view! { <Groups page /> }.into_any(),
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }
}

#[component]
fn Groups(page: ListPage<GroupSummary>) -> impl IntoView {
    let viewer = Viewer::current();
    let may_write = viewer.may_write();
    view! {
        <Page title="Groups">
            <div class="heading">
                <h1>"Groups"</h1>
                {may_write.then(|| view! { <a class="button button--primary" href=paths::NEW_GROUP>"New group"</a> })}
            </div>
            <Toolbar action=paths::GROUPS placeholder="Search groups by name" fields=&["q", "status"]>
                <Choose name="status" label="Status" options=vec![("", "Live"), ("removed", "Removed"), ("any", "Any")] />
            </Toolbar>
            <div id="groups" data-live>
                {if page.items.is_empty() {
                    view! { <NoGroups search=viewer.query("q").unwrap_or_default() may_write /> }.into_any()
                } else {
                    view! { <GroupTable groups=page.items /> }.into_any()
                }}
            </div>
            <Pager base=viewer.address().first_page().to_string() before=page.before after=page.after />
            <Live topics=vec![Topic::GROUPS, Topic::ENROLLMENTS] />
        </Page>
    }
}

#[component]
fn NoGroups(search: String, may_write: bool) -> impl IntoView {
    let is_filtered = Viewer::current().query("status").is_some_and(|status| !status.is_empty());
    if !search.is_empty() {
        let told = format!("Nothing matches “{}”.", isolated(&search));
        view! { <Empty title="No group of this name">{told}</Empty> }.into_any()
    } else if is_filtered {
        view! { <Empty title="No such groups">"No group has this status."</Empty> }.into_any()
    } else {
        view! {
            <Empty title="No groups yet">
                {if may_write { "Create the first one, and put workspaces into it." } else { "An admin will create some." }}
            </Empty>
        }
        .into_any()
    }
}

#[component]
fn GroupTable(groups: Vec<GroupSummary>) -> impl IntoView {
    view! {
        <table class="table">
            <caption class="visually-hidden">"Groups"</caption>
            <thead>
                <tr>
                    <SortHeader word="name" text="Name" default="-created_at" />
                    <th scope="col" class="number">"Workspaces"</th>
                    <th scope="col">"Created by"</th>
                    <SortHeader word="created_at" text="Created" default="-created_at" last_first=true />
                </tr>
            </thead>
            <tbody>{groups.into_iter().map(|summary| view! { <GroupRow summary /> }).collect_view()}</tbody>
        </table>
    }
}

#[component]
fn GroupRow(summary: GroupSummary) -> impl IntoView {
    let GroupSummary { group, creator, live } = summary;
    view! {
        <tr id=format!("group-{}", group.id)>
            <th scope="row"><GroupName id=group.id name=group.name removed=group.deleted_at.is_some() /></th>
            <td class="number" data-label="Workspaces">{Formats::current().number(live)}</td>
            <td data-label="Created by"><PersonName person=creator /></td>
            <td data-label="Created"><Moment at=group.created_at /></td>
        </tr>
    }
}
