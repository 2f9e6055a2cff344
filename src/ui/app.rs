//! The HTML document, and the routes of all pages.

use leptos::config::LeptosOptions;
use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, StaticSegment, path};

use super::hydration::StartIslands;
use super::viewer::Viewer;
use crate::ui::account::pages::AccountPage;
use crate::ui::admin_events::pages::AdminLogPage;
use crate::ui::audit::pages::{AsOfPage, AuditPage, ComparisonPage};
use crate::ui::components::NotFoundPage;
use crate::ui::enrollments::pages::{
    CreatorPage, EnrollmentPage, EnrollmentRemovalPage, EnrollmentRemovalsPage,
};
use crate::ui::groups::pages::{GroupPage, GroupRemovalPage, GroupsPage, NewGroupPage};
use crate::ui::imports::pages::{ImportPage, NewImportPage};
use crate::ui::operators::pages::change::OperatorChangePage;
use crate::ui::operators::pages::details::OperatorPage;
use crate::ui::operators::pages::list::OperatorsPage;
use crate::ui::operators::pages::new::NewOperatorPage;
use crate::ui::overview::pages::OverviewPage;
use crate::ui::people::pages::{NewPersonPage, PeoplePage, PersonDeletionPage, PersonEditPage, PersonPage};
use crate::ui::search::pages::SearchPage;
use crate::ui::sign_in::pages::invitation::InvitationPage;
use crate::ui::sign_in::pages::login::LoginPage;
use crate::ui::tokens::pages::list::TokensPage;
use crate::ui::tokens::pages::new::NewTokenPage;
use crate::ui::tokens::pages::revoke::RevocationPage;
use crate::ui::workspaces::pages::{
    NewWorkspacePage, WorkspaceEditPage, WorkspacePage, WorkspaceRemovalPage, WorkspacesPage,
};

/// Whether this build has scripts and WebAssembly. Provided to every page.
#[derive(Debug, Clone, Copy)]
pub struct HasIslands(pub bool);

/// The HTML document. `options` name the folder of styles, scripts and WebAssembly.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let package = options.site_pkg_dir.clone();
    let viewer = use_context::<Viewer>();
    let theme = viewer.as_ref().map(|viewer| viewer.theme.into_str());
    // `islands/page_enhancements.rs` compares it with the zone of the browser.
    let zone = viewer.map(|viewer| viewer.browser_zone);
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

/// Pages are rendered completely before they are sent, because placeholders would remain without JavaScript.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=|| view! { <NotFoundPage /> }>
                <Route path=StaticSegment("") view=OverviewPage ssr=SsrMode::Async />
                <Route path=path!("/audit") view=AuditPage ssr=SsrMode::Async />
                <Route path=path!("/audit/as-of") view=AsOfPage ssr=SsrMode::Async />
                <Route path=path!("/audit/compare") view=ComparisonPage ssr=SsrMode::Async />
                <Route path=path!("/login") view=LoginPage ssr=SsrMode::Async />
                <Route path=path!("/invite/:secret") view=InvitationPage ssr=SsrMode::Async />
                <Route path=path!("/search") view=SearchPage ssr=SsrMode::Async />
                <Route path=path!("/account") view=AccountPage ssr=SsrMode::Async />
                <Route path=path!("/audit/admin") view=AdminLogPage ssr=SsrMode::Async />
                <Route path=path!("/tokens") view=TokensPage ssr=SsrMode::Async />
                <Route path=path!("/tokens/new") view=NewTokenPage ssr=SsrMode::Async />
                <Route path=path!("/tokens/:id/revoke") view=RevocationPage ssr=SsrMode::Async />
                <Route path=path!("/operators") view=OperatorsPage ssr=SsrMode::Async />
                <Route path=path!("/operators/new") view=NewOperatorPage ssr=SsrMode::Async />
                <Route path=path!("/operators/:id") view=OperatorPage ssr=SsrMode::Async />
                <Route path=path!("/operators/:id/:change") view=OperatorChangePage ssr=SsrMode::Async />
                <Route path=path!("/groups") view=GroupsPage ssr=SsrMode::Async />
                <Route path=path!("/groups/new") view=NewGroupPage ssr=SsrMode::Async />
                <Route path=path!("/groups/:id") view=GroupPage ssr=SsrMode::Async />
                <Route path=path!("/groups/:id/bulk") view=NewImportPage ssr=SsrMode::Async />
                <Route path=path!("/groups/:id/bulk/:import") view=ImportPage ssr=SsrMode::Async />
                <Route path=path!("/groups/:id/remove") view=GroupRemovalPage ssr=SsrMode::Async />
                <Route path=path!("/groups/:id/removals") view=EnrollmentRemovalsPage ssr=SsrMode::Async />
                <Route path=path!("/enrollments/:id/remove") view=EnrollmentRemovalPage ssr=SsrMode::Async />
                <Route path=path!("/enrollments/:id") view=EnrollmentPage ssr=SsrMode::Async />
                <Route path=path!("/enrollments/:id/attribution") view=CreatorPage ssr=SsrMode::Async />
                <Route path=path!("/workspaces") view=WorkspacesPage ssr=SsrMode::Async />
                <Route path=path!("/workspaces/new") view=NewWorkspacePage ssr=SsrMode::Async />
                <Route path=path!("/workspaces/:id") view=WorkspacePage ssr=SsrMode::Async />
                <Route path=path!("/workspaces/:id/edit") view=WorkspaceEditPage ssr=SsrMode::Async />
                <Route path=path!("/workspaces/:id/remove") view=WorkspaceRemovalPage ssr=SsrMode::Async />
                <Route path=path!("/people") view=PeoplePage ssr=SsrMode::Async />
                <Route path=path!("/people/new") view=NewPersonPage ssr=SsrMode::Async />
                <Route path=path!("/people/:id") view=PersonPage ssr=SsrMode::Async />
                <Route path=path!("/people/:id/edit") view=PersonEditPage ssr=SsrMode::Async />
                <Route path=path!("/people/:id/delete") view=PersonDeletionPage ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}
