//! The pieces that all audit pages have: the tabs, the form, the rows of enrollments, the files.

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use strum::VariantArray;

use crate::kernel::text::isolated;
use crate::resources::enrollment_events::model::Removal;
use crate::resources::enrollments::model::{Enrollment, EnrollmentWithRelated};
use crate::resources::people::model::Person;
use crate::resources::workspaces::model::Workspace;
use crate::ui::audit::view::{Choices, Form, NOBODY, Noun, Unanswered, View, with_parameters};
use crate::ui::components::{ActorName, DayTimeFields, Empty, Moment, PersonName, Tabs, WorkspaceName};
use crate::ui::locale::formats::Formats;
use crate::ui::messages::IN_FUTURE;
use crate::ui::pagination::Address;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

/// The heading, the tabs of the three views, and the form of one of them. Its children are more fields. `/audit/go`
/// reads it and redirects to the address with the same in ids and UTC instants.
#[component]
pub fn Question(
    view: View,
    form: Form,
    button: &'static str,
    hint: &'static str,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let here = Viewer::current().address();
    let tabs = [(View::Events, "Events"), (View::AsOf, "State at a time"), (View::Comparison, "Compare")];
    let tabs = tabs.map(|(other, text)| (other.link(&here), text.into_any(), other == view));
    let is_filtered =
        view.parameters().iter().any(|name| here.get(name).is_some()) || !form.choices.is_empty();
    let moments = form.moments.iter().cloned();
    let moments = moments.map(|(name, label, value)| view! { <DayTimeFields name label value /> });
    let change = here.get("change").map(str::to_owned).filter(|_| view == View::Comparison);
    view! {
        <h1>"Audit"</h1>
        <Tabs label="Audit views" tabs />
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

/// The resources that match the text, to choose one.
fn matches(choices: Choices, here: &Address) -> AnyView {
    let Choices { noun, text, found, has_more } = choices;
    let (word, text) = (noun.into_str(), isolated(&text));
    if found.is_empty() {
        let text = format!("No {word} matches “{text}”. This filter is not applied.");
        return view! { <p class="message message--error" role="alert">{text}</p> }.into_any();
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

#[component]
pub fn Files(view: View) -> impl IntoView {
    let here = Viewer::current().address();
    let link = |format: &str| {
        // A comparison is exported with all changes.
        let names = view.parameters().iter().copied().filter(|name| *name != "change");
        with_parameters(&format!("{}/export.{format}", view.path()), &here, names)
    };
    view! {
        <p class="files">
            "Export all: " <a href=link("csv") download>"CSV"</a> " " <a href=link("ndjson") download>"NDJSON"</a>
        </p>
    }
}

pub fn unanswered(reason: Unanswered) -> AnyView {
    match reason {
        Unanswered::InFuture => {
            view! { <p class="message message--error" role="alert">{IN_FUTURE}</p> }.into_any()
        }
        Unanswered::Incomplete => {
            view! { <Empty title="Nothing to compare yet">"Choose a group and the first day."</Empty> }
                .into_any()
        }
    }
}

/// The row of an enrollment. `tag` follows the name of the workspace, `group` is the second cell and `last` the last.
pub fn enrollment_row(
    item: EnrollmentWithRelated,
    tag: Option<&'static str>,
    group: Option<AnyView>,
    last: Option<AnyView>,
) -> impl IntoView {
    let Enrollment { id, created_at, .. } = item.enrollment;
    let workspace =
        item.workspace.map(|Workspace { id, name, external_workspace_id, deleted_at, .. }| {
            view! { <WorkspaceName id name external_workspace_id removed=deleted_at.is_some() /> }
        });
    let creator = item.created_by.as_ref().map(Person::reference);
    view! {
        <tr>
            <th scope="row">{workspace} {tag.map(|tag| view! { " " <span class="tag">{tag}</span> })}</th>
            {group}
            <td data-label="Enrolled by"><PersonName person=creator /></td>
            <td data-label="Enrolled"><a class="quiet" href=paths::enrollment(id)><Moment at=created_at /></a></td>
            {last}
        </tr>
    }
}

#[component]
pub fn RemovedBy(removal: Option<Removal>, at: Option<DateTime<Utc>>) -> impl IntoView {
    view! {
        {removal.map(|removal| view! { <ActorName actor=removal.actor source=removal.source token_name=removal.token_name /> <br /> })}
        {at.map(|at| view! { <Moment at /> })}
    }
}
