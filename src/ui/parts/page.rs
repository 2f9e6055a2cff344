//! The frame of every page.

use leptos::prelude::*;
use leptos_meta::Title;

use super::message::{ErrorMessage, FlashMessage};
use crate::resources::operators::model::Operator;
use crate::ui::actions::operators::OperatorSignOut;
use crate::ui::paths;
use crate::ui::trouble::{Trouble, TroubleKind};
use crate::ui::viewer::Viewer;

/// A page with its title, below the bar that leads everywhere.
#[component]
pub fn Page(
    #[prop(into)] title: String,
    /// For a page that asks one thing.
    #[prop(optional)]
    narrow: bool,
    children: Children,
) -> impl IntoView {
    let viewer = Viewer::current();
    let class = if narrow { "page page--narrow" } else { "page" };
    view! {
        <Title text=escape(&format!("{title} · groupdesk")) />
        <a class="skip" href="#content">"Skip to the content"</a>
        <header class="bar">
            <div class="bar__inner">
                <a class="brand" href=paths::HOME>
                    <img src="/logo.svg" alt="" width="22" height="22" />
                    "groupdesk"
                </a>
                {viewer.operator.map(|operator| view! { <Navigation operator here=viewer.here /> })}
            </div>
        </header>
        <main class=class id="content" tabindex="-1">
            <FlashMessage />
            {children()}
        </main>
    }
}

/// `leptos_meta` writes a title as it is given; everywhere else text is escaped for us.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[component]
fn Navigation(operator: Operator, here: String) -> impl IntoView {
    let sign_out = ServerAction::<OperatorSignOut>::new();
    let is_current = here.starts_with(paths::GROUPS) || here.starts_with(paths::ENROLLMENTS);
    let current = is_current.then_some("page");
    view! {
        <nav class="bar__nav" aria-label="Main">
            <a href=paths::GROUPS aria-current=current>"Groups"</a>
        </nav>
        <div class="bar__who">
            <span class="bar__name" title=operator.email.clone()>{operator.person.name}</span>
            <span class="tag">{operator.role.word()}</span>
            <ActionForm action=sign_out>
                <button class="button button--quiet button--small">"Sign out"</button>
            </ActionForm>
        </div>
    }
}

/// Instead of what could not be shown.
#[component]
pub fn TroublePage(trouble: Trouble) -> impl IntoView {
    let title = match trouble.kind {
        TroubleKind::NotFound => "Not found",
        TroubleKind::SignedOut => "Signed out",
        TroubleKind::Forbidden => "Not allowed",
        TroubleKind::Refused => "That did not work",
        TroubleKind::TriedTooOften => "Too many attempts",
        TroubleKind::Unavailable => "The desk is away for a moment",
        TroubleKind::Fault | TroubleKind::Unreachable => "Something went wrong",
    };
    view! {
        <Page title narrow=true>
            <div class="card stack">
                <h1>{title}</h1>
                <ErrorMessage trouble />
                <p><a class="button" href=paths::GROUPS>"All groups"</a></p>
            </div>
        </Page>
    }
}
