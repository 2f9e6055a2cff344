//! `/audit/compare`: what was added to a group, what was removed from it and what stayed, between two moments.

use leptos::prelude::*;

use crate::resources::enrollments::model::comparison::{Change, ComparisonCounts};
use crate::resources::people::model::Person;
use crate::ui::audit::components::{Files, QuestionForm, Questions};
use crate::ui::audit::queries::{ComparedRow, ComparedRows, ComparisonShown, comparison_read};
use crate::ui::audit::query::{Asked, View};
use crate::ui::components::actor::ActorName;
use crate::ui::components::date_time_fields::When;
use crate::ui::components::entity_links::{PersonName, WorkspaceName};
use crate::ui::components::moment::Moment;
use crate::ui::components::page::{ErrorPage, Page};
use crate::ui::components::pager::Pager;
use crate::ui::components::table::Empty;
use crate::ui::locale::formats::Formats;
use crate::ui::viewer::Viewer;
use crate::ui::{messages, paths};

#[component]
pub fn ComparisonPage() -> impl IntoView {
    let here = Viewer::current().here;
    let page = async move {
        match comparison_read(here).await {
            Ok(shown) => view! { <Compare shown /> }.into_any(),
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }
}

#[component]
fn Compare(shown: ComparisonShown) -> impl IntoView {
    let ComparisonShown { form, answer } = shown;
    let (earlier, later) = (form.moment("earlier"), form.moment("later"));
    view! {
        <Page title="Compare two moments">
            <Questions view=View::Comparison />
            <QuestionForm view=View::Comparison form button="Compare">
                <When name="earlier" label="From" value=earlier />
                <When name="later" label="To" value=later />
            </QuestionForm>
            <p class="hint">"A day alone means its end, after all that happened on it. Without a second day it is now."</p>
            {match answer {
                Asked::Complete(rows) => view! { <Answer rows /> }.into_any(),
                Asked::ToCome => {
                    view! { <p class="message message--error" role="alert">{messages::TO_COME}</p> }.into_any()
                }
                Asked::Incomplete => {
                    view! { <Empty title="Nothing to compare yet">"Choose a group and the day to begin with."</Empty> }
                        .into_any()
                }
            }}
        </Page>
    }
}

const fn text(change: Change) -> &'static str {
    match change {
        Change::Added => "Added",
        Change::Removed => "Removed",
        Change::Unchanged => "Unchanged",
    }
}

#[component]
fn Answer(rows: ComparedRows) -> impl IntoView {
    let ComparedRows { comparison, counts, change, page } = rows;
    let base = Viewer::current().address().first_page().to_string();
    view! {
        <p class="muted">"From " <Moment at=comparison.earlier /> " to " <Moment at=comparison.later /></p>
        <Changes counts current=change />
        {if page.items.is_empty() {
            let told = match change {
                Change::Added => "No workspace that is in at the end was not in at the beginning.",
                Change::Removed => "Every workspace that was in at the beginning is in at the end.",
                Change::Unchanged => "No workspace was in at both moments.",
            };
            view! { <Empty title="None">{told}</Empty> }.into_any()
        } else {
            view! { <Rows rows=page.items change /> }.into_any()
        }}
        <Pager base before=page.before after=page.after />
        <Files view=View::Comparison />
    }
}

#[component]
fn Changes(counts: ComparisonCounts, current: Change) -> impl IntoView {
    let here = Viewer::current().address();
    let formats = Formats::current();
    let readded = (counts.readded > 0).then(|| {
        let told = formats.count(counts.readded, "workspace was", "workspaces were");
        view! { <p class="hint">{format!("{told} removed and added again between.")}</p> }
    });
    view! {
        <nav class="tabs" aria-label="Changes">
            {Change::ALL
                .map(|change| {
                    let number = formats.number(counts.of(change));
                    let link = here.with("change", change.word()).to_string();
                    let current = (change == current).then_some("page");
                    view! { <a href=link aria-current=current>{format!("{} ({number})", text(change))}</a> }
                })
                .collect_view()}
        </nav>
        {readded}
    }
}

#[component]
fn Rows(rows: Vec<ComparedRow>, change: Change) -> impl IntoView {
    let removed = (change == Change::Removed).then(|| view! { <th scope="col">"Removed"</th> });
    view! {
        <table class="table">
            <caption class="visually-hidden">{format!("{} workspaces", text(change))}</caption>
            <thead>
                <tr>
                    <th scope="col">"Workspace"</th>
                    <th scope="col">"Enrolled by"</th>
                    <th scope="col">"Enrolled"</th>
                    {removed}
                </tr>
            </thead>
            <tbody>{rows.into_iter().map(|row| view! { <Row row change /> }).collect_view()}</tbody>
        </table>
    }
}

#[component]
fn Row(row: ComparedRow, change: Change) -> impl IntoView {
    let ComparedRow { item, removal, is_readded } = row;
    let removed = (change == Change::Removed).then(|| {
        view! {
            <td data-label="Removed">
                {removal.map(|removal| view! { <ActorName actor=removal.actor source=removal.source token_name=removal.token_name /> <br /> })}
                {item.enrollment.deleted_at.map(|at| view! { <Moment at /> })}
            </td>
        }
    });
    view! {
        <tr>
            <th scope="row">
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
                {is_readded.then(|| view! { " " <span class="tag">"removed and added again"</span> })}
            </th>
            <td data-label="Enrolled by"><PersonName person=item.created_by.as_ref().map(Person::reference) /></td>
            <td data-label="Enrolled">
                <a class="quiet" href=paths::enrollment(item.enrollment.id)><Moment at=item.enrollment.created_at /></a>
            </td>
            {removed}
        </tr>
    }
}
