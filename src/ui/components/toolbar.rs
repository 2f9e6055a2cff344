//! The search and the filters above a list: a form whose fields become the address.

use leptos::prelude::*;
use strum::VariantArray;

use crate::ui::viewer::Viewer;

/// A search field and, as children, further fields. `fields` are the names of all; other parameters of the address, such
/// as the order, stay. `placeholder` is also the label.
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
