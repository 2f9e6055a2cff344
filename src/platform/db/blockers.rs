//! Reports which processes keep a migration waiting for a lock. Its own connection has no lock timeout, because a
//! migration may take long, so another connection looks.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::time::sleep;

const CHECK_INTERVAL: Duration = Duration::from_secs(2);
const REPEAT_INTERVAL: Duration = Duration::from_secs(10);

/// Any role sees these columns of `pg_stat_activity`.
const BLOCKERS: &str = "SELECT format('process %s of the database (%suser %s)', pid,
                                      coalesce(nullif(application_name, '') || ', ', ''), usename)
     FROM pg_catalog.pg_stat_activity WHERE pid = ANY (pg_blocking_pids($1)) ORDER BY pid";

/// Does the work, and logs what blocks it. `pid`: the backend process of its connection.
pub(super) async fn report_during<T>(
    options: &PgConnectOptions,
    pid: i32,
    work: impl Future<Output = T>,
) -> T {
    let report = async {
        let mut interval = CHECK_INTERVAL;
        loop {
            sleep(interval).await;
            // A failed look is no reason to end the migration.
            let blockers = blockers(options, pid).await.unwrap_or_default().join(" and ");
            interval = if blockers.is_empty() { CHECK_INTERVAL } else { REPEAT_INTERVAL };
            if !blockers.is_empty() {
                tracing::warn!(
                    "waiting: {blockers} has locked what the migrations need; let it finish, or end it"
                );
            }
        }
    };
    tokio::select! {
        biased;
        done = work => done,
        never = report => never,
    }
}

/// For example `process 4711 of the database (psql, user ana)`.
async fn blockers(options: &PgConnectOptions, pid: i32) -> sqlx::Result<Vec<String>> {
    let mut connection = options.clone().disable_statement_logging().connect().await?;
    let blockers = sqlx::query_scalar(BLOCKERS).bind(pid).fetch_all(&mut connection).await?;
    connection.close().await?;
    Ok(blockers)
}
