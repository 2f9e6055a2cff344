//! What is around every table.

use leptos::prelude::*;

use crate::ui::viewer::Viewer;

/// Says that there is nothing, why, and what to do.
#[component]
pub fn Empty(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <div class="empty">
            <p class="empty__title">{title}</p>
            <div class="muted">{children()}</div>
        </div>
    }
}

/// The heading of a column that the list can be ordered by: a link that orders by it, and the other
/// way round the second time. `default` is the order that the address leaves unsaid, as in
/// `-created_at`; text begins with its first letter, times with the last.
#[component]
pub fn SortHeader(
    word: &'static str,
    text: &'static str,
    default: &'static str,
    /// Does it begin with the largest?
    #[prop(optional)]
    last_first: bool,
    #[prop(optional)] class: &'static str,
) -> impl IntoView {
    let here = Viewer::current().address();
    let current = here.get("sort").unwrap_or(default).to_owned();
    let (is_by_this, is_descending) = (current.trim_start_matches('-') == word, current.starts_with('-'));
    let descending = if is_by_this { !is_descending } else { last_first };
    let next = if descending { format!("-{word}") } else { word.to_owned() };
    let next = if next == default { here.without("sort") } else { here.with("sort", &next) };
    let state = match (is_by_this, is_descending) {
        (false, _) => None,
        (true, false) => Some("ascending"),
        (true, true) => Some("descending"),
    };
    view! {
        <th scope="col" class=class aria-sort=state>
            <a class="table__sort" href=next.to_string()>{text}</a>
        </th>
    }
}
