//! The middleware of the pages: loads the session, and leads visitors who are not signed in to the sign-in page.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::TimeDelta;
use tower_sessions::Session;
use tracing::Span;

use crate::kernel::actor::ChangeNote;
use crate::kernel::recency::{is_from_the_future, is_recent};
use crate::platform::call::RequestId;
use crate::platform::db::Connection;
use crate::platform::db::wal_position::WalPosition;
use crate::platform::failure::Outcome;
use crate::platform::http::{self, BODY_MAX, client_address, content_length, header_text};
use crate::platform::secret;
use crate::platform::session::{ABSOLUTE, NOTE, POSITION, SIGN_IN, SignIn};
use crate::platform::state::AppState;
use crate::resources::operators::ops::operator_current;
use crate::ui::locale::viewer_locale::ViewerLocale;
use crate::ui::paths;
use crate::ui::server::session::RequestContext;
use crate::ui::server::session::cookies::Cookies;
use crate::ui::server::session::error_pages::{outage, refuse_oversized};
use crate::ui::viewer::Viewer;

/// Characters.
const USER_AGENT_MAX: usize = 300;
/// The idle time of a session may be short by this much, so that not every page view writes the session.
const SEEN_PRECISION: TimeDelta = TimeDelta::minutes(5);
/// Sent by open pages that look for changes by themselves.
const LIVE_UPDATE: &str = "x-groupdesk-live";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Live,
    Function,
    Oidc,
    SignIn,
    /// The upload of a pasted list or a file. No server function receives it.
    List,
    Page,
}

impl Target {
    fn of(request: &Request) -> Self {
        match request.uri().path() {
            paths::LIVE => Self::Live,
            paths::OIDC | paths::OIDC_CALLBACK => Self::Oidc,
            path if path.starts_with(paths::FUNCTIONS) => Self::Function,
            path if paths::begins_session(path) => Self::SignIn,
            path if request.method() == Method::POST && paths::is_group_imports(path) => Self::List,
            _ => Self::Page,
        }
    }
}

pub async fn authenticate(
    State(state): State<AppState>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    let target = Target::of(&request);
    let cookies = Cookies::of(&state, request.headers());
    let check_cookie = cookies.check_cookie(state.cookies_need_tls).filter(|_| target == Target::SignIn);
    let is_background = target == Target::Live || request.headers().contains_key(LIVE_UPDATE);
    let mut context = context(state, session, &request, cookies);
    if let Err(failure) = context.load(target, is_background).await {
        return outage(&failure, &context.request_id);
    }
    if context.viewer.operator.is_none() {
        match target {
            Target::Live => return StatusCode::UNAUTHORIZED.into_response(),
            Target::Function | Target::Oidc | Target::SignIn => {}
            // A list is received only from a browser in which someone has signed in before; nothing of others is stored.
            Target::List if context.device_token.is_some() => {}
            Target::List | Target::Page => {
                return Redirect::to(&paths::login_for(&context.viewer.here)).into_response();
            }
        }
    }
    // By `Content-Length`, which browsers always send.
    let is_oversized = content_length(request.headers()).is_some_and(|length| length > BODY_MAX);
    if target == Target::Function && is_oversized {
        return refuse_oversized(&context, request).await;
    }
    request.extensions_mut().insert(context);
    let mut response = next.run(request).await;
    if let Some(cookie) = check_cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn context(state: AppState, session: Session, request: &Request, cookies: Cookies) -> RequestContext {
    let (uri, headers) = (request.uri(), request.headers());
    let here = uri.path_and_query().map_or_else(|| uri.path().to_owned(), ToString::to_string);
    let user_agent = header_text(headers, header::USER_AGENT).unwrap_or_default();
    let is_https = state.origin.is_public && state.origin.as_str().starts_with("https://");
    let viewer = Viewer {
        operator: None,
        flash: None,
        note: ChangeNote::default(),
        now: state.clock.now(),
        // A typed address may end with a needless sign, which links and forms should not repeat.
        here: here.trim_end_matches(['?', '&']).to_owned(),
        locale: ViewerLocale::of(headers),
        provider: state.provider.as_ref().map(|provider| provider.name().to_owned()),
        form_key: secret::random_text(),
        https: is_https.then(|| state.origin.as_str().to_owned()),
    };
    RequestContext {
        request_id: RequestId::of(request.extensions()),
        span: Span::current(),
        viewer,
        client_address: client_address(request, state.proxies),
        user_agent: user_agent.chars().take(USER_AGENT_MAX).collect(),
        device_token: http::cookie(headers, &cookies.device),
        origin: state.origin.seen_by(headers),
        cookies,
        state,
        session,
        generation: 0,
        position: WalPosition::default(),
        form: Arc::default(),
    }
}

impl RequestContext {
    /// `is_background`: the page was left open, which does not keep its session alive.
    async fn load(&mut self, target: Target, is_background: bool) -> Outcome<()> {
        let sign_in: Option<SignIn> = self.stored(SIGN_IN).await?;
        if sign_in.as_ref().is_some_and(|sign_in| is_from_the_future(sign_in.at, self.viewer.now)) {
            // A session that began while the clock was wrong would become valid later. A read-only database keeps it
            // until expired sessions are deleted.
            if let Err(failure) = self.end_session().await {
                tracing::warn!(?failure, "a session from the future could not be ended yet");
            }
        }
        if let Some(sign_in) = sign_in.filter(|sign_in| is_recent(sign_in.at, ABSOLUTE, self.viewer.now)) {
            if !is_background && !is_recent(sign_in.seen, SEEN_PRECISION, self.viewer.now) {
                let seen = SignIn { seen: self.viewer.now, address: self.client_address, ..sign_in.clone() };
                self.session.insert(SIGN_IN, seen).await?;
            }
            let mut connection = self.state.pool.acquire().await?;
            self.generation = sign_in.generation;
            self.viewer.operator =
                operator_current(&mut connection, sign_in.operator, sign_in.generation).await?;
            self.position =
                self.required_position(&mut connection, is_background && target != Target::Live).await?;
        }
        // Other requests lead on to another page, for which the message stays.
        if !is_background && matches!(target, Target::SignIn | Target::Page) {
            self.viewer.flash = self.take_flash().await?;
            self.viewer.note = self.stored(NOTE).await?.unwrap_or_default();
        }
        Ok(())
    }

    /// An open page that looks for changes must find the one that it was notified of, by whatever process.
    async fn required_position(&self, connection: &mut Connection, is_update: bool) -> Outcome<WalPosition> {
        let replicas = &self.state.replicas;
        let now = if is_update { replicas.position(connection).await } else { None };
        Ok(match now {
            Some(now) => now,
            None if replicas.are_configured() => self.stored(POSITION).await?.unwrap_or_default(),
            None => WalPosition::default(),
        })
    }
}
