//! `/groups/{id}/remove`: says what removing a group means, and asks.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::kernel::id::GroupId;
use crate::kernel::text::isolated;
use crate::resources::workspace_groups::model::GroupSummary;
use crate::ui::components::not_found::NotFoundPage;
use crate::ui::components::page::{ErrorPage, Forbidden, Page};
use crate::ui::groups::actions::{GroupRemove, group_read};
use crate::ui::locale::formats::Formats;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

#[component]
pub fn GroupRemovalPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    let Ok(id) = id.parse::<GroupId>() else {
        return view! { <NotFoundPage /> }.into_any();
    };
    let page = async move {
        match group_read(id).await {
            Ok(summary) => view! { <Confirm summary /> }.into_any(),
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }.into_any()
}

#[component]
fn Confirm(summary: GroupSummary) -> impl IntoView {
    let GroupSummary { group, live, creator: _ } = summary;
    let title = format!("Remove {}?", isolated(&group.name));
    let holds = Formats::current().count(live, "workspace", "workspaces");
    let is_removed = group.deleted_at.is_some();
    view! {
        <Page title=title.clone() narrow=true>
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href=paths::GROUPS>"Groups"</a>
                <a href=paths::group(group.id)>{group.name}</a>
            </nav>
            <div class="card stack">
                <h1>{title}</h1>
                <p>"The group takes no workspaces any more and leaves the list. Its history stays. This cannot be undone."</p>
                {match (Viewer::current().may_write(), is_removed, live) {
                    (false, _, _) => view! { <Forbidden text="Only admins may remove groups." /> }.into_any(),
                    (true, true, _) => view! { <p class="message message--error">"It was removed already."</p> }.into_any(),
                    (true, false, 0) => view! { <RemoveForm id=group.id /> }.into_any(),
                    (true, false, _) => {
                        view! {
                            <p class="message message--error">{format!("The group still holds {holds}. Remove {} first.", if live == 1 { "it" } else { "them" })}</p>
                            <div class="actions">
                                <a class="button" href=paths::group_removals_of_all(group.id)>{format!("Remove {holds} …")}</a>
                                <a class="button button--quiet" href=paths::group(group.id)>"Keep it"</a>
                            </div>
                        }
                            .into_any()
                    }
                }}
            </div>
        </Page>
    }
}

#[component]
fn RemoveForm(id: GroupId) -> impl IntoView {
    let remove = ServerAction::<GroupRemove>::new();
    view! {
        <ActionForm action=remove attr:class="actions">
            <input type="hidden" name="group" value=id.to_string() />
            <input type="hidden" name="form_at" value=paths::group_removal(id) />
            <button class="button button--danger">"Remove group"</button>
            <a class="button button--quiet" href=paths::group(id)>"Keep it"</a>
        </ActionForm>
    }
}
