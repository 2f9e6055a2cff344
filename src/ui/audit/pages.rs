//! The pages of `View`.

use crate::kernel::actor::Source;
use crate::resources::enrollment_events::model::EventAction;
use crate::resources::enrollments::model::comparison::{Change, Comparison};
use crate::ui::audit::components::{Files, Question, enrolled_columns, removed_by, unanswered};
use crate::ui::audit::queries::{AsOf, ComparedRows, as_of, comparison, events};
use crate::ui::audit::view::{Form, Noun, Unanswered, View};
use crate::ui::components::prelude::*;
use crate::ui::enrollments::components::{group_name, workspace_name};
use crate::ui::enrollments::view::EnrollmentRow;

#[component]
pub fn AuditPage() -> impl IntoView {
    load_page(async {
        let (form, page) = events().await?;
        let files = (!page.items.is_empty()).then(|| view! { <Files view=View::Events /> });
        let empty = ("No matching events", "Remove a filter or choose a longer period.");
        let timeline = |events| view! { <Timeline events of=TimelineOf::Everything /> };
        let list = list_or_empty("events", page, empty, timeline);
        Ok(view! {
            <Page title="Audit">
                <Question view=View::Events form button="Show" hint="If you leave out the time, the whole day is included.">
                    <Choose name="action" label="Action" options=options("Any", action_text) />
                    <Choose name="source" label="Source" options=options("Any", source_text) />
                </Question>
                {files}
                {list}
                <Live topics=vec![Topic::ENROLLMENTS] />
            </Page>
        })
    })
}

const fn action_text(action: EventAction) -> &'static str {
    match action {
        EventAction::Enrolled => "Enrolled",
        EventAction::Removed => "Removed",
        EventAction::AttributionCorrected => "Creator changed",
    }
}

const fn source_text(source: Source) -> &'static str {
    match source {
        Source::Web => "Web",
        Source::Api => "API",
        Source::Cli => "Command line",
        Source::Import => "Import",
        Source::Migration => "Before the log",
    }
}

#[component]
pub fn AsOfPage() -> impl IntoView {
    load_page(async {
        let AsOf { form, at, answer } = as_of().await?;
        let answer = match answer {
            Some((count, page)) => {
                let title = headline(&form, count);
                let files = (!page.items.is_empty()).then(|| view! { <Files view=View::AsOf /> });
                let caption = format!("{title}, last enrolled first");
                let mut columns = vec![
                    Column::name("Workspace", |row: &EnrollmentRow| workspace_name(&row.item)),
                    Column::text("Group", |row: &EnrollmentRow| group_name(&row.item)),
                ];
                columns.extend(enrolled_columns());
                columns.push(Column::text("Since", since));
                let empty = ("Nothing was enrolled then", "Choose another time.");
                let list =
                    list_or_empty("rows", page, empty, |items| view! { <DataTable caption columns items /> });
                view! {
                    <div class="heading">
                        <h2>{title}</h2>
                        <p class="muted">"as of " <Moment at /></p>
                    </div>
                    {files}
                    {list}
                }
                .into_any()
            }
            None => unanswered(Unanswered::InFuture),
        };
        let hint = "Without a time, the end of that day. Leave both empty for now.";
        Ok(view! {
            <Page title="State at a time">
                <Question view=View::AsOf form button="Show" hint />
                {answer}
            </Page>
        })
    })
}

/// `3 workspaces were in EMEA`
fn headline(form: &Form, count: i64) -> String {
    let number = |one, many| Formats::current().count(count, one, many);
    let was = if count == 1 { "was" } else { "were" };
    let name = |noun| form.chosen(noun).map(|choice| isolated(&choice.name));
    match (name(Noun::Group), name(Noun::Workspace)) {
        (Some(group), Some(workspace)) if count == 0 => format!("{workspace} was not in {group}"),
        (Some(group), Some(workspace)) => format!("{workspace} was in {group}"),
        (Some(group), None) => format!("{} {was} in {group}", number("workspace", "workspaces")),
        (None, Some(workspace)) => format!("{workspace} was in {}", number("group", "groups")),
        (None, None) => format!("{} {was} live", number("enrollment", "enrollments")),
    }
}

fn since(row: &EnrollmentRow) -> AnyView {
    if row.item.enrollment.is_live() {
        return view! { <span class="tag tag--done">"still in"</span> }.into_any();
    }
    view! {
        <span class="tag tag--danger">"removed"</span>
        {row.in_again.then(|| view! { " " <span class="tag">"in again"</span> })}
        <br />
        {removed_by(row)}
    }
    .into_any()
}

#[component]
pub fn ComparisonPage() -> impl IntoView {
    load_page(async {
        let (form, answer) = comparison().await?;
        let hint = "Without a time, the end of that day. Leave the second day empty for now.";
        Ok(view! {
            <Page title="Compare">
                <Question view=View::Comparison form button="Compare" hint />
                {answer.map_or_else(unanswered, compared)}
            </Page>
        })
    })
}

/// The name of a tab, and the text if it is empty.
const fn texts(change: Change) -> (&'static str, &'static str) {
    match change {
        Change::Added => ("Added", "No workspaces were added in this period."),
        Change::Removed => ("Removed", "No workspaces were removed in this period."),
        Change::Unchanged => ("Unchanged", "No workspace was in the group at both times."),
    }
}

fn compared(rows: ComparedRows) -> AnyView {
    let ComparedRows { comparison, counts, change, page } = rows;
    let (here, formats) = (Viewer::current().address(), Formats::current());
    let path = |change: Change| here.with("change", change.into_str()).to_string();
    let text = |change| format!("{} ({})", texts(change).0, formats.number(counts.of(change)));
    let tabs = tabs(None, "Changes", (Change::VARIANTS.iter().copied(), change), path, text);
    let readded = (counts.readded > 0).then(|| {
        let workspaces = formats.count(counts.readded, "workspace was", "workspaces were");
        view! { <p class="hint">{format!("{workspaces} removed and added again between.")}</p> }
    });
    let (name, empty) = texts(change);
    let workspace = Column::name("Workspace", move |row| compared_workspace(row, comparison, change));
    let mut columns = vec![workspace];
    columns.extend(enrolled_columns());
    if change == Change::Removed {
        columns.push(Column::text("Removed", removed_by));
    }
    let caption = format!("{name} workspaces");
    let list =
        list_or_empty("rows", page, ("None", empty), |items| view! { <DataTable caption columns items /> });
    view! {
        <p class="muted">"From " <Moment at=comparison.earlier /> " to " <Moment at=comparison.later /></p>
        {tabs}
        {readded}
        {list}
        <Files view=View::Comparison />
    }
    .into_any()
}

fn compared_workspace(row: &EnrollmentRow, comparison: Comparison, change: Change) -> impl IntoView + use<> {
    let tag = comparison.is_readded(change, &row.item.enrollment).then_some("removed and added again");
    view! { {workspace_name(&row.item)} {tag.map(|tag| view! { " " <span class="tag">{tag}</span> })} }
}
