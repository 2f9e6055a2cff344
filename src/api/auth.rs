//! The API's door: no handler below it runs without a token that works.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use uuid::Uuid;

use crate::api::error::{Answer, Refusal, unauthorized};
use crate::api::error_response::too_large;
use crate::api::rate_limit;
use crate::api::transaction::{RequestTransaction, SharedTransaction};
use crate::jsonapi::body::{Purpose, ResourceBody};
use crate::jsonapi::error::ErrorObject;
use crate::jsonapi::media_type::{
    ATOMIC, check_accept, check_content_type, check_parameters, requires_atomic,
};
use crate::jsonapi::resource_type::ResourceType;
use crate::jsonapi::{lid, linkage};
use crate::kernel::actor::{Actor, Source};
use crate::kernel::id::TokenId;
use crate::kernel::problem::{Privilege, Problem};
use crate::platform::call::{Attribute, Call, PendingMetrics, RequestId, Write, WriteAndAttribute};
use crate::platform::cursor::CursorKey;
use crate::platform::failure::Outcome;
use crate::platform::http::limit::tell;
use crate::platform::state::AppState;
use crate::registry::operations;
use crate::resources::api_tokens::model::{ApiToken, Scope};
use crate::resources::api_tokens::ops::api_token_find;

/// Who calls, when, and in which request. Having one is the right to read: every scope implies it.
#[derive(Clone)]
pub struct Caller {
    pub state: AppState,
    token: ApiToken,
    now: DateTime<Utc>,
    request_id: RequestId,
    /// What was changed in this request.
    tally: PendingMetrics,
    /// What the token was read on, for the first who asks. Getting and giving back a connection costs a
    /// round trip each, as much as a small statement.
    connection: Spare,
    lender: Option<SharedTransaction>,
}

type Spare = Arc<Mutex<Option<PoolConnection<Postgres>>>>;

/// Lets a request pass that has a working token, and not too many requests before it.
pub async fn door(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let request_id = RequestId::of(request.extensions());
    let caller = match admit(state, request.headers(), request_id).await {
        Ok(caller) => caller,
        Err(refusal) => return refusal.into_response(),
    };
    let allowance = caller.state.limiter.as_ref().map(|limiter| limiter.count(&caller.token.id));
    if let Some(refused) = allowance.and_then(rate_limit::refusal) {
        return refused;
    }
    request.extensions_mut().insert(caller.clone());
    let mut response = next.run(request).await;
    caller.settle(&response);
    if let Some(allowance) = allowance {
        tell(allowance, response.headers_mut());
    }
    response
}

/// Lets a request pass whose media types are ones that we read and write.
pub async fn negotiate(request: Request, next: Next) -> Response {
    match fits(&request) {
        Ok(()) => next.run(request).await,
        Err(error) => Refusal::from(error).into_response(),
    }
}

fn fits(request: &Request) -> Result<(), ErrorObject> {
    let extensions: &[&str] = if request.uri().path() == operations::ADDRESS { &[ATOMIC] } else { &[] };
    let headers = request.headers();
    check_parameters(header_text(headers, header::CONTENT_TYPE).as_deref(), extensions)?;
    check_accept(header_text(headers, header::ACCEPT).as_deref(), &[ATOMIC])
}

/// Is a body to come (RFC 9112 section 6.3)? While it does, at whatever pace its sender likes, the
/// request holds no connection.
fn has_body(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH);
    headers.contains_key(header::TRANSFER_ENCODING) || length.is_some_and(|length| length != "0")
}

