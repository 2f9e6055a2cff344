//! The number of processes that serve from this database. Each of them accepts its share of the rate limits.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::PgConnection;

use super::notifications;

#[derive(Debug, Clone, Default)]
pub struct Instances(Arc<AtomicU32>);

impl Instances {
    /// The number that was counted last, with at least this process.
    pub fn number(&self) -> NonZeroU32 {
        NonZeroU32::new(self.0.load(Ordering::Relaxed)).unwrap_or(NonZeroU32::MIN)
    }

    /// Counts the connections for change notifications, of which each process has one, also one of the previous version.
    /// Postgres shows their names to every role.
    pub async fn count(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        let count = sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1",
        );
        let number: i64 = count.bind(notifications::CONNECTION).fetch_one(connection).await?;
        self.set(u32::try_from(number).unwrap_or(u32::MAX));
        Ok(())
    }

    pub(super) fn set(&self, number: u32) {
        self.0.store(number, Ordering::Relaxed);
    }
}
