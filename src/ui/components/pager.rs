//! A page of a list, and the links to the pages beside it.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::ui::paths::encode;

/// Items with sealed places to go on from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ListPage<T> {
    pub items: Vec<T>,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// `base` is the list's address with its own parameters, as in `/groups?q=em`.
#[component]
pub fn Pager(base: String, before: Option<String>, after: Option<String>) -> impl IntoView {
    let link = move |name: &str, place: Option<String>| {
        let separator = if base.contains('?') { '&' } else { '?' };
        place.map(|place| format!("{base}{separator}{name}={}", encode(&place)))
    };
    let (previous, next) = (link("before", before), link("after", after));
    let links = (previous.is_some() || next.is_some()).then(|| {
        view! {
            <nav class="pager" aria-label="Pages">
                <PagerLink to=previous text="← Previous" relation="prev" />
                <PagerLink to=next text="Next →" relation="next" />
            </nav>
        }
    });
    // Where the list is kept up to date, so are the ways to its other pages.
    view! { <div class="pages" id="pages" data-live>{links}</div> }
}

#[component]
fn PagerLink(to: Option<String>, text: &'static str, relation: &'static str) -> impl IntoView {
    match to {
        Some(to) => view! { <a class="button" href=to rel=relation>{text}</a> }.into_any(),
        None => view! { <span class="button button--off" aria-disabled="true">{text}</span> }.into_any(),
    }
}
