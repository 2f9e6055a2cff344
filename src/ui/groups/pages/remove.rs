//! `/groups/{id}/remove`: says what the removal means, and asks.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::kernel::id::GroupId;
use crate::kernel::text::isolated;
use crate::resources::workspace_groups::model::GroupSummary;
use crate::ui::components::{ConfirmPage, FormButtons, PostForm, Refusal, crumb, page_with_id};
use crate::ui::groups::actions::GroupRemove;
use crate::ui::groups::queries;
use crate::ui::locale::formats::Formats;
use crate::ui::messages::group_holds;
use crate::ui::paths;

#[component]
pub fn GroupRemovalPage() -> impl IntoView {
    page_with_id(async |id| {
        let GroupSummary { group, live, creator: _ } = queries::group(id).await?;
        Ok(view! {
            <ConfirmPage
                title=format!("Remove {}?", isolated(&group.name))
                crumbs=vec![crumb(paths::GROUPS, "Groups"), crumb(paths::group(id), group.name)]
                explanation="No workspace can be enrolled in the group afterwards, and the group leaves the list. Its history stays. This cannot be undone."
                may="remove groups"
            >
                {if group.deleted_at.is_some() {
                    view! { <Refusal text="It was removed already." /> }.into_any()
                } else if live > 0 {
                    view! { <NotEmpty id live /> }.into_any()
                } else {
                    view! { <RemoveForm id /> }.into_any()
                }}
            </ConfirmPage>
        })
    })
}

#[component]
fn NotEmpty(id: GroupId, live: i64) -> impl IntoView {
    let formats = Formats::current();
    let workspaces = formats.count(live, "workspace", "workspaces");
    view! {
        <Refusal text=group_holds(live, &formats) />
        <div class="actions">
            <a class="button" href=paths::group_removals_of_all(id)>{format!("Remove {workspaces} …")}</a>
            <a class="button button--quiet" href=paths::group(id)>"Keep it"</a>
        </div>
    }
}

#[component]
fn RemoveForm(id: GroupId) -> impl IntoView {
    view! {
        <PostForm action=GroupRemove::url() class="actions" hidden=vec![("group", id.to_string())]>
            <FormButtons submit="Remove group" danger=true cancel=paths::group(id) cancel_text="Keep it" />
        </PostForm>
    }
}
