//! `/enrollments/{id}/remove`: says what will be removed, and asks.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::kernel::text::isolated;
use crate::ui::components::{ConfirmPage, FormButtons, PostForm, Refusal, crumb, page_with_id};
use crate::ui::enrollments::actions::EnrollmentRemove;
use crate::ui::enrollments::components::rows::Created;
use crate::ui::enrollments::queries::enrollment_names;
use crate::ui::enrollments::view::NamedEnrollment;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

#[component]
pub fn EnrollmentRemovalPage() -> impl IntoView {
    page_with_id(async |id| {
        let enrollment = enrollment_names(id).await?;
        Ok(view! { <Confirm enrollment /> })
    })
}

#[component]
fn Confirm(enrollment: NamedEnrollment) -> impl IntoView {
    let NamedEnrollment { item, group, workspace } = enrollment;
    let page = paths::group(group.id);
    // The page that the link is on, if that is not the page of the group.
    let back = Viewer::current().query("back");
    let back = back.map_or_else(|| page.clone(), |back| paths::local_or_home(&back).to_owned());
    let hidden = vec![("enrollment", item.enrollment.id.to_string()), ("back", back.clone())];
    let is_live = item.enrollment.is_live();
    view! {
        <ConfirmPage
            title=format!("Remove {} from {}?", isolated(&workspace.name), isolated(&group.name))
            crumbs=vec![crumb(paths::GROUPS, "Groups"), crumb(page, group.name)]
            explanation="The workspace leaves the group now. The history keeps who enrolled and who removed it, and you can add it again."
            may="remove workspaces"
            facts=view! { <Created item /> }.into_any()
        >
            {if is_live {
                view! {
                    <PostForm action=EnrollmentRemove::url() class="actions" hidden>
                        <FormButtons submit="Remove" danger=true cancel=back cancel_text="Keep it" />
                    </PostForm>
                }
                    .into_any()
            } else {
                view! { <Refusal text="It was removed already." /> }.into_any()
            }}
        </ConfirmPage>
    }
}
