//! `/groups`

use leptos::prelude::*;

use crate::kernel::text::isolated;
use crate::kernel::topic::Topic;
use crate::resources::workspace_groups::model::GroupSummary;
use crate::ui::components::{
    Choose, Empty, GroupName, Live, Moment, Page, PersonName, SortHeader, Toolbar, load_page, paged_list,
};
use crate::ui::groups::queries::groups;
use crate::ui::locale::formats::Formats;
use crate::ui::pagination::ListPage;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

#[component]
pub fn GroupsPage() -> impl IntoView {
    let viewer = Viewer::current();
    load_page(async move {
        let [search, status, sort] =
            ["q", "status", "sort"].map(|name| viewer.query(name).unwrap_or_default());
        let page = groups(&search, &status, &sort).await?;
        Ok(view! { <Groups page /> })
    })
}

#[component]
fn Groups(page: ListPage<GroupSummary>) -> impl IntoView {
    let may_write = Viewer::current().may_write();
    view! {
        <Page title="Groups">
            <div class="heading">
                <h1>"Groups"</h1>
                {may_write.then(|| view! { <a class="button button--primary" href=paths::NEW_GROUP>"New group"</a> })}
            </div>
            <Toolbar action=paths::GROUPS placeholder="Search groups by name" fields=&["q", "status"]>
                <Choose name="status" label="Status" options=vec![("", "Live"), ("removed", "Removed"), ("any", "Any")] />
            </Toolbar>
            {paged_list(
                "groups",
                page,
                || view! { <NoGroups may_write /> }.into_any(),
                |groups| view! { <GroupTable groups /> }.into_any(),
            )}
            <Live topics=vec![Topic::GROUPS, Topic::ENROLLMENTS] />
        </Page>
    }
}

#[component]
fn NoGroups(may_write: bool) -> impl IntoView {
    let here = Viewer::current().address();
    if let Some(search) = here.get("q") {
        let text = format!("Nothing matches “{}”.", isolated(search));
        return view! { <Empty title="No matching groups">{text}</Empty> }.into_any();
    }
    if here.get("status").is_some() {
        return view! { <Empty title="No matching groups">"No group has this status."</Empty> }.into_any();
    }
    let text = if may_write {
        "Create a group and enroll workspaces in it."
    } else {
        "Groups that admins create will appear here."
    };
    view! { <Empty title="No groups yet">{text}</Empty> }.into_any()
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
