//! The logs as tables that are partitioned by month, once `groupdesk partition-logs` has converted them. The migration
//! `log_partitions` explains how.

use sqlx::PgExecutor;

/// Adds partitions for the coming months. Returns the logs of which the last partition, which has no upper bound, has rows.
/// Several processes may do so at once.
pub async fn maintain(database: impl PgExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("SELECT groupdesk.maintain_log_partitions()").fetch_all(database).await
}
