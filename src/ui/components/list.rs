//! What lists consist of: the search and the filters above, the table, and the links to the pages beside this one.

use crate::ui::components::prelude::*;
use crate::ui::pagination::{COUNT, ROWS};

/// Links to the whole list of the page at `path` as a file, with these parameters of the address.
#[component]
pub fn Files(path: &'static str, parameters: Vec<&'static str>) -> impl IntoView {
    let here = Viewer::current().address();
    let link = |format: &str| {
        let file = Address::of(&format!("{path}/export.{format}"));
        file.with_those(&here, parameters.iter().copied()).to_string()
    };
    view! {
        <p class="files">
            "Export all: " <a href=link("csv") download>"CSV"</a> " " <a href=link("ndjson") download>"NDJSON"</a>
        </p>
    }
}

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

pub struct Column<T> {
    text: &'static str,
    header: AnyView,
    cell: Box<dyn Fn(&T) -> AnyView>,
}

impl<T> Column<T> {
    /// A column with its own kind of cells.
    pub fn of_cells(header: AnyView, cell: impl Fn(&T) -> AnyView + 'static) -> Self {
        Self { text: "", header, cell: Box::new(cell) }
    }

    fn titled(text: &'static str, cell: impl Fn(&T) -> AnyView + 'static) -> Self {
        Self { text, ..Self::of_cells(view! { <th scope="col">{text}</th> }.into_any(), cell) }
    }

    /// The column whose cells are the headings of their rows.
    pub fn name<V: IntoView + 'static>(text: &'static str, show: impl Fn(&T) -> V + 'static) -> Self {
        Self::titled(text, move |item| view! { <th scope="row">{show(item)}</th> }.into_any())
    }

    pub fn text<V: IntoView + 'static>(text: &'static str, show: impl Fn(&T) -> V + 'static) -> Self {
        Self::titled(text, move |item| view! { <td data-label=text>{show(item)}</td> }.into_any())
    }

    pub fn number(text: &'static str, show: impl Fn(&T) -> String + 'static) -> Self {
        Self::of_cells(view! { <th scope="col" class="number">{text}</th> }.into_any(), move |item| {
            view! { <td class="number" data-label=text>{show(item)}</td> }.into_any()
        })
    }

    /// The last column, with what can be done with an item.
    pub fn actions<V: IntoView + 'static>(show: impl Fn(&T) -> V + 'static) -> Self {
        let header = view! { <th scope="col" class="table__action"><span class="visually-hidden">"Actions"</span></th> };
        Self::of_cells(header.into_any(), move |item| {
            view! { <td class="table__action">{show(item)}</td> }.into_any()
        })
    }

    /// Makes the header a link to the order by `word`, or to the opposite if the list has it. `default` is the order
    /// without a parameter, such as `-created_at`. With `last_first` the order begins with the largest value.
    #[must_use]
    pub fn sorted(self, word: &'static str, default: &'static str, last_first: bool) -> Self {
        let here = Viewer::current().address();
        let current = here.get("sort").unwrap_or(default).to_owned();
        let (is_by_this, is_descending) = (current.trim_start_matches('-') == word, current.starts_with('-'));
        let descending = if is_by_this { !is_descending } else { last_first };
        let next = if descending { format!("-{word}") } else { word.to_owned() };
        let next = if next == default { here.without("sort") } else { here.with("sort", &next) };
        let state = is_by_this.then_some(if is_descending { "descending" } else { "ascending" });
        let link = view! { <a class="table__sort" href=next.to_string()>{self.text}</a> };
        Self { header: view! { <th scope="col" aria-sort=state>{link}</th> }.into_any(), ..self }
    }
}

#[component]
pub fn DataTable<T: 'static>(
    /// For screen readers.
    #[prop(into)]
    caption: String,
    columns: Vec<Column<T>>,
    items: Vec<T>,
    #[prop(optional)] row_id: Option<fn(&T) -> String>,
    #[prop(optional)] current: Option<String>,
    #[prop(default = "table")] class: &'static str,
) -> impl IntoView {
    let rows = items.iter().map(|item| {
        let id = row_id.map(|row_id| row_id(item));
        let current = (id.is_some() && id == current).then_some("true");
        let cells = columns.iter().map(|column| (column.cell)(item)).collect_view();
        view! { <tr id=id aria-current=current>{cells}</tr> }
    });
    let rows = rows.collect_view();
    view! {
        <table class=class>
            <caption class="visually-hidden">{caption}</caption>
            <thead>
                <tr>{columns.into_iter().map(|column| column.header).collect_view()}</tr>
            </thead>
            <tbody>{rows}</tbody>
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

/// The rows, or a title and a sentence if there are none.
pub fn rows_or_empty<T, V: IntoView + 'static>(
    items: Vec<T>,
    (title, text): (&'static str, impl Into<String>),
    rows: impl FnOnce(Vec<T>) -> V,
) -> AnyView {
    if items.is_empty() {
        let text = text.into();
        return view! { <Empty title>{text}</Empty> }.into_any();
    }
    rows(items).into_any()
}

/// A list with live updates and links to its other pages: its rows, or a title and a sentence if it has none.
pub fn list_or_empty<T, V: IntoView + 'static>(
    id: &'static str,
    page: ListPage<T>,
    empty: (&'static str, impl Into<String>),
    rows: impl FnOnce(Vec<T>) -> V,
) -> AnyView {
    list_with_form(id, page, empty, rows, ())
}

/// [`list_or_empty`] with a form for the selected rows. It is before them, so that it is near by keyboard, and next to the
/// list, because the style hides it if the list has no table.
pub fn list_with_form<T, V: IntoView + 'static>(
    id: &'static str,
    ListPage { items, before, after }: ListPage<T>,
    empty: (&'static str, impl Into<String>),
    rows: impl FnOnce(Vec<T>) -> V,
    form: impl IntoView + 'static,
) -> AnyView {
    // `find` belongs to the search above the list, which the other pages of the list do not repeat.
    let base = Viewer::current().address().without("find");
    view! {
        <div>
            {form}
            <div id=id data-live>{rows_or_empty(items, empty, rows)}</div>
        </div>
        <Pager base before after />
    }
    .into_any()
}

/// The length of a list, or a link that asks for it. `nouns`: of one item and of several.
#[component]
pub fn Total(number: Option<i64>, nouns: (&'static str, &'static str)) -> impl IntoView {
    let text = if let Some(number) = number {
        Formats::current().count(number, nouns.0, nouns.1).into_any()
    } else {
        let link = Viewer::current().address().with_kept(COUNT, "yes").to_string();
        view! { <a href=link>{format!("Count the {}", nouns.1)}</a> }.into_any()
    };
    view! { <p class="total" id="total" data-live="text">{text}</p> }
}

/// `base` is the list's address with its own parameters, as in `/groups?q=em`.
/// `start`: the number of rows before the page, of a list that shows its position.
#[component]
pub fn Pager(
    base: Address,
    before: Option<String>,
    after: Option<String>,
    #[prop(optional)] start: Option<i64>,
) -> impl IntoView {
    let rows = i64::from(ROWS);
    let link = |name, cursor: Option<&String>, text, relation: &'static str| match cursor {
        Some(cursor) => {
            let step = if name == "before" { -rows } else { rows };
            let row = start.map(|start| (start + step).max(0));
            let to = base.with_cursor(name, cursor, row).to_string();
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
