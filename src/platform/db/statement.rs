//! Runs statements that return no rows.

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{PgConnection, Postgres};

use crate::platform::failure::Outcome;

type Statement<'q> = Query<'q, Postgres, PgArguments>;

pub async fn execute(connection: &mut PgConnection, statement: Statement<'_>) -> Outcome<()> {
    statement.execute(connection).await?;
    Ok(())
}

pub async fn execute_counted(connection: &mut PgConnection, statement: Statement<'_>) -> Outcome<u64> {
    Ok(statement.execute(connection).await?.rows_affected())
}

/// The maximum number of rows that one statement of [`delete_in_batches`] deletes, so that it ends before the statement
/// timeout.
pub const DELETE_BATCH: i64 = 10_000;

/// Repeats the statement until it deletes fewer rows than it might. Rows that were locked are left for the next time.
pub async fn delete_in_batches<'q>(
    connection: &mut PgConnection,
    statement: impl Fn() -> Statement<'q>,
) -> Outcome<()> {
    while execute_counted(connection, statement()).await? >= DELETE_BATCH.cast_unsigned() {}
    Ok(())
}
