//! Every URL, on one page.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, StatusCode, header, request::Parts};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{self, get, post};
use axum::{Extension, Router};
use leptos::config::{Env, LeptosOptions};
use leptos::prelude::*;
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list};
use tower::Layer as _;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::normalize_path::{NormalizePath, NormalizePathLayer};

use crate::api::{auth, encoding, error_response, idempotency, rate_limit, retry};
use crate::export::table::Format;
use crate::platform::db::migrate::{self, Readiness};
use crate::platform::db::room;
use crate::platform::http::{BODY_MAX, availability, completion, csrf, headers, host, patience, trace};
use crate::platform::state::AppState;
use crate::platform::{assets, session};
use crate::registry::{docs, openapi, operations};
use crate::resources::{enrollment_events, enrollments, people, workspace_groups, workspaces};
use crate::ui::app::{App, HasIslands, shell};
use crate::ui::audit::query::View;
use crate::ui::audit::{canonical_url, files};
use crate::ui::imports::files as import_files;
use crate::ui::overview::figures::SharedFigures;
use crate::ui::paths;
use crate::ui::server::session as desk;
use crate::ui::server::{html_fixup, live};
use crate::ui::sign_in::oidc;
use crate::ui::viewer::{AnswerStatus, ReadsStatus};

/// How long a page may take, with the form that comes in before it. Statements end sooner.
const PAGE_PATIENCE: Duration = Duration::from_secs(40);
/// How long a list of 20 MiB may take to come in.
const UPLOAD_PATIENCE: Duration = Duration::from_mins(10);

/// How long an API request may take, which is longer than any statement may. (Nobody waits so long for a
/// database that is away: that is what [`reach`] is for.)
const PATIENCE: Duration = Duration::from_secs(20);

/// All of it. A slash at the end of an address changes nothing: some clients put one there.
pub fn service(state: AppState) -> NormalizePath<Router> {
    NormalizePathLayer::trim_trailing_slash().layer(router(state))
}

fn router(state: AppState) -> Router {
    let routes = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        // It costs the database a question, and anybody may ask.
        .route("/readyz", get(ready).layer(from_fn_with_state(state.clone(), rate_limit::by_address)))
        .route("/pkg/{*path}", get(assets::package))
        .merge(assets::public())
        .merge(description(&state))
        .merge(api(&state))
        .merge(pages(&state))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(from_fn(host::is_named))
        .layer(from_fn(headers::on_everything));
    // Otherwise browsers would refuse plain services on the other ports of this host.
    let is_https = state.cookies_need_tls && state.origin.is_public() && !state.origin.has_port();
    let routes = if is_https { routes.layer(from_fn(headers::strict_transport)) } else { routes };
    // Outermost: whatever happens inside has a request id and a line in the log.
    routes.layer(from_fn(trace::trace)).with_state(state)
}

