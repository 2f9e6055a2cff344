//! Components of the audit pages that other lists with the same filters use.

use crate::ui::audit::view::Choices;
use crate::ui::components::prelude::*;

/// The resources that a typed name may mean, each with a link to the address that names it.
pub fn matches(choices: Choices, here: &Address) -> AnyView {
    let Choices { noun, text, found, has_more } = choices;
    let (word, text) = (noun.into_str(), isolated(&text));
    if found.is_empty() {
        return alert(format!("No {word} matches “{text}”. Type another name."));
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

pub fn alert(text: String) -> AnyView {
    view! { <p class="message message--error" role="alert">{text}</p> }.into_any()
}
