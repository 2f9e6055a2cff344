//! The backoff before a transaction is repeated that Postgres has aborted (deadlock or serialization failure).
//! Transactions lock rows in one order, except for the operations of one request, and if a person is deleted while acting.
//! An aborted transaction is repeated once; a second conflict is reported to the client.

use std::time::Duration;

pub async fn backoff() {
    tracing::info!("transaction aborted by a conflict; retrying");
    tokio::time::sleep(jitter()).await;
}

/// A random delay, because transactions that aborted each other would otherwise collide again.
pub fn jitter() -> Duration {
    Duration::from_millis(rand::random_range(10..60))
}
