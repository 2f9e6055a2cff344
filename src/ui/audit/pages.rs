//! The pages of `View`.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::kernel::actor::Source;
use crate::resources::enrollment_events::model::EventAction;
use crate::resources::enrollments::model::comparison::{Change, Comparison};
use crate::ui::audit::components::{alert, matches};
use crate::ui::audit::queries::{AsOf, ComparedRows, as_of, comparison, events};
use crate::ui::audit::view::{Form, NOBODY, Noun, Unanswered, View, instant};
use crate::ui::components::prelude::*;
use crate::ui::enrollments::components::{creator_name, group_name, workspace_name};
use crate::ui::enrollments::view::EnrollmentRow;
use crate::ui::islands::picker::{GroupFilter, PersonFilter, SearchText, WorkspaceFilter};
use crate::ui::messages::IN_FUTURE;

#[component]
pub fn AuditPage() -> impl IntoView {
    load_page(async {
        let (form, page) = events().await?;
        let list = match page {
            Some((page, total)) => {
                let exports = (!page.items.is_empty()).then(|| files(View::Events));
                let empty = ("No matching events", "Remove a filter or choose a longer period.");
                let timeline = |events| view! { <Timeline events of=TimelineOf::Everything /> };
                let total = view! { <Total number=total nouns=("event", "events") /> };
                view! { {exports} {total} {list_or_empty("events", page, empty, timeline)} }.into_any()
            }
            None => unanswered(Unanswered::Undecided),
        };
        Ok(view! {
            <Page title="Audit" topics=vec![Topic::ENROLLMENTS]>
                <Question view=View::Events form button="Show" hint="If you leave out the time, the whole day is included.">
                    <Choose name="action" label="Action" options=options("Any", action_text) />
                    <Choose name="source" label="Source" options=options("Any", source_text) />
                </Question>
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
        let page_title = match form.chosen(Noun::Group) {
            Some(group) => format!("{} as of {}", isolated(&group.name), Formats::current().moment(at)),
            None => format!("State as of {}", Formats::current().moment(at)),
        };
        let answer = match answer {
            Ok((count, page)) => {
                let title = headline(&form, count);
                let exports = (!page.items.is_empty()).then(|| files(View::AsOf));
                let caption = format!("{title}, last enrolled first");
                let mut columns =
                    vec![Column::name("Workspace", |row: &EnrollmentRow| workspace_name(&row.item))];
                if form.chosen(Noun::Group).is_none() {
                    columns.push(Column::text("Group", |row: &EnrollmentRow| group_name(&row.item)));
                }
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
                    {restore_link(at)}
                    {list}
                }
                .into_any()
            }
            Err(reason) => unanswered(reason),
        };
        let hint = "Without a time, the end of that day. Leave both empty for now.";
        Ok(view! {
            <Page title=page_title>
                <Question view=View::AsOf form button="Show" hint />
                {answer}
            </Page>
        })
    })
}

/// Leads from the members of one group at a moment to the page that brings them back.
fn restore_link(at: DateTime<Utc>) -> Option<AnyView> {
    let viewer = Viewer::current();
    let here = viewer.address();
    let group: GroupId = here.get("group")?.parse().ok()?;
    if !viewer.may_write() || here.get("workspace").is_some() || at >= viewer.now {
        return None;
    }
    let path = paths::group_restore(group, &at.to_rfc3339_opts(SecondsFormat::AutoSi, true));
    Some(view! { <p><a class="button" href=path>"Restore this membership …"</a></p> }.into_any())
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
        {row.in_again.then(|| view! { " " <span class="tag">"enrolled again"</span> })}
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
        let title = match form.chosen(Noun::Group) {
            Some(group) => format!("Compare {}", isolated(&group.name)),
            None => "Compare".to_owned(),
        };
        Ok(view! {
            <Page title>
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
        view! { <p class="hint">{format!("{workspaces} removed and enrolled again in between.")}</p> }
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
    let tag = comparison.is_readded(change, &row.item.enrollment).then_some("removed and enrolled again");
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
        View::AsOf => "As of a date".to_owned(),
        View::Comparison => "Compare".to_owned(),
    };
    let tabs = tabs(None, "Audit views", (View::ALL, view), |view| view.link(&here), text);
    // A tab of the comparison is no filter.
    let is_given = |name: &&&str| **name != "change" && here.get(name).is_some();
    let given = view.parameters().iter().filter(is_given).count() + form.choices.len();
    let is_filtered = given > 0;
    let opener = if is_filtered { format!("Filters ({given})") } else { "Filters".to_owned() };
    let moments = form.moments.iter().cloned();
    let moments = moments.map(|(name, label, value)| view! { <DayTimeFields name label value /> });
    let change = here.get("change").map(str::to_owned).filter(|_| view == View::Comparison);
    view! {
        <h1>"Audit"</h1>
        {tabs}
        <div class="heading">
            <button class="button filters__open" type="button" popovertarget="filters">{opener}</button>
            {(view == View::Events).then(|| view! { <Periods /> })}
        </div>
        <search class="filters" id="filters" popover>
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

/// Links to the events of the last days.
#[component]
fn Periods() -> impl IntoView {
    let viewer = Viewer::current();
    let here = viewer.address().without("until");
    let links = [(1, "Today"), (7, "7 days"), (30, "30 days")].map(|(days, text)| {
        let (_, bounds) = viewer.locale.last_days(days, viewer.now);
        let from = bounds.first().copied().map(instant).unwrap_or_default();
        let current = (here.get("from") == Some(&from)).then_some("true");
        view! { <a class="spans__one" href=here.with("from", &from).to_string() aria-current=current>{text}</a> }
    });
    view! { <nav class="spans" aria-label="Periods">{links.collect_view()}</nav> }
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
    let (label, field) = match noun {
        Noun::Group => ("Group", "filter-group-field"),
        Noun::Workspace => ("Workspace", "filter-workspace-field"),
        Noun::Person => ("Person", "filter-person-field"),
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
    provide_context(SearchText(here.get(search).unwrap_or_default().to_owned()));
    let picker = match noun {
        Noun::Group => view! { <GroupFilter /> }.into_any(),
        Noun::Workspace => view! { <WorkspaceFilter /> }.into_any(),
        Noun::Person => view! { <PersonFilter /> }.into_any(),
    };
    let nobody = (noun == Noun::Person).then(|| {
        view! { <label class="check"><input type="checkbox" name="nobody" value=NOBODY /> "No actor"</label> }
    });
    view! {
        <div class="toolbar__field">
            <label for=field>{label}</label>
            {picker}
        </div>
        {nobody}
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
        Unanswered::Undecided => {
            let text = "Choose which one you mean, or type another name.";
            view! { <Empty title="Nothing is shown yet">{text}</Empty> }.into_any()
        }
        Unanswered::Incomplete => {
            let text = "Choose a group and the first day.";
            view! { <Empty title="Nothing to compare yet">{text}</Empty> }.into_any()
        }
    }
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
