//! The frame of every page, and the pages that replace one.

use std::str::FromStr;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::kernel::text::isolated;
use crate::kernel::topic::Topic;
use crate::ui::components::flash_banner::{ErrorMessage, FlashMessage};
use crate::ui::components::navbar::Bar;
use crate::ui::error::{AnswerStatus, UiError, UiErrorKind};
use crate::ui::islands::live::LiveUpdates;
use crate::ui::islands::page_enhancements::PageEnhancements;
use crate::ui::locale::formats::Formats;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

/// A page with its title, below the bar. It is narrow if it consists of one form.
#[component]
pub fn Page(
    #[prop(into)] title: String,
    #[prop(optional)] narrow: bool,
    children: Children,
) -> impl IntoView {
    let class = if narrow { "page page--narrow" } else { "page" };
    // `leptos_meta` does not escape titles.
    let text = format!("{} · groupdesk", isolated(&title)).replace('&', "&amp;").replace('<', "&lt;");
    let footer = Viewer::current().operator.map(|_| {
        view! {
            <footer class="foot">
                <p>"Times are in " {Formats::current().zone()} ". " <a href=paths::PREFERENCES>"Change"</a></p>
                <p><a href=paths::API_DOCS>"API"</a></p>
            </footer>
        }
    });
    view! {
        <Title text />
        <a class="skip" href="#content">"Skip to content"</a>
        <Bar />
        <main class=class id="content" tabindex="-1">
            <FlashMessage />
            {children()}
        </main>
        {footer}
        <PageEnhancements />
    }
}

/// Shows the page that `load` makes, or why it cannot.
pub fn load_page<V: IntoView + 'static>(
    load: impl Future<Output = Result<V, UiError>> + Send + 'static,
) -> AnyView {
    let page = async move {
        match load.await {
            Ok(view) => view.into_any(),
            Err(error) => error_page(error).into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }.into_any()
}

/// [`load_page`] for an address with an `{id}`. There is no page for any other text in its place.
pub fn page_with_id<I, V, F>(load: impl FnOnce(I) -> F) -> AnyView
where
    I: FromStr,
    V: IntoView + 'static,
    F: Future<Output = Result<V, UiError>> + Send + 'static,
{
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    match id.parse() {
        Ok(id) => load_page(load(id)),
        Err(_) => view! { <NotFoundPage /> }.into_any(),
    }
}

fn error_page(error: UiError) -> impl IntoView {
    let title = match error.kind {
        UiErrorKind::NotFound => "Not found",
        UiErrorKind::SignedOut => "Signed out",
        UiErrorKind::Forbidden => "Not allowed",
        UiErrorKind::Refused => "Invalid request",
        UiErrorKind::TriedTooOften => "Too many attempts",
        UiErrorKind::Unavailable => "The desk is temporarily unavailable",
        UiErrorKind::Busy => "The desk is busy",
        UiErrorKind::Fault | UiErrorKind::Unreachable => "Something went wrong",
    };
    replacement_page(title, view! { <ErrorMessage error /> })
}

#[component]
pub fn NotFoundPage() -> impl IntoView {
    AnswerStatus::set(404);
    let text = "There is no page at this address. The link may be outdated or incomplete.";
    replacement_page("Not found", view! { <p>{text}</p> })
}

fn replacement_page(title: &'static str, content: impl IntoView + 'static) -> impl IntoView {
    view! {
        <Page title narrow=true>
            <div class="card stack">
                <h1>{title}</h1>
                {content}
                <p><a class="button" href=paths::GROUPS>"All groups"</a></p>
            </div>
        </Page>
    }
}

/// Replaces a form that the viewer may not send.
#[component]
pub fn Forbidden(#[prop(into)] text: String) -> impl IntoView {
    AnswerStatus::set(403);
    view! { <div class="message message--error" role="alert">{text}</div> }
}

/// The links to the pages above this one.
#[component]
pub fn Crumbs(crumbs: Vec<(String, String)>) -> impl IntoView {
    let links = crumbs.into_iter().map(|(path, text)| view! { <a href=path>{text}</a> });
    view! { <nav class="crumbs" aria-label="Breadcrumb">{links.collect_view()}</nav> }
}

pub fn crumb(path: impl Into<String>, text: impl Into<String>) -> (String, String) {
    (path.into(), text.into())
}

/// Links to views of the same subject: the address and text of each, and whether the page shows it.
#[component]
pub fn Tabs(label: &'static str, #[prop(into)] tabs: Vec<(String, AnyView, bool)>) -> impl IntoView {
    let links = tabs.into_iter().map(|(path, text, is_current)| {
        view! { <a href=path aria-current=is_current.then_some("page")>{text}</a> }
    });
    view! { <nav class="tabs" aria-label=label>{links.collect_view()}</nav> }
}

/// After a change of one of these topics, elements with `data-live` and an `id` are replaced if they differ
/// (`islands/live.rs`). Topics that the viewer may not see are left out.
#[component]
pub fn Live(mut topics: Vec<Topic>) -> impl IntoView {
    let viewer = Viewer::current();
    let since = viewer.now.timestamp_millis();
    topics.retain(|topic| viewer.operator.as_ref().is_some_and(|operator| topic.is_for(operator.role)));
    view! { <LiveUpdates attr:data-news=paths::live(since, &topics) /> }
}
