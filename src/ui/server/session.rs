//! The pages' door: who is signed in, what they may, and the one way in which a server function
//! reads or changes anything.

mod authorization;
mod body_limit;
mod changes;
mod cookies;
mod error_pages;
mod form_restore;
mod login_throttle;
mod oidc_state;
mod passed;
mod refusals;
mod revalidation;
mod sent_twice;
mod still_so;
mod submitted_form;
mod told;

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, TimeDelta, Utc};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use sqlx::PgConnection;
use tower_sessions::Session;

use crate::kernel::actor::{Actor, Source};
use crate::kernel::problem::{Privilege, Problem, ProviderFault};
use crate::kernel::recency::{is_from_the_future, is_recent};
use crate::platform::call::{Call, RequestId, WriteAndAttribute};
use crate::platform::failure::{Failure, Outcome};
use crate::platform::http::{client, cookie};
use crate::platform::metrics;
use crate::platform::secret;
use crate::platform::session::{ABSOLUTE, SIGN_IN, SignIn};
use crate::platform::state::AppState;
use crate::resources::operator_sessions::session_store;
use crate::resources::operators::model::{Operator, SignedIn};
use crate::resources::operators::ops::{Stranger, operator_current};
use crate::ui::address::parameter;
use crate::ui::error::{UiError, UiErrorKind};
use crate::ui::flash::Flash;
use crate::ui::locale::formats::Formats;
use crate::ui::locale::viewer_locale::ViewerLocale;
use crate::ui::paths;
pub use crate::ui::server::session::authorization::{administer_at, change_own_at, read_as_admin};
pub use crate::ui::server::session::changes::{Changed, change, change_at, finish, refuse};
use crate::ui::server::session::cookies::Cookies;
use crate::ui::server::session::error_pages::outage;
pub use crate::ui::server::session::error_pages::{faults, too_many};
pub use crate::ui::server::session::passed::{Passed, Sender, went_before};
pub use crate::ui::server::session::revalidation::Guest;
use crate::ui::server::session::sent_twice::SentForm;
pub use crate::ui::server::session::sent_twice::with_form_key;
use crate::ui::server::session::submitted_form::SubmittedForm;
use crate::ui::viewer::Viewer;

/// How much is kept of what a browser says of itself, in characters.
const USER_AGENT_MAX: usize = 300;

/// The idle time starts anew when the session is written. Writing it for each request would be a
/// write for each look at a page, so it may be short by this much.
const SEEN_GRAIN: TimeDelta = TimeDelta::minutes(5);

/// What the door knows of a request.
#[derive(Clone)]
pub struct RequestContext {
    pub state: AppState,
    session: Session,
    request_id: RequestId,
    now: DateTime<Utc>,
    operator: Option<Operator>,
    /// Of the operator's sessions.
    generation: i32,
    flash: Option<Flash>,
    here: String,
    place: ViewerLocale,
    address: Option<IpAddr>,
    user_agent: String,
    /// By which the browser is known again.
    mark: Option<String>,
    /// What was sent, if that is a form with a key.
    form: Option<SentForm>,
    /// The form that was sent to a server function; empty for any other request.
    submitted: Arc<SubmittedForm>,
    /// The key of the forms on the page that this visit is answered with.
    form_key: String,
    cookies: Cookies,
    /// At which the browser reaches the desk.
    origin: String,
}

/// A request with this header is a page's own, which looks for what changed while nobody touches it.
const LOOKS_BY_ITSELF: &str = "x-groupdesk-live";

/// Who will see the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attention {
    /// Somebody who is there, and is told what the last change came to.
    Reader,
    /// A message is for a page: what a form is sent to, or what leads to a provider and back, leaves it there.
    Function,
    /// A page that was left open must not keep its session from ending.
    Nobody,
}

impl Attention {
    fn of(request: &Request) -> Self {
        let path = request.uri().path();
        if path == paths::LIVE || request.headers().contains_key(LOOKS_BY_ITSELF) {
            Self::Nobody
        } else if path.starts_with(paths::FUNCTIONS) || is_oidc(path) || sends_list(request) {
            Self::Function
        } else {
            Self::Reader
        }
    }
}

/// Pages that are shown to anybody.
fn is_public(path: &str) -> bool {
    paths::begins_session(path) || is_oidc(path)
}

/// On the way to the identity provider, and back.
fn is_oidc(path: &str) -> bool {
    path == paths::OIDC || path == paths::OIDC_CALLBACK
}

/// A form that holds a list, which is no server function's.
fn sends_list(request: &Request) -> bool {
    request.method() == Method::POST && paths::is_group_bulk(request.uri().path())
}

