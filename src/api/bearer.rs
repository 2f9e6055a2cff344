//! The API's door: no handler below it runs without a token that works.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use sqlx::pool::PoolConnection;
use sqlx::{Postgres, Transaction};

use super::error::{Answer, Refusal, unauthorized};
use crate::jsonapi::error::ErrorObject;
use crate::jsonapi::media_type::{check_accept, check_content_type};
use crate::kernel::actor::{Actor, Source};
use crate::kernel::problem::{Privilege, Problem};
use crate::platform::call::{Attribute, Call, RequestId, Write, WriteAndAttribute};
use crate::platform::failure::Outcome;
use crate::platform::state::AppState;
use crate::resources::api_tokens::model::{ApiToken, Scope};
use crate::resources::api_tokens::ops::api_token_find;

/// Who calls, when, and in which request. Having one is the right to read: every scope implies it.
#[derive(Clone)]
pub struct Caller {
    pub state: AppState,
    token: ApiToken,
    now: DateTime<Utc>,
    request_id: RequestId,
}

/// Lets a request pass that has a working token and would understand the answer.
pub async fn door(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let request_id = RequestId::of(request.extensions());
    match admit(state, request.headers(), request_id).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(refusal) => refusal.into_response(),
    }
}

async fn admit(state: AppState, headers: &HeaderMap, request_id: RequestId) -> Answer<Caller> {
    let text = bearer_token(headers).ok_or_else(unauthorized)?;
    let now = state.clock.now();
    let mut connection = state.pool.acquire().await?;
    let token = api_token_find(&mut connection, text, now).await?.ok_or_else(unauthorized)?;
    check_accept(header_text(headers, header::ACCEPT).as_deref(), &[])?;
    Ok(Caller { state, token, now, request_id })
}

/// RFC 6750 section 2.1; the scheme's name has no case (RFC 9110 section 11.1).
fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// A list header that came in several lines is one list (RFC 9110 section 5.3).
fn header_text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    let lines: Vec<_> = headers.get_all(name).iter().filter_map(|line| line.to_str().ok()).collect();
    if lines.is_empty() { None } else { Some(lines.join(", ")) }
}

impl Caller {
    fn call<P>(&self) -> Call<P> {
        let actor = Actor {
            person: self.token.person.clone(),
            source: Source::Api,
            token_name: Some(self.token.name.clone()),
        };
        Call::granted(actor, self.now, Some(self.request_id.clone()))
    }

    fn require(&self, scope: Scope, privilege: Privilege) -> Result<(), Problem> {
        if self.token.has(scope) { Ok(()) } else { Err(Problem::Forbidden(privilege)) }
    }

    pub fn write(&self) -> Result<Call<Write>, Problem> {
        self.require(Scope::Write, Privilege::Write)?;
        Ok(self.call())
    }

    pub fn attribute(&self) -> Result<Call<Attribute>, Problem> {
        self.require(Scope::Pipeline, Privilege::Attribute)?;
        Ok(self.call())
    }

    pub fn write_and_attribute(&self) -> Result<Call<WriteAndAttribute>, Problem> {
        self.require(Scope::Write, Privilege::Write)?;
        self.require(Scope::Pipeline, Privilege::Attribute)?;
        Ok(self.call())
    }

    pub async fn connection(&self) -> Outcome<PoolConnection<Postgres>> {
        Ok(self.state.pool.acquire().await?)
    }

    /// For a change: commit it, or it did not happen.
    pub async fn transaction(&self) -> Outcome<Transaction<'static, Postgres>> {
        Ok(self.state.pool.begin().await?)
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Answer<Self> {
        // Not there: a route was mounted outside of the door. Then nobody gets in.
        parts.extensions.get::<Self>().cloned().ok_or_else(|| unauthorized().into())
    }
}

/// The body of a write, known to be a JSON:API document by its media type.
pub struct Document(pub Bytes);

impl FromRequest<AppState> for Document {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &AppState) -> Answer<Self> {
        check_content_type(header_text(request.headers(), header::CONTENT_TYPE).as_deref(), &[])?;
        Bytes::from_request(request, state).await.map(Self).map_err(|rejection| {
            let status = rejection.into_response().status();
            match status.as_u16() {
                413 => ErrorObject::new(
                    413,
                    "PAYLOAD_TOO_LARGE",
                    "Payload too large",
                    "The body is larger than 1 MiB.",
                ),
                _ => ErrorObject::bad_request("The body ended before it was complete."),
            }
            .into()
        })
    }
}