async fn admit(state: AppState, headers: &HeaderMap, request_id: RequestId) -> Answer<Caller> {
    let text = bearer_token(headers).ok_or_else(unauthorized)?;
    let now = state.clock.now();
    let mut connection = state.pool.acquire().await?;
    let token = api_token_find(&mut connection, text, now).await?.ok_or_else(unauthorized)?;
    if token.is_use_news(now) {
        state.last_uses.note(token.id, now);
    }
    let connection = Arc::new(Mutex::new((!has_body(headers)).then_some(connection)));
    let tally = PendingMetrics::of(Source::Api);
    Ok(Caller { state, token, now, request_id, tally, connection, lender: None })
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
        Call::granted(actor, self.now, Some(self.request_id.clone())).tallied_in(&self.tally)
    }

    /// Tells of what was changed, once the answer says that it was.
    fn settle(&self, response: &Response) {
        if response.status().is_success() { self.tally.tell() } else { self.tally.forget() }
    }

    /// The public ids of what was made, or was given a value that one alone can have, since this was asked last.
    /// Nothing of it is committed yet.
    pub(crate) fn take_made(&self) -> Vec<Uuid> {
        self.tally.take_made()
    }

    /// What was changed was rolled back, and is done once more.
    pub(crate) fn reset(&self) {
        self.tally.forget();
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

    /// May it change anything at all? Asked where what it needs depends on the document.
    pub fn write_or_attribute(&self) -> Result<(), Problem> {
        self.require(Scope::Pipeline, Privilege::Write)
            .or_else(|_| self.require(Scope::Write, Privilege::Write))
    }

    pub const fn token_id(&self) -> TokenId {
        self.token.id
    }

    /// The moment at which all of this request happens.
    pub const fn now(&self) -> DateTime<Utc> {
        self.now
    }

    pub const fn request_id(&self) -> &RequestId {
        &self.request_id
    }

    pub async fn connection(&self) -> Outcome<PoolConnection<Postgres>> {
        match self.keep(None) {
            Some(connection) => Ok(connection),
            None => Ok(self.state.pool.acquire().await?),
        }
    }

    /// Puts a connection by for the next who asks, or takes what is put by.
    fn keep(&self, connection: Option<PoolConnection<Postgres>>) -> Option<PoolConnection<Postgres>> {
        std::mem::replace(&mut *self.connection.lock().unwrap_or_else(PoisonError::into_inner), connection)
    }

    pub async fn cursor_key(&self) -> Outcome<&CursorKey> {
        let mut connection = self.connection().await?;
        let key = self.state.cursor_key(&mut connection).await?;
        self.keep(Some(connection));
        Ok(key)
    }

    /// For a change: commit it, or it did not happen.
    pub async fn work(&self) -> Outcome<RequestTransaction> {
        match &self.lender {
            Some(lender) => RequestTransaction::lent(lender),
            None => RequestTransaction::begin(self.connection().await?).await,
        }
    }

    /// The same caller, whose changes run in a transaction that somebody else commits.
    #[must_use]
    pub fn with_lender(self, lender: SharedTransaction) -> Self {
        Self { lender: Some(lender), ..self }
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
pub struct Document(Bytes);

impl FromRequest<AppState> for Document {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &AppState) -> Answer<Self> {
        check_content_type(header_text(request.headers(), header::CONTENT_TYPE).as_deref(), &[])?;
        Ok(Self(body(request, state).await?))
    }
}

impl Document {
    /// The resource in it, which is to be created.
    ///
    /// # Errors
    /// Where there is none.
    pub fn creation(&self, resource_type: &'static ResourceType) -> Answer<ResourceBody<'static>> {
        Ok(ResourceBody::read(self.data()?, resource_type, Purpose::Create, &lid::NONE)?)
    }

    /// The resource in it, with what is to change of the one with this id.
    ///
    /// # Errors
    /// Where there is none.
    pub fn change(&self, resource_type: &'static ResourceType, id: &str) -> Answer<ResourceBody<'static>> {
        Ok(ResourceBody::read(self.data()?, resource_type, Purpose::Update(id), &lid::NONE)?)
    }

    /// Its `data`, whatever that is.
    ///
    /// # Errors
    /// Where there is none.
    pub fn data(&self) -> Answer<Value> {
        Ok(linkage::data(&self.0)?)
    }
}

/// The body of atomic operations, known to be that by its media type.
pub struct Operations(pub Bytes);

impl FromRequest<AppState> for Operations {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &AppState) -> Answer<Self> {
        requires_atomic(header_text(request.headers(), header::CONTENT_TYPE).as_deref())?;
        Ok(Self(body(request, state).await?))
    }
}

pub(super) async fn body(request: Request, state: &AppState) -> Answer<Bytes> {
    Bytes::from_request(request, state).await.map_err(|rejection| {
        let status = rejection.into_response().status();
        match status.as_u16() {
            413 => too_large(),
            _ => ErrorObject::bad_request("The body ended before it was complete."),
        }
        .into()
    })
}
