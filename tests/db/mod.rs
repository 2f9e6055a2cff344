//! Guarantees of the database itself, and the migrations that establish them.

mod activity;
mod adoption;
mod append_only_logs;
mod audit;
mod comparison;
mod contention;
mod deleted_people;
mod lock_waits;
mod migrations;
mod model;
mod notifications;
mod one_live_row;
mod plans;
mod race;
mod removed_parents;
mod role;
mod row_protection;
mod search_plans;
mod serial_keys;
mod token_changes;
mod ungrouped_workspaces;

use sqlx::PgPool;

use crate::support::wait_until;

/// The constraint by which the database refuses the statement, or its message if there is no constraint.
async fn refusal(pool: &PgPool, statement: &str) -> String {
    let error = sqlx::raw_sql(statement).execute(pool).await.expect_err(statement);
    let error = error.as_database_error().expect("a refusal by the database");
    error.constraint().unwrap_or(error.message()).to_owned()
}

async fn execute(pool: &PgPool, statement: &str) {
    sqlx::raw_sql(statement).execute(pool).await.expect(statement);
}

/// Waits until a statement in the database waits for a lock.
async fn wait_for_blocked_statement(pool: &PgPool) {
    let waits = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity
                                WHERE datname = current_database() AND wait_event_type = 'Lock')";
    wait_until(10, "a statement waits for a lock", async || {
        sqlx::query_scalar(waits).fetch_one(pool).await.unwrap()
    })
    .await;
}
