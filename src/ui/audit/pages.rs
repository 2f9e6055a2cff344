//! The pages of `View`.

use leptos::prelude::*;
use strum::VariantArray;

use crate::kernel::actor::Source;
use crate::kernel::text::isolated;
use crate::kernel::topic::Topic;
use crate::resources::enrollment_events::model::EventAction;
use crate::resources::enrollments::model::comparison::{Change, Comparison};
use crate::ui::audit::components::{Question, RemovedBy, enrollment_row, files, unanswered};
use crate::ui::audit::queries::{AsOf, ComparedRows, as_of, comparison, events};
use crate::ui::audit::view::{Form, Noun, Unanswered, View};
use crate::ui::components::{
    Choose, Empty, GroupName, Live, Moment, Page, Table, Tabs, Timeline, TimelineOf, load_page, options,
    paged_list,
};
use crate::ui::enrollments::view::EnrollmentRow;
use crate::ui::locale::formats::Formats;
use crate::ui::viewer::Viewer;

#[component]
pub fn AuditPage() -> impl IntoView {
    load_page(async {
        let (form, page) = events().await?;
        let exports = (!page.items.is_empty()).then(|| files(View::Events));
        let empty = || view! { <Empty title="No matching events">"Remove a filter or choose a longer period."</Empty> };
        let timeline = |events| view! { <Timeline events of=TimelineOf::Everything /> };
        let list = paged_list("events", page, empty, timeline);
        Ok(view! {
            <Page title="Audit">
                <Question view=View::Events form button="Show" hint="If you leave out the time, the whole day is included.">
                    <Choose name="action" label="Action" options=options("Any", action_text) />
                    <Choose name="source" label="Source" options=options("Any", source_text) />
                </Question>
                {exports}
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
                let exports = (!page.items.is_empty()).then(|| files(View::AsOf));
                let caption = format!("{title}, last enrolled first");
                let columns = &["Workspace", "Group", "Enrolled by", "Enrolled", "Since"];
                let empty =
                    || view! { <Empty title="Nothing was enrolled then">"Choose another time."</Empty> };
                let table = |rows: Vec<_>| {
                    let rows = rows.into_iter().map(as_of_row).collect_view();
                    view! { <Table caption columns>{rows}</Table> }
                };
                let list = paged_list("rows", page, empty, table);
                view! {
                    <div class="heading">
                        <h2>{title}</h2>
                        <p class="muted">"as of " <Moment at /></p>
                    </div>
                    {exports}
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

fn as_of_row(row: EnrollmentRow) -> impl IntoView {
    let EnrollmentRow { mut item, removal, in_again } = row;
    let since = match item.enrollment.deleted_at {
        None => view! { <span class="tag tag--done">"still in"</span> }.into_any(),
        at @ Some(_) => view! {
            <span class="tag tag--danger">"removed"</span>
            {in_again.then(|| view! { " " <span class="tag">"in again"</span> })}
            <br />
            <RemovedBy removal at />
        }
        .into_any(),
    };
    let group = item.group.take().map(|group| {
        view! { <GroupName id=group.id name=group.name removed=group.deleted_at.is_some() /> }
    });
    let group = view! { <td data-label="Group">{group}</td> }.into_any();
    let since = view! { <td data-label="Since">{since}</td> }.into_any();
    enrollment_row(item, None, Some(group), Some(since))
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
    let tab = |&one: &Change| {
        let text = format!("{} ({})", texts(one).0, formats.number(counts.of(one)));
        (here.with("change", one.into_str()).to_string(), text.into_any(), one == change)
    };
    let tabs: Vec<_> = Change::VARIANTS.iter().map(tab).collect();
    let readded = (counts.readded > 0).then(|| {
        let workspaces = formats.count(counts.readded, "workspace was", "workspaces were");
        view! { <p class="hint">{format!("{workspaces} removed and added again between.")}</p> }
    });
    let (name, empty) = texts(change);
    let columns: &[&str] = match change {
        Change::Removed => &["Workspace", "Enrolled by", "Enrolled", "Removed"],
        Change::Added | Change::Unchanged => &["Workspace", "Enrolled by", "Enrolled"],
    };
    let table = |rows: Vec<_>| {
        let rows = rows.into_iter().map(|row| compared_row(row, comparison, change)).collect_view();
        view! { <Table caption=format!("{name} workspaces") columns>{rows}</Table> }
    };
    let list = paged_list("rows", page, || view! { <Empty title="None">{empty}</Empty> }, table);
    view! {
        <p class="muted">"From " <Moment at=comparison.earlier /> " to " <Moment at=comparison.later /></p>
        <Tabs label="Changes" tabs />
        {readded}
        {list}
        {files(View::Comparison)}
    }
    .into_any()
}

fn compared_row(row: EnrollmentRow, comparison: Comparison, change: Change) -> impl IntoView {
    let EnrollmentRow { item, removal, .. } = row;
    let tag = comparison.is_readded(change, &item.enrollment).then_some("removed and added again");
    let at = item.enrollment.deleted_at;
    let removed = (change == Change::Removed)
        .then(|| view! { <td data-label="Removed"><RemovedBy removal at /></td> }.into_any());
    enrollment_row(item, tag, None, removed)
}
