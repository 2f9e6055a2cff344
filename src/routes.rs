//! The routes of the server and their middleware.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, StatusCode, header, request::Parts};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use leptos::config::{Env, LeptosOptions};
use leptos::prelude::*;
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list};
use strum::VariantArray;
use tower::{Layer as _, ServiceBuilder};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::normalize_path::{NormalizePath, NormalizePathLayer};

use crate::api::{document, encoding, error, rate_limit, reads, retry};
use crate::export::table::Format;
use crate::platform::db::errors::has_disk_space;
use crate::platform::db::migrate::{self, Readiness};
use crate::platform::http::{BODY_MAX, guards, timeouts, trace};
use crate::platform::state::AppState;
use crate::platform::{assets, session};
use crate::registry::authenticate::authenticate;
use crate::registry::{self, docs, idempotency, openapi, operations};
use crate::resources::operator_sessions::session_store::SessionRows;
use crate::ui::admin_events;
use crate::ui::app::{App, HasIslands, shell};
use crate::ui::audit;
use crate::ui::audit::view::View;
use crate::ui::error::{AnswerStatus, ReadsStatus};
use crate::ui::find;
use crate::ui::imports::http as imports;
use crate::ui::overview::queries::OverviewCache;
use crate::ui::paths;
use crate::ui::server::session as ui_session;
use crate::ui::server::{html_fixup, live};
use crate::ui::sign_in::http as oidc;

/// The time limit of a page, including the submitted form. Statements have shorter limits.
const PAGE_TIMEOUT: Duration = Duration::from_secs(40);
/// The time limit of an upload of up to 20 MiB.
const UPLOAD_TIMEOUT: Duration = Duration::from_mins(10);
/// The time limit of an API request. An unavailable database fails requests sooner (`platform/db/availability.rs`).
const API_TIMEOUT: Duration = Duration::from_secs(20);

/// The whole service. A trailing slash in a URL is ignored, because some clients add one.
pub fn service(state: AppState) -> NormalizePath<Router> {
    let routes = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        // Unauthenticated and runs a query, so it is rate-limited by address.
        .route("/readyz", get(ready).layer(from_fn_with_state(state.clone(), rate_limit::by_address)))
        .route("/pkg/{*path}", get(assets::package))
        .merge(assets::public())
        .merge(description(&state))
        .merge(api(&state))
        .merge(pages(&state));
    // With a port in the origin, browsers would refuse plain HTTP services on other ports of this host.
    let is_https = state.cookies_need_tls && state.origin.is_public && !state.origin.has_port();
    let https_only = from_fn_with_state(guards::STRICT_TRANSPORT, guards::add_headers);
    let layers = ServiceBuilder::new()
        // Outermost, so that every request has a request id and a log line.
        .layer(from_fn(trace::trace))
        .option_layer(is_https.then_some(https_only))
        .layer(from_fn_with_state(guards::ON_EVERYTHING, guards::add_headers))
        .layer(from_fn(guards::require_host))
        .layer(DefaultBodyLimit::max(BODY_MAX));
    let routes = routes.layer(layers).with_state(state);
    NormalizePathLayer::trim_trailing_slash().layer(routes)
}

/// One stack of layers, of which the first is the outermost. Each `Router::layer` would add a box to every route, which all
/// layers around it clone for each request.
fn api(state: &AppState) -> Router<AppState> {
    let on_standby = from_fn_with_state(state.clone(), reads::on_standby);
    let layers = ServiceBuilder::new()
        .layer(from_fn(encoding::tags))
        .layer(encoding::layer())
        .layer(from_fn(error::finalize))
        .layer(from_fn_with_state(state.clone(), rate_limit::by_address))
        // Each statement has its own timeout; this one limits the whole request.
        .layer(from_fn_with_state(API_TIMEOUT, timeouts::within))
        .layer(from_fn_with_state(state.clone(), timeouts::require_database))
        // Also for unknown paths, so that only clients with a token learn which paths exist.
        .layer(from_fn_with_state(state.clone(), authenticate))
        .layer(from_fn_with_state(state.clone(), retry::on_conflict))
        // The position of a change is read before the layer around it counts the change.
        .option_layer(state.replicas.are_configured().then_some(on_standby))
        // Stores the responses of the layers inside.
        .layer(from_fn_with_state(state.clone(), idempotency::once))
        .layer(from_fn_with_state(operations::PATH, document::negotiate))
        .layer(CatchPanicLayer::new());
    registry::routes::api().layer(layers)
}

fn description(state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/v1/openapi.json", get(openapi::document).layer(from_fn(error::finalize)))
        .route(paths::API_DOCS, get(docs::index))
        .route("/docs/{part}", get(docs::part))
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(state.clone(), rate_limit::by_address))
}

