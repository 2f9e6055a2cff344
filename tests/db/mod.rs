//! What the database itself keeps true, and how a database comes to that state.

mod activity;
mod audit;
mod comparison;
mod contention;
mod deleted_people;
mod kept_rows;
mod log_is_append_only;
mod loose_workspaces;
mod migrations;
mod model;
mod news;
mod one_live_row;
mod plans;
mod race;
mod removed_parents;
mod role;
mod waits;

use sqlx::PgPool;

/// By which constraint the database refuses the statement; its message where it names none.
async fn refusal(pool: &PgPool, statement: &str) -> String {
    let error = sqlx::raw_sql(statement).execute(pool).await.expect_err(statement);
    let error = error.as_database_error().expect("a refusal by the database");
    error.constraint().unwrap_or(error.message()).to_owned()
}

async fn execute(pool: &PgPool, statement: &str) {
    sqlx::raw_sql(statement).execute(pool).await.expect(statement);
}
