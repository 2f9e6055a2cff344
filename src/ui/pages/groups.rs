//! `/groups`

use leptos::prelude::*;

use crate::resources::workspace_groups::model::GroupSummary;
use crate::ui::actions::workspace_groups::groups_read;
use crate::ui::parts::page::{Page, TroublePage};
use crate::ui::parts::pager::{ListPage, Pager};
use crate::ui::parts::table::Empty;
use crate::ui::parts::time::Moment;
use crate::ui::parts::who::Person;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

#[component]
pub fn GroupsPage() -> impl IntoView {
    let viewer = Viewer::current();
    let search = viewer.query("q").unwrap_or_default();
    let (after, before) = (viewer.query("after"), viewer.query("before"));
    let page = async move {
        match groups_read(search.clone(), after, before).await {
            Ok(page) => view! { <Groups search page /> }.into_any(),
            Err(trouble) => view! { <TroublePage trouble /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }
}

#[component]
fn Groups(search: String, page: ListPage<GroupSummary>) -> impl IntoView {
    let may_write = Viewer::current().may_write();
    let base = match search.as_str() {
        "" => paths::GROUPS.to_owned(),
        search => format!("{}?q={}", paths::GROUPS, paths::encode(search)),
    };
    let is_searched = !search.is_empty();
    view! {
        <Page title="Groups">
            <div class="heading">
                <h1>"Groups"</h1>
                {may_write.then(|| view! { <a class="button button--primary" href=paths::NEW_GROUP>"New group"</a> })}
            </div>
            <search>
                <form class="search" method="get" action=paths::GROUPS>
                    <label class="visually-hidden" for="q">"Search groups by name"</label>
                    <input id="q" name="q" type="search" placeholder="Search groups by name" value=search.clone() />
                    <button class="button">"Search"</button>
                    {is_searched.then(|| view! { <a class="button button--quiet" href=paths::GROUPS>"Clear"</a> })}
                </form>
            </search>
            {if page.items.is_empty() {
                view! { <NoGroups search may_write /> }.into_any()
            } else {
                view! { <GroupTable groups=page.items /> }.into_any()
            }}
            <Pager base before=page.before after=page.after />
        </Page>
    }
}

#[component]
fn NoGroups(search: String, may_write: bool) -> impl IntoView {
    if search.is_empty() {
        view! {
            <Empty title="No groups yet">
                {if may_write { "Create the first one, and put workspaces into it." } else { "An admin will create some." }}
            </Empty>
        }
        .into_any()
    } else {
        view! { <Empty title="No group of this name">{format!("Nothing matches “{search}”.")}</Empty> }
            .into_any()
    }
}

#[component]
fn GroupTable(groups: Vec<GroupSummary>) -> impl IntoView {
    view! {
        <table class="table">
            <caption class="visually-hidden">"Groups, newest first"</caption>
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col" class="number">"Workspaces"</th>
                    <th scope="col">"Created by"</th>
                    <th scope="col">"Created"</th>
                </tr>
            </thead>
            <tbody>
                {groups
                    .into_iter()
                    .map(|GroupSummary { group, creator, live }| {
                        view! {
                            <tr>
                                <th scope="row"><a class="name" href=paths::group(group.id)>{group.name}</a></th>
                                <td class="number" data-label="Workspaces">{crate::ui::message::grouped(live)}</td>
                                <td data-label="Created by"><Person name=creator.map(|person| person.name) /></td>
                                <td data-label="Created"><Moment at=group.created_at /></td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
    }
}
