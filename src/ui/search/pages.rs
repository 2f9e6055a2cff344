//! `/search?q=…`: anything, by what is known of it.

use leptos::prelude::*;
use leptos_router::components::Redirect;

use crate::kernel::text::isolated;
use crate::ui::components::page::{ErrorPage, Page};
use crate::ui::components::table::Empty;
use crate::ui::paths;
use crate::ui::search::actions::{NavTarget, search_read};
use crate::ui::viewer::Viewer;

#[component]
pub fn SearchPage() -> impl IntoView {
    let text = Viewer::current().query("q").unwrap_or_default();
    let page = async move {
        match search_read(text.clone()).await {
            Ok(jumps) => found(text, jumps),
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }
}

fn found(text: String, jumps: Vec<NavTarget>) -> AnyView {
    // An id means one thing, and one who pasted it wants to be there.
    if let [NavTarget { is_exact: true, path, .. }] = jumps.as_slice() {
        return view! { <Redirect path=path.clone() /> }.into_any();
    }
    let is_asked = !text.trim().is_empty();
    let told = format!("No group, workspace, person or page matches “{}”.", isolated(text.trim()));
    view! {
        <Page title="Search">
            <h1>"Search"</h1>
            <search>
                <form class="search" method="get" action=paths::SEARCH>
                    <label class="visually-hidden" for="q">{LABEL}</label>
                    <input id="q" name="q" type="search" placeholder=LABEL value=text />
                    <button class="button">"Search"</button>
                </form>
            </search>
            {if jumps.is_empty() {
                view! { <Empty title="Nothing found">{told}</Empty> }.into_any()
            } else {
                by_kind(jumps, is_asked).into_any()
            }}
        </Page>
    }
    .into_any()
}

const LABEL: &str = "Search by name, id, external id or e-mail address";

/// Kind by kind, in the order in which the first of each was found.
fn by_kind(jumps: Vec<NavTarget>, is_asked: bool) -> impl IntoView {
    let mut kinds: Vec<Vec<NavTarget>> = Vec::new();
    for jump in jumps {
        match kinds.iter_mut().find(|kind| kind[0].kind == jump.kind) {
            Some(kind) => kind.push(jump),
            None => kinds.push(vec![jump]),
        }
    }
    kinds.into_iter().map(|jumps| view! { <Kind jumps is_asked /> }).collect_view()
}

#[component]
fn Kind(jumps: Vec<NavTarget>, is_asked: bool) -> impl IntoView {
    let heading = match jumps.first().map(|jump| jump.kind.as_str()) {
        Some("Person") => "People".to_owned(),
        Some("Page") if !is_asked => "All pages".to_owned(),
        Some(kind) => format!("{kind}s"),
        None => String::new(),
    };
    view! {
        <section class="stack">
            <h2>{heading}</h2>
            <ul class="results">{jumps.into_iter().map(|jump| view! { <JumpLine jump /> }).collect_view()}</ul>
        </section>
    }
}

#[component]
fn JumpLine(jump: NavTarget) -> impl IntoView {
    view! {
        <li class="results__row">
            <span>
                <a class="name" href=jump.path dir="auto">{jump.name}</a>
                {jump.detail.map(|detail| view! { " " <code class="muted">{detail}</code> })}
            </span>
            {jump.is_removed.then(|| view! { <span class="tag tag--danger">"removed"</span> })}
        </li>
    }
}
