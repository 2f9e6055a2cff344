//! Logs that are partitioned by month keep all rules, and get partitions for the coming months.

use futures::future::join;
use groupdesk::platform::db::log_partitions::{lock_definitions, maintain};
use groupdesk::platform::db::migrate;
use groupdesk::platform::db::serial_keys::serial_keys;
use groupdesk::platform::db::{ConnectionMode, serving_pool};
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::{LOGS, execute, partition, refusal};
use crate::support::{TestApp, admin_events, event_count, events, group, person, wait_until, workspace};

/// A connection as the server has it, as the application role.
fn as_served(pool: &PgPool) -> PgPool {
    serving_pool(pool.connect_options().as_ref().clone(), 1, ConnectionMode::Direct)
}

/// The partitions of a log with their bounds, by name.
async fn partitions(pool: &PgPool, log: &str) -> Vec<(String, String)> {
    let query = format!(
        "SELECT c.relname::text, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
         WHERE inhparent = 'groupdesk.{log}'::regclass ORDER BY 1"
    );
    sqlx::query_as(&query).fetch_all(pool).await.unwrap()
}

async fn names(pool: &PgPool, log: &str) -> Vec<String> {
    partitions(pool, log).await.into_iter().map(|(name, _)| name).collect()
}

async fn count(pool: &PgPool, of: &str) -> i64 {
    sqlx::query_scalar(&format!("SELECT count(*) FROM {of}")).fetch_one(pool).await.unwrap()
}

/// A statement that writes an event of the only enrollment for each of these times, which are SQL expressions.
fn write(times: &str) -> String {
    format!(
        "INSERT INTO groupdesk.enrollment_events
             (action, occurred_at, source, workspace_group_workspace_pk, workspace_group_pk, workspace_pk)
         SELECT 'attribution_corrected', at, 'web', e.pk, e.workspace_group_pk, e.workspace_pk
         FROM core_api.workspace_group_workspaces e, unnest(ARRAY[{times}]) at"
    )
}

