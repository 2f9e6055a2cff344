//! The caller of an API request, and the privileges that its token grants.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;
use chrono::{DateTime, Utc};
use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use uuid::Uuid;

use crate::api::Readable;
use crate::api::error::{Answer, Refusal, unauthorized};
use crate::api::transaction::{ConnectionSource, RequestTransaction, SharedTransaction};
use crate::jsonapi::projection::Projection;
use crate::jsonapi::query::{Query, Shape};
use crate::jsonapi::resource_type::ResourceType;
use crate::kernel::actor::{Actor, PersonRef, Source};
use crate::kernel::id::TokenId;
use crate::kernel::problem::{Privilege, Problem};
use crate::platform::call::{Attribute, Call, PendingMetrics, RequestId, Write, WriteAndAttribute};
use crate::platform::cursor::CursorKey;
use crate::platform::failure::Outcome;
use crate::platform::state::AppState;

/// All resource types of the API.
pub type Types = &'static [&'static ResourceType];

/// The token of a request.
#[derive(Clone)]
pub struct Principal {
    pub token: TokenId,
    pub token_name: String,
    /// `None`: a system token.
    pub person: Option<PersonRef>,
    pub grants: Vec<Privilege>,
}

/// An authenticated request. As an extractor it requires a token that may read; a handler that changes something takes a
/// [`Call`] in addition, and one that reads a [`Readable`] type takes a [`Reader`] instead.
#[derive(Clone)]
pub struct Caller {
    pub state: AppState,
    pub principal: Principal,
    pub types: Types,
    /// The time of all changes of this request.
    pub now: DateTime<Utc>,
    pub request_id: RequestId,
    changes: PendingMetrics,
    connections: ConnectionSource,
}

impl Caller {
    /// `connection` is reused by the handler.
    pub fn new(
        state: AppState,
        principal: Principal,
        types: Types,
        now: DateTime<Utc>,
        request_id: RequestId,
        connection: Option<PoolConnection<Postgres>>,
    ) -> Self {
        let changes = PendingMetrics::of(Source::Api);
        let connections = ConnectionSource::owned(connection);
        Self { state, principal, types, now, request_id, changes, connections }
    }

    /// Requires one of these privileges.
    ///
    /// # Errors
    /// [`Problem::Forbidden`] with the first one.
    fn require_any(&self, privileges: &[Privilege]) -> Result<(), Problem> {
        let is_granted = privileges.iter().any(|privilege| self.principal.grants.contains(privilege));
        privileges.first().filter(|_| !is_granted).map_or(Ok(()), |first| Err(Problem::Forbidden(*first)))
    }

    /// # Errors
    /// [`Problem::Forbidden`].
    pub fn call<P: TokenPrivilege>(&self) -> Result<Call<P>, Problem> {
        let missing = P::REQUIRED.iter().find(|privilege| !self.principal.grants.contains(privilege));
        if let Some(privilege) = missing {
            return Err(Problem::Forbidden(*privilege));
        }
        let actor = Actor {
            person: self.principal.person.clone(),
            source: Source::Api,
            token_name: Some(self.principal.token_name.clone()),
        };
        Ok(Call::granted(actor, self.now, Some(self.request_id.clone())).tallied_in(&self.changes))
    }

    /// Counts the changes of this request if the response says that they are committed.
    pub fn count_changes(&self, response: &Response) {
        if response.status().is_success() { self.changes.flush() } else { self.changes.discard() }
    }

    /// Discards the counted changes, because they were rolled back and will be retried.
    pub fn discard_changes(&self) {
        self.changes.discard();
    }

    /// The ids of resources that were created, or given a unique value, since the last call. They are not committed.
    pub fn take_made(&self) -> Vec<Uuid> {
        self.changes.take_made()
    }

    pub async fn connection(&self) -> Outcome<PoolConnection<Postgres>> {
        match self.connections.take_idle() {
            Some(connection) => Ok(connection),
            None => Ok(self.state.pool.acquire().await?),
        }
    }

    pub async fn cursor_key(&self) -> Outcome<&CursorKey> {
        let mut connection = self.connection().await?;
        let key = self.state.cursor_key(&mut connection).await?;
        self.connections.put_idle(connection);
        Ok(key)
    }

    /// The transaction for the changes of this request. Dropping it rolls them back.
    pub async fn transaction(&self) -> Outcome<RequestTransaction> {
        match &self.connections {
            ConnectionSource::Shared(shared) => shared.borrow(),
            ConnectionSource::Owned(_) => RequestTransaction::begin(self.connection().await?).await,
        }
    }

    /// The same caller; its changes run in a transaction that an outer layer commits.
    #[must_use]
    pub fn sharing(self, transaction: SharedTransaction) -> Self {
        Self { connections: ConnectionSource::Shared(transaction), ..self }
    }

    /// The projection that the query of a single resource requests.
    ///
    /// # Errors
    /// All mistakes in the query.
    pub fn projection(&self, raw: Option<&str>, resource_type: &'static ResourceType) -> Answer<Projection> {
        let mut query = Query::parse(raw, resource_type, Shape::One);
        let projection = query.projection(self.types);
        query.finish()?;
        Ok(projection)
    }
}

/// Refuses all query parameters.
pub fn no_parameters(raw: Option<&str>, resource_type: &'static ResourceType) -> Answer<()> {
    Ok(Query::parse(raw, resource_type, Shape::Bare).finish()?)
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Answer<Self> {
        let caller = authenticated(parts)?;
        caller.require_any(&[Privilege::Read])?;
        Ok(caller)
    }
}

/// Without the authentication layer there is no caller, and the request is refused.
fn authenticated(parts: &Parts) -> Answer<Caller> {
    parts.extensions.get::<Caller>().cloned().ok_or_else(|| unauthorized().into())
}

/// A [`Caller`] who may read resources of the type `R`.
pub struct Reader<R> {
    pub caller: Caller,
    resource: PhantomData<R>,
}

impl<R: Readable> FromRequestParts<AppState> for Reader<R> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Answer<Self> {
        let caller = authenticated(parts)?;
        caller.require_any(R::TYPE.read_by)?;
        Ok(Self { caller, resource: PhantomData })
    }
}

/// A privilege that the scopes of a token grant.
pub trait TokenPrivilege: Send + Sync + 'static {
    const REQUIRED: &'static [Privilege];
}

impl TokenPrivilege for Write {
    const REQUIRED: &'static [Privilege] = &[Privilege::Write];
}

impl TokenPrivilege for Attribute {
    const REQUIRED: &'static [Privilege] = &[Privilege::Attribute];
}

impl TokenPrivilege for WriteAndAttribute {
    const REQUIRED: &'static [Privilege] = &[Privilege::Write, Privilege::Attribute];
}

/// A handler that takes a `Call<P>` runs only for tokens that have the privilege.
impl<P: TokenPrivilege> FromRequestParts<AppState> for Call<P> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Answer<Self> {
        Ok(Caller::from_request_parts(parts, state).await?.call()?)
    }
}

/// An extractor for requests whose body decides which privilege they need: the token must be able to change something.
pub struct AnyWrite;

impl FromRequestParts<AppState> for AnyWrite {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Answer<Self> {
        let caller = Caller::from_request_parts(parts, state).await?;
        if caller.call::<Attribute>().is_err() {
            caller.call::<Write>()?;
        }
        Ok(Self)
    }
}
