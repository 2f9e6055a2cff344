//! The search and the filters above a list: a form whose fields become the address.

use leptos::prelude::*;

use crate::ui::viewer::Viewer;

/// A search field and, as children, further fields. Other parameters, such as the order, stay in the address.
/// `placeholder` is also the label.
#[component]
pub fn Toolbar(
    /// The page's path.
    action: &'static str,
    placeholder: &'static str,
    /// The names of all fields, the search's `q` among them.
    fields: &'static [&'static str],
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let here = Viewer::current().address();
    let is_filtered = fields.iter().any(|field| here.get(field).is_some());
    let cleared = fields.iter().fold(here.first_page(), |address, field| address.without(field));
    view! {
        <search>
            <form class="toolbar" method="get" action=action>
                <div class="toolbar__search">
                    <label class="visually-hidden" for="q">{placeholder}</label>
                    <input id="q" name="q" type="search" placeholder=placeholder value=here.get("q").unwrap_or_default().to_owned() />
                </div>
                {children.map(|children| children())}
                {here
                    .others(fields)
                    .into_iter()
                    .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
                    .collect_view()}
                <button class="button">"Search"</button>
                {is_filtered.then(|| view! { <a class="button button--quiet" href=cleared.to_string()>"Clear"</a> })}
            </form>
        </search>
    }
}

/// A choice of one word. The first option is the default, without a parameter.
#[component]
pub fn Choose(
    name: &'static str,
    label: &'static str,
    /// Word and text of each; the first word is empty.
    options: Vec<(&'static str, &'static str)>,
) -> impl IntoView {
    let chosen = Viewer::current().query(name).unwrap_or_default();
    view! {
        <div class="toolbar__field">
            <label for=name>{label}</label>
            <select id=name name=name>
                {options
                    .into_iter()
                    .map(|(word, text)| view! { <option value=word selected=word == chosen>{text}</option> })
                    .collect_view()}
            </select>
        </div>
    }
}
