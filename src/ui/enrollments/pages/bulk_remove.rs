//! `/groups/{id}/removals`: says by name what will be taken out of a group at once, and asks. In the
//! address: `e`, an enrollment, as often as there are ticked ones, or `all=yes`.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::kernel::id::{EnrollmentId, GroupId};
use crate::kernel::text::isolated;
use crate::resources::enrollments::model::EnrollmentWithRelated;
use crate::ui::components::entity_links::WorkspaceName;
use crate::ui::components::form_key::FormKey;
use crate::ui::components::not_found::NotFoundPage;
use crate::ui::components::page::{ErrorPage, Forbidden, Page};
use crate::ui::components::table::Empty;
use crate::ui::enrollments::bulk_actions::{
    EnrollmentsRemove, EnrollmentsRemoveAll, SelectionPreview, selection_read,
};
use crate::ui::locale::formats::Formats;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

#[component]
pub fn GroupRemovalsPage() -> impl IntoView {
    let viewer = Viewer::current();
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    let ticked: Result<Vec<EnrollmentId>, _> =
        viewer.queries(paths::TICKED).iter().map(|text| text.parse()).collect();
    let (Ok(id), Ok(ticked)) = (id.parse::<GroupId>(), ticked) else {
        return view! { <NotFoundPage /> }.into_any();
    };
    let is_all = viewer.query("all").as_deref() == Some("yes");
    if ticked.is_empty() && !is_all {
        return view! { <Nothing id /> }.into_any();
    }
    let page = async move {
        match selection_read(id, ticked).await {
            Ok(preview) if preview.count == 0 => view! { <Nothing id /> }.into_any(),
            Ok(preview) => view! { <Confirm preview is_all /> }.into_any(),
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }.into_any()
}

#[component]
fn Nothing(id: GroupId) -> impl IntoView {
    view! {
        <Page title="Nothing to remove" narrow=true>
            <h1>"Nothing to remove"</h1>
            <Empty title="None of these workspaces is in the group now">
                <a href=paths::group(id)>"Back to the group"</a>
            </Empty>
        </Page>
    }
}

#[component]
fn Confirm(preview: SelectionPreview, is_all: bool) -> impl IntoView {
    let SelectionPreview { group, group_name, items, count } = preview;
    let workspaces = Formats::current().count(count, "workspace", "workspaces");
    let title = format!("Remove {workspaces} from {}?", isolated(&group_name));
    let ids = items.iter().map(|item| item.enrollment.id).collect();
    let may_write = Viewer::current().may_write();
    view! {
        <Page title=title.clone() narrow=true>
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href=paths::GROUPS>"Groups"</a>
                <a href=paths::group(group)>{group_name}</a>
            </nav>
            <div class="card stack">
                <h1>{title}</h1>
                <p>"They leave the group now, all of them or none. The history keeps who enrolled and who removed them, and you can add them again."</p>
                <Names items count />
                {match (may_write, is_all) {
                    (false, _) => view! { <Forbidden text="Only admins may remove workspaces." /> }.into_any(),
                    (true, true) => view! { <RemoveAll group count workspaces /> }.into_any(),
                    (true, false) => view! { <RemoveTicked group ids workspaces /> }.into_any(),
                }}
            </div>
        </Page>
    }
}

#[component]
fn Names(items: Vec<EnrollmentWithRelated>, count: i64) -> impl IntoView {
    let more = count - i64::try_from(items.len()).unwrap_or(i64::MAX);
    let workspaces = items.into_iter().filter_map(|item| item.workspace);
    view! {
        <ul class="plain">
            {workspaces
                .map(|workspace| {
                    view! {
                        <li>
                            <WorkspaceName
                                id=workspace.id
                                name=workspace.name
                                external_workspace_id=workspace.external_workspace_id
                            />
                        </li>
                    }
                })
                .collect_view()}
            {(more > 0).then(|| view! { <li class="muted">{format!("and {} more", Formats::current().number(more))}</li> })}
        </ul>
    }
}

#[component]
fn RemoveTicked(group: GroupId, ids: Vec<EnrollmentId>, workspaces: String) -> impl IntoView {
    let remove = ServerAction::<EnrollmentsRemove>::new();
    view! {
        <ActionForm action=remove attr:class="actions">
            <FormKey />
            {ids.into_iter().map(|id| view! { <input type="hidden" name="enrollments[]" value=id.to_string() /> }).collect_view()}
            <Buttons group workspaces />
        </ActionForm>
    }
}

#[component]
fn RemoveAll(group: GroupId, count: i64, workspaces: String) -> impl IntoView {
    let remove = ServerAction::<EnrollmentsRemoveAll>::new();
    view! {
        <ActionForm action=remove attr:class="actions">
            <FormKey />
            <input type="hidden" name="count" value=count.to_string() />
            <Buttons group workspaces />
        </ActionForm>
    }
}

#[component]
fn Buttons(group: GroupId, workspaces: String) -> impl IntoView {
    view! {
        <input type="hidden" name="group" value=group.to_string() />
        <input type="hidden" name="form_at" value=Viewer::current().here />
        <input type="hidden" name="back" value=paths::group(group) />
        <button class="button button--danger">{format!("Remove {workspaces}")}</button>
        <a class="button button--quiet" href=paths::group(group)>"Keep them"</a>
    }
}
