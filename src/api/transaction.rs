//! Who commits the changes of an API request.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use sqlx::{Postgres, Transaction};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::api::Connection;
use crate::platform::failure::{Failure, Outcome};

/// A transaction that handlers borrow one after the other, and whose creator commits it.
#[derive(Clone)]
pub struct SharedTransaction(Arc<Mutex<Shared>>);

pub struct Shared {
    transaction: Transaction<'static, Postgres>,
    is_committed: bool,
}

impl SharedTransaction {
    pub fn new(transaction: Transaction<'static, Postgres>) -> Self {
        Self(Arc::new(Mutex::new(Shared { transaction, is_committed: false })))
    }

    pub(super) fn borrow(&self) -> Outcome<RequestTransaction> {
        let guard = Arc::clone(&self.0).try_lock_owned();
        guard
            .map(RequestTransaction::Shared)
            .map_err(|_| Failure::fault("the shared transaction is borrowed twice"))
    }

    /// The transaction, after the handler has returned, and whether the handler committed its changes.
    pub fn into_inner(self) -> Outcome<(Transaction<'static, Postgres>, bool)> {
        let shared = Arc::into_inner(self.0).map(Mutex::into_inner);
        let shared = shared.ok_or_else(|| Failure::fault("a handler still holds the shared transaction"))?;
        Ok((shared.transaction, shared.is_committed))
    }
}

/// The transaction of one handler. Without [`Self::commit`] its changes are rolled back.
pub enum RequestTransaction {
    Owned(Transaction<'static, Postgres>),
    Shared(OwnedMutexGuard<Shared>),
}

impl RequestTransaction {
    /// Commits the changes; of a shared transaction, notes that its creator should commit them.
    pub async fn commit(self) -> Outcome<()> {
        match self {
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
            Self::Owned(transaction) => transaction,
            Self::Shared(shared) => &shared.transaction,
        }
    }
}

impl DerefMut for RequestTransaction {
    fn deref_mut(&mut self) -> &mut Connection {
        match self {
            Self::Owned(transaction) => transaction,
            Self::Shared(shared) => &mut shared.transaction,
        }
    }
}
