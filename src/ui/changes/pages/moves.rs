//! The page that moves or copies workspaces to another group.

use crate::resources::enrollments::model::EnrollmentWithRelated;
use crate::resources::workspace_groups::model::WorkspaceGroup;
use crate::ui::changes::actions::{EnrollmentsMove, EnrollmentsMoveMatching};
use crate::ui::changes::queries::{self, DESTINATIONS, MovePreview, MoveStep, Refused, Selection};
use crate::ui::components::prelude::*;
use crate::ui::find::view::{Finding, PARAMETERS};
use crate::ui::islands::picker::{GroupFilter, SearchText};

/// The number of workspaces that the page names.
const NAMED: usize = 20;

/// The fields that keep the selection from one step to the next.
type Fields = Vec<(&'static str, String)>;

/// `/groups/{id}/move`: the address has the id of each selected enrollment as `e`, or `all=yes` with or without a search,
/// `keep=yes` for a copy, and once it is chosen the destination as `group`.
#[component]
pub fn MovePage() -> impl IntoView {
    let viewer = Viewer::current();
    let (selection, to) = (selection(&viewer), viewer.query("group").filter(|text| !text.is_empty()));
    let (Some(selection), Ok(to)) = (selection, to.map(|text| text.parse()).transpose()) else {
        return view! { <NotFoundPage /> }.into_any();
    };
    let keeps = viewer.query("keep").as_deref() == Some("yes");
    let find = viewer.query("find_group").unwrap_or_default();
    let here = viewer.address();
    page_with_id(async move |id| {
        let MovePreview { from, items, count, policy, step, refused } =
            queries::move_preview(id, &selection, to, &find).await?;
        let workspaces = Formats::current().count(count, "workspace", "workspaces");
        let verb = if keeps { "Copy" } else { "Move" };
        let back = paths::group(id);
        let fields = fields(&selection, &here, keeps);
        let (title, form) = match step {
            _ if count == 0 => {
                ("Nothing to move".to_owned(), refusal("None of these workspaces is in the group now."))
            }
            MoveStep::Choose(groups) => {
                let refused = refused.map(|refused| refusal(refused_text(refused)));
                let choose = view! { {refused} <Choose groups fields from=id find count /> }.into_any();
                (format!("{verb} {workspaces} to which group?"), choose)
            }
            MoveStep::Confirm { to, already } => {
                let (action, hidden) = change(&selection, fields, (id, to.id), (&items, count));
                let cancel = back.clone();
                let note = Note::of(policy, count);
                let form = view! {
                    {(already > 0).then(|| view! { <p>{already_text(already, keeps)}</p> })}
                    <ConfirmForm action hidden submit=format!("{verb} {workspaces}") cancel cancel_text="Cancel" danger=false note />
                };
                (format!("{verb} {workspaces} to {}?", isolated(&to.name)), form.into_any())
            }
        };
        Ok(view! {
            <ConfirmPage
                title
                crumbs=vec![crumb(paths::GROUPS, "Groups"), crumb(back, from.name)]
                explanation="All are moved or none. Both histories record it, and you can undo it."
                may="move workspaces"
                facts=view! { <Names items count /> }.into_any()
            >
                {form}
            </ConfirmPage>
        })
    })
    .into_any()
}

/// `None`: the address is malformed.
fn selection(viewer: &Viewer) -> Option<Selection> {
    if viewer.query("all").as_deref() == Some("yes") {
        let finding = Finding::of(&viewer.address()).ok()?;
        return finding.unresolved.is_none().then_some(Selection::Matching(finding));
    }
    let ids = viewer.queries(paths::SELECTED).iter().map(|text| text.parse()).collect();
    let ids: Result<Vec<EnrollmentId>, _> = ids;
    ids.ok().map(Selection::Rows)
}

fn fields(selection: &Selection, here: &Address, keeps: bool) -> Fields {
    let mut fields = match selection {
        Selection::Rows(ids) => ids.iter().map(|id| (paths::SELECTED, id.to_string())).collect(),
        Selection::Matching(_) => {
            let search = PARAMETERS.into_iter().filter_map(|name| Some((name, here.get(name)?.to_owned())));
            [("all", "yes".to_owned())].into_iter().chain(search).collect::<Fields>()
        }
    };
    if keeps {
        fields.push(("keep", "yes".to_owned()));
    }
    fields
}

/// The address and the fields of the form that makes the change.
fn change(
    selection: &Selection,
    fields: Fields,
    (from, to): (GroupId, GroupId),
    (items, count): (&[EnrollmentWithRelated], i64),
) -> (&'static str, Fields) {
    let mut hidden = vec![("group", from.to_string()), ("to", to.to_string())];
    let others = fields.into_iter().filter(|(name, _)| *name != paths::SELECTED);
    hidden.extend(others);
    match selection {
        Selection::Rows(_) => {
            hidden.extend(items.iter().map(|item| ("enrollments[]", item.enrollment.id.to_string())));
            (EnrollmentsMove::url(), hidden)
        }
        Selection::Matching(_) => {
            hidden.push(("count", count.to_string()));
            (EnrollmentsMoveMatching::url(), hidden)
        }
    }
}

fn refused_text(refused: Refused) -> String {
    match refused {
        Refused::SameGroup => "The workspaces are in this group. Choose another one.".to_owned(),
        Refused::Archived(name) => {
            format!(
                "{} is archived, so nothing can be enrolled in it. Choose another group.",
                isolated(&name)
            )
        }
    }
}

fn already_text(already: i64, keeps: bool) -> String {
    let are = Formats::current().count(already, "workspace is", "workspaces are");
    let end = match (keeps, already) {
        (true, _) => "",
        (false, 1) => " It will only be removed from this one.",
        (false, _) => " They will only be removed from this one.",
    };
    format!("{are} already in that group.{end}")
}

/// The search for the destination, and the groups that match.
#[component]
fn Choose(
    groups: Vec<(WorkspaceGroup, Option<i64>)>,
    fields: Fields,
    from: GroupId,
    find: String,
    count: i64,
) -> impl IntoView {
    let base = paths::group_move(from);
    let hidden = || {
        let inputs = fields.iter().map(|(name, value)| {
            view! { <input type="hidden" name=*name value=value.clone() /> }
        });
        inputs.collect_view()
    };
    let empty = groups.is_empty().then(|| view! { <p class="muted" role="status">"No groups match."</p> });
    let are_more = groups.len() >= usize::from(DESTINATIONS) - 1;
    let are_more = are_more
        .then(|| view! { <p class="muted">"Only the newest groups are listed. Search for others."</p> });
    let rows = groups.into_iter().map(|(group, already)| {
        let already = already.filter(|already| *already > 0).map(|already| already_in(already, count));
        view! {
            <li class="results__row">
                <span><GroupName id=group.id name=group.name.clone() /> {already}</span>
                <button class="button button--small" name="group" value=group.id.to_string() aria-label=format!("Choose {}", isolated(&group.name))>
                    "Choose"
                </button>
            </li>
        }
    });
    provide_context(SearchText(find));
    view! {
        <form class="toolbar" method="get" action=base.clone() role="search">
            {hidden()}
            <div class="toolbar__field">
                <label for="filter-group-field">"Group"</label>
                <GroupFilter />
            </div>
            <button class="button">"Continue"</button>
        </form>
        {empty}
        <form method="get" action=base>{hidden()} <ul class="results" aria-label="Groups">{rows.collect_view()}</ul></form>
        {are_more}
        <div class="actions"><a class="button button--quiet" href=paths::group(from)>"Cancel"</a></div>
    }
}

/// `3 of 12 already there`.
fn already_in(already: i64, count: i64) -> AnyView {
    let formats = Formats::current();
    let text = format!("{} of {} already there", formats.number(already), formats.number(count));
    view! { " " <span class="muted">{text}</span> }.into_any()
}

#[component]
fn Names(items: Vec<EnrollmentWithRelated>, count: i64) -> impl IntoView {
    let more = count - i64::try_from(items.len().min(NAMED)).unwrap_or(i64::MAX);
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
