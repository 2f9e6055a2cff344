//! The document around every page, and which page is where.

use leptos::config::LeptosOptions;
use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{ParamSegment, SsrMode, StaticSegment};

use super::hydration::StartIslands;
use super::pages::account::AccountPage;
use super::pages::admin_log::AdminLogPage;
use super::pages::as_of::AsOfPage;
use super::pages::attribution::AttributionPage;
use super::pages::audit::AuditPage;
use super::pages::bulk::BulkPage;
use super::pages::comparison::ComparisonPage;
use super::pages::enrollment::EnrollmentPage;
use super::pages::group::GroupPage;
use super::pages::group_removal::GroupRemovalPage;
use super::pages::group_removals::GroupRemovalsPage;
use super::pages::groups::GroupsPage;
use super::pages::import::ImportPage;
use super::pages::invitation::InvitationPage;
use super::pages::login::LoginPage;
use super::pages::new_group::NewGroupPage;
use super::pages::new_operator::NewOperatorPage;
use super::pages::new_person::NewPersonPage;
use super::pages::new_token::NewTokenPage;
use super::pages::new_workspace::NewWorkspacePage;
use super::pages::not_found::NotFoundPage;
use super::pages::operator::OperatorPage;
use super::pages::operator_change::OperatorChangePage;
use super::pages::operators::OperatorsPage;
use super::pages::overview::OverviewPage;
use super::pages::people::PeoplePage;
use super::pages::person::PersonPage;
use super::pages::person_deletion::PersonDeletionPage;
use super::pages::person_edit::PersonEditPage;
use super::pages::removal::RemovalPage;
use super::pages::search::SearchPage;
use super::pages::token_revocation::RevocationPage;
use super::pages::tokens::TokensPage;
use super::pages::workspace::WorkspacePage;
use super::pages::workspace_edit::WorkspaceEditPage;
use super::pages::workspace_removal::WorkspaceRemovalPage;
use super::pages::workspaces::WorkspacesPage;
use super::viewer::Viewer;

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
