//! The cost of a page of a log that is partitioned by month.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::plans::{FILL, admin_events, events, reader};
use super::{execute, partition};
use crate::support::listen;

/// Replaces the empty first partition by one for each month of two years and one for the time after them. Together with
/// those of the coming months there are about 28.
const TWO_YEARS: &str = r"
    SET LOCAL timezone = 'UTC';
    DO $$
    DECLARE
        log    text;
        first  text;
        ends   timestamptz;
        month  timestamptz;
        name   text;
    BEGIN
        FOREACH log IN ARRAY ARRAY['enrollment_events', 'admin_events'] LOOP
            SELECT c.oid::regclass, substring(pg_get_expr(c.relpartbound, c.oid) FROM $x$TO \('(.*)'\)$x$)
            INTO first, ends
            FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
            WHERE inhparent = ('groupdesk.' || log)::regclass AND c.relname LIKE '%before%';
            EXECUTE format('ALTER TABLE groupdesk.%I DETACH PARTITION %s', log, first);
            FOR month IN SELECT generate_series(timestamptz '2024-01-01Z', '2026-01-01Z', '1 month') LOOP
                name := log || to_char(month, '_YYYY_MM');
                EXECUTE format('CREATE TABLE groupdesk.%I (LIKE %s INCLUDING ALL)', name, first);
                PERFORM groupdesk.attach_log_part(
                    log, name, CASE WHEN month = '2024-01-01Z' THEN '-infinity' ELSE month END,
                    quote_literal(CASE WHEN month = '2026-01-01Z' THEN ends ELSE month + interval '1 month' END));
            END LOOP;
            EXECUTE format('DROP TABLE %s', first);
        END LOOP;
    END
    $$";

/// A page by action and source has up to ten branches, most of which look into most of the 28 partitions in vain. In one
/// table such a page reads 200 blocks, here 720.
const ALLOWANCE: u64 = 500;

#[database_test]
async fn page_cost_of_a_partitioned_log_is_bounded(pool: PgPool) {
    listen();
    partition(&pool).await;
    execute(&pool, TWO_YEARS).await;
    execute(&pool, FILL).await;
    let used: i64 = sqlx::query_scalar("SELECT count(DISTINCT tableoid) FROM groupdesk.enrollment_events")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(used, 25);
    let mut problems = Vec::new();
    for plans in ["force_custom_plan", "force_generic_plan"] {
        let mut reader = reader(&pool, plans).await;
        reader.allowance = ALLOWANCE;
        problems.extend(events(&reader).await);
        problems.extend(admin_events(&reader).await);
        reader.app.close().await;
    }
    assert_eq!(problems, Vec::<String>::new());
}
