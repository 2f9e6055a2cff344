//! Headers and empty states of tables.

use leptos::prelude::*;

use crate::ui::viewer::Viewer;

/// A table with a caption for screen readers. Its children are the rows. If it is `numeric`, all columns but the first
/// contain numbers. `actions` adds a column without a visible heading.
#[component]
pub fn Table(
    #[prop(into)] caption: String,
    columns: &'static [&'static str],
    #[prop(optional)] numeric: bool,
    #[prop(optional)] actions: bool,
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
/// the order without a parameter, such as `-created_at`. With `last_first` the order begins with the largest value.
#[component]
pub fn SortHeader(
    word: &'static str,
    text: &'static str,
    default: &'static str,
    #[prop(optional)] last_first: bool,
    #[prop(optional)] class: &'static str,
) -> impl IntoView {
    let here = Viewer::current().address();
    let current = here.get("sort").unwrap_or(default).to_owned();
    let (is_by_this, is_descending) = (current.trim_start_matches('-') == word, current.starts_with('-'));
    let descending = if is_by_this { !is_descending } else { last_first };
    let next = if descending { format!("-{word}") } else { word.to_owned() };
    let next = if next == default { here.without("sort") } else { here.with("sort", &next) };
    let state = is_by_this.then_some(if is_descending { "descending" } else { "ascending" });
    view! {
        <th scope="col" class=class aria-sort=state>
            <a class="table__sort" href=next.to_string()>{text}</a>
        </th>
    }
}
