//! One page of a list, and the links to the pages beside it.

use leptos::prelude::*;

use crate::ui::address::Address;
use crate::ui::pagination::ListPage;
use crate::ui::viewer::Viewer;

/// A list with live updates and links to its other pages: its rows, or `empty` if it has none.
pub fn paged_list<T, E: IntoView + 'static, R: IntoView + 'static>(
    id: &'static str,
    page: ListPage<T>,
    empty: impl FnOnce() -> E,
    rows: impl FnOnce(Vec<T>) -> R,
) -> AnyView {
    let base = Viewer::current().address().first_page().to_string();
    let ListPage { items, before, after } = page;
    let shown = if items.is_empty() { empty().into_any() } else { rows(items).into_any() };
    view! {
        <div id=id data-live>{shown}</div>
        <Pager base before after />
    }
    .into_any()
}

/// `base` is the list's address with its own parameters, as in `/groups?q=em`.
#[component]
pub fn Pager(base: String, before: Option<String>, after: Option<String>) -> impl IntoView {
    let base = Address::of(&base);
    let link = |name, cursor: Option<&String>, text, relation: &'static str| match cursor {
        Some(cursor) => {
            let to = base.with(name, cursor).to_string();
            view! { <a class="button" href=to rel=relation>{text}</a> }.into_any()
        }
        None => view! { <span class="button button--off" aria-disabled="true">{text}</span> }.into_any(),
    };
    let links = (before.is_some() || after.is_some()).then(|| {
        view! {
            <nav class="pager" aria-label="Pages">
                {link("before", before.as_ref(), "← Previous", "prev")}
                {link("after", after.as_ref(), "Next →", "next")}
            </nav>
        }
    });
    // Live updates replace the links together with the list.
    view! { <div class="pages" id="pages" data-live>{links}</div> }
}