/// The JSON:API, noun by noun.
fn api(state: &AppState) -> Router<AppState> {
    let enrollments = {
        use enrollments::api::{create, delete, list, related, relationships, retrieve, update};
        Router::new()
            .route("/workspace-group-workspaces", get(list::list).post(create::create))
            .route(
                "/workspace-group-workspaces/{id}",
                get(retrieve::retrieve).patch(update::update).delete(delete::delete),
            )
            .route(
                "/workspace-group-workspaces/{id}/relationships/{name}",
                get(relationships::retrieve).patch(relationships::update),
            )
            .route("/workspace-group-workspaces/{id}/workspace_group", get(related::workspace_group))
            .route("/workspace-group-workspaces/{id}/workspace", get(related::workspace))
            .route("/workspace-group-workspaces/{id}/created_by", get(related::created_by))
    };
    let groups = {
        use workspace_groups::api::{
            create, delete, legacy_membership, list, related, relationships, retrieve, update,
        };
        Router::new()
            .route("/workspace-groups", get(list::list).post(create::create))
            .route(
                "/workspace-groups/{id}",
                get(retrieve::retrieve).patch(update::update).delete(delete::delete),
            )
            .route(
                "/workspace-groups/{id}/relationships/created_by",
                get(relationships::created_by).patch(relationships::set_created_by),
            )
            .route(
                "/workspace-groups/{id}/relationships/workspaces",
                get(relationships::workspaces)
                    .post(relationships::add_workspaces)
                    .patch(relationships::replace_workspaces)
                    .delete(relationships::remove_workspaces),
            )
            .route("/workspace-groups/{id}/created_by", get(related::created_by))
            .route(
                "/workspace-groups/{id}/workspaces",
                get(related::workspaces).post(legacy_membership::enroll),
            )
            .route(
                "/workspace-groups/{id}/workspaces/{workspace_id}",
                routing::delete(legacy_membership::remove),
            )
    };
    let workspaces = {
        use workspaces::api::{create, delete, list, related, relationships, retrieve, update};
        Router::new()
            .route("/workspaces", get(list::list).post(create::create))
            .route("/workspaces/{id}", get(retrieve::retrieve).patch(update::update).delete(delete::delete))
            .route(
                "/workspaces/{id}/relationships/workspace_groups",
                get(relationships::workspace_groups)
                    .post(relationships::change)
                    .patch(relationships::change)
                    .delete(relationships::change),
            )
            .route("/workspaces/{id}/workspace_groups", get(related::workspace_groups))
    };
    let people = {
        use people::api::{create, delete, list, retrieve, update};
        Router::new()
            .route("/people", get(list::list).post(create::create))
            .route("/people/{id}", get(retrieve::retrieve).patch(update::update).delete(delete::delete))
    };
    let events = {
        use enrollment_events::api::{list, related, relationships, retrieve};
        Router::new()
            .route("/enrollment-events", get(list::list))
            .route("/enrollment-events/{id}", get(retrieve::retrieve))
            .route("/enrollment-events/{id}/relationships/{name}", get(relationships::retrieve))
            .route("/enrollment-events/{id}/enrollment", get(related::enrollment))
            .route("/enrollment-events/{id}/workspace_group", get(related::workspace_group))
            .route("/enrollment-events/{id}/workspace", get(related::workspace))
            .route("/enrollment-events/{id}/actor", get(related::actor))
    };
    let operations = Router::new().route("/operations", post(operations::operations));
    let nouns = Router::new().merge(enrollments).merge(groups).merge(workspaces).merge(people).merge(events);
    Router::new()
        .nest("/v1", nouns.merge(operations).fallback(nothing_here))
        .layer(CatchPanicLayer::new())
        .layer(from_fn(auth::negotiate))
        // What it keeps is what is answered further in.
        .layer(from_fn_with_state(state.clone(), idempotency::once))
        .layer(from_fn_with_state(state.clone(), retry::again))
        // Also in front of addresses that lead nowhere: what exists is not a stranger's to learn.
        .layer(from_fn_with_state(state.clone(), auth::door))
        .layer(from_fn_with_state(state.clone(), availability::within_reach))
        // Each statement has a limit of its own; this one is for all of a request's together.
        .layer(from_fn_with_state(PATIENCE, patience::within))
        .layer(from_fn_with_state(state.clone(), rate_limit::by_address))
        .layer(from_fn(error_response::finish))
        .layer(encoding::layer())
        .layer(from_fn(encoding::tags))
}

/// What the API is like, for programs and for people. It is no secret: it stands outside of the door.
fn description(state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/v1/openapi.json", get(openapi::document).layer(from_fn(error_response::finish)))
        .route(paths::API_DOCS, get(docs::page))
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(state.clone(), rate_limit::by_address))
}

async fn nothing_here() -> StatusCode {
    StatusCode::NOT_FOUND
}

