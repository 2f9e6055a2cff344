//! `/audit/compare`: the changes in a group between two moments.

use leptos::prelude::*;
use strum::VariantArray;

use crate::resources::enrollments::model::comparison::{Change, Comparison, ComparisonCounts};
use crate::resources::people::model::Person;
use crate::ui::audit::components::{CreatedCells, Files, Heading, QuestionForm, RemovedBy, WorkspaceLink};
use crate::ui::audit::queries::{ComparedRows, comparison};
use crate::ui::audit::view::{Unanswered, View};
use crate::ui::components::{DayTimeFields, Empty, Moment, Page, Table, load_page, paged_list};
use crate::ui::enrollments::view::EnrollmentRow;
use crate::ui::locale::formats::Formats;
use crate::ui::messages::IN_FUTURE;
use crate::ui::viewer::Viewer;

#[component]
pub fn ComparisonPage() -> impl IntoView {
    load_page(async {
        let (form, answer) = comparison().await?;
        let (earlier, later) = (form.moment("earlier"), form.moment("later"));
        Ok(view! {
            <Page title="Compare">
                <Heading view=View::Comparison />
                <QuestionForm view=View::Comparison form button="Compare">
                    <DayTimeFields name="earlier" label="From" value=earlier />
                    <DayTimeFields name="later" label="To" value=later />
                </QuestionForm>
                <p class="hint">"Without a time, the end of that day. Leave the second day empty for now."</p>
                {match answer {
                    Ok(rows) => view! { <Answer rows /> }.into_any(),
                    Err(Unanswered::InFuture) => {
                        view! { <p class="message message--error" role="alert">{IN_FUTURE}</p> }.into_any()
                    }
                    Err(Unanswered::Incomplete) => {
                        view! { <Empty title="Nothing to compare yet">"Choose a group and the first day."</Empty> }.into_any()
                    }
                }}
            </Page>
        })
    })
}

const fn text(change: Change) -> &'static str {
    match change {
        Change::Added => "Added",
        Change::Removed => "Removed",
        Change::Unchanged => "Unchanged",
    }
}

const fn empty_text(change: Change) -> &'static str {
    match change {
        Change::Added => "No workspaces were added in this period.",
        Change::Removed => "No workspaces were removed in this period.",
        Change::Unchanged => "No workspace was in the group at both times.",
    }
}

#[component]
fn Answer(rows: ComparedRows) -> impl IntoView {
    let ComparedRows { comparison, counts, change, page } = rows;
    view! {
        <p class="muted">"From " <Moment at=comparison.earlier /> " to " <Moment at=comparison.later /></p>
        <Changes counts current=change />
        {paged_list(
            "rows",
            page,
            || view! { <Empty title="None">{empty_text(change)}</Empty> }.into_any(),
            |rows| view! { <Rows rows comparison change /> }.into_any(),
        )}
        <Files view=View::Comparison />
    }
}

#[component]
fn Changes(counts: ComparisonCounts, current: Change) -> impl IntoView {
    let here = Viewer::current().address();
    let formats = Formats::current();
    let readded = (counts.readded > 0).then(|| {
        let workspaces = formats.count(counts.readded, "workspace was", "workspaces were");
        view! { <p class="hint">{format!("{workspaces} removed and added again between.")}</p> }
    });
    view! {
        <nav class="tabs" aria-label="Changes">
            {Change::VARIANTS
                .iter()
                .map(|&change| {
                    let number = formats.number(counts.of(change));
                    let link = here.with("change", change.into_str()).to_string();
                    let current = (change == current).then_some("page");
                    view! { <a href=link aria-current=current>{format!("{} ({number})", text(change))}</a> }
                })
                .collect_view()}
        </nav>
        {readded}
    }
}

#[component]
fn Rows(rows: Vec<EnrollmentRow>, comparison: Comparison, change: Change) -> impl IntoView {
    let columns: &[&str] = match change {
        Change::Removed => &["Workspace", "Enrolled by", "Enrolled", "Removed"],
        Change::Added | Change::Unchanged => &["Workspace", "Enrolled by", "Enrolled"],
    };
    view! {
        <Table caption=format!("{} workspaces", text(change)) columns>
            {rows.into_iter().map(|row| view! { <Row row comparison change /> }).collect_view()}
        </Table>
    }
}

#[component]
fn Row(row: EnrollmentRow, comparison: Comparison, change: Change) -> impl IntoView {
    let EnrollmentRow { item, removal, .. } = row;
    let is_readded = comparison.is_readded(change, &item.enrollment);
    let removed = (change == Change::Removed).then(|| {
        view! { <td data-label="Removed"><RemovedBy removal at=item.enrollment.deleted_at /></td> }
    });
    let creator = item.created_by.as_ref().map(Person::reference);
    view! {
        <tr>
            <th scope="row">
                <WorkspaceLink workspace=item.workspace />
                {is_readded.then(|| view! { " " <span class="tag">"removed and added again"</span> })}
            </th>
            <CreatedCells enrollment=item.enrollment.id creator at=item.enrollment.created_at />
            {removed}
        </tr>
    }
}
