//! `/enrollments/{id}`: one row with all that is known of it.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::kernel::id::EnrollmentId;
use crate::kernel::text::isolated;
use crate::kernel::topic::Topic;
use crate::resources::people::model::Person;
use crate::ui::components::entity_links::{GroupName, PersonName, WorkspaceName};
use crate::ui::components::form_key::FormKey;
use crate::ui::components::live_updates::Live;
use crate::ui::components::moment::Moment;
use crate::ui::components::not_found::NotFoundPage;
use crate::ui::components::page::{ErrorPage, Page};
use crate::ui::components::pager::Pager;
use crate::ui::components::table::Empty;
use crate::ui::components::timeline::{Timeline, ToldOn};
use crate::ui::enrollments::actions::EnrollmentReadd;
use crate::ui::enrollments::components::rows::{EnrollmentRows, RemovedBy, RowsOf};
use crate::ui::enrollments::queries::{EnrollmentDetails, enrollment_read};
use crate::ui::enrollments::view::EnrollmentRow;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

#[component]
pub fn EnrollmentPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    let Ok(id) = id.parse::<EnrollmentId>() else {
        return view! { <NotFoundPage /> }.into_any();
    };
    let viewer = Viewer::current();
    let (after, before) = (viewer.query("after"), viewer.query("before"));
    let page = async move {
        match enrollment_read(id, after, before).await {
            Ok(details) => view! { <Details details /> }.into_any(),
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }.into_any()
}

/// Workspace and group, by name.
fn names(row: &EnrollmentRow) -> (String, String) {
    let workspace = row.item.workspace.as_ref().map(|workspace| workspace.name.clone());
    let group = row.item.group.as_ref().map(|group| group.name.clone());
    (workspace.unwrap_or_default(), group.unwrap_or_default())
}

#[component]
fn Details(details: EnrollmentDetails) -> impl IntoView {
    let EnrollmentDetails { row, events, pair, live, document } = details;
    let id = row.item.enrollment.id;
    let (workspace, group) = names(&row);
    let title = format!("{} in {}", isolated(&workspace), isolated(&group));
    let of = RowsOf::Pair { current: id, from_first: pair.before.is_none() };
    view! {
        <Page title=title.clone()>
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href=paths::GROUPS>"Groups"</a>
                <a href=paths::group(row.item.enrollment.group)>{group}</a>
            </nav>
            <div class="heading" id="heading" data-live>
                <h1>{title}</h1>
                {if row.item.enrollment.is_live() {
                    view! { <span class="tag tag--done">"live"</span> }
                } else {
                    view! { <span class="tag tag--danger">"removed"</span> }
                }}
                <Actions row=row.clone() live />
            </div>
            <div class="card" id="facts" data-live><Facts row=row.clone() live /></div>
            <h2>"What happened to it"</h2>
            <div id="events" data-live>
                {if events.is_empty() {
                    view! { <Empty title="Nothing is recorded">"It was written around the desk, and no event tells of it."</Empty> }
                        .into_any()
                } else {
                    view! { <Timeline events on=ToldOn::Enrollment /> }.into_any()
                }}
            </div>
            <h2>"All enrollments of this workspace in this group"</h2>
            <div id="pair" data-live><EnrollmentRows rows=pair.items of /></div>
            <Pager base=paths::enrollment(id) before=pair.before after=pair.after />
            <Live topics=vec![Topic::workspace(row.item.enrollment.workspace)] />
            <details>
                <summary>"As the API tells it (JSON:API)"</summary>
                <pre class="document" id="document" tabindex="0" data-live><code>{document}</code></pre>
            </details>
        </Page>
    }
}

#[component]
fn Actions(row: EnrollmentRow, live: Option<EnrollmentId>) -> impl IntoView {
    let viewer = Viewer::current();
    let id = row.item.enrollment.id;
    let readd = ServerAction::<EnrollmentReadd>::new();
    let may_write = viewer.may_write();
    let has_ends = row.item.group.is_some_and(|group| group.deleted_at.is_none())
        && row.item.workspace.is_some_and(|workspace| workspace.deleted_at.is_none());
    let change = match live {
        Some(live) if live == id => {
            let at = paths::removal_from(id, &viewer.here);
            view! { <a class="button" href=at>"Remove"</a> }.into_any()
        }
        None if has_ends => view! {
            <ActionForm action=readd>
                <FormKey />
                <input type="hidden" name="enrollment" value=id.to_string() />
                <input type="hidden" name="back" value=viewer.here />
                <button class="button">"Add again"</button>
            </ActionForm>
        }
        .into_any(),
        Some(_) | None => ().into_any(),
    };
    view! {
        <div class="actions heading__actions">
            <button class="button button--quiet" type="button" aria-live="polite" data-copy=paths::enrollment(id)>"Copy link"</button>
            {may_write
                .then(|| {
                    view! {
                        <a class="button button--quiet" href=paths::attribution(id)>"Correct who enrolled it"</a>
                        {change}
                    }
                })}
        </div>
    }
}

#[component]
fn Facts(row: EnrollmentRow, live: Option<EnrollmentId>) -> impl IntoView {
    let item = row.item.clone();
    let enrollment = item.enrollment;
    let again = live.filter(|live| *live != enrollment.id);
    view! {
        <dl class="facts">
            <dt>"Workspace"</dt>
            <dd>
                {item
                    .workspace
                    .map(|workspace| {
                        view! {
                            <WorkspaceName
                                id=workspace.id
                                name=workspace.name
                                external_workspace_id=workspace.external_workspace_id
                                removed=workspace.deleted_at.is_some()
                            />
                        }
                    })}
            </dd>
            <dt>"Group"</dt>
            <dd>
                {item
                    .group
                    .map(|group| view! { <GroupName id=group.id name=group.name removed=group.deleted_at.is_some() /> })}
            </dd>
            <dt>"Enrolled by"</dt>
            <dd><PersonName person=item.created_by.as_ref().map(Person::reference) /></dd>
            <dt>"Enrolled"</dt>
            <dd><Moment at=enrollment.created_at /></dd>
            <dt>"Removed"</dt>
            <dd><RemovedBy row /></dd>
            {again
                .map(|live| {
                    view! {
                        <dt>"Since then"</dt>
                        <dd><a href=paths::enrollment(live)>"The workspace is in the group again"</a></dd>
                    }
                })}
            <dt>"Last written"</dt>
            <dd>
                {match enrollment.updated_at {
                    Some(at) => view! { <Moment at /> }.into_any(),
                    None => view! { <span class="muted">"not recorded"</span> }.into_any(),
                }}
            </dd>
            <dt>"Id"</dt>
            <dd><code>{enrollment.id.to_string()}</code></dd>
        </dl>
    }
}
