//! One page of a list, and the links to the pages beside it.

use leptos::prelude::*;

use crate::ui::pagination::ListPage;
use crate::ui::paths::encode;
use crate::ui::viewer::Viewer;

/// A list with live updates and links to its other pages: its rows, or `empty` if it has none.
pub fn paged_list<T>(
    id: &'static str,
    page: ListPage<T>,
    empty: impl FnOnce() -> AnyView,
    rows: impl FnOnce(Vec<T>) -> AnyView,
) -> AnyView {
    let base = Viewer::current().address().first_page().to_string();
    let ListPage { items, before, after } = page;
    let shown = if items.is_empty() { empty() } else { rows(items) };
    view! {
        <div id=id data-live>{shown}</div>
        <Pager base before after />
    }
    .into_any()
}

/// `base` is the list's address with its own parameters, as in `/groups?q=em`.
#[component]
pub fn Pager(base: String, before: Option<String>, after: Option<String>) -> impl IntoView {
    let link = move |name: &str, cursor: Option<String>| {
        let separator = if base.contains('?') { '&' } else { '?' };
        cursor.map(|cursor| format!("{base}{separator}{name}={}", encode(&cursor)))
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
    // Live updates replace the links together with the list.
    view! { <div class="pages" id="pages" data-live>{links}</div> }
}

#[component]
fn PagerLink(to: Option<String>, text: &'static str, relation: &'static str) -> impl IntoView {
    match to {
        Some(to) => view! { <a class="button" href=to rel=relation>{text}</a> }.into_any(),
        None => view! { <span class="button button--off" aria-disabled="true">{text}</span> }.into_any(),
    }
}
