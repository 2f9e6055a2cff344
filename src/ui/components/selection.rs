//! Tables whose rows can be selected, and the form for what is selected. A checkbox belongs to the form by its `form`
//! attribute, because a row may contain a form of its own.

use leptos::prelude::*;

use crate::ui::islands::selection::{SELECTION_FORM, Selection};

/// The cell with the checkbox of a row. `name`: the field that the form sends `value` in.
#[component]
pub fn SelectRow(name: &'static str, value: String, label: String) -> impl IntoView {
    view! { <td class="table__tick"><input type="checkbox" form=SELECTION_FORM name=name value=value aria-label=label /></td> }
}

/// The heading of the column of checkboxes. It selects the whole page, which needs JavaScript.
#[component]
pub fn SelectAll() -> impl IntoView {
    view! {
        <th scope="col" class="table__tick">
            <span class="visually-hidden">"Select"</span>
            <input class="needs-script" type="checkbox" data-all=SELECTION_FORM aria-label="Select all on this page" />
        </th>
    }
}

/// The form below the table, which stays visible while one scrolls. Its children are its buttons and hidden fields.
#[component]
pub fn SelectionForm(
    method: &'static str,
    #[prop(into)] action: String,
    children: Children,
) -> impl IntoView {
    view! {
        <form class="picked" id=SELECTION_FORM method=method action=action>
            {children()}
            <span class="picked__count" data-count="" role="status"></span>
        </form>
        <Selection />
    }
}
