//! Runs statements that return no rows.

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{PgConnection, Postgres};

use crate::platform::failure::Outcome;

pub async fn execute(
    connection: &mut PgConnection,
    statement: Query<'_, Postgres, PgArguments>,
) -> Outcome<()> {
    statement.execute(connection).await?;
    Ok(())
}

/// [`execute`], and returns how many rows were affected.
pub async fn execute_counted(
    connection: &mut PgConnection,
    statement: Query<'_, Postgres, PgArguments>,
) -> Outcome<u64> {
    Ok(statement.execute(connection).await?.rows_affected())
}
