//! The document around every page, and which page is where.

use leptos::config::LeptosOptions;
use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{ParamSegment, SsrMode, StaticSegment};

use super::hydration::StartIslands;
use super::viewer::Viewer;
use crate::ui::account::pages::AccountPage;
use crate::ui::admin_events::pages::AdminLogPage;
use crate::ui::audit::pages::as_of::AsOfPage;
use crate::ui::audit::pages::comparison::ComparisonPage;
use crate::ui::audit::pages::events::AuditPage;
use crate::ui::components::not_found::NotFoundPage;
use crate::ui::enrollments::pages::bulk_remove::GroupRemovalsPage;
use crate::ui::enrollments::pages::correct_creator::AttributionPage;
use crate::ui::enrollments::pages::details::EnrollmentPage;
use crate::ui::enrollments::pages::remove::RemovalPage;
use crate::ui::groups::pages::details::GroupPage;
use crate::ui::groups::pages::list::GroupsPage;
use crate::ui::groups::pages::new::NewGroupPage;
use crate::ui::groups::pages::remove::GroupRemovalPage;
use crate::ui::imports::pages::details::ImportPage;
use crate::ui::imports::pages::new::BulkPage;
use crate::ui::operators::pages::change::OperatorChangePage;
use crate::ui::operators::pages::details::OperatorPage;
use crate::ui::operators::pages::list::OperatorsPage;
use crate::ui::operators::pages::new::NewOperatorPage;
use crate::ui::overview::pages::OverviewPage;
use crate::ui::people::pages::delete::PersonDeletionPage;
use crate::ui::people::pages::details::PersonPage;
use crate::ui::people::pages::edit::PersonEditPage;
use crate::ui::people::pages::list::PeoplePage;
use crate::ui::people::pages::new::NewPersonPage;
use crate::ui::search::pages::SearchPage;
use crate::ui::sign_in::pages::invitation::InvitationPage;
use crate::ui::sign_in::pages::login::LoginPage;
use crate::ui::tokens::pages::list::TokensPage;
use crate::ui::tokens::pages::new::NewTokenPage;
use crate::ui::tokens::pages::revoke::RevocationPage;
use crate::ui::workspaces::pages::details::WorkspacePage;
use crate::ui::workspaces::pages::edit::WorkspaceEditPage;
use crate::ui::workspaces::pages::list::WorkspacesPage;
use crate::ui::workspaces::pages::new::NewWorkspacePage;
use crate::ui::workspaces::pages::remove::WorkspaceRemovalPage;

/// Whether script and WebAssembly are there to be loaded. Provided to every page.
#[derive(Debug, Clone, Copy)]
pub struct HasIslands(pub bool);

/// The whole HTML document. `package` is where style, script and WebAssembly are.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let package = options.site_pkg_dir.clone();
    let viewer = use_context::<Viewer>();
    let theme = viewer.as_ref().map(|viewer| viewer.theme.word());
    // What the browser said of itself: see `islands/everywhere.rs`.
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

