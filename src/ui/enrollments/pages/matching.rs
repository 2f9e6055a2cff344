//! The pages that confirm a change of all enrollments of a group that a search found.

use crate::ui::components::prelude::*;
use crate::ui::enrollments::actions::matching::{EnrollmentsReaddMatching, EnrollmentsRemoveMatching};
use crate::ui::enrollments::pages::Names;
use crate::ui::enrollments::queries::matching::{Matching, matching};
use crate::ui::enrollments::view::RemovalPreview;
use crate::ui::find::view::PARAMETERS;
use crate::ui::paths::GroupTab;

/// `/groups/{id}/removals?all=yes&…` with a search.
pub async fn removal(group: GroupId) -> Result<AnyView, UiError> {
    confirmation(group, GroupTab::Members).await
}

/// `/groups/{id}/readditions`: adds the workspaces of removed enrollments again that a search found.
#[component]
pub fn ReadditionsPage() -> impl IntoView {
    page_with_id(async |group| confirmation(group, GroupTab::Removed).await)
}

async fn confirmation(group: GroupId, tab: GroupTab) -> Result<AnyView, UiError> {
    let Matching { preview, description } = matching(group, tab).await?;
    if preview.count == 0 {
        return Ok(nothing(group, tab));
    }
    Ok(view! { <Confirm preview tab description /> }.into_any())
}

fn nothing(group: GroupId, tab: GroupTab) -> AnyView {
    view! {
        <Page title="Nothing to change" narrow=true>
            <h1>"Nothing to change"</h1>
            <Empty title="Nothing in this list matches the search now">
                <a href=paths::group_tab(group, tab)>"Back to the group"</a>
            </Empty>
        </Page>
    }
    .into_any()
}

/// The form has the search and the number that the page shows. The operation counts again.
#[component]
fn Confirm(preview: RemovalPreview, tab: GroupTab, description: String) -> impl IntoView {
    let RemovalPreview { group, items, count, policy } = preview;
    let (here, formats) = (Viewer::current().address(), Formats::current());
    let page = Address::of(&paths::group_tab(group.id, tab)).with_those(&here, PARAMETERS.into_iter());
    let page = page.to_string();
    let fields = PARAMETERS.into_iter().filter_map(|name| Some((name, here.get(name)?.to_owned())));
    let mut hidden: Vec<_> = fields.collect();
    hidden.extend([("group", group.id.to_string()), ("count", count.to_string()), ("back", page.clone())]);
    let name = isolated(&group.name).into_owned();
    let workspaces = formats.count(count, "workspace", "workspaces");
    let removals = formats.count(count, "removed enrollment", "removed enrollments");
    let (title, submit, explanation) = match tab {
        GroupTab::Members | GroupTab::History => (
            format!("Remove {workspaces} from {name}?"),
            format!("Remove {workspaces}"),
            "They leave the group now, all of them or none. The history keeps who enrolled and who removed them, and you \
             can enroll them again.",
        ),
        GroupTab::Removed => (
            format!("Enroll the workspaces of {removals} in {name} again?"),
            "Enroll again".to_owned(),
            "Each workspace is enrolled once. Those that are in the group again, and archived workspaces, are left \
             out.",
        ),
    };
    let is_removal = tab != GroupTab::Removed;
    let action = if is_removal { EnrollmentsRemoveMatching::url() } else { EnrollmentsReaddMatching::url() };
    let facts = view! {
        <p class="muted">{description}</p>
        <Names items count />
    };
    view! {
        <ConfirmPage
            title
            crumbs=vec![crumb(paths::GROUPS, "Groups"), crumb(paths::group(group.id), group.name)]
            explanation
            may=if is_removal { "remove workspaces" } else { "enroll workspaces" }
            facts=facts.into_any()
        >
            <ConfirmForm
                action
                hidden
                submit
                cancel=page
                cancel_text="Cancel"
                danger=is_removal
                note=Note::of(policy, count)
            />
        </ConfirmPage>
    }
}
