//! The logs as tables that are partitioned by month, once `groupdesk partition-logs` has converted them. The migration
//! `log_partitions` explains how.

use sqlx::{PgConnection, PgExecutor, PgPool};

/// The lock of those who change the logs or the privileges on them, until the end of the transaction. Postgres has no lock
/// for GRANT: without this one, a GRANT during a change of partitions fails with "tuple concurrently updated".
const DEFINITIONS: &str = "hashtext('groupdesk log definitions')";

/// Waits for others who hold the lock of the definitions.
pub async fn lock_definitions(transaction: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query(&format!("SELECT pg_advisory_xact_lock({DEFINITIONS})")).execute(transaction).await?;
    Ok(())
}

async fn try_lock_definitions(transaction: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar(&format!("SELECT pg_try_advisory_xact_lock({DEFINITIONS})"))
        .fetch_one(transaction)
        .await
}

/// Adds partitions for the coming months. Returns the logs of which the last partition, which has no upper bound, has rows;
/// `None` if another process changes the definitions in this moment.
pub async fn maintain(pool: &PgPool) -> sqlx::Result<Option<Vec<String>>> {
    let mut transaction = pool.begin().await?;
    if !try_lock_definitions(&mut *transaction).await? {
        return Ok(None);
    }
    let logs = sqlx::query_scalar("SELECT groupdesk.maintain_log_partitions()");
    let logs = logs.fetch_all(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(Some(logs))
}
