//! The frames of pages that list things, and of pages about one thing.

use leptos::prelude::*;

use crate::kernel::topic::Topic;
use crate::ui::components::{Crumbs, Live, Page};
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
pub fn Fact(name: &'static str, children: Children) -> impl IntoView {
    view! {
        <dt>{name}</dt>
        <dd>{children()}</dd>
    }
}

/// Links to views of the same subject. With an `id`, live updates replace them.
pub fn tabs<T: PartialEq + Copy>(
    id: Option<&'static str>,
    label: &'static str,
    (tabs, current): (impl IntoIterator<Item = T>, T),
    path: impl Fn(T) -> String,
    text: impl Fn(T) -> String,
) -> AnyView {
    let link = |tab| {
        let is_current = (tab == current).then_some("page");
        view! { <a href=path(tab) aria-current=is_current>{text(tab)}</a> }
    };
    let links = tabs.into_iter().map(link).collect_view();
    view! { <nav class="tabs" id=id data-live=id.map(|_| "text") aria-label=label>{links}</nav> }.into_any()
}
