//! The transaction that a change runs in: the handler's own, or one that the answer to an
//! `Idempotency-Key` is committed with.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use axum::response::Response;
use sqlx::pool::PoolConnection;
use sqlx::{Postgres, Transaction};

use crate::api::auth::Caller;
use crate::api::error::Answer;
use crate::api::{Connection, response};
use crate::platform::failure::{Failure, Outcome};

/// A transaction lent to a handler by somebody who commits it later.
#[derive(Clone, Default)]
pub struct SharedTransaction(Arc<Mutex<Lent>>);

#[derive(Default)]
struct Lent {
    transaction: Option<Transaction<'static, Postgres>>,
    is_kept: bool,
}

impl SharedTransaction {
    pub fn new(transaction: Transaction<'static, Postgres>) -> Self {
        Self(Arc::new(Mutex::new(Lent { transaction: Some(transaction), is_kept: false })))
    }

    fn lend(&self) -> Option<Transaction<'static, Postgres>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).transaction.take()
    }

    fn take_back(&self, transaction: Transaction<'static, Postgres>, is_kept: bool) {
        let mut lent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lent.transaction = Some(transaction);
        lent.is_kept |= is_kept;
    }

    /// The transaction, once the handler is through with it, and whether what it did is to stay.
    pub fn settle(&self) -> Option<(Transaction<'static, Postgres>, bool)> {
        let is_kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).is_kept;
        self.lend().map(|transaction| (transaction, is_kept))
    }
}

/// Statements of one change. Commit it, or the change did not happen.
pub struct RequestTransaction {
    // Always there until the end of `commit` or of the value.
    transaction: Option<Transaction<'static, Postgres>>,
    lender: Option<SharedTransaction>,
}

impl RequestTransaction {
    pub(super) async fn begin(connection: PoolConnection<Postgres>) -> Outcome<Self> {
        // What the pool's own `begin` does once it has a connection.
        let transaction = Transaction::begin(connection, None).await?;
        Ok(Self { transaction: Some(transaction), lender: None })
    }

    pub(super) fn lent(lender: &SharedTransaction) -> Outcome<Self> {
        let transaction = lender.lend().ok_or_else(|| Failure::fault("the transaction is lent already"))?;
        Ok(Self { transaction: Some(transaction), lender: Some(lender.clone()) })
    }

    pub async fn commit(mut self) -> Outcome<()> {
        match (self.transaction.take(), self.lender.take()) {
            (Some(transaction), Some(lender)) => lender.take_back(transaction, true),
            (Some(transaction), None) => transaction.commit().await?,
            (None, _) => {}
        }
        Ok(())
    }
}

/// Makes a change that leaves nothing to show, and commits it: 204.
///
/// # Errors
/// Those of the change, of which nothing happened then.
pub async fn no_content_after(
    caller: &Caller,
    change: impl AsyncFnOnce(&mut Connection) -> Answer<()>,
) -> Answer<Response> {
    let mut work = caller.work().await?;
    change(&mut work).await?;
    work.commit().await?;
    Ok(response::no_content())
}

impl Drop for RequestTransaction {
    fn drop(&mut self) {
        if let (Some(transaction), Some(lender)) = (self.transaction.take(), self.lender.take()) {
            lender.take_back(transaction, false);
        }
    }
}

#[expect(clippy::expect_used, reason = "only `commit` and `drop` take it out, and both end the value")]
impl Deref for RequestTransaction {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.transaction.as_deref().expect("it is there until the value ends")
    }
}

#[expect(clippy::expect_used, reason = "only `commit` and `drop` take it out, and both end the value")]
impl DerefMut for RequestTransaction {
    fn deref_mut(&mut self) -> &mut Connection {
        self.transaction.as_deref_mut().expect("it is there until the value ends")
    }
}
