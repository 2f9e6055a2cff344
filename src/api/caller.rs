//! The caller of an API request, and the privileges that its token grants.

use std::sync::{Arc, Mutex};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use sqlx::pool::PoolConnection;
use sqlx::{Postgres, Transaction};

use crate::api::error::{ApiResult, Refusal, unauthorized};
use crate::api::transaction::{RequestTransaction, SharedTransaction};
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
use crate::platform::sync::lock;

/// All resource types of the API.
pub type Types = &'static [&'static ResourceType];

/// The token of a request. Every valid token may read.
#[derive(Clone)]
pub struct Principal {
    pub token: TokenId,
    pub token_name: String,
    /// `None`: a system token.
    pub person: Option<PersonRef>,
    pub grants: Vec<Privilege>,
}

/// An authenticated request. As an extractor it lets every valid token read; a handler that changes something takes a
/// [`Call`] in addition.
#[derive(Clone)]
pub struct Caller {
    pub state: AppState,
    pub principal: Principal,
    pub types: Types,
    /// The time of all changes of this request.
    pub now: DateTime<Utc>,
    pub request_id: RequestId,
    /// The changes of this request. They count only if the response says that they are committed.
    pub changes: PendingMetrics,
    /// A connection for the next use. Returning it to the pool and acquiring another one would cost two round trips.
    idle: Arc<Mutex<Option<PoolConnection<Postgres>>>>,
    /// The transaction of an outer layer, which commits it.
    shared: Option<SharedTransaction>,
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
        let idle = Arc::new(Mutex::new(connection));
        Self { state, principal, types, now, request_id, changes, idle, shared: None }
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

    pub async fn connection(&self) -> Outcome<PoolConnection<Postgres>> {
        let idle = lock(&self.idle).take();
        Ok(match idle {
            Some(connection) => connection,
            None => self.state.pool.acquire().await?,
        })
    }

    pub async fn cursor_key(&self) -> Outcome<&CursorKey> {
        let mut connection = self.connection().await?;
        let key = self.state.cursor_key(&mut connection).await?;
        *lock(&self.idle) = Some(connection);
        Ok(key)
    }

    /// The transaction for the changes of this request. Dropping it rolls them back.
    pub async fn transaction(&self) -> Outcome<RequestTransaction> {
        match &self.shared {
            Some(shared) => shared.borrow(),
            None => {
                let transaction = Transaction::begin(self.connection().await?, None).await?;
                Ok(RequestTransaction::Owned(transaction))
            }
        }
    }

    /// The same caller; its changes run in a transaction that an outer layer commits.
    #[must_use]
    pub fn sharing(self, transaction: SharedTransaction) -> Self {
        Self { shared: Some(transaction), ..self }
    }

    /// The projection that the query of a single resource requests.
    ///
    /// # Errors
    /// All mistakes in the query.
    pub fn projection(
        &self,
        raw: Option<&str>,
        resource_type: &'static ResourceType,
    ) -> ApiResult<Projection> {
        let mut query = Query::parse(raw, resource_type, Shape::One);
        let projection = query.projection(self.types);
        query.finish()?;
        Ok(projection)
    }
}

/// Refuses all query parameters.
pub fn no_parameters(raw: Option<&str>, resource_type: &'static ResourceType) -> ApiResult<()> {
    Ok(Query::parse(raw, resource_type, Shape::Bare).finish()?)
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Refusal;

    /// Without the authentication layer there is no caller, and the request is refused.
    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> ApiResult<Self> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| unauthorized().into())
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

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> ApiResult<Self> {
        Ok(Caller::from_request_parts(parts, state).await?.call()?)
    }
}

/// An extractor for requests whose body decides which privilege they need: the token must be able to change something.
pub struct AnyWrite;

impl FromRequestParts<AppState> for AnyWrite {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> ApiResult<Self> {
        let caller = Caller::from_request_parts(parts, state).await?;
        if caller.call::<Attribute>().is_err() {
            caller.call::<Write>()?;
        }
        Ok(Self)
    }
}