/// Learns who visits; sends who is not signed in to sign in, and back.
pub async fn door(
    State(state): State<AppState>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    let request_id = RequestId::of(request.extensions());
    let path = request.uri().path();
    let is_function = path.starts_with(paths::FUNCTIONS);
    // An address that a person typed may end with a needless sign; links and forms lead to the same page.
    let here = request.uri().path_and_query().map_or_else(|| path.to_owned(), ToString::to_string);
    let here = here.trim_end_matches(['?', '&']).to_owned();
    let is_public = is_public(path);
    let is_live = path == paths::LIVE;
    let sends_list = sends_list(&request);
    let attention = Attention::of(&request);
    let cookies = Cookies::of(&state, request.headers());
    let check = cookies.check(state.cookies_need_tls).filter(|_| paths::begins_session(path));
    let mut visit = RequestContext {
        place: ViewerLocale::of(request.headers()),
        address: client::address(&request, state.proxies),
        user_agent: user_agent(&request),
        mark: cookie::value(request.headers(), &cookies.device),
        cookies,
        origin: state.origin.seen_by(request.headers()),
        now: state.clock.now(),
        state,
        session,
        request_id,
        operator: None,
        generation: 0,
        flash: None,
        here,
        form: None,
        submitted: Arc::default(),
        form_key: secret::random_text(),
    };
    if let Err(failure) = visit.look(attention).await {
        return outage(&failure, &visit.request_id);
    }
    if visit.operator.is_none() && is_live {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    // Of a browser that nobody signed in with before, nothing is kept, and so nothing is heard out.
    let is_kept = sends_list && visit.mark.is_some();
    if visit.operator.is_none() && !is_public && !is_function && !is_kept {
        return Redirect::to(&paths::login_for(&visit.here)).into_response();
    }
    if is_function && body_limit::is_oversized(request.headers()) {
        return body_limit::refuse(&visit, request).await;
    }
    request.extensions_mut().insert(visit);
    let mut response = next.run(request).await;
    if let Some(check) = check {
        response.headers_mut().append(header::SET_COOKIE, check);
    }
    response
}

fn user_agent(request: &Request) -> String {
    let text = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    text.unwrap_or_default().chars().take(USER_AGENT_MAX).collect()
}

impl RequestContext {
    async fn look(&mut self, attention: Attention) -> Outcome<()> {
        let sign_in: Option<SignIn> = readable(self.session.get(SIGN_IN).await)?;
        if sign_in.as_ref().is_some_and(|sign_in| is_from_the_future(sign_in.at, self.now)) {
            // It was begun while a clock was wrong, and would be valid again once it is as late as it was then.
            // A database that only reads keeps it; then the sweep ends it.
            if let Err(failure) = self.rotate().await {
                tracing::warn!(?failure, "a session from the future could not be ended yet");
            }
        }
        if let Some(sign_in) = sign_in.filter(|sign_in| is_recent(sign_in.at, ABSOLUTE, self.now)) {
            if attention != Attention::Nobody && !is_recent(sign_in.seen, SEEN_GRAIN, self.now) {
                let seen = SignIn { seen: self.now, address: self.address, ..sign_in.clone() };
                self.session.insert(SIGN_IN, seen).await.map_err(unavailable)?;
            }
            let mut connection = self.state.pool.acquire().await?;
            self.generation = sign_in.generation;
            self.operator = operator_current(&mut connection, sign_in.operator, sign_in.generation).await?;
        }
        if attention == Attention::Reader {
            self.flash = self.take_message().await?;
        }
        Ok(())
    }

    pub fn viewer(&self) -> Viewer {
        Viewer {
            operator: self.operator.clone(),
            flash: self.flash.clone(),
            now: self.now,
            here: self.here.clone(),
            theme: self.place.theme,
            browser_zone: self.place.browser_zone.map(|zone| zone.to_string()).unwrap_or_default(),
            provider: self.state.provider.as_ref().map(|provider| provider.name().to_owned()),
            form_key: self.form_key.clone(),
            https: Some(&self.state.origin)
                .filter(|origin| origin.is_public() && origin.as_str().starts_with("https://"))
                .map(|origin| origin.as_str().to_owned()),
        }
    }

    /// Where the visitor is.
    pub const fn place(&self) -> ViewerLocale {
        self.place
    }

    /// A parameter of the address that was asked for.
    pub fn query(&self, name: &str) -> Option<String> {
        parameter(&self.here, name)
    }

    pub const fn now(&self) -> DateTime<Utc> {
        self.now
    }

    pub fn formats(&self) -> Formats {
        self.place.formats(self.now)
    }

    pub fn operator(&self) -> Result<&Operator, Problem> {
        self.operator.as_ref().ok_or(Problem::SignedOut)
    }

    /// Who, and in which generation of their sessions.
    pub fn signed_in(&self) -> Result<SignedIn, Problem> {
        Ok(SignedIn { operator: self.operator()?.clone(), generation: self.generation })
    }

    /// Is the session that this visit came with still there, and its operator still welcome?
    pub async fn is_still_signed_in(&self) -> Outcome<bool> {
        self.is_signed_in_by(&mut *self.state.pool.acquire().await?).await
    }

    async fn is_signed_in_by(&self, connection: &mut PgConnection) -> Outcome<bool> {
        let (Some(session), Some(operator)) = (self.session.id(), &self.operator) else {
            return Ok(false);
        };
        Ok(session_store::is_live(connection, session).await?
            && operator_current(connection, operator.id, self.generation).await?.is_some())
    }

    /// For what is done before anybody is signed in.
    pub fn stranger(&self) -> Stranger {
        let actor = Actor { person: None, source: Source::Web, token_name: None };
        Call::granted(actor, self.now, Some(self.request_id.clone()))
    }

    /// The right to run the flows, of which correcting an attribution is one.
    pub fn write(&self) -> Result<Call<WriteAndAttribute>, Problem> {
        let operator = self.operator()?;
        if !operator.role.may_write() {
            return Err(Problem::Forbidden(Privilege::Write));
        }
        let actor = Actor { person: Some(operator.person.clone()), source: Source::Web, token_name: None };
        Ok(Call::granted(actor, self.now, Some(self.request_id.clone())))
    }

    /// Signs in under a new session id, so that an id somebody planted before is worth nothing. `next`: where
    /// one goes on to; if that is the form that was sent signed out, what was typed there comes along.
    pub async fn sign_in(&self, signed_in: &SignedIn, next: &str) -> Outcome<()> {
        let mark = self.sign_in_marked(signed_in, next).await?;
        if let (Some(response), Some(mark)) = (use_context::<ResponseOptions>(), mark) {
            response.append_header(header::SET_COOKIE, mark);
        }
        Ok(())
    }

    /// [`Self::sign_in`] where the answer is not a server function's. It is to set this cookie, too.
    pub async fn sign_in_marked(
        &self,
        SignedIn { operator, generation }: &SignedIn,
        next: &str,
    ) -> Outcome<Option<HeaderValue>> {
        let kept = self.waiting_for(operator, next).await?;
        self.rotate().await?;
        let sign_in = SignIn {
            operator: operator.id,
            at: self.now,
            seen: self.now,
            generation: *generation,
            user_agent: self.user_agent.clone(),
            address: self.address,
        };
        self.session.insert(SIGN_IN, sign_in).await.map_err(unavailable)?;
        if let Some(kept) = kept {
            self.restore(kept).await?;
        }
        self.remembering(&operator.email).await
    }

    /// A path of ours as an address to hand on.
    pub fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Under what this session is kept, to tell it from others.
    pub fn session_kept_as(&self) -> String {
        self.session.id().map(|id| session_store::stored_id(id).to_string()).unwrap_or_default()
    }

    pub async fn sign_out(&self) -> Outcome<()> {
        self.rotate().await
    }

    /// Ends the session in the store and goes on with an empty one under a new id. (`flush` alone
    /// would bring the old id back with the next thing that is kept.)
    async fn rotate(&self) -> Outcome<()> {
        self.session.clear().await;
        self.session.cycle_id().await.map_err(unavailable)
    }
}

/// What an older version of the program wrote, and this one cannot read, is not there.
fn readable<T>(found: Result<Option<T>, tower_sessions::session::Error>) -> Outcome<Option<T>> {
    match found {
        Ok(found) => Ok(found),
        Err(tower_sessions::session::Error::SerdeJson(_)) => Ok(None),
        Err(error @ tower_sessions::session::Error::Store(_)) => Err(unavailable(error)),
    }
}

fn unavailable(error: tower_sessions::session::Error) -> Failure {
    Failure::Unavailable(error.into())
}

/// The visit that a page or a server function is part of.
pub fn visit() -> Result<RequestContext, UiError> {
    use_context::<Parts>()
        .and_then(|parts| parts.extensions.get::<RequestContext>().cloned())
        .ok_or_else(UiError::unreachable)
}

/// For anybody, signed in or not, and without the database.
pub async fn anybody<T>(work: impl AsyncFnOnce(&RequestContext) -> Outcome<T>) -> Result<T, UiError> {
    let visit = visit()?;
    work(&visit).await.map_err(|failure| visit.failed(failure))
}

/// Reads, for somebody who is signed in. The status of the answer tells how it went.
pub async fn read<T>(
    work: impl AsyncFnOnce(&mut PgConnection, &RequestContext) -> Outcome<T>,
) -> Result<T, UiError> {
    let visit = visit()?;
    let outcome = async {
        visit.operator()?;
        let mut connection = visit.state.pool.acquire().await?;
        work(&mut connection, &visit).await
    }
    .await;
    outcome.map_err(|failure| visit.failed(failure))
}

/// Is it a browser that goes on to what it is answered, and not a program that reads it?
pub fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// Tells the metrics how a sign-in ended.
pub fn count_sign_in<T>(outcome: &Outcome<T>) {
    metrics::sign_in(match outcome {
        Ok(_) => "done",
        Err(Failure::Problem(Problem::TriedTooOften { .. })) => "throttled",
        // Of ours, or of the provider's.
        Err(
            Failure::Problem(Problem::NotSignedInBy {
                fault: ProviderFault::Away | ProviderFault::Misconfigured,
                ..
            })
            | Failure::Unavailable(_)
            | Failure::Conflict(_)
            | Failure::Fault(_),
        ) => "failed",
        Err(Failure::Problem(_)) => "refused",
    });
}

pub fn status(kind: UiErrorKind) -> StatusCode {
    StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
