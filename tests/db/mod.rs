//! What the database itself keeps true, and how a database comes to that state.

mod activity;
mod adoption;
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
mod search_plans;
mod serial_keys;
mod waits;

use sqlx::PgPool;

use crate::support::within;

/// By which constraint the database refuses the statement; its message where it names none.
async fn refusal(pool: &PgPool, statement: &str) -> String {
    let error = sqlx::raw_sql(statement).execute(pool).await.expect_err(statement);
    let error = error.as_database_error().expect("a refusal by the database");
    error.constraint().unwrap_or(error.message()).to_owned()
}

async fn execute(pool: &PgPool, statement: &str) {
    sqlx::raw_sql(statement).execute(pool).await.expect(statement);
}

/// Waits until a statement in the database waits for somebody else's lock.
async fn somebody_waits(pool: &PgPool) {
    let waits = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity
                                WHERE datname = current_database() AND wait_event_type = 'Lock')";
    within(10, "somebody waits", async || sqlx::query_scalar(waits).fetch_one(pool).await.unwrap()).await;
}
