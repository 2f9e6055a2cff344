//! The page that moves or copies workspaces to another group.

use crate::resources::enrollments::model::EnrollmentWithRelated;
use crate::resources::workspace_groups::model::WorkspaceGroup;
use crate::ui::changes::actions::EnrollmentsMove;
use crate::ui::changes::queries::{self, MovePreview, MoveStep};
use crate::ui::components::prelude::*;

/// The number of workspaces that the page names.
const NAMED: usize = 20;

/// `/groups/{id}/move`: the address has the id of each selected enrollment as `e`, `keep=yes` for a copy, and once it is
/// chosen the destination as `to`.
#[component]
pub fn MovePage() -> impl IntoView {
    let viewer = Viewer::current();
    let selected = viewer.queries(paths::SELECTED).iter().map(|text| text.parse()).collect();
    let to = viewer.query("to").map(|text| text.parse()).transpose();
    let (Ok(selected), Ok(to)): (Result<Vec<EnrollmentId>, _>, Result<Option<GroupId>, _>) = (selected, to)
    else {
        return view! { <NotFoundPage /> }.into_any();
    };
    let keeps = viewer.query("keep").as_deref() == Some("yes");
    let find = viewer.query("find").unwrap_or_default();
    page_with_id(async move |id| {
        let MovePreview { from, items, policy, step } = queries::move_preview(id, &selected, to, &find).await?;
        let number = i64::try_from(items.len()).unwrap_or(i64::MAX);
        let workspaces = Formats::current().count(number, "workspace", "workspaces");
        let verb = if keeps { "Copy" } else { "Move" };
        let back = paths::group(id);
        let (title, form) = match step {
            _ if items.is_empty() => {
                ("Nothing to move".to_owned(), refusal("None of these workspaces is in the group now."))
            }
            MoveStep::Choose(groups) => {
                let choose = view! { <Choose groups selected=selected.clone() from=id keeps find /> }.into_any();
                (format!("{verb} {workspaces} to which group?"), choose)
            }
            MoveStep::Confirm { to, already } => {
                let mut hidden = vec![("group", id.to_string()), ("to", to.id.to_string())];
                if keeps {
                    hidden.push(("keep", "yes".to_owned()));
                }
                hidden.extend(items.iter().map(|item| ("enrollments[]", item.enrollment.id.to_string())));
                let action = EnrollmentsMove::url();
                let cancel = back.clone();
                let note = Note::of(policy, number);
                let form = view! {
                    {(already > 0).then(|| view! { <p>{already_text(already, keeps)}</p> })}
                    <ConfirmForm action hidden submit=format!("{verb} {workspaces}") cancel danger=false note />
                };
                (format!("{verb} {workspaces} to {}?", isolated(&to.name)), form.into_any())
            }
        };
        Ok(view! {
            <ConfirmPage
                title
                crumbs=vec![crumb(paths::GROUPS, "Groups"), crumb(back, from.name)]
                explanation="Everything happens at once, or nothing. The history of both groups keeps it, and you can undo it."
                may="move workspaces"
                facts=view! { <Names items /> }.into_any()
            >
                {form}
            </ConfirmPage>
        })
    })
    .into_any()
}

fn already_text(already: i64, keeps: bool) -> String {
    let are = Formats::current().count(already, "workspace is", "workspaces are");
    let end = if keeps { "." } else { ", and will only be removed from this group." };
    format!("{are} in that group already{end}")
}

/// The search for the destination, and the groups that match.
#[component]
fn Choose(
    groups: Vec<WorkspaceGroup>,
    selected: Vec<EnrollmentId>,
    from: GroupId,
    keeps: bool,
    find: String,
) -> impl IntoView {
    let base = paths::group_move(from);
    let hidden = || {
        let ids = selected
            .iter()
            .map(|id| view! { <input type="hidden" name=paths::SELECTED value=id.to_string() /> });
        let keep = keeps.then(|| view! { <input type="hidden" name="keep" value="yes" /> });
        view! { {ids.collect_view()} {keep} }
    };
    let empty = groups.is_empty().then(|| view! { <p class="muted" role="status">"No groups match."</p> });
    let rows = groups.into_iter().map(|group| {
        view! {
            <li class="results__row">
                <GroupName id=group.id name=group.name.clone() />
                <button class="button button--small" name="to" value=group.id.to_string() aria-label=format!("Choose {}", isolated(&group.name))>
                    "Choose"
                </button>
            </li>
        }
    });
    view! {
        <form class="toolbar" method="get" action=base.clone() role="search">
            {hidden()}
            <label class="visually-hidden" for="find">"Search groups by name"</label>
            <input id="find" name="find" type="search" placeholder="Search groups by name" value=find autofocus />
            <button class="button">"Search"</button>
        </form>
        {empty}
        <form method="get" action=base>{hidden()} <ul class="results" aria-label="Groups">{rows.collect_view()}</ul></form>
        <div class="actions"><a class="button button--quiet" href=paths::group(from)>"Cancel"</a></div>
    }
}

#[component]
fn Names(items: Vec<EnrollmentWithRelated>) -> impl IntoView {
    let more = i64::try_from(items.len().saturating_sub(NAMED)).unwrap_or(i64::MAX);
    let names = items.into_iter().take(NAMED).filter_map(|item| item.workspace).map(|workspace| {
        view! { <li><WorkspaceName id=workspace.id name=workspace.name /></li> }
    });
    view! {
        <ul class="plain">
            {names.collect_view()}
            {(more > 0).then(|| view! { <li class="muted">{format!("and {} more", Formats::current().number(more))}</li> })}
        </ul>
    }
}
