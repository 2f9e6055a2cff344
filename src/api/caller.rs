//! An authenticated API request, the privileges that its token grants, and the transaction of its changes.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use sqlx::{Postgres, Transaction};
use tokio::sync::OwnedMutexGuard;

use crate::api::error::{ApiResult, Refusal, unauthorized};
use crate::api::{Connection, Preconditions, Readable};
use crate::jsonapi::projection::Projection;
use crate::jsonapi::query::{Query, Shape};
use crate::jsonapi::resource_type::ResourceType;
use crate::kernel::actor::{Actor, ChangeNote};
use crate::kernel::id::{ChangeSetId, TokenId};
use crate::kernel::problem::{Privilege, Problem};
use crate::platform::call::{Attribute, Call, PendingMetrics, RequestId, Write, WriteAndAttribute};
use crate::platform::db::lending_pool::LentConnection;
use crate::platform::failure::{Failure, Outcome};
use crate::platform::signed::CursorKey;
use crate::platform::state::AppState;
use crate::platform::sync::lock;

/// As an extractor it requires a token that may read; a handler that changes something takes a [`Call`] in addition, and
/// one that reads a [`Readable`] type takes a [`Reader`] instead.
#[derive(Clone)]
pub struct Caller {
    pub state: AppState,
    pub token: TokenId,
    /// Without a person for a system token.
    pub actor: Actor,
    pub grants: Vec<Privilege>,
    pub types: &'static [&'static ResourceType],
    /// The time of all changes of this request.
    pub now: DateTime<Utc>,
    pub request_id: RequestId,
    pub query: Option<String>,
    pub preconditions: Preconditions,
    /// Everything that this request changes.
    pub change_set: ChangeSetId,
    pub note: ChangeNote,
    /// The changes of this request. They count only if the response says that they are committed.
    pub changes: PendingMetrics,
    /// A connection for the next use.
    pub idle: Arc<Mutex<Option<LentConnection>>>,
    /// The transaction of an outer layer, which commits it.
    pub shared: Option<SharedTransaction>,
}

impl Caller {
    /// Fails with the first privilege if the token has none of them.
    fn require_any(&self, privileges: &[Privilege]) -> Result<(), Problem> {
        let is_granted = privileges.iter().any(|privilege| self.grants.contains(privilege));
        privileges.first().filter(|_| !is_granted).map_or(Ok(()), |first| Err(Problem::Forbidden(*first)))
    }

    pub fn call<P: TokenPrivilege>(&self) -> Result<Call<P>, Problem> {
        if let Some(missing) = P::REQUIRED.iter().find(|privilege| !self.grants.contains(privilege)) {
            return Err(Problem::Forbidden(*missing));
        }
        Ok(Call::granted(self.actor.clone(), self.now, Some(self.request_id.clone()))
            .counted_with(&self.changes)
            .in_change_set(self.change_set)
            .with_note(self.note.clone()))
    }

    /// What the note of a document says takes precedence over headers.
    #[must_use]
    pub fn with_note(self, note: ChangeNote) -> Self {
        Self { note: note.or(self.note), ..self }
    }

