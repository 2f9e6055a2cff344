//! The pages that confirm removals. `/enrollments/{id}/remove` is about one enrollment, and `/groups/{id}/removals` about
//! several of a group: its address has the id of each selected one as `e`, or `all=yes`.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::kernel::id::{EnrollmentId, GroupId};
use crate::kernel::text::isolated;
use crate::resources::enrollments::model::EnrollmentWithRelated;
use crate::ui::components::{
    ConfirmPage, Empty, FormButtons, NotFoundPage, Page, PostForm, Refusal, crumb, page_with_id,
};
use crate::ui::enrollments::actions::{EnrollmentRemove, EnrollmentsRemove, EnrollmentsRemoveAll};
use crate::ui::enrollments::components::rows::{Created, workspace_name};
use crate::ui::enrollments::queries::{enrollment_names, removal_preview};
use crate::ui::enrollments::view::{NamedEnrollment, RemovalPreview};
use crate::ui::locale::formats::Formats;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

#[component]
pub fn EnrollmentRemovalPage() -> impl IntoView {
    // The page that the link is on, if that is not the page of the group.
    let back = Viewer::current().query("back");
    page_with_id(async move |id: EnrollmentId| {
        let NamedEnrollment { item, group, workspace } = enrollment_names(id).await?;
        let page = paths::group(group.id);
        let back = back.map_or_else(|| page.clone(), |back| paths::local_or_home(&back).to_owned());
        let form = if item.enrollment.is_live() {
            let hidden = vec![("enrollment", id.to_string()), ("back", back.clone())];
            view! {
                <PostForm action=EnrollmentRemove::url() class="actions" hidden>
                    <FormButtons submit="Remove" danger=true cancel=back cancel_text="Keep it" />
                </PostForm>
            }
            .into_any()
        } else {
            view! { <Refusal text="It was removed already." /> }.into_any()
        };
        Ok(view! {
            <ConfirmPage
                title=format!("Remove {} from {}?", isolated(&workspace.name), isolated(&group.name))
                crumbs=vec![crumb(paths::GROUPS, "Groups"), crumb(page, group.name)]
                explanation="The workspace leaves the group now. The history keeps who enrolled and who removed it, and you can add it again."
                may="remove workspaces"
                facts=view! { <Created item /> }.into_any()
            >
                {form}
            </ConfirmPage>
        })
    })
}

#[component]
pub fn EnrollmentRemovalsPage() -> impl IntoView {
    let viewer = Viewer::current();
    let selected = viewer.queries(paths::SELECTED).iter().map(|text| text.parse()).collect();
    let Ok(selected): Result<Vec<EnrollmentId>, _> = selected else {
        return view! { <NotFoundPage /> }.into_any();
    };
    let is_all = viewer.query("all").as_deref() == Some("yes");
    page_with_id(async move |group| {
        if selected.is_empty() && !is_all {
            return Ok(view! { <Nothing group /> }.into_any());
        }
        let preview = removal_preview(group, &selected).await?;
        Ok(if preview.count == 0 {
            view! { <Nothing group /> }.into_any()
        } else {
            view! { <ConfirmAll preview is_all /> }.into_any()
        })
    })
}

#[component]
fn Nothing(group: GroupId) -> impl IntoView {
    view! {
        <Page title="Nothing to remove" narrow=true>
            <h1>"Nothing to remove"</h1>
            <Empty title="None of these workspaces is in the group now">
                <a href=paths::group(group)>"Back to the group"</a>
            </Empty>
        </Page>
    }
}

#[component]
fn ConfirmAll(preview: RemovalPreview, is_all: bool) -> impl IntoView {
    let RemovalPreview { group, items, count } = preview;
    let workspaces = Formats::current().count(count, "workspace", "workspaces");
    let page = paths::group(group.id);
    let mut hidden = vec![("group", group.id.to_string()), ("back", page.clone())];
    let action = if is_all {
        hidden.push(("count", count.to_string()));
        EnrollmentsRemoveAll::url()
    } else {
        hidden.extend(items.iter().map(|item| ("enrollments[]", item.enrollment.id.to_string())));
        EnrollmentsRemove::url()
    };
    view! {
        <ConfirmPage
            title=format!("Remove {workspaces} from {}?", isolated(&group.name))
            crumbs=vec![crumb(paths::GROUPS, "Groups"), crumb(page.clone(), group.name)]
            explanation="They leave the group now, all of them or none. The history keeps who enrolled and who removed them, and you can add them again."
            may="remove workspaces"
            facts=view! { <Names items count /> }.into_any()
        >
            <PostForm action class="actions" hidden>
                <FormButtons submit=format!("Remove {workspaces}") danger=true cancel=page cancel_text="Keep them" />
            </PostForm>
        </ConfirmPage>
    }
}

#[component]
fn Names(items: Vec<EnrollmentWithRelated>, count: i64) -> impl IntoView {
    let more = count - i64::try_from(items.len()).unwrap_or(i64::MAX);
    let names = items.iter().map(|item| view! { <li>{workspace_name(item)}</li> });
    view! {
        <ul class="plain">
            {names.collect_view()}
            {(more > 0).then(|| view! { <li class="muted">{format!("and {} more", Formats::current().number(more))}</li> })}
        </ul>
    }
}