/// Every page is rendered whole before it is sent: without JavaScript a placeholder would stay one.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=|| view! { <NotFoundPage /> }>
                <Route path=StaticSegment("") view=OverviewPage ssr=SsrMode::Async />
                <Route path=StaticSegment("audit") view=AuditPage ssr=SsrMode::Async />
                <Route path=(StaticSegment("audit"), StaticSegment("as-of")) view=AsOfPage ssr=SsrMode::Async />
                <Route path=(StaticSegment("audit"), StaticSegment("compare")) view=ComparisonPage ssr=SsrMode::Async />
                <Route path=StaticSegment("login") view=LoginPage ssr=SsrMode::Async />
                <Route path=(StaticSegment("invite"), ParamSegment("secret")) view=InvitationPage ssr=SsrMode::Async />
                <Route path=StaticSegment("search") view=SearchPage ssr=SsrMode::Async />
                <Route path=StaticSegment("account") view=AccountPage ssr=SsrMode::Async />
                <Route path=(StaticSegment("audit"), StaticSegment("admin")) view=AdminLogPage ssr=SsrMode::Async />
                <Route path=StaticSegment("tokens") view=TokensPage ssr=SsrMode::Async />
                <Route path=(StaticSegment("tokens"), StaticSegment("new")) view=NewTokenPage ssr=SsrMode::Async />
                <Route
                    path=(StaticSegment("tokens"), ParamSegment("id"), StaticSegment("revoke"))
                    view=RevocationPage
                    ssr=SsrMode::Async
                />
                <Route path=StaticSegment("operators") view=OperatorsPage ssr=SsrMode::Async />
                <Route path=(StaticSegment("operators"), StaticSegment("new")) view=NewOperatorPage ssr=SsrMode::Async />
                <Route path=(StaticSegment("operators"), ParamSegment("id")) view=OperatorPage ssr=SsrMode::Async />
                <Route
                    path=(StaticSegment("operators"), ParamSegment("id"), ParamSegment("change"))
                    view=OperatorChangePage
                    ssr=SsrMode::Async
                />
                <Route path=StaticSegment("groups") view=GroupsPage ssr=SsrMode::Async />
                <Route path=(StaticSegment("groups"), StaticSegment("new")) view=NewGroupPage ssr=SsrMode::Async />
                <Route path=(StaticSegment("groups"), ParamSegment("id")) view=GroupPage ssr=SsrMode::Async />
                <Route
                    path=(StaticSegment("groups"), ParamSegment("id"), StaticSegment("bulk"))
                    view=BulkPage
                    ssr=SsrMode::Async
                />
                <Route
                    path=(StaticSegment("groups"), ParamSegment("id"), StaticSegment("bulk"), ParamSegment("import"))
                    view=ImportPage
                    ssr=SsrMode::Async
                />
                <Route
                    path=(StaticSegment("groups"), ParamSegment("id"), StaticSegment("remove"))
                    view=GroupRemovalPage
                    ssr=SsrMode::Async
                />
                <Route
                    path=(StaticSegment("groups"), ParamSegment("id"), StaticSegment("removals"))
                    view=GroupRemovalsPage
                    ssr=SsrMode::Async
                />
                <Route
                    path=(StaticSegment("enrollments"), ParamSegment("id"), StaticSegment("remove"))
                    view=RemovalPage
                    ssr=SsrMode::Async
                />
                <Route path=(StaticSegment("enrollments"), ParamSegment("id")) view=EnrollmentPage ssr=SsrMode::Async />
                <Route
                    path=(StaticSegment("enrollments"), ParamSegment("id"), StaticSegment("attribution"))
                    view=AttributionPage
                    ssr=SsrMode::Async
                />
                <Route path=StaticSegment("workspaces") view=WorkspacesPage ssr=SsrMode::Async />
                <Route path=(StaticSegment("workspaces"), StaticSegment("new")) view=NewWorkspacePage ssr=SsrMode::Async />
                <Route path=(StaticSegment("workspaces"), ParamSegment("id")) view=WorkspacePage ssr=SsrMode::Async />
                <Route
                    path=(StaticSegment("workspaces"), ParamSegment("id"), StaticSegment("edit"))
                    view=WorkspaceEditPage
                    ssr=SsrMode::Async
                />
                <Route
                    path=(StaticSegment("workspaces"), ParamSegment("id"), StaticSegment("remove"))
                    view=WorkspaceRemovalPage
                    ssr=SsrMode::Async
                />
                <Route path=StaticSegment("people") view=PeoplePage ssr=SsrMode::Async />
                <Route path=(StaticSegment("people"), StaticSegment("new")) view=NewPersonPage ssr=SsrMode::Async />
                <Route path=(StaticSegment("people"), ParamSegment("id")) view=PersonPage ssr=SsrMode::Async />
                <Route
                    path=(StaticSegment("people"), ParamSegment("id"), StaticSegment("edit"))
                    view=PersonEditPage
                    ssr=SsrMode::Async
                />
                <Route
                    path=(StaticSegment("people"), ParamSegment("id"), StaticSegment("delete"))
                    view=PersonDeletionPage
                    ssr=SsrMode::Async
                />
            </Routes>
        </Router>
    }
}
