//! The frame of every page.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::kernel::text::isolated;
use crate::ui::components::flash_banner::{ErrorMessage, FlashMessage};
use crate::ui::components::navbar::Bar;
use crate::ui::error::{AnswerStatus, UiError, UiErrorKind};
use crate::ui::islands::page_enhancements::PageEnhancements;
use crate::ui::locale::formats::Formats;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

/// A page with its title, below the bar.
#[component]
pub fn Page(
    #[prop(into)] title: String,
    /// For a page with one form.
    #[prop(optional)]
    narrow: bool,
    children: Children,
) -> impl IntoView {
    let viewer = Viewer::current();
    let class = if narrow { "page page--narrow" } else { "page" };
    let is_signed_in = viewer.operator.is_some();
    view! {
        <Title text=escape(&format!("{} · groupdesk", isolated(&title))) />
        <a class="skip" href="#content">"Skip to content"</a>
        <Bar />
        <main class=class id="content" tabindex="-1">
            <FlashMessage />
            {children()}
        </main>
        {is_signed_in.then(|| view! { <Footer /> })}
        <PageEnhancements />
    }
}

/// `leptos_meta` does not escape titles.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[component]
fn Footer() -> impl IntoView {
    view! {
        <footer class="foot">
            <p>"Times are in " {Formats::current().zone()} ". " <a href=paths::PREFERENCES>"Change"</a></p>
            <p><a href=paths::API_DOCS>"API"</a></p>
        </footer>
    }
}

/// Replaces a form that the viewer may not send.
#[component]
pub fn Forbidden(#[prop(into)] text: String) -> impl IntoView {
    AnswerStatus::set(403);
    view! { <div class="message message--error" role="alert">{text}</div> }
}

/// The links to the pages above this one: path and text of each.
#[component]
pub fn Crumbs(crumbs: Vec<(String, String)>) -> impl IntoView {
    let links = crumbs.into_iter().map(|(path, text)| view! { <a href=path>{text}</a> });
    view! { <nav class="crumbs" aria-label="Breadcrumb">{links.collect_view()}</nav> }
}

/// One of the [`Crumbs`].
pub fn crumb(path: impl Into<String>, text: impl Into<String>) -> (String, String) {
    (path.into(), text.into())
}

/// Replaces a page that could not be loaded.
#[component]
pub fn ErrorPage(error: UiError) -> impl IntoView {
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
    view! {
        <Page title narrow=true>
            <div class="card stack">
                <h1>{title}</h1>
                <ErrorMessage error />
                <p><a class="button" href=paths::GROUPS>"All groups"</a></p>
            </div>
        </Page>
    }
}
