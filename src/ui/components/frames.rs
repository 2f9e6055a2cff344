//! The frames of pages that list things, and of pages about one thing.

use leptos::prelude::*;
use strum::VariantArray;

use crate::kernel::topic::Topic;
use crate::ui::components::{Crumbs, Empty, Live, Page, Pager};
use crate::ui::pagination::ListPage;
use crate::ui::viewer::Viewer;

/// A page that lists things. Its children are the list and what filters it.
#[component]
pub fn IndexPage(
    title: &'static str,
    /// The page that adds a thing, for those who may write: path and text.
    new: (&'static str, &'static str),
    topics: Vec<Topic>,
    children: Children,
) -> impl IntoView {
    let may_write = Viewer::current().may_write();
    let new = may_write.then(|| view! { <a class="button button--primary" href=new.0>{new.1}</a> });
    view! {
        <Page title>
            <div class="heading">
                <h1>{title}</h1>
                {new}
            </div>
            {children()}
            <Live topics />
        </Page>
    }
}

/// A page about one thing: its name, what can be done with it, and as children the rest.
#[component]
pub fn DetailsPage(
    name: String,
    /// The page above this one.
    list: (String, String),
    /// Precedes the name.
    #[prop(optional)]
    mark: Option<AnyView>,
    #[prop(optional)] is_removed: bool,
    /// Path and text of each link.
    links: Vec<(String, &'static str)>,
    topics: Vec<Topic>,
    children: Children,
) -> impl IntoView {
    let links = links.into_iter().enumerate().map(|(index, (path, text))| {
        let class = if index == 0 { "button" } else { "button button--quiet" };
        view! { <a class=class href=path>{text}</a> }
    });
    let links = links.collect_view();
    view! {
        <Page title=name.clone()>
            <Crumbs crumbs=vec![list] />
            <div class="heading" id="heading" data-live>
                <h1>{mark} <bdi>{name}</bdi></h1>
                {is_removed.then(|| view! { <span class="tag tag--danger">"removed"</span> })}
                {(!links.is_empty()).then(|| view! { <div class="actions heading__actions">{links}</div> })}
            </div>
            {children()}
            <Live topics />
        </Page>
    }
}

/// A row of a `<dl class="facts">`.
#[component]
pub fn Fact(#[prop(into)] name: String, children: Children) -> impl IntoView {
    view! {
        <dt>{name}</dt>
        <dd>{children()}</dd>
    }
}

/// Links to the parts of a page, of which it shows the `current` one.
pub fn tabs<T: VariantArray + PartialEq + Copy>(
    label: &'static str,
    current: T,
    path: impl Fn(T) -> String,
    text: impl Fn(T) -> String,
) -> AnyView {
    let link = |tab: &T| {
        let is_current = (*tab == current).then_some("page");
        view! { <a href=path(*tab) aria-current=is_current>{text(*tab)}</a> }
    };
    let links = T::VARIANTS.iter().map(link).collect_view();
    view! { <nav class="tabs" id="tabs" data-live="text" aria-label=label>{links}</nav> }.into_any()
}

/// A list with live updates and links to its other pages: its rows, or a title and a sentence if it has none.
pub fn list_or_empty<T, V: IntoView + 'static>(
    id: &'static str,
    page: ListPage<T>,
    empty: (&'static str, impl Into<String>),
    rows: impl FnOnce(Vec<T>) -> V,
) -> AnyView {
    list_with_form(id, page, empty, rows, None)
}

/// [`list_or_empty`] with a form for the selected rows. The form follows the list directly, because the style hides it
/// if the list has no table.
pub fn list_with_form<T, V: IntoView + 'static>(
    id: &'static str,
    page: ListPage<T>,
    (title, text): (&'static str, impl Into<String>),
    rows: impl FnOnce(Vec<T>) -> V,
    form: Option<AnyView>,
) -> AnyView {
    // `find` belongs to the search above the list, which the other pages of the list do not repeat.
    let base = Viewer::current().address().without("find").to_string();
    let (ListPage { items, before, after }, text) = (page, text.into());
    let shown = if items.is_empty() {
        view! { <Empty title>{text}</Empty> }.into_any()
    } else {
        rows(items).into_any()
    };
    view! {
        <div id=id data-live>{shown}</div>
        {form}
        <Pager base before after />
    }
    .into_any()
}
