//! Headers and empty states of tables.

use leptos::prelude::*;

use crate::ui::viewer::Viewer;

/// A table with headings. Its children are the rows.
#[component]
pub fn Table(
    /// For screen readers.
    #[prop(into)]
    caption: String,
    columns: &'static [&'static str],
    /// All columns but the first contain numbers.
    #[prop(optional)]
    numeric: bool,
    /// Adds a column without a visible heading.
    #[prop(optional)]
    actions: bool,
    children: Children,
) -> impl IntoView {
    let headings = columns.iter().enumerate().map(|(index, column)| {
        let class = (numeric && index > 0).then_some("number");
        view! { <th scope="col" class=class>{*column}</th> }
    });
    let actions =
        actions.then(|| view! { <th scope="col"><span class="visually-hidden">"Actions"</span></th> });
    view! {
        <table class="table">
            <caption class="visually-hidden">{caption}</caption>
            <thead>
                <tr>{headings.collect_view()} {actions}</tr>
            </thead>
            <tbody>{children()}</tbody>
        </table>
    }
}

/// Replaces a table without rows. Its children explain why, or what to do.
#[component]
pub fn Empty(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <div class="empty">
            <p class="empty__title">{title}</p>
            <div class="muted">{children()}</div>
        </div>
    }
}

/// The header of a column that orders the list: a link to its order, or to the opposite if the list has it. `default` is
/// the order without a parameter, such as `-created_at`.
#[component]
pub fn SortHeader(
    word: &'static str,
    text: &'static str,
    default: &'static str,
    /// Begins with the largest value, as times do.
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
