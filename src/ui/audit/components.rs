//! The pieces that all audit pages have: the tabs, the form, the rows of enrollments, the files.

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use strum::VariantArray;

use crate::kernel::actor::{PersonRef, Source};
use crate::kernel::id::EnrollmentId;
use crate::kernel::text::isolated;
use crate::resources::enrollment_events::model::{EventAction, Removal};
use crate::resources::workspaces::model::Workspace;
use crate::ui::address::Address;
use crate::ui::audit::view::{Choices, Form, NOBODY, Noun, View, moment};
use crate::ui::components::{ActorName, Choose, DayTimeFields, Moment, PersonName, WorkspaceName};
use crate::ui::locale::formats::Formats;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

/// The heading, and the tabs of the three views.
#[component]
pub fn Heading(view: View) -> impl IntoView {
    let here = Viewer::current().address();
    let text = |view| match view {
        View::Events => "Events",
        View::AsOf => "State at a time",
        View::Comparison => "Compare",
    };
    view! {
        <h1>"Audit"</h1>
        <nav class="tabs" aria-label="Audit views">
            {View::ALL
                .map(|other| {
                    let current = (other == view).then_some("page");
                    view! { <a href=other.link(&here).to_string() aria-current=current>{text(other)}</a> }
                })
                .collect_view()}
        </nav>
    }
}

/// Fields for names, and as children those of the view. `/audit/go` reads them and redirects to the address with the
/// same in ids and UTC instants.
#[component]
pub fn QuestionForm(view: View, form: Form, button: &'static str, children: Children) -> impl IntoView {
    let here = Viewer::current().address();
    let is_filtered =
        view.parameters().iter().any(|name| here.get(name).is_some()) || !form.choices.is_empty();
    let change = here.get("change").map(str::to_owned).filter(|_| view == View::Comparison);
    view! {
        <search>
            <form class="toolbar question" method="get" action=paths::AUDIT_GO>
                <input type="hidden" name="view" value=view.path() />
                <input type="hidden" name="zone" value=form.zone.clone() />
                {change.map(|change| view! { <input type="hidden" name="change" value=change /> })}
                {view.nouns().iter().map(|&noun| view! { <NounField noun form=form.clone() /> }).collect_view()}
                {children()}
                <span class="actions">
                    <button class="button button--primary">{button}</button>
                    {is_filtered.then(|| view! { <a class="button button--quiet" href=view.path()>"Clear"</a> })}
                </span>
            </form>
        </search>
        <p class="asked">{filter_text(view, &form, &here)}</p>
        {form.choices.into_iter().map(|choices| view! { <Matches choices /> }).collect_view()}
    }
}

/// `group: EMEA, action: removed`, for print, which leaves the form out.
fn filter_text(view: View, form: &Form, here: &Address) -> String {
    let formats = Formats::current();
    let named =
        form.chosen.iter().map(|(noun, choice)| (noun.into_str(), isolated(&choice.name).into_owned()));
    let others = view.parameters().iter().filter_map(|name| {
        let text = here.get(name).filter(|_| Noun::VARIANTS.iter().all(|noun| noun.into_str() != *name))?;
        Some((*name, moment(text).map_or_else(|| text.to_owned(), |at| formats.moment(at))))
    });
    let parts: Vec<String> = named.chain(others).map(|(name, text)| format!("{name}: {text}")).collect();
    parts.join(", ")
}

/// The chosen resource with a link that removes it, or a field for its name.
#[component]
fn NounField(noun: Noun, form: Form) -> impl IntoView {
    let (label, placeholder) = match noun {
        Noun::Group => ("Group", "Name of a group"),
        Noun::Workspace => ("Workspace", "Name, external id"),
        Noun::Person => ("Person", "Name, e-mail address"),
    };
    let here = Viewer::current().address();
    if let Some(choice) = form.chosen(noun) {
        let (name, id) = (choice.name.clone(), choice.id.clone());
        let remove = format!("Remove the filter {} {name}", noun.into_str());
        return view! {
            <div class="toolbar__field">
                <span class="toolbar__label">{label}</span>
                <input type="hidden" name=noun.into_str() value=id />
                <span class="chip">
                    <bdi>{name}</bdi> <a class="chip__remove" href=here.without(noun.into_str()).to_string() aria-label=remove>"×"</a>
                </span>
            </div>
        }
        .into_any();
    }
    let typed = here.get(noun.search()).unwrap_or_default().to_owned();
    view! {
        <div class="toolbar__field">
            <label for=noun.search()>{label}</label>
            <input id=noun.search() name=noun.search() type="search" placeholder=placeholder value=typed autocomplete="off" />
        </div>
        {(noun == Noun::Person)
            .then(|| {
                view! { <label class="check"><input type="checkbox" name="nobody" value=NOBODY /> "No one, or a deleted person"</label> }
            })}
    }
    .into_any()
}

