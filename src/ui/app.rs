//! The HTML document, and the routes of all pages.

use leptos::config::LeptosOptions;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, StaticSegment, path};

use crate::ui::viewer::Viewer;
use crate::ui::{
    account, admin_events, audit, changes, components, enrollments, groups, imports, operators, overview,
    people, search, sign_in, tokens, workspaces,
};

/// Whether this build has scripts and WebAssembly. Provided to every page.
#[derive(Debug, Clone, Copy)]
pub struct HasIslands(pub bool);

/// The HTML document. `options` name the folder of styles, scripts and WebAssembly.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let package = options.site_pkg_dir.clone();
    let viewer = use_context::<Viewer>();
    let theme = viewer.as_ref().map(|viewer| viewer.locale.theme.into_str());
    // `islands/page_enhancements.rs` compares it with the zone of the browser.
    let zone =
        viewer.map(|viewer| viewer.locale.browser_zone.map(|zone| zone.to_string()).unwrap_or_default());
    let has_islands = use_context::<HasIslands>().is_some_and(|islands| islands.0);
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="stylesheet" href=format!("/{package}/groupdesk.css") />
                <AutoReload options />
                {has_islands.then(|| view! { <StartIslands package=package.to_string() /> })}
                <MetaTags />
            </head>
            <body data-zone=zone>
                <App />
            </body>
        </html>
    }
}

/// Preloads the script and the WebAssembly in `package`, and starts the islands as soon as both are loaded.
/// Leptos's own `HydrationScripts` waits until the browser is idle, without a deadline, which may never happen.
#[component]
pub fn StartIslands(package: String) -> impl IntoView {
    // Only islands run in the browser, so that the rest of the page needs no hydration markers.
    if let Some(shared) = Owner::current_shared_context() {
        shared.set_is_hydrating(false);
    }
    let script = format!("/{package}/groupdesk.js");
    let program = format!("/{package}/groupdesk.wasm");
    view! {
        <link rel="modulepreload" href=script crossorigin="anonymous" />
        <link rel="preload" href=program r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
        <script type="module" nonce=use_nonce() inner_html=include_str!("start_islands.js") />
    }
}

/// Pages are rendered completely before they are sent, because placeholders would remain without JavaScript.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=|| view! { <components::NotFoundPage /> }>
                <Route path=StaticSegment("") view=overview::pages::OverviewPage ssr=SsrMode::Async />
                <Route path=path!("/audit") view=audit::pages::AuditPage ssr=SsrMode::Async />
                <Route path=path!("/audit/as-of") view=audit::pages::AsOfPage ssr=SsrMode::Async />
                <Route path=path!("/audit/compare") view=audit::pages::ComparisonPage ssr=SsrMode::Async />
                <Route path=path!("/audit/changes/:id") view=changes::pages::ChangeSetPage ssr=SsrMode::Async />
                <Route path=path!("/audit/changes/:id/undo") view=changes::pages::UndoPage ssr=SsrMode::Async />
                <Route path=path!("/groups/:id/move") view=changes::pages::moves::MovePage ssr=SsrMode::Async />
                <Route path=path!("/groups/:id/restore") view=changes::pages::restore::RestorePage ssr=SsrMode::Async />
                <Route path=path!("/groups/:id/settings") view=groups::pages::settings::GroupSettingsPage ssr=SsrMode::Async />
                <Route path=path!("/reason") view=changes::pages::reason::ReasonPage ssr=SsrMode::Async />
                <Route path=path!("/login") view=sign_in::pages::LoginPage ssr=SsrMode::Async />
                <Route path=path!("/invite/:secret") view=sign_in::pages::InvitationPage ssr=SsrMode::Async />
                <Route path=path!("/search") view=search::pages::SearchPage ssr=SsrMode::Async />
                <Route path=path!("/account") view=account::pages::AccountPage ssr=SsrMode::Async />
                <Route path=path!("/audit/admin") view=admin_events::pages::AdminLogPage ssr=SsrMode::Async />
                <Route path=path!("/tokens") view=tokens::pages::TokensPage ssr=SsrMode::Async />
                <Route path=path!("/tokens/new") view=tokens::pages::NewTokenPage ssr=SsrMode::Async />
                <Route path=path!("/tokens/:id/revoke") view=tokens::pages::RevocationPage ssr=SsrMode::Async />
                <Route path=path!("/operators") view=operators::pages::OperatorsPage ssr=SsrMode::Async />
                <Route path=path!("/operators/new") view=operators::pages::NewOperatorPage ssr=SsrMode::Async />
                <Route path=path!("/operators/:id") view=operators::pages::OperatorPage ssr=SsrMode::Async />
                <Route path=path!("/operators/:id/:change") view=operators::pages::OperatorChangePage ssr=SsrMode::Async />
                <Route path=path!("/groups") view=groups::pages::GroupsPage ssr=SsrMode::Async />
                <Route path=path!("/groups/new") view=groups::pages::NewGroupPage ssr=SsrMode::Async />
                <Route path=path!("/groups/:id") view=groups::pages::GroupPage ssr=SsrMode::Async />
                <Route path=path!("/groups/:id/bulk") view=imports::pages::NewImportPage ssr=SsrMode::Async />
                <Route path=path!("/groups/:id/bulk/:import") view=imports::pages::ImportPage ssr=SsrMode::Async />
                <Route path=path!("/groups/:id/remove") view=groups::pages::GroupRemovalPage ssr=SsrMode::Async />
                <Route path=path!("/groups/:id/removals") view=enrollments::pages::EnrollmentRemovalsPage ssr=SsrMode::Async />
                <Route path=path!("/groups/:id/readditions") view=enrollments::pages::matching::ReadditionsPage ssr=SsrMode::Async />
                <Route path=path!("/enrollments/:id/remove") view=enrollments::pages::EnrollmentRemovalPage ssr=SsrMode::Async />
                <Route path=path!("/enrollments/:id") view=enrollments::pages::EnrollmentPage ssr=SsrMode::Async />
                <Route path=path!("/enrollments/:id/attribution") view=enrollments::pages::CreatorPage ssr=SsrMode::Async />
                <Route path=path!("/workspaces") view=workspaces::pages::WorkspacesPage ssr=SsrMode::Async />
                <Route path=path!("/workspaces/new") view=workspaces::pages::NewWorkspacePage ssr=SsrMode::Async />
                <Route path=path!("/workspaces/:id") view=workspaces::pages::WorkspacePage ssr=SsrMode::Async />
                <Route path=path!("/workspaces/:id/edit") view=workspaces::pages::WorkspaceEditPage ssr=SsrMode::Async />
                <Route path=path!("/workspaces/:id/remove") view=workspaces::pages::WorkspaceRemovalPage ssr=SsrMode::Async />
                <Route path=path!("/people") view=people::pages::PeoplePage ssr=SsrMode::Async />
                <Route path=path!("/people/new") view=people::pages::NewPersonPage ssr=SsrMode::Async />
                <Route path=path!("/people/:id") view=people::pages::PersonPage ssr=SsrMode::Async />
                <Route path=path!("/people/:id/edit") view=people::pages::PersonEditPage ssr=SsrMode::Async />
                <Route path=path!("/people/:id/delete") view=people::pages::PersonDeletionPage ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}
