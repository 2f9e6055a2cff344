//! `/enrollments/{id}`: everything that is known about one enrollment.

use leptos::prelude::*;

use crate::kernel::id::EnrollmentId;
use crate::kernel::text::isolated;
use crate::kernel::topic::Topic;
use crate::resources::people::model::Person;
use crate::ui::components::{
    Crumbs, Empty, Live, Moment, Page, Pager, PersonName, Timeline, TimelineOf, crumb, page_with_id,
};
use crate::ui::enrollments::components::rows::{
    EnrollmentRows, Readd, RemovedBy, RowsOf, group_name, workspace_name,
};
use crate::ui::enrollments::queries;
use crate::ui::enrollments::view::{EnrollmentDetails, EnrollmentRow};
use crate::ui::paths;
use crate::ui::viewer::Viewer;

#[component]
pub fn EnrollmentPage() -> impl IntoView {
    page_with_id(async |id| {
        let details = queries::enrollment(id).await?;
        Ok(view! { <Details details /> })
    })
}

#[component]
fn Details(details: EnrollmentDetails) -> impl IntoView {
    let EnrollmentDetails { row, events, pair, live, document } = details;
    let enrollment = row.item.enrollment.clone();
    let workspace = row.item.workspace.as_ref().map(|workspace| workspace.name.clone()).unwrap_or_default();
    let group = row.item.group.as_ref().map(|group| group.name.clone()).unwrap_or_default();
    let title = format!("{} in {}", isolated(&workspace), isolated(&group));
    let of = RowsOf::Pair { current: enrollment.id, from_first: pair.before.is_none() };
    let (class, state) =
        if enrollment.is_live() { ("tag tag--done", "live") } else { ("tag tag--danger", "removed") };
    view! {
        <Page title=title.clone()>
            <Crumbs crumbs=vec![crumb(paths::GROUPS, "Groups"), crumb(paths::group(enrollment.group), group)] />
            <div class="heading" id="heading" data-live>
                <h1>{title}</h1>
                <span class=class>{state}</span>
                <Actions row=row.clone() live />
            </div>
            <div class="card" id="facts" data-live><Facts row live /></div>
            <h2>"History"</h2>
            <div id="events" data-live>
                {if events.is_empty() {
                    view! { <Empty title="No history">"This enrollment was created outside groupdesk."</Empty> }
                        .into_any()
                } else {
                    view! { <Timeline events of=TimelineOf::Enrollment /> }.into_any()
                }}
            </div>
            <h2>"All enrollments of this workspace in this group"</h2>
            <div id="pair" data-live><EnrollmentRows rows=pair.items of /></div>
            <Pager base=paths::enrollment(enrollment.id) before=pair.before after=pair.after />
            <Live topics=vec![Topic::workspace(enrollment.workspace)] />
            <details>
                <summary>"JSON:API document"</summary>
                <pre class="document" id="document" tabindex="0" data-live><code>{document}</code></pre>
            </details>
        </Page>
    }
}

/// `live`: the live enrollment of the pair.
#[component]
fn Actions(row: EnrollmentRow, live: Option<EnrollmentId>) -> impl IntoView {
    let viewer = Viewer::current();
    let id = row.item.enrollment.id;
    let may_write = viewer.may_write();
    let can_readd = row.item.group.is_some_and(|group| group.deleted_at.is_none())
        && row.item.workspace.is_some_and(|workspace| workspace.deleted_at.is_none());
    let change = match live {
        Some(live) if live == id => {
            let path = paths::enrollment_removal_from(id, &viewer.here);
            view! { <a class="button" href=path>"Remove"</a> }.into_any()
        }
        None if can_readd && may_write => view! { <Readd id class="button" /> }.into_any(),
        Some(_) | None => ().into_any(),
    };
    view! {
        <div class="actions heading__actions">
            <button class="button button--quiet" type="button" aria-live="polite" data-copy=paths::enrollment(id)>"Copy link"</button>
            {may_write
                .then(|| {
                    view! {
                        <a class="button button--quiet" href=paths::enrollment_creator(id)>"Change creator"</a>
                        {change}
                    }
                })}
        </div>
    }
}

#[component]
fn Facts(row: EnrollmentRow, live: Option<EnrollmentId>) -> impl IntoView {
    let enrollment = row.item.enrollment.clone();
    let later = live.filter(|live| *live != enrollment.id);
    view! {
        <dl class="facts">
            <dt>"Workspace"</dt>
            <dd>{workspace_name(&row.item)}</dd>
            <dt>"Group"</dt>
            <dd>{group_name(&row.item)}</dd>
            <dt>"Enrolled by"</dt>
            <dd><PersonName person=row.item.created_by.as_ref().map(Person::reference) /></dd>
            <dt>"Enrolled"</dt>
            <dd><Moment at=enrollment.created_at /></dd>
            <dt>"Removed"</dt>
            <dd><RemovedBy row /></dd>
            {later
                .map(|live| {
                    view! {
                        <dt>"Since then"</dt>
                        <dd><a href=paths::enrollment(live)>"The workspace is in the group again"</a></dd>
                    }
                })}
            <dt>"Last updated"</dt>
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
