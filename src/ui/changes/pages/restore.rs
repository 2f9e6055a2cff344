//! The page that brings back the membership of a moment.

use chrono::SecondsFormat;

use crate::resources::change_sets::model::AT_ONCE_MAX;
use crate::resources::enrollments::model::restore::RestoreCounts;
use crate::ui::changes::actions::GroupRestore;
use crate::ui::changes::queries::{self, RestorePreview};
use crate::ui::components::prelude::*;

/// `/groups/{id}/restore?as_of=…`, with a moment in RFC 3339.
#[component]
pub fn RestorePage() -> impl IntoView {
    let moment = Viewer::current().query("as_of").and_then(|text| text.parse().ok());
    let Some(moment) = moment else { return view! { <NotFoundPage /> }.into_any() };
    page_with_id(async move |id| {
        let RestorePreview { group, as_of, counts, policy, history, version } =
            queries::restore_preview(id, moment).await?;
        let changes = i64::try_from(counts.enroll + counts.remove).unwrap_or(i64::MAX);
        let cancel = paths::group(id);
        let form = if changes == 0 {
            refusal("The group contains these workspaces already.")
        } else {
            let hidden = vec![
                ("group", id.to_string()),
                ("as_of", as_of.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
                ("history", history.to_string()),
                ("plan", version.to_string()),
            ];
            let action = GroupRestore::url();
            let (cancel, note) = (cancel.clone(), Note::of(policy, changes));
            view! { <ConfirmForm action hidden submit="Restore" cancel cancel_text="Cancel" note /> }
                .into_any()
        };
        Ok(view! {
            <ConfirmPage
                title=format!("Restore the members of {}?", isolated(&group.name))
                crumbs=vec![crumb(paths::GROUPS, "Groups"), crumb(cancel, group.name)]
                explanation=restore_explanation(counts.enroll + counts.remove)
                may="restore members"
                facts=view! { <p>"As of " <Moment at=as_of /></p> <Numbers counts /> }.into_any()
            >
                {form}
            </ConfirmPage>
        })
    })
    .into_any()
}

const fn restore_explanation(changes: usize) -> &'static str {
    if changes > AT_ONCE_MAX {
        "Each workspace gets a new enrollment. The restore runs in the background, shows its progress, and can be undone."
    } else {
        "All of it is done or none. Each workspace gets a new enrollment, and you can undo the restore."
    }
}

#[component]
fn Numbers(counts: RestoreCounts) -> impl IntoView {
    let formats = Formats::current();
    let lines = [
        (counts.enroll, "will be enrolled"),
        (counts.remove, "will be removed"),
        (counts.unchanged, "unchanged"),
        (counts.gone, "cannot be enrolled, because they are archived"),
    ];
    let lines = lines.into_iter().map(|(number, what)| {
        let workspaces = formats.count(i64::try_from(number).unwrap_or(i64::MAX), "workspace", "workspaces");
        view! { <li>{format!("{workspaces}: {what}")}</li> }
    });
    view! { <ul class="plain">{lines.collect_view()}</ul> }
}
