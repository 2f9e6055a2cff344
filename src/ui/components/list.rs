//! What lists consist of: the search and the filters above, the table, and the links to the pages beside this one.

use leptos::prelude::*;
use strum::VariantArray;

use crate::ui::pagination::{Address, ListPage};
use crate::ui::viewer::Viewer;

/// A search field and, as children, further fields. `fields` are the names of all; other parameters of the address,
/// such as the order, stay. `placeholder` is also the label.
#[component]
pub fn Toolbar(
    action: &'static str,
    placeholder: &'static str,
    #[prop(default = "q")] name: &'static str,
    fields: &'static [&'static str],
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let here = Viewer::current().address();
    let is_filtered = fields.iter().any(|field| here.get(field).is_some());
    let cleared = fields.iter().fold(here.first_page(), |address, field| address.without(field));
    let others = here.others(fields).into_iter();
    let others = others.map(|(name, value)| view! { <input type="hidden" name=name value=value /> });
    view! {
        <search>
            <form class="toolbar" method="get" action=action>
                <div class="toolbar__search">
                    <label class="visually-hidden" for=name>{placeholder}</label>
                    <input id=name name=name type="search" placeholder=placeholder value=here.get(name).unwrap_or_default().to_owned() />
                </div>
                {children.map(|children| children())}
                {others.collect_view()}
                <button class="button">"Search"</button>
                {is_filtered.then(|| view! { <a class="button button--quiet" href=cleared.to_string()>"Clear"</a> })}
            </form>
        </search>
    }
}

/// A choice of one word: the word and text of each option. The first is the default, and its word is empty.
#[component]
pub fn Choose(
    name: &'static str,
    label: &'static str,
    options: Vec<(&'static str, &'static str)>,
) -> impl IntoView {
    let chosen = Viewer::current().query(name).unwrap_or_default();
    let options = options.into_iter().map(|(word, text)| {
        view! { <option value=word selected=word == chosen>{text}</option> }
    });
    view! {
        <div class="toolbar__field">
            <label for=name>{label}</label>
            <select id=name name=name>{options.collect_view()}</select>
        </div>
    }
}

/// The options of a [`Choose`]: `all` without a word, and each value of an enum.
pub fn options<T>(all: &'static str, text: impl Fn(T) -> &'static str) -> Vec<(&'static str, &'static str)>
where
    T: Copy + Into<&'static str> + VariantArray,
{
    let values = T::VARIANTS.iter().map(|&value| (value.into(), text(value)));
    [("", all)].into_iter().chain(values).collect()
}

/// A table with a caption for screen readers. Its children are the rows. If it is `numeric`, all columns but the first
/// contain numbers.
#[component]
pub fn Table(
    #[prop(into)] caption: String,
    columns: &'static [&'static str],
    #[prop(optional)] numeric: bool,
    children: Children,
) -> impl IntoView {
    let headings = columns.iter().enumerate().map(|(index, column)| {
        let class = (numeric && index > 0).then_some("number");
        view! { <th scope="col" class=class>{*column}</th> }
    });
    view! {
        <table class="table">
            <caption class="visually-hidden">{caption}</caption>
            <thead>
                <tr>{headings.collect_view()}</tr>
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
