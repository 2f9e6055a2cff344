//! The actor of an event.

use leptos::prelude::*;

use crate::kernel::actor::Source;
use crate::kernel::text::isolated;
use crate::resources::enrollment_events::model::EventActor;
use crate::ui::components::entity_links::PersonName;

/// The actor, and the source if it is not the web interface.
#[component]
pub fn ActorName(actor: EventActor, source: Source, token_name: Option<String>) -> impl IntoView {
    let name = match actor {
        EventActor::Person(person) => view! { <PersonName person=Some(person) /> }.into_any(),
        EventActor::FormerPerson(name) => {
            view! { <span class="who" dir="auto">{name}</span><span class="muted">" (deleted)"</span> }
                .into_any()
        }
        EventActor::System => view! { <span class="muted">"no one (system)"</span> }.into_any(),
        EventActor::Unrecorded => view! { <span class="muted">"not recorded"</span> }.into_any(),
    };
    let source = match source {
        Source::Web => None,
        Source::Api => {
            Some(token_name.map_or_else(|| "API".to_owned(), |token| format!("API, {}", isolated(&token))))
        }
        Source::Cli => Some("command line".to_owned()),
        Source::Import => Some("import".to_owned()),
        Source::Migration => Some("before the log".to_owned()),
    };
    view! { {name} {source.map(|source| view! { " " <span class="tag">{source}</span> })} }
}
