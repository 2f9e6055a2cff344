//! The pages of `View`.

use chrono::{DateTime, Utc};

use crate::kernel::actor::Source;
use crate::resources::enrollment_events::model::EventAction;
use crate::resources::enrollments::model::comparison::{Change, Comparison};
use crate::ui::audit::queries::{AsOf, ComparedRows, as_of, comparison, events};
use crate::ui::audit::view::{Choices, Form, NOBODY, Noun, Unanswered, View};
use crate::ui::components::prelude::*;
use crate::ui::enrollments::components::{creator_name, group_name, workspace_name};
use crate::ui::enrollments::view::EnrollmentRow;
use crate::ui::messages::IN_FUTURE;

#[component]
pub fn AuditPage() -> impl IntoView {
    load_page(async {
        let (form, page) = events().await?;
        let exports = (!page.items.is_empty()).then(|| files(View::Events));
        let empty = ("No matching events", "Remove a filter or choose a longer period.");
        let timeline = |events| view! { <Timeline events of=TimelineOf::Everything /> };
        let list = list_or_empty("events", page, empty, timeline);
        Ok(view! {
            <Page title="Audit" topics=vec![Topic::ENROLLMENTS]>
                <Question view=View::Events form button="Show" hint="If you leave out the time, the whole day is included.">
                    <Choose name="action" label="Action" options=options("Any", action_text) />
                    <Choose name="source" label="Source" options=options("Any", source_text) />
                </Question>
                {exports}
                {list}
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
        Change::Added => ("Added", "No workspace was in the group only at the later time."),
        Change::Removed => ("Removed", "No workspace was in the group only at the earlier time."),
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
        view! { <p class="hint">{format!("{workspaces} removed and added again in between.")}</p> }
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
        {files(View::Comparison)}
    }
    .into_any()
}

fn compared_workspace(row: &EnrollmentRow, comparison: Comparison, change: Change) -> impl IntoView + use<> {
    let tag = comparison.is_readded(change, &row.item.enrollment).then_some("removed and added again");
    view! { {workspace_name(&row.item)} {tag.map(|tag| view! { " " <span class="tag">{tag}</span> })} }
}

/// The heading, the tabs of the three views, and the form of one of them. Its children are more fields. `/audit/go`
/// reads it and redirects to the address with the same in ids and UTC instants.
#[component]
fn Question(
    view: View,
    form: Form,
    button: &'static str,
    hint: &'static str,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let here = Viewer::current().address();
    let text = |view| match view {
        View::Events => "Events".to_owned(),
        View::AsOf => "State at a time".to_owned(),
        View::Comparison => "Compare".to_owned(),
    };
    let tabs = tabs(None, "Audit views", (View::ALL, view), |view| view.link(&here), text);
    let is_filtered =
        view.parameters().iter().any(|name| here.get(name).is_some()) || !form.choices.is_empty();
    let moments = form.moments.iter().cloned();
    let moments = moments.map(|(name, label, value)| view! { <DayTimeFields name label value /> });
    let change = here.get("change").map(str::to_owned).filter(|_| view == View::Comparison);
    view! {
        <h1>"Audit"</h1>
        {tabs}
        <search>
            <form class="toolbar question" method="get" action=paths::AUDIT_GO>
                <input type="hidden" name="view" value=view.path() />
                <input type="hidden" name="zone" value=form.zone.clone() />
                {change.map(|change| view! { <input type="hidden" name="change" value=change /> })}
                {view.nouns().map(|noun| noun_field(noun, &form, &here)).collect_view()}
                {children.map(|children| children())}
                {moments.collect_view()}
                <span class="actions">
                    <button class="button button--primary">{button}</button>
                    {is_filtered.then(|| view! { <a class="button button--quiet" href=view.path()>"Clear"</a> })}
                </span>
            </form>
        </search>
        <p class="asked">{filter_text(view, &form, &here)}</p>
        {form.choices.into_iter().map(|choices| matches(choices, &here)).collect_view()}
        <p class="hint">{hint}</p>
    }
}

/// `group: EMEA, action: removed`, for print, which leaves the form out.
fn filter_text(view: View, form: &Form, here: &Address) -> String {
    let formats = Formats::current();
    let named =
        form.chosen.iter().map(|(noun, choice)| (noun.into_str(), isolated(&choice.name).into_owned()));
    let others = view.parameters().iter().filter_map(|name| {
        let text = here.get(name).filter(|_| Noun::VARIANTS.iter().all(|noun| noun.into_str() != *name))?;
        let moment = text.parse::<DateTime<Utc>>();
        Some((*name, moment.map_or_else(|_| text.to_owned(), |at| formats.moment(at))))
    });
    named.chain(others).map(|(name, text)| format!("{name}: {text}")).collect::<Vec<_>>().join(", ")
}

fn noun_field(noun: Noun, form: &Form, here: &Address) -> AnyView {
    let (label, placeholder) = match noun {
        Noun::Group => ("Group", "Name of a group"),
        Noun::Workspace => ("Workspace", "Name, external id"),
        Noun::Person => ("Person", "Name, e-mail address"),
    };
    let (word, search) = (noun.into_str(), noun.search());
    if let Some(choice) = form.chosen(noun) {
        let (name, id) = (choice.name.clone(), choice.id.clone());
        let remove = format!("Remove the filter {word} {name}");
        return view! {
            <div class="toolbar__field">
                <span class="toolbar__label">{label}</span>
                <input type="hidden" name=word value=id />
                <span class="chip">
                    <bdi>{name}</bdi> <a class="chip__remove" href=here.without(word).to_string() aria-label=remove>"×"</a>
                </span>
            </div>
        }
        .into_any();
    }
    let typed = here.get(search).unwrap_or_default().to_owned();
    let nobody = (noun == Noun::Person).then(|| {
        view! { <label class="check"><input type="checkbox" name="nobody" value=NOBODY /> "No one, or a deleted person"</label> }
    });
    view! {
        <div class="toolbar__field">
            <label for=search>{label}</label>
            <input id=search name=search type="search" placeholder=placeholder value=typed autocomplete="off" />
        </div>
        {nobody}
    }
    .into_any()
}

fn matches(choices: Choices, here: &Address) -> AnyView {
    let Choices { noun, text, found, has_more } = choices;
    let (word, text) = (noun.into_str(), isolated(&text));
    if found.is_empty() {
        return alert(format!("No {word} matches “{text}”. This filter is not applied."));
    }
    let title = format!("Which {word} is “{text}”?");
    let rows = found.into_iter().map(|choice| {
        let link = here.without(noun.search()).with(word, &choice.id).to_string();
        view! {
            <li class="results__row">
                <a class="name" href=link dir="auto">{choice.name}</a>
                {choice.detail.map(|detail| view! { <code class="muted">{detail}</code> })}
            </li>
        }
    });
    view! {
        <section class="card stack" aria-label=title.clone()>
            <h2>{title.clone()}</h2>
            <ul class="results">{rows.collect_view()}</ul>
            {has_more.then(|| view! { <p class="muted">"There are more matches. Type more of the name."</p> })}
        </section>
    }
    .into_any()
}

fn files(view: View) -> impl IntoView {
    // A comparison is exported with all changes.
    let parameters = view.parameters().iter().copied().filter(|name| *name != "change").collect();
    view! { <Files path=view.path() parameters /> }
}

fn unanswered(reason: Unanswered) -> AnyView {
    match reason {
        Unanswered::InFuture => alert(IN_FUTURE.to_owned()),
        Unanswered::Incomplete => {
            let text = "Choose a group and the first day.";
            view! { <Empty title="Nothing to compare yet">{text}</Empty> }.into_any()
        }
    }
}

fn alert(text: String) -> AnyView {
    view! { <p class="message message--error" role="alert">{text}</p> }.into_any()
}

fn enrolled_columns() -> [Column<EnrollmentRow>; 2] {
    let at = |EnrollmentRow { item, .. }: &EnrollmentRow| {
        let path = paths::enrollment(item.enrollment.id);
        view! { <a class="quiet" href=path><Moment at=item.enrollment.created_at /></a> }
    };
    let by = |row: &EnrollmentRow| creator_name(&row.item);
    [Column::text("Enrolled by", by), Column::text("Enrolled", at)]
}

/// Who removed a workspace and when, as far as that is known.
fn removed_by(row: &EnrollmentRow) -> impl IntoView + use<> {
    view! {
        {row.removal.clone().map(|removal| view! { <ActorName actor=removal.actor source=removal.source token_name=removal.token_name /> <br /> })}
        {row.item.enrollment.deleted_at.map(|at| view! { <Moment at /> })}
    }
}
