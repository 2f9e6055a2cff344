//! Who keeps one connection waiting for a lock. The connection itself has no limit for that: a migration may take as
//! long as it takes. So another one asks and says it.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::time::sleep;

const LOOK_EVERY: Duration = Duration::from_secs(2);
/// What was said is said again after this time.
const SAY_EVERY: Duration = Duration::from_secs(10);

/// Any role sees these columns of `pg_stat_activity`.
const BLOCKERS: &str = "SELECT pid, coalesce(application_name, ''), coalesce(usename::text, '')
     FROM pg_catalog.pg_stat_activity WHERE pid = ANY (pg_blocking_pids($1)) ORDER BY pid";

/// Does this work, and says meanwhile for whom it waits. `pid`: of the process that serves its connection.
pub(super) async fn said_during<T>(options: &PgConnectOptions, pid: i32, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    let mut pause = LOOK_EVERY;
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            is_said = say_after(pause, options, pid) => pause = if is_said { SAY_EVERY } else { LOOK_EVERY },
        }
    }
}

/// Says it if there is anything to say.
async fn say_after(pause: Duration, options: &PgConnectOptions, pid: i32) -> bool {
    sleep(pause).await;
    // Where nobody can be asked, nothing can be said.
    let blockers = blockers(options, pid).await.unwrap_or_default();
    if blockers.is_empty() {
        return false;
    }
    tracing::warn!(
        "waiting: {} has locked what the migrations need; let it finish, or end it",
        blockers.join(" and ")
    );
    true
}

/// As in `process 4711 of the database (psql, user ana)`.
async fn blockers(options: &PgConnectOptions, pid: i32) -> Result<Vec<String>, sqlx::Error> {
    let mut connection = options.clone().disable_statement_logging().connect().await?;
    let found: Vec<(i32, String, String)> =
        sqlx::query_as(BLOCKERS).bind(pid).fetch_all(&mut connection).await?;
    connection.close().await?;
    let name = |(pid, program, user): (i32, String, String)| match program.as_str() {
        "" => format!("process {pid} of the database (user {user})"),
        program => format!("process {pid} of the database ({program}, user {user})"),
    };
    Ok(found.into_iter().map(name).collect())
}
