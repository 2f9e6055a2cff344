//! The backoff before a transaction is repeated that Postgres has aborted (deadlock or serialization failure).
//!
//! Rows that one transaction changes are locked in one order, so that transactions wait for each other and never in a
//! cycle. No order can be guaranteed for the operations of one request, which run in the order of the client, or if a
//! person is deleted while acting. Of two such transactions Postgres aborts one, which would succeed if it were sent
//! again. It is repeated once; a second conflict is reported to the client.

use std::time::Duration;

/// Waits for the conflicting transaction to end.
pub async fn backoff() {
    tracing::info!("transaction aborted by a conflict; retrying");
    tokio::time::sleep(jitter()).await;
}

/// A random delay, because transactions that aborted each other would otherwise collide again.
pub fn jitter() -> Duration {
    Duration::from_millis(rand::random_range(10..60))
}
