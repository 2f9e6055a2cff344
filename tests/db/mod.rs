//! Guarantees of the database itself, and the migrations that establish them.

mod activity;
mod adoption;
mod append_only_logs;
mod audit;
mod comparison;
mod contention;
mod deleted_people;
mod enrollment_names;
mod lending_pool;
mod lock_waits;
mod log_partitions;
mod migrations;
mod model;
mod name_plans;
mod notifications;
mod one_live_row;
mod partition_plans;
mod plans;
mod race;
mod removed_parents;
mod reversals;
mod role;
mod row_protection;
mod search_plans;
mod serial_keys;
mod token_changes;
mod ungrouped_workspaces;

use sqlx::PgPool;

use crate::support::{ApiClient, wait_until};

const LOGS: [&str; 2] = ["enrollment_events", "admin_events"];

/// The constraint by which the database refuses the statement, or its message if there is no constraint.
async fn refusal(pool: &PgPool, statement: &str) -> String {
    let error = sqlx::raw_sql(statement).execute(pool).await.expect_err(statement);
    let error = error.as_database_error().expect("a refusal by the database");
    error.constraint().unwrap_or(error.message()).to_owned()
}

/// Converts both logs as `groupdesk partition-logs` does.
async fn partition(pool: &PgPool) {
    for log in LOGS {
        let limit = format!("SELECT groupdesk.limit_log('{log}')::text");
        let table: Option<String> = sqlx::query_scalar(&limit).fetch_one(pool).await.unwrap();
        let Some(table) = table else { continue };
        execute(pool, &format!("ALTER TABLE {table} VALIDATE CONSTRAINT partition_limit")).await;
        execute(pool, &format!("SELECT groupdesk.partition_log('{log}')")).await;
    }
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

/// Filters for the change set and for the request of an event.
async fn events_of_one_change(api: &ApiClient, events: &str) -> [String; 2] {
    let event = api.get(&format!("{events}?filter[action]=enrolled&page[size]=1")).await;
    let attributes = &event.body["data"][0]["attributes"];
    let text = |name: &str| attributes[name].as_str().unwrap().to_owned();
    [
        format!("filter[change_set]={}", text("change_set_id")),
        format!("filter[request_id]={}", text("request_id")),
    ]
}