/// The ids of a group and of an enrollment in it.
async fn enrolled(pool: &PgPool) -> (TestApp, String, String) {
    person(pool, "Ana", "Lima", "ana@example.com").await;
    let (emea, acme) = (group(pool, "EMEA").await, workspace(pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    let enrollment = by_ana.enroll(&emea, &acme).await.id();
    by_ana.create_group("APAC").await;
    (app, emea, enrollment)
}

#[database_test]
async fn partitions_are_append_only(pool: PgPool) {
    let (_app, ..) = enrolled(&pool).await;
    partition(&pool).await;
    let before = (events(&pool).await, admin_events(&pool).await);
    assert_eq!((before.0.len(), before.1.is_empty()), (1, false));
    for log in LOGS {
        let names = names(&pool, log).await;
        assert!(names.len() >= 3, "{names:?}");
        for table in names.iter().map(String::as_str).chain([log]) {
            for statement in [
                format!("UPDATE groupdesk.{table} SET actor_people_pk = NULL"),
                format!("DELETE FROM groupdesk.{table}"),
                format!("TRUNCATE groupdesk.{table}"),
            ] {
                // Only a row can refuse an update.
                if table == log || table.contains("before") || statement.starts_with("TRUNCATE") {
                    assert_eq!(refusal(&pool, &statement).await, format!("{log}_append_only"), "{statement}");
                }
            }
        }
    }
    assert_eq!((events(&pool).await, admin_events(&pool).await), before);
}

#[database_test]
async fn application_role_writes_the_log_and_no_partition(pool: PgPool) {
    let (_app, ..) = enrolled(&pool).await;
    partition(&pool).await;
    let served = as_served(&pool);
    execute(&served, &write("now(), now() + interval '40 days'")).await;
    for log in LOGS {
        for table in names(&pool, log).await {
            for statement in [
                format!("SELECT FROM groupdesk.{table}"),
                format!("INSERT INTO groupdesk.{table} SELECT * FROM groupdesk.{log}"),
                format!("UPDATE groupdesk.{table} SET actor_people_pk = NULL"),
            ] {
                assert_eq!(
                    refusal(&served, &statement).await,
                    format!("permission denied for table {table}")
                );
            }
        }
    }
    assert_eq!(event_count(&pool).await, 3);
    served.close().await;
}

#[database_test]
async fn deleting_a_person_clears_the_link_in_partitions(pool: PgPool) {
    let (_app, ..) = enrolled(&pool).await;
    partition(&pool).await;
    let linked = "groupdesk.enrollment_events WHERE actor_people_pk IS NOT NULL";
    assert_eq!(count(&pool, linked).await, 1);
    execute(&pool, "DELETE FROM core_api.peoples").await;
    assert_eq!(count(&pool, linked).await, 0);
    assert_eq!(events(&pool).await[0].2.as_deref(), Some("Ana Lima"));
}

#[database_test]
async fn statement_over_partitions_is_one_change_notification(pool: PgPool) {
    let (_app, ..) = enrolled(&pool).await;
    partition(&pool).await;
    execute(&pool, "DELETE FROM groupdesk.untold_news").await;
    execute(&pool, &write("now(), now() + interval '40 days', now() + interval '3 years'")).await;
    assert_eq!(count(&pool, "groupdesk.untold_news").await, 1);
}

#[database_test]
async fn servers_add_the_coming_months(pool: PgPool) {
    let (_app, ..) = enrolled(&pool).await;
    partition(&pool).await;
    let complete = partitions(&pool, "enrollment_events").await;
    let [(month, bounds), (_, first), (later, last)] = &complete[..] else { panic!("{complete:?}") };
    assert!(first.contains("MINVALUE") && last.contains("MAXVALUE"), "{complete:?}");
    // As if the month had come.
    let (from, _) = bounds.split_once(" TO ").unwrap();
    execute(
        &pool,
        &format!(
            "ALTER TABLE groupdesk.enrollment_events DETACH PARTITION groupdesk.{later};
             ALTER TABLE groupdesk.enrollment_events DETACH PARTITION groupdesk.{month};
             DROP TABLE groupdesk.{month};
             ALTER TABLE groupdesk.enrollment_events ATTACH PARTITION groupdesk.{later} {from} TO (MAXVALUE)"
        ),
    )
    .await;
    let (one, other) = (as_served(&pool), as_served(&pool));
    let (by_one, by_other) = join(maintain(&one), maintain(&other)).await;
    // One of them may find the other at work.
    let maintained: Vec<_> = [by_one.unwrap(), by_other.unwrap()].into_iter().flatten().collect();
    assert!(!maintained.is_empty() && maintained.iter().all(Vec::is_empty), "{maintained:?}");
    assert_eq!(partitions(&pool, "enrollment_events").await, complete);
    // The unique indexes are those of each partition.
    let keys = format!("pg_index WHERE indisunique AND indrelid = 'groupdesk.{month}'::regclass");
    assert_eq!(count(&pool, &keys).await, 2);
    one.close().await;
    other.close().await;
}

#[database_test]
async fn rows_after_all_months_are_reported_and_stay(pool: PgPool) {
    let (_app, ..) = enrolled(&pool).await;
    partition(&pool).await;
    execute(&pool, &write("now() + interval '200 days'")).await;
    let served = as_served(&pool);
    let before = partitions(&pool, "enrollment_events").await;
    assert_eq!(maintain(&served).await.unwrap(), Some(vec!["enrollment_events".to_owned()]));
    assert_eq!(partitions(&pool, "enrollment_events").await, before);

    partition(&pool).await;
    assert_eq!(maintain(&served).await.unwrap(), Some(vec![]));
    assert_eq!(count(&pool, "groupdesk.enrollment_events_later").await, 0);
    assert_eq!(event_count(&pool).await, 2);
    served.close().await;
}

#[database_test]
async fn limit_of_an_unfinished_conversion_is_removed_in_time(pool: PgPool) {
    let limit = |days: u8| {
        format!(
            "DO $$ BEGIN EXECUTE format('ALTER TABLE groupdesk.admin_events DROP CONSTRAINT IF EXISTS partition_limit,
             ADD CONSTRAINT partition_limit CHECK (occurred_at < %L) NOT VALID', now() + interval '{days} days'); END $$"
        )
    };
    let limits = "pg_constraint WHERE conname = 'partition_limit'";
    let served = as_served(&pool);
    for (days, kept) in [(30, 1), (6, 0)] {
        execute(&pool, &limit(days)).await;
        maintain(&served).await.unwrap();
        assert_eq!(count(&pool, limits).await, kept, "{days} days");
    }
    served.close().await;
}

/// Postgres would refuse the GRANTs of the migrations with "tuple concurrently updated".
#[database_test]
async fn migrations_wait_for_a_change_of_partitions(pool: PgPool) {
    let mut change = pool.begin().await.unwrap();
    lock_definitions(&mut change).await.unwrap();
    let definition = "ALTER TABLE groupdesk.admin_events ADD CONSTRAINT partition_limit CHECK (true);
                  GRANT SELECT ON groupdesk.admin_events TO groupdesk_app";
    sqlx::raw_sql(definition).execute(&mut *change).await.unwrap();
    let options = pool.connect_options().as_ref().clone();
    let migration = tokio::spawn(async move { migrate::run(&options).await });
    let waiting = "pg_locks JOIN pg_stat_activity USING (pid)
                   WHERE NOT granted AND application_name = 'groupdesk migrate' AND datname = current_database()";
    wait_until(20, "the migrations wait", async || count(&pool, waiting).await > 0).await;
    change.commit().await.unwrap();
    assert_eq!(migration.await.unwrap().unwrap().len(), 0);
}

/// What later migrations may do, as earlier ones did.
#[database_test]
async fn statements_of_migrations_reach_all_partitions(pool: PgPool) {
    let (_app, ..) = enrolled(&pool).await;
    partition(&pool).await;
    execute(
        &pool,
        "DROP INDEX groupdesk.enrollment_events_group_idx;
         CREATE INDEX enrollment_events_group_idx ON groupdesk.enrollment_events (workspace_group_pk, occurred_at);
         ALTER TABLE groupdesk.enrollment_events
             DROP CONSTRAINT enrollment_events_source_known,
             ADD COLUMN note text,
             ADD CONSTRAINT enrollment_events_note_short CHECK (length(note) < 10);
         CREATE FUNCTION groupdesk.shout() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN NEW.note := upper(NEW.note); RETURN NEW; END $$;
         CREATE TRIGGER enrollment_events_shout BEFORE INSERT ON groupdesk.enrollment_events
             FOR EACH ROW EXECUTE FUNCTION groupdesk.shout();
         ALTER TABLE ONLY groupdesk.enrollment_events DISABLE TRIGGER enrollment_events_told",
    )
    .await;
    execute(&pool, &write("now(), now() + interval '200 days'")).await;
    // The last partition is closed, and new ones are copies of it.
    partition(&pool).await;
    let tables = i64::try_from(names(&pool, "enrollment_events").await.len()).unwrap();
    let of_all = async |what: &str| count(&pool, what).await;
    assert_eq!(
        of_all("pg_indexes WHERE indexdef LIKE '%(workspace_group_pk, occurred_at)'").await,
        tables + 1
    );
    assert_eq!(of_all("pg_constraint WHERE conname = 'enrollment_events_note_short'").await, tables + 1);
    assert_eq!(of_all("pg_constraint WHERE conname = 'enrollment_events_source_known'").await, 0);
    assert_eq!(of_all("pg_trigger WHERE tgname = 'enrollment_events_shout'").await, tables + 1);
    assert_eq!(
        of_all("pg_trigger WHERE tgname = 'enrollment_events_append_only_truncate'").await,
        tables + 1
    );
}

#[database_test]
async fn enrollment_without_its_events_is_shown(pool: PgPool) {
    let (app, group, enrollment) = enrolled(&pool).await;
    let api = app.api_client(&["write", "audit"]).await;
    let path = format!("/v1/workspace-group-workspaces/{enrollment}");
    api.delete(&path).await;
    let event = api.get("/v1/enrollment-events").await.ids().remove(0);
    partition(&pool).await;
    assert_eq!(api.get(&format!("/v1/enrollment-events/{event}")).await.status, 200);
    let names = names(&pool, "enrollment_events").await;
    let first = names.iter().find(|name| name.contains("before")).unwrap();
    let detach =
        format!("ALTER TABLE groupdesk.enrollment_events DETACH PARTITION groupdesk.{first} CONCURRENTLY");
    execute(&pool, &detach).await;
    execute(&pool, &format!("DROP TABLE groupdesk.{first}")).await;
    assert_eq!(api.get(&format!("/v1/enrollment-events/{event}")).await.status, 404);
    assert_eq!(api.get("/v1/enrollment-events").await.ids(), Vec::<String>::new());
    assert_eq!(api.get(&path).await.id(), enrollment);
    let admin = app.admin().await;
    for (page, text) in [
        (format!("/enrollments/{enrollment}"), "No history"),
        (format!("/enrollments/{enrollment}"), "not recorded"),
        (format!("/groups/{group}"), "EMEA"),
        ("/audit".to_owned(), "Audit"),
        ("/".to_owned(), "Nothing happened."),
    ] {
        let shown = admin.open(&page).await.text();
        assert!(shown.contains(text), "{page}: {shown}");
    }
}

#[database_test]
async fn partitions_are_no_serial_keys(pool: PgPool) {
    let before = serial_keys(&pool).await.unwrap();
    partition(&pool).await;
    assert_eq!(serial_keys(&pool).await.unwrap(), before);
}
