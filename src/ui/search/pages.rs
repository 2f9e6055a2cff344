//! `/search?q=…`

use leptos::prelude::*;
use leptos_router::components::Redirect;

use crate::kernel::text::isolated;
use crate::ui::components::{Empty, Page, load_page};
use crate::ui::paths;
use crate::ui::search::queries::search;
use crate::ui::search::view::NavTarget;
use crate::ui::viewer::Viewer;

#[component]
pub fn SearchPage() -> impl IntoView {
    let text = Viewer::current().query("q").unwrap_or_default();
    load_page(async move {
        let targets = search(&text).await?;
        Ok(results(text, targets))
    })
}

fn results(text: String, targets: Vec<NavTarget>) -> AnyView {
    // An id has one meaning, so that the page would be one more click.
    if let [NavTarget { is_exact: true, path, .. }] = targets.as_slice() {
        return view! { <Redirect path=path.clone() /> }.into_any();
    }
    let has_text = !text.trim().is_empty();
    let nothing = format!("No group, workspace, person or page matches “{}”.", isolated(text.trim()));
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
            {if targets.is_empty() {
                view! { <Empty title="Nothing found">{nothing}</Empty> }.into_any()
            } else {
                by_kind(targets, has_text).into_any()
            }}
        </Page>
    }
    .into_any()
}

const LABEL: &str = "Search by name, id, external id or e-mail address";

/// Sections by kind, in the order of their first results.
fn by_kind(targets: Vec<NavTarget>, has_text: bool) -> impl IntoView {
    let mut kinds: Vec<Vec<NavTarget>> = Vec::new();
    for target in targets {
        match kinds.iter_mut().find(|kind| kind[0].kind == target.kind) {
            Some(kind) => kind.push(target),
            None => kinds.push(vec![target]),
        }
    }
    kinds.into_iter().map(|targets| view! { <Kind targets has_text /> }).collect_view()
}

#[component]
fn Kind(targets: Vec<NavTarget>, has_text: bool) -> impl IntoView {
    let heading = match targets.first().map(|target| target.kind.as_str()) {
        Some("Person") => "People".to_owned(),
        Some("Page") if !has_text => "All pages".to_owned(),
        Some(kind) => format!("{kind}s"),
        None => String::new(),
    };
    view! {
        <section class="stack">
            <h2>{heading}</h2>
            <ul class="results">{targets.into_iter().map(|target| view! { <TargetRow target /> }).collect_view()}</ul>
        </section>
    }
}

#[component]
fn TargetRow(target: NavTarget) -> impl IntoView {
    view! {
        <li class="results__row">
            <span>
                <a class="name" href=target.path dir="auto">{target.name}</a>
                {target.detail.map(|detail| view! { " " <code class="muted">{detail}</code> })}
            </span>
            {target.is_removed.then(|| view! { <span class="tag tag--danger">"removed"</span> })}
        </li>
    }
}
