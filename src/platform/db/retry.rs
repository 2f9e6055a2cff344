//! Before a change is done once more that Postgres broke off for the sake of another.
//!
//! What several change at once is locked in one order, so that they wait for each other and never in a
//! circle. Where no order can be promised (the operations of one request come in the order in which its
//! sender wants them, and a person is deleted while they act), one of two is broken off, whole, and would
//! succeed if it were sent again. So the faces do it again, once: whoever loses twice in a row is told.

use std::time::Duration;

/// Waits for whoever was in the way.
pub async fn rest() {
    tracing::info!("a change was broken off for another; doing it again");
    tokio::time::sleep(moment()).await;
}

/// Not the same for all: two who broke each other off would meet again.
pub fn moment() -> Duration {
    Duration::from_millis(rand::random_range(10..60))
}
