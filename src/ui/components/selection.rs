//! Rows with boxes to tick, and what can be done with the ticked ones. The boxes belong to the form by
//! its id and not by standing in it: rows have forms of their own.

use leptos::prelude::*;

use crate::ui::islands::selection::{FORM, Selection};

/// The box of a row; `name` is the parameter under which its value is sent.
#[component]
pub fn Tick(name: &'static str, value: String, label: String) -> impl IntoView {
    view! { <td class="table__tick"><input type="checkbox" form=FORM name=name value=value aria-label=label /></td> }
}

/// The heading of the boxes' column, which ticks them all where there is script.
#[component]
pub fn TickAll() -> impl IntoView {
    view! {
        <th scope="col" class="table__tick">
            <span class="visually-hidden">"Select"</span>
            <input class="needs-script" type="checkbox" data-all=FORM aria-label="Select all on this page" />
        </th>
    }
}

/// The form, below the table and in sight while one scrolls; its children are its buttons and hidden
/// fields.
#[component]
pub fn Picked(method: &'static str, #[prop(into)] action: String, children: Children) -> impl IntoView {
    view! {
        <form class="picked" id=FORM method=method action=action>
            {children()}
            <span class="picked__count" data-count="" role="status"></span>
        </form>
        <Selection />
    }
}
