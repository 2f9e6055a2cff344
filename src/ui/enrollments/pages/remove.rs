//! `/enrollments/{id}/remove`: says what will be removed, and asks.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::kernel::id::EnrollmentId;
use crate::kernel::text::isolated;
use crate::ui::components::entity_links::PersonName;
use crate::ui::components::form_key::FormKey;
use crate::ui::components::moment::Moment;
use crate::ui::components::not_found::NotFoundPage;
use crate::ui::components::page::{ErrorPage, Forbidden, Page};
use crate::ui::enrollments::actions::{EnrollmentRemove, RemovalPreview, removal_preview_read};
use crate::ui::paths;
use crate::ui::viewer::Viewer;

#[component]
pub fn RemovalPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    let Ok(id) = id.parse::<EnrollmentId>() else {
        return view! { <NotFoundPage /> }.into_any();
    };
    let page = async move {
        match removal_preview_read(id).await {
            Ok(preview) => view! { <Confirm preview /> }.into_any(),
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }.into_any()
}

#[component]
fn Confirm(preview: RemovalPreview) -> impl IntoView {
    let RemovalPreview {
        enrollment,
        group,
        group_name,
        workspace: _,
        workspace_name,
        enrolled_by,
        enrolled_at,
        is_live,
    } = preview;
    let viewer = Viewer::current();
    let may_write = viewer.may_write();
    // Where one came from, if that was another page than the group's.
    let back = viewer
        .query("back")
        .map_or_else(|| paths::group(group), |back| paths::local_or_home(&back).to_owned());
    let title = format!("Remove {} from {}?", isolated(&workspace_name), isolated(&group_name));
    view! {
        <Page title=title.clone() narrow=true>
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href=paths::GROUPS>"Groups"</a>
                <a href=paths::group(group)>{group_name.clone()}</a>
            </nav>
            <div class="card stack">
                <h1>{title}</h1>
                <dl class="facts">
                    <dt>"Enrolled by"</dt>
                    <dd><PersonName person=enrolled_by /></dd>
                    <dt>"Enrolled"</dt>
                    <dd><Moment at=enrolled_at /></dd>
                </dl>
                <p>"The workspace leaves the group now. The history keeps who enrolled and who removed it, and you can add it again."</p>
                {match (is_live, may_write) {
                    (false, _) => view! { <p class="message message--error">"It was removed already."</p> }.into_any(),
                    (true, false) => view! { <Forbidden text="Only admins may remove workspaces." /> }.into_any(),
                    (true, true) => view! { <RemoveForm enrollment=enrollment.to_string() back form_at=viewer.here /> }.into_any(),
                }}
            </div>
        </Page>
    }
}

#[component]
fn RemoveForm(enrollment: String, back: String, form_at: String) -> impl IntoView {
    let remove = ServerAction::<EnrollmentRemove>::new();
    view! {
        <ActionForm action=remove attr:class="actions">
            <FormKey />
            <input type="hidden" name="enrollment" value=enrollment />
            <input type="hidden" name="form_at" value=form_at />
            <input type="hidden" name="back" value=back.clone() />
            <button class="button button--danger">"Remove"</button>
            <a class="button button--quiet" href=back>"Keep it"</a>
        </ActionForm>
    }
}