/// The pages and their server functions.
fn pages(state: &AppState) -> Router<AppState> {
    let options = state.leptos.clone();
    let provide = || {
        provide_context(HasIslands(assets::has_islands()));
        if let Some(parts) = use_context::<Parts>() {
            if let Some(visit) = parts.extensions.get::<desk::RequestContext>() {
                provide_context(visit.viewer());
                provide_context(visit.formats());
            }
            if !desk::wants_page(&parts.headers) {
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
    Router::new()
        .merge(audit())
        .merge(identity_provider(state))
        .route(paths::LIVE, get(live::news))
        .leptos_routes_with_context(state, generate_route_list(App), provide, document.clone())
        .fallback(move |request: Request| {
            let page = leptos_axum::render_app_async_with_context(provide, document);
            async move { (StatusCode::NOT_FOUND, page(request).await).into_response() }
        })
        .layer(from_fn(completion::render_to_end))
        .layer(from_fn(desk::with_form_key))
        .layer(from_fn_with_state(PAGE_PATIENCE, patience::within))
        .merge(import_files())
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(state.clone(), desk::door))
        .layer(Extension(SharedFigures::default()))
        .layer(from_fn_with_state(state.clone(), session::provide))
        .layer(from_fn_with_state(state.clone(), availability::within_reach))
        .layer(from_fn_with_state(state.clone(), desk::too_many))
        .layer(from_fn(desk::faults))
        .layer(from_fn_with_state(state.clone(), csrf::same_origin))
        .layer(from_fn(headers::on_pages))
        .layer(from_fn(html_fixup::documents))
        // Not server-sent events, which its default leaves alone.
        .layer(CompressionLayer::new())
}

/// Beside the audit pages: where their forms lead, and what they show as files.
fn audit() -> Router<AppState> {
    let go = Router::new().route(paths::AUDIT_GO, get(canonical_url::go));
    let files = View::ALL.into_iter().flat_map(|view| Format::ALL.map(|format| (view, format)));
    files.fold(go, |router, (view, format)| {
        let file = move |visit, query| files::file(view, format, visit, query);
        router.route(&format!("{}/export.{}", view.path(), format.word()), get(file))
    })
}

/// A list that comes in and a result that goes out: streams, which server functions are not. The list is
/// counted as it comes, and may be larger than what others are read whole in memory.
fn import_files() -> Router<AppState> {
    Router::new()
        .route("/groups/{id}/bulk", post(import_files::receive).layer(DefaultBodyLimit::disable()))
        .route("/groups/{id}/bulk/{import}/result.csv", get(import_files::result))
        .layer(from_fn_with_state(UPLOAD_PATIENCE, patience::within))
}

/// Beside the sign-in page, where there is an identity provider: to it, and back.
fn identity_provider(state: &AppState) -> Router<AppState> {
    if state.provider.is_none() {
        return Router::new();
    }
    Router::new().route(paths::OIDC, get(oidc::begin)).route(paths::OIDC_CALLBACK, get(oidc::end))
}

/// Scripts run that carry this page's nonce, and nothing else does. A developer's page also connects to the
/// process that says when it has to be loaded again.
fn content_security_policy(options: &LeptosOptions) {
    let Some(nonce) = use_nonce() else { return };
    let connect = match options.env {
        // By the host that the developer typed, which is not always the address that is listened on.
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

/// Is the database there, with all migrations applied, does it take changes, and has it room for them?
async fn ready(State(state): State<AppState>) -> Response {
    let pool = state.pool.current();
    let question = async {
        let readiness = migrate::readiness(&pool).await?;
        let has_room = readiness != Readiness::Ready || room::is_left(&pool).await?;
        Ok::<_, sqlx::Error>((readiness, has_room))
    };
    let why = match state.pool.for_request(question).await {
        Ok(Ok((Readiness::Ready, true))) if state.pool.takes_changes() => return "ready\n".into_response(),
        Ok(Ok((Readiness::Ready, false))) => "the database's disk is full\n",
        Ok(Ok((Readiness::Ready | Readiness::OnlyReads, _))) => "the database is read-only\n",
        Ok(Ok((Readiness::MigrationsMissing, _))) => "migrations are missing\n",
        Ok(Err(_)) | Err(_) => "the database is away\n",
    };
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], why).into_response()
}
