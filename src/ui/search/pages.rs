//! `/search?q=…`

use leptos_router::components::Redirect;

use crate::ui::components::prelude::*;
use crate::ui::islands::combobox::removed_state;
use crate::ui::search::queries::{NavTarget, search_read};

#[component]
pub fn SearchPage() -> impl IntoView {
    let text = Viewer::current().query("q").unwrap_or_default();
    load_page(async move {
        let targets = search_read(text.clone()).await?;
        Ok(results(text, targets))
    })
}

fn results(text: String, targets: Vec<NavTarget>) -> AnyView {
    // An id has one meaning, so that the page would be one more click.
    if let [NavTarget { is_exact: true, path, .. }] = targets.as_slice() {
        return view! { <Redirect path=path.clone() /> }.into_any();
    }
    let nothing = format!("No group, workspace, person or page matches “{}”.", isolated(text.trim()));
    let has_text = !text.trim().is_empty();
    let shown = rows_or_empty(targets, ("Nothing found", nothing), |targets| by_kind(targets, has_text));
    let label = "Search by name, id, external id or e-mail address";
    view! {
        <Page title="Search">
            <h1>"Search"</h1>
            <search>
                <form class="search" method="get" action=paths::SEARCH>
                    <label class="visually-hidden" for="q">{label}</label>
                    <input id="q" name="q" type="search" placeholder=label value=text />
                    <button class="button">"Search"</button>
                </form>
            </search>
            {shown}
        </Page>
    }
    .into_any()
}

/// Sections by kind, in the order of their first results.
fn by_kind(targets: Vec<NavTarget>, has_text: bool) -> impl IntoView {
    let mut kinds: Vec<(String, Vec<_>)> = Vec::new();
    for target in targets {
        let heading = match target.kind.as_str() {
            "Person" => "People".to_owned(),
            "Page" if !has_text => "All pages".to_owned(),
            kind => format!("{kind}s"),
        };
        let state = removed_state(&target.kind);
        let row = view! {
            <li class="results__row">
                <span>
                    <a class="name" href=target.path dir="auto">{target.name}</a>
                    {target.detail.map(|detail| view! { " " <code class="muted">{detail}</code> })}
                    {target.place.map(|place| view! { " " <span class="muted">{place}</span> })}
                </span>
                {target.is_removed.then(|| view! { <span class="tag tag--danger">{state}</span> })}
            </li>
        };
        match kinds.iter_mut().find(|(known, _)| *known == heading) {
            Some((_, rows)) => rows.push(row),
            None => kinds.push((heading, vec![row])),
        }
    }
    let section = |(heading, rows)| {
        view! { <section class="stack"><h2>{heading}</h2><ul class="results">{rows}</ul></section> }
    };
    kinds.into_iter().map(section).collect_view()
}
