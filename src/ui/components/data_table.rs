//! Tables that are described by their columns.

use leptos::prelude::*;

use crate::ui::components::SortHeader;

/// A column of a [`DataTable`].
pub struct Column<T> {
    text: &'static str,
    header: AnyView,
    /// Makes the whole cell of an item.
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
        let header = view! { <th scope="col"><span class="visually-hidden">"Actions"</span></th> };
        Self::of_cells(header.into_any(), move |item| {
            view! { <td class="table__action">{show(item)}</td> }.into_any()
        })
    }

    /// Makes the header a link that orders the list: see [`SortHeader`].
    #[must_use]
    pub fn sorted(self, word: &'static str, default: &'static str, last_first: bool) -> Self {
        Self { header: view! { <SortHeader word text=self.text default last_first /> }.into_any(), ..self }
    }
}

/// A table with a row for each item.
#[component]
pub fn DataTable<T: 'static>(
    /// For screen readers.
    #[prop(into)]
    caption: String,
    columns: Vec<Column<T>>,
    items: Vec<T>,
    /// The id of the row of an item.
    #[prop(optional)]
    row_id: Option<fn(&T) -> String>,
    /// The id of the row that the page is about.
    #[prop(optional)]
    current: Option<String>,
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