fn pages(state: &AppState) -> Router<AppState> {
    let options = state.leptos.clone();
    let provide = || {
        provide_context(HasIslands(assets::has_islands()));
        if let Some(parts) = use_context::<Parts>() {
            if let Some(context) = parts.extensions.get::<ui_session::RequestContext>() {
                provide_context(context.viewer.clone());
                provide_context(context.viewer.locale.formats(context.viewer.now));
            }
            if !ui_session::wants_page(&parts.headers) {
                provide_context(ReadsStatus);
            }
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
        content_security_policy(&options);
        shell(options.clone())
    };
    let sessions = (state.clone(), SessionRows { connections: state.pool.clone() });
    Router::new()
        .merge(audit())
        .merge(identity_provider(state))
        .route(paths::LIVE, get(live::notifications))
        .leptos_routes_with_context(state, generate_route_list(App), provide, document.clone())
        .fallback(move |request: Request| {
            let page = leptos_axum::render_app_async_with_context(provide, document);
            async move { (StatusCode::NOT_FOUND, page(request).await).into_response() }
        })
        .layer(from_fn(timeouts::render_to_end))
        .layer(from_fn(ui_session::with_form_key))
        .layer(from_fn_with_state(PAGE_TIMEOUT, timeouts::within))
        .merge(import_files())
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(state.clone(), ui_session::authenticate))
        .layer(Extension(OverviewCache::default()))
        .layer(from_fn_with_state(sessions, session::provide::<SessionRows>))
        .layer(from_fn_with_state(state.clone(), timeouts::require_database))
        .layer(from_fn_with_state(state.clone(), ui_session::too_many))
        .layer(from_fn(ui_session::faults))
        .layer(from_fn_with_state(state.clone(), guards::same_origin))
        .layer(from_fn_with_state(guards::ON_PAGES, guards::add_headers))
        .layer(from_fn(html_fixup::documents))
        // Not server-sent events, which its default leaves alone.
        .layer(CompressionLayer::new())
}

fn audit() -> Router<AppState> {
    let go = Router::new()
        .route(paths::AUDIT_GO, get(audit::http::go))
        .route(paths::FIND, get(find::http::go))
        .route(
            "/groups/{id}/export.csv",
            get(|context, path, query| find::http::file(Format::Csv, context, path, query)),
        )
        .route(
            "/groups/{id}/export.ndjson",
            get(|context, path, query| find::http::file(Format::Ndjson, context, path, query)),
        )
        .route(
            "/audit/admin/export.csv",
            get(|context, query| admin_events::http::file(Format::Csv, context, query)),
        )
        .route(
            "/audit/admin/export.ndjson",
            get(|context, query| admin_events::http::file(Format::Ndjson, context, query)),
        );
    let files =
        View::ALL.into_iter().flat_map(|view| Format::VARIANTS.iter().map(move |&format| (view, format)));
    files.fold(go, |router, (view, format)| {
        let file = move |context, query| audit::http::file(view, format, context, query);
        router.route(&format!("{}/export.{}", view.path(), format.into_str()), get(file))
    })
}

/// The routes that stream a list or a result, which the server functions do not. An uploaded list may be larger than
/// the body limit of other requests.
fn import_files() -> Router<AppState> {
    Router::new()
        .route("/groups/{id}/bulk", post(imports::upload).layer(DefaultBodyLimit::disable()))
        .route("/groups/{id}/bulk/{import}/result.csv", get(imports::result_file))
        .layer(from_fn_with_state(UPLOAD_TIMEOUT, timeouts::within))
}

fn identity_provider(state: &AppState) -> Router<AppState> {
    if state.provider.is_none() {
        return Router::new();
    }
    Router::new().route(paths::OIDC, get(oidc::begin)).route(paths::OIDC_CALLBACK, get(oidc::end))
}

/// Only scripts with this page's nonce run. A developer's page also connects to the process that reloads it.
fn content_security_policy(options: &LeptosOptions) {
    let Some(nonce) = use_nonce() else { return };
    let connect = match options.env {
        // Any host is allowed, because the page connects to the host that the developer typed, and this may differ from
        // the listen address.
        Env::DEV => format!(" connect-src 'self' ws://*:{};", options.reload_port),
        Env::PROD => String::new(),
    };
    let policy = format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self';{connect} \
         object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    if let (Some(response), Ok(policy)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&policy)) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// Is the database available, migrated and writable, and does it have space?
async fn ready(State(state): State<AppState>) -> Response {
    let pool = state.pool.current();
    let check = async {
        let readiness = migrate::readiness(&pool).await?;
        let has_room = readiness != Readiness::Ready || has_disk_space(&pool).await?;
        Ok::<_, sqlx::Error>((readiness, has_room))
    };
    let why = match state.pool.run_request(check).await {
        Ok(Ok((Readiness::Ready, true))) if state.pool.accepts_changes() => return "ready\n".into_response(),
        Ok(Ok((Readiness::Ready, false))) => "the database's disk is full\n",
        Ok(Ok((Readiness::Ready | Readiness::OnlyReads, _))) => "the database is read-only\n",
        Ok(Ok((Readiness::MigrationsMissing, _))) => "migrations are missing\n",
        Ok(Err(_)) | Err(_) => "the database is unavailable\n",
    };
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], why).into_response()
}
