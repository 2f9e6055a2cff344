//! The requests of pages and server functions: their session, their permissions, and how they read and change anything.

mod authenticate;
mod changes;
mod cookies;
mod error_pages;
mod stored;
mod submitted_form;

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use leptos_axum::ResponseOptions;
use tower_sessions::{Session, session};
use tracing::{Instrument as _, Span};

use crate::kernel::problem::ProviderFault::{Away, Misconfigured};
use crate::platform::call::RequestId;
use crate::platform::db::replicas::Reads;
use crate::platform::db::wal_position::WalPosition;
use crate::platform::http::header_text;
use crate::platform::metrics;
use crate::platform::session::{POSITION, SIGN_IN, SignIn};
use crate::platform::state::AppState;
use crate::resources::operator_sessions::session_store;
use crate::resources::operators::model::{Operator, SignedIn};
use crate::resources::operators::ops::operator_current;
use crate::ui::error::UiErrorKind;
use crate::ui::server::prelude::*;
pub use crate::ui::server::session::authenticate::authenticate;
pub use crate::ui::server::session::changes::{
    Changed, Sender, change, change_as, change_at, change_session, read_as_admin, refuse,
};
use crate::ui::server::session::cookies::Cookies;
pub use crate::ui::server::session::error_pages::{faults, too_many};
use crate::ui::server::session::submitted_form::SubmittedForm;
pub use crate::ui::server::session::submitted_form::{PendingForm, with_form_key};

#[derive(Clone)]
pub struct RequestContext {
    pub state: AppState,
    session: Session,
    request_id: RequestId,
    /// For work that other tasks do, as they do for parts of a page.
    span: Span,
    pub viewer: Viewer,
    pub generation: i32,
    /// What its pages must not lack if they are read on a standby.
    position: WalPosition,
    client_address: Option<IpAddr>,
    user_agent: String,
    device_token: Option<String>,
    /// The form that was sent to a server function; empty for any other request.
    form: Arc<SubmittedForm>,
    cookies: Cookies,
    /// The origin under which the browser reaches this server.
    pub origin: String,
}

impl RequestContext {
    pub fn operator(&self) -> Result<&Operator, Problem> {
        self.viewer.operator.as_ref().ok_or(Problem::SignedOut)
    }

    pub fn reads(&self) -> Reads {
        self.state.reads(self.position)
    }

    /// Makes the next pages of this session show what was committed on this connection.
    async fn store_position(&self, connection: &mut Connection) -> Outcome<()> {
        if let Some(position) = self.state.replicas.position(connection).await {
            self.session.insert(POSITION, position).await?;
        }
        Ok(())
    }

    /// Reads again whether the session exists and its operator may sign in.
    pub async fn is_still_signed_in(&self) -> Outcome<bool> {
        self.is_signed_in_by(&mut *self.state.pool.acquire().await?).await
    }

    async fn is_signed_in_by(&self, connection: &mut Connection) -> Outcome<bool> {
        let (Some(session), Some(operator)) = (self.session.id(), &self.viewer.operator) else {
            return Ok(false);
        };
        Ok(session_store::is_live(connection, session).await?
            && operator_current(connection, operator.id, self.generation).await?.is_some())
    }

    /// Begins a session under a new id, so that an id planted by an attacker is useless. `next`: the address that follows;
    /// if a form waits there for this operator to sign in again, its text is restored.
    pub async fn sign_in(&self, signed_in: &SignedIn, next: &str) -> Outcome<()> {
        let device_cookie = self.start_session(signed_in, next).await?;
        if let (Some(response), Some(cookie)) = (use_context::<ResponseOptions>(), device_cookie) {
            response.append_header(header::SET_COOKIE, cookie);
        }
        Ok(())
    }

    /// [`Self::sign_in`] outside of server functions: the caller sets the returned device cookie.
    pub async fn start_session(
        &self,
        SignedIn { operator, generation }: &SignedIn,
        next: &str,
    ) -> Outcome<Option<HeaderValue>> {
        let restored = self.restored_form(operator, next).await?;
        self.end_session().await?;
        let sign_in = SignIn {
            operator: operator.id,
            at: self.viewer.now,
            seen: self.viewer.now,
            generation: *generation,
            user_agent: self.user_agent.clone(),
            address: self.client_address,
        };
        self.session.insert(SIGN_IN, sign_in).await?;
        if let Some(flash) = restored {
            self.restore(flash).await?;
        }
        self.device_cookie(&operator.email).await
    }

    /// The key of this session in the database.
    pub fn session_key(&self) -> String {
        self.session.id().map(|id| session_store::stored_id(id).to_string()).unwrap_or_default()
    }

    /// Continues with an empty session under a new id. After `flush`, the next insert would bring the old id back.
    pub async fn end_session(&self) -> Outcome<()> {
        self.session.clear().await;
        Ok(self.session.cycle_id().await?)
    }
}

impl From<session::Error> for Failure {
    fn from(error: session::Error) -> Self {
        Self::Unavailable(error.into())
    }
}

pub fn request_context() -> Result<RequestContext, UiError> {
    use_context::<Parts>()
        .and_then(|parts| parts.extensions.get::<RequestContext>().cloned())
        .ok_or_else(UiError::unreachable)
}

pub async fn anonymously<T>(work: impl AsyncFnOnce(&RequestContext) -> Outcome<T>) -> Result<T, UiError> {
    let context = request_context()?;
    let outcome = work(&context).instrument(context.span.clone()).await;
    outcome.map_err(|failure| context.error_with_status(failure))
}

/// Reads for an operator, maybe on a standby. A failure also sets the status of the response.
pub async fn read<T>(
    work: impl AsyncFnOnce(&mut Connection, &RequestContext) -> Outcome<T> + Clone,
) -> Result<T, UiError> {
    anonymously(async |context| {
        context.operator()?;
        context.reads().run(async |connection| work(connection, context).await).await
    })
    .await
}

/// [`read`] for pages about sessions and imports, which also change without a change by the session of the page.
pub async fn read_on_primary<T>(
    work: impl AsyncFnOnce(&mut Connection, &RequestContext) -> Outcome<T>,
) -> Result<T, UiError> {
    anonymously(async |context| {
        context.operator()?;
        let mut connection = context.state.pool.acquire().await?;
        work(&mut connection, context).await
    })
    .await
}

/// Whether the client is a browser that shows the response, and not a program that reads it.
pub fn wants_page(headers: &HeaderMap) -> bool {
    header_text(headers, header::ACCEPT).is_some_and(|accept| accept.contains("text/html"))
}

pub fn count_sign_in<T>(outcome: &Outcome<T>) {
    metrics::sign_in(match outcome {
        Ok(_) => "done",
        Err(Failure::Problem(Problem::TriedTooOften { .. })) => "throttled",
        Err(
            Failure::Problem(Problem::NotSignedInBy { fault: Away | Misconfigured, .. })
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