/// The resources that match the text, to choose one.
#[component]
fn Matches(choices: Choices) -> impl IntoView {
    let Choices { noun, text, found, has_more } = choices;
    let word = noun.into_str();
    if found.is_empty() {
        return view! {
            <p class="message message--error" role="alert">
                {format!("No {word} matches “{}”. This filter is not applied.", isolated(&text))}
            </p>
        }
        .into_any();
    }
    let here = Viewer::current().address().without(noun.search());
    let title = format!("Which {word} is “{}”?", isolated(&text));
    view! {
        <section class="card stack" aria-label=title.clone()>
            <h2>{title.clone()}</h2>
            <ul class="results">
                {found
                    .into_iter()
                    .map(|choice| {
                        view! {
                            <li class="results__row">
                                <a class="name" href=here.with(noun.into_str(), &choice.id).to_string() dir="auto">{choice.name}</a>
                                {choice.detail.map(|detail| view! { <code class="muted">{detail}</code> })}
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
            {has_more.then(|| view! { <p class="muted">"There are more matches. Type more of the name."</p> })}
        </section>
    }
    .into_any()
}

/// The fields that only the list of events has.
#[component]
pub fn EventFields(form: Form) -> impl IntoView {
    let action = |action| match action {
        EventAction::Enrolled => "Enrolled",
        EventAction::Removed => "Removed",
        EventAction::AttributionCorrected => "Creator changed",
    };
    let source = |source| match source {
        Source::Web => "Web",
        Source::Api => "API",
        Source::Cli => "Command line",
        Source::Import => "Import",
        Source::Migration => "Before the log",
    };
    let mut actions = vec![("", "Any")];
    actions.extend(EventAction::VARIANTS.iter().map(|&one| (one.into_str(), action(one))));
    let mut sources = vec![("", "Any")];
    sources.extend(Source::VARIANTS.iter().map(|&one| (one.into_str(), source(one))));
    view! {
        <Choose name="action" label="Action" options=actions />
        <Choose name="source" label="Source" options=sources />
        <DayTimeFields name="from" label="From" value=form.moment("from") />
        <DayTimeFields name="until" label="Until" value=form.moment("until") />
    }
}

/// Links to the whole list as files.
#[component]
pub fn Files(view: View) -> impl IntoView {
    let here = Viewer::current().address();
    let link = |format: &str| {
        // A comparison is exported with all changes.
        let names = view.parameters().iter().filter(|name| **name != "change");
        let parameters = names.filter_map(|name| Some((name, here.get(name)?)));
        let address = Address::of(&format!("{}/export.{format}", view.path()));
        parameters.fold(address, |address, (name, value)| address.with(name, value)).to_string()
    };
    view! {
        <p class="files">
            "Export all: " <a href=link("csv") download>"CSV"</a> " " <a href=link("ndjson") download>"NDJSON"</a>
        </p>
    }
}

/// The cells that rows of an enrollment have in common: its creator and its creation.
#[component]
pub fn CreatedCells(
    enrollment: EnrollmentId,
    creator: Option<PersonRef>,
    at: DateTime<Utc>,
) -> impl IntoView {
    view! {
        <td data-label="Enrolled by"><PersonName person=creator /></td>
        <td data-label="Enrolled"><a class="quiet" href=paths::enrollment(enrollment)><Moment at /></a></td>
    }
}

/// The workspace of an enrollment.
#[component]
pub fn WorkspaceLink(workspace: Option<Workspace>) -> impl IntoView {
    workspace.map(|workspace| {
        let removed = workspace.deleted_at.is_some();
        let Workspace { id, name, external_workspace_id, .. } = workspace;
        view! { <WorkspaceName id name external_workspace_id removed /> }
    })
}

/// The actor and the time of a removal, as far as they are known.
#[component]
pub fn RemovedBy(removal: Option<Removal>, at: Option<DateTime<Utc>>) -> impl IntoView {
    view! {
        {removal.map(|removal| view! { <ActorName actor=removal.actor source=removal.source token_name=removal.token_name /> <br /> })}
        {at.map(|at| view! { <Moment at /> })}
    }
}
