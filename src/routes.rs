//! Every URL, on one page.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, request::Parts};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get};
use leptos::prelude::*;
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list};
use tower_http::catch_panic::CatchPanicLayer;

use crate::api::{bearer, finish};
use crate::platform::db::migrate;
use crate::platform::http::{csrf, headers, trace};
use crate::platform::state::AppState;
use crate::platform::{assets, session};
use crate::resources::{enrollments, people, workspace_groups, workspaces};
use crate::ui::app::{App, shell};
use crate::ui::paths;
use crate::ui::session as desk;
use crate::ui::viewer::AnswerStatus;

/// The largest body that is read, in bytes.
const BODY_MAX: usize = 1024 * 1024;

pub fn router(state: AppState, cookies_need_tls: bool) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/pkg/{*path}", get(assets::package))
        .merge(assets::public())
        .merge(api(&state))
        .merge(pages(&state, cookies_need_tls))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        // Outermost: whatever happens inside has a request id and a line in the log.
        .layer(from_fn(trace::trace))
        .with_state(state)
}

/// The JSON:API, noun by noun.
fn api(state: &AppState) -> Router<AppState> {
    let enrollments = {
        use enrollments::api::{create, delete, list, related, retrieve, update};
        Router::new()
            .route("/workspace-group-workspaces", get(list::list).post(create::create))
            .route(
                "/workspace-group-workspaces/{id}",
                get(retrieve::retrieve).patch(update::update).delete(delete::delete),
            )
            .route("/workspace-group-workspaces/{id}/relationships/{name}", get(related::relationship))
            .route("/workspace-group-workspaces/{id}/{name}", get(related::related))
    };
    let groups = {
        use workspace_groups::api::{create, delete, list, related, retrieve};
        Router::new()
            .route("/workspace-groups", get(list::list).post(create::create))
            .route("/workspace-groups/{id}", get(retrieve::retrieve).delete(delete::delete))
            .route("/workspace-groups/{id}/relationships/created_by", get(related::created_by_relationship))
            .route("/workspace-groups/{id}/created_by", get(related::created_by))
    };
    let workspaces = {
        use workspaces::api::{delete, list, retrieve};
        Router::new()
            .route("/workspaces", get(list::list))
            .route("/workspaces/{id}", get(retrieve::retrieve).delete(delete::delete))
    };
    let people = {
        use people::api::{delete, list, retrieve};
        Router::new()
            .route("/people", get(list::list))
            .route("/people/{id}", get(retrieve::retrieve).delete(delete::delete))
    };
    let nouns = Router::new().merge(enrollments).merge(groups).merge(workspaces).merge(people);
    Router::new()
        .nest("/v1", nouns.fallback(nothing_here))
        .route("/v1/", any(nothing_here))
        .layer(CatchPanicLayer::new())
        // Also in front of addresses that lead nowhere: what exists is not a stranger's to learn.
        .layer(from_fn_with_state(state.clone(), bearer::door))
        .layer(from_fn(finish::finish))
}

async fn nothing_here() -> StatusCode {
    StatusCode::NOT_FOUND
}

/// The pages and their server functions.
fn pages(state: &AppState, cookies_need_tls: bool) -> Router<AppState> {
    let options = state.leptos.clone();
    let provide = || {
        if let Some(visit) =
            use_context::<Parts>().and_then(|parts| parts.extensions.get::<desk::Visit>().cloned())
        {
            provide_context(visit.viewer());
        }
        if let Some(response) = use_context::<ResponseOptions>() {
            provide_context(AnswerStatus(Arc::new(move |status| {
                if let Ok(status) = StatusCode::from_u16(status) {
                    response.set_status(status);
                }
            })));
        }
    };
    let document = move || {
        content_security_policy();
        shell(options.clone())
    };
    Router::new()
        .route(paths::HOME, get(|| async { Redirect::to(paths::GROUPS) }))
        .leptos_routes_with_context(state, generate_route_list(App), provide, document.clone())
        .fallback(move |request: Request| {
            let page = leptos_axum::render_app_async_with_context(provide, document);
            async move { (StatusCode::NOT_FOUND, page(request).await).into_response() }
        })
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(state.clone(), desk::door))
        .layer(session::layer(state.pool.clone(), cookies_need_tls))
        .layer(from_fn(desk::faults))
        .layer(from_fn_with_state(state.clone(), csrf::same_origin))
        .layer(from_fn(headers::on_pages))
}

/// Scripts run that carry this page's nonce, and nothing else does.
fn content_security_policy() {
    let Some(nonce) = use_nonce() else { return };
    let policy = format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    if let (Some(response), Ok(policy)) =
        (use_context::<ResponseOptions>(), axum::http::HeaderValue::from_str(&policy))
    {
        response.insert_header(axum::http::header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// Is the database there, with all migrations applied?
async fn ready(State(state): State<AppState>) -> Response {
    match migrate::is_current(&state.pool).await {
        Ok(true) => "ready\n".into_response(),
        Ok(false) => (StatusCode::SERVICE_UNAVAILABLE, "migrations are missing\n").into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database is away\n").into_response(),
    }
}