    pub async fn connection(&self) -> Outcome<LentConnection> {
        let idle = lock(&self.idle).take();
        Ok(match idle {
            Some(connection) => connection,
            None => self.state.pool.lend().await?,
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
        if let Some(shared) = &self.shared {
            return shared.borrow();
        }
        Ok(RequestTransaction::Owned(self.begin().await?))
    }

    /// A transaction that nothing else of this request shares yet.
    pub async fn begin(&self) -> Outcome<Transaction<'static, Postgres>> {
        let connection = self.connection().await?.into_pool_connection();
        Ok(Transaction::begin(connection, None).await?)
    }

    /// [`Self::transaction`] for changes that may be a single statement, which is a transaction by itself: `BEGIN` and
    /// `COMMIT` would cost two more round trips.
    pub async fn transaction_unless(&self, is_one_statement: bool) -> Outcome<RequestTransaction> {
        if is_one_statement && self.shared.is_none() {
            return Ok(RequestTransaction::Statement(self.connection().await?));
        }
        self.transaction().await
    }

    pub fn query(&self, resource_type: &'static ResourceType, shape: Shape) -> Query {
        Query::parse(self.query.as_deref(), resource_type, shape)
    }

    pub fn projection(&self, resource_type: &'static ResourceType) -> ApiResult<Projection> {
        let mut query = self.query(resource_type, Shape::One);
        let projection = query.projection(self.types);
        query.finish()?;
        Ok(projection)
    }

    pub fn no_parameters(&self, resource_type: &'static ResourceType) -> ApiResult<()> {
        Ok(self.query(resource_type, Shape::Bare).finish()?)
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> ApiResult<Self> {
        let caller = authenticated(parts)?;
        caller.require_any(&[Privilege::Read])?;
        Ok(caller)
    }
}

/// Without the authentication layer there is no caller, and the request is refused.
fn authenticated(parts: &Parts) -> ApiResult<Caller> {
    parts.extensions.get::<Caller>().cloned().ok_or_else(|| unauthorized().into())
}

/// A [`Caller`] who may read resources of the type `R`.
pub struct Reader<R> {
    pub caller: Caller,
    resource: PhantomData<R>,
}

impl<R: Readable> FromRequestParts<AppState> for Reader<R> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> ApiResult<Self> {
        let caller = authenticated(parts)?;
        caller.require_any(R::TYPE.read_by)?;
        Ok(Self { caller, resource: PhantomData })
    }
}

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

/// A transaction that handlers borrow one after the other, and whose creator commits it.
#[derive(Clone)]
pub struct SharedTransaction(Arc<tokio::sync::Mutex<Shared>>);

pub struct Shared {
    transaction: Transaction<'static, Postgres>,
    is_committed: bool,
}

impl SharedTransaction {
    pub fn new(transaction: Transaction<'static, Postgres>) -> Self {
        Self(Arc::new(tokio::sync::Mutex::new(Shared { transaction, is_committed: false })))
    }

    fn borrow(&self) -> Outcome<RequestTransaction> {
        let guard = Arc::clone(&self.0).try_lock_owned().map(RequestTransaction::Shared);
        guard.map_err(|_| Failure::fault("the shared transaction is borrowed twice"))
    }

    /// Returns the transaction, and whether the handler committed its changes. Fails if the handler still holds the
    /// transaction.
    pub fn into_inner(self) -> Outcome<(Transaction<'static, Postgres>, bool)> {
        let shared = Arc::into_inner(self.0).map(tokio::sync::Mutex::into_inner);
        let shared = shared.ok_or_else(|| Failure::fault("a handler still holds the shared transaction"))?;
        Ok((shared.transaction, shared.is_committed))
    }
}

/// The transaction of one handler. Without [`Self::commit`] its changes are rolled back, except that of a single statement.
pub enum RequestTransaction {
    Statement(LentConnection),
    Owned(Transaction<'static, Postgres>),
    Shared(OwnedMutexGuard<Shared>),
}

impl RequestTransaction {
    pub async fn commit(self) -> Outcome<()> {
        match self {
            Self::Statement(connection) => connection.hand_over(),
            Self::Owned(transaction) => transaction.commit().await?,
            Self::Shared(mut shared) => shared.is_committed = true,
        }
        Ok(())
    }
}

impl Deref for RequestTransaction {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        match self {
            Self::Statement(connection) => connection,
            Self::Owned(transaction) => transaction,
            Self::Shared(shared) => &shared.transaction,
        }
    }
}

impl DerefMut for RequestTransaction {
    fn deref_mut(&mut self) -> &mut Connection {
        match self {
            Self::Statement(connection) => connection,
            Self::Owned(transaction) => transaction,
            Self::Shared(shared) => &mut shared.transaction,
        }
    }
}
