//! What the audit pages have in common: the way from one question to another, the form, the files.

use leptos::prelude::*;

use crate::kernel::actor::Source;
use crate::kernel::text::isolated;
use crate::resources::enrollment_events::model::EventAction;
use crate::ui::address::Address;
use crate::ui::audit::query::{Choices, Form, NOBODY, Noun, View, moment};
use crate::ui::components::date_time_fields::When;
use crate::ui::components::toolbar::Choose;
use crate::ui::locale::formats::Formats;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

/// The heading, and the three questions.
#[component]
pub fn Questions(view: View) -> impl IntoView {
    let here = Viewer::current().address();
    let text = |view| match view {
        View::Events => "What happened",
        View::AsOf => "As of a moment",
        View::Comparison => "Compare two moments",
    };
    view! {
        <h1>"Audit"</h1>
        <nav class="tabs" aria-label="Questions">
            {View::ALL
                .map(|other| {
                    let current = (other == view).then_some("page");
                    view! { <a href=other.link(&here).to_string() aria-current=current>{text(other)}</a> }
                })
                .collect_view()}
        </nav>
    }
}

/// Names, and as children what else the question has: read by `/audit/go`, which goes on to the address
/// that says the same in ids and UTC instants.
#[component]
pub fn QuestionForm(view: View, form: Form, button: &'static str, children: Children) -> impl IntoView {
    let here = Viewer::current().address();
    let is_asked = view.parameters().iter().any(|name| here.get(name).is_some()) || !form.choices.is_empty();
    let change = here.get("change").map(str::to_owned).filter(|_| view == View::Comparison);
    view! {
        <search>
            <form class="toolbar question" method="get" action=paths::AUDIT_GO>
                <input type="hidden" name="view" value=view.path() />
                <input type="hidden" name="zone" value=form.zone.clone() />
                {change.map(|change| view! { <input type="hidden" name="change" value=change /> })}
                {view.nouns().iter().map(|&noun| view! { <Narrowed noun form=form.clone() /> }).collect_view()}
                {children()}
                <span class="actions">
                    <button class="button button--primary">{button}</button>
                    {is_asked.then(|| view! { <a class="button button--quiet" href=view.path()>"Clear"</a> })}
                </span>
            </form>
        </search>
        <p class="asked">{asked(view, &form, &here)}</p>
        {form.choices.into_iter().map(|choices| view! { <Which choices /> }).collect_view()}
    }
}

/// What was asked, for paper, where the form is left out: `group: EMEA, action: removed`.
fn asked(view: View, form: &Form, here: &Address) -> String {
    let formats = Formats::current();
    let named = form.chosen.iter().map(|(noun, choice)| (noun.word(), isolated(&choice.name).into_owned()));
    let others = view.parameters().iter().filter_map(|name| {
        let text = here.get(name).filter(|_| Noun::ALL.iter().all(|noun| noun.word() != *name))?;
        Some((*name, moment(text).map_or_else(|| text.to_owned(), |at| formats.moment(at))))
    });
    let said: Vec<String> = named.chain(others).map(|(name, text)| format!("{name}: {text}")).collect();
    said.join(", ")
}

const fn noun_text(noun: Noun) -> (&'static str, &'static str, &'static str) {
    match noun {
        Noun::Group => ("Group", "Name of a group", "group"),
        Noun::Workspace => ("Workspace", "Name, external id", "workspace"),
        Noun::Person => ("Person", "Name, e-mail address", "person"),
    }
}

/// What was chosen, with the way to take it back; else a field for its name.
#[component]
fn Narrowed(noun: Noun, form: Form) -> impl IntoView {
    let (label, placeholder, _) = noun_text(noun);
    let here = Viewer::current().address();
    if let Some(choice) = form.chosen(noun) {
        let (name, id) = (choice.name.clone(), choice.id.clone());
        let remove = format!("Any {}, not only {name}", noun.word());
        return view! {
            <div class="toolbar__field">
                <span class="toolbar__label">{label}</span>
                <input type="hidden" name=noun.word() value=id />
                <span class="chip">
                    <bdi>{name}</bdi> <a class="chip__remove" href=here.without(noun.word()).to_string() aria-label=remove>"×"</a>
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
                view! { <label class="check"><input type="checkbox" name="nobody" value=NOBODY /> "No one, or somebody deleted since"</label> }
            })}
    }
    .into_any()
}

/// Which of those that the name fits?
#[component]
fn Which(choices: Choices) -> impl IntoView {
    let Choices { noun, text, found, has_more } = choices;
    let (_, _, word) = noun_text(noun);
    if found.is_empty() {
        return view! {
            <p class="message message--error" role="alert">
                {format!("No {word} matches “{}”, so the list is not narrowed by it.", isolated(&text))}
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
                                <a class="name" href=here.with(noun.word(), &choice.id).to_string() dir="auto">{choice.name}</a>
                                {choice.detail.map(|detail| view! { <code class="muted">{detail}</code> })}
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
            {has_more.then(|| view! { <p class="muted">"There are more. Type more of the name."</p> })}
        </section>
    }
    .into_any()
}

/// What was done, through which door, and when: for the list of events.
#[component]
pub fn EventFields(form: Form) -> impl IntoView {
    let action = |action| match action {
        EventAction::Enrolled => "Enrolled",
        EventAction::Removed => "Removed",
        EventAction::AttributionCorrected => "Corrected",
    };
    let source = |source| match source {
        Source::Web => "Desk",
        Source::Api => "API",
        Source::Cli => "Command line",
        Source::Import => "Import",
        Source::Migration => "Before the log",
    };
    let mut actions = vec![("", "Any")];
    actions.extend(EventAction::ALL.map(|one| (one.word(), action(one))));
    let mut sources = vec![("", "Any")];
    sources.extend(Source::ALL.map(|one| (one.word(), source(one))));
    view! {
        <Choose name="action" label="Action" options=actions />
        <Choose name="source" label="Through" options=sources />
        <When name="from" label="From" value=form.moment("from") />
        <When name="until" label="Until" value=form.moment("until") />
    }
}

/// All that the page shows, and not its first rows alone, as files.
#[component]
pub fn Files(view: View) -> impl IntoView {
    let here = Viewer::current().address();
    let asked = view.parameters().iter().filter(|name| **name != "change");
    let asked: Vec<(&str, String)> =
        asked.filter_map(|name| Some((*name, here.get(name)?.to_owned()))).collect();
    let link = |format: &str| {
        let address = Address::of(&format!("{}/export.{format}", view.path()));
        asked.iter().fold(address, |address, (name, value)| address.with(name, value)).to_string()
    };
    view! {
        <p class="files">
            "Export all: " <a href=link("csv") download>"CSV"</a> " " <a href=link("ndjson") download>"NDJSON"</a>
        </p>
    }
}
