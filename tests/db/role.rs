//! The application role of the server: it owns nothing and has only the privileges that the product needs.

use std::collections::BTreeMap;

use groupdesk::platform::db::{ConnectionMode, serving_pool};
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::{execute, refusal};
use crate::support::{TestApp, enroll, group, person, time, workspace};

fn as_served(pool: &PgPool) -> PgPool {
    serving_pool(pool.connect_options().as_ref().clone(), 1, ConnectionMode::Direct)
}

/// The privileges on complete tables; column privileges for `UPDATE` are tested separately.
const PRIVILEGES: &[(&str, &str)] = &[
    ("core_api.peoples", "SELECT INSERT UPDATE DELETE"),
    ("core_api.workspace_group_workspaces", "SELECT INSERT"),
    ("core_api.workspace_groups", "SELECT INSERT UPDATE"),
    ("core_api.workspaces", "SELECT INSERT UPDATE"),
    ("groupdesk.admin_events", "SELECT INSERT"),
    ("groupdesk.api_tokens", "SELECT INSERT UPDATE"),
    ("groupdesk.change_sets", "SELECT INSERT"),
    ("groupdesk.enrollment_events", "SELECT INSERT"),
    ("groupdesk.enrollment_names", "SELECT"),
    ("groupdesk.group_settings", "SELECT INSERT UPDATE DELETE"),
    ("groupdesk.histories", "SELECT"),
    ("groupdesk.idempotency_keys", "SELECT INSERT UPDATE DELETE"),
    ("groupdesk.import_lines", "SELECT INSERT UPDATE DELETE"),
    ("groupdesk.imports", "SELECT INSERT UPDATE DELETE"),
    ("groupdesk.instance_secrets", "SELECT"),
    ("groupdesk.loose_workspaces", "SELECT INSERT UPDATE DELETE"),
    ("groupdesk.operator_identities", "SELECT INSERT DELETE"),
    ("groupdesk.operators", "SELECT INSERT UPDATE"),
    ("groupdesk.sessions", "SELECT INSERT UPDATE DELETE"),
    ("groupdesk.sign_in_attempts", "SELECT INSERT UPDATE DELETE"),
    ("groupdesk.sign_in_links", "SELECT INSERT UPDATE"),
    ("groupdesk.untold_news", "SELECT INSERT UPDATE DELETE"),
];

/// A table of a later migration must be added to this list.
#[database_test]
async fn table_privileges_are_exactly_these(pool: PgPool) {
    let found: Vec<(String, String)> = sqlx::query_as(
        "SELECT format('%s.%s', n.nspname, c.relname),
                concat_ws(' ', CASE WHEN has_table_privilege('groupdesk_app', c.oid, 'SELECT') THEN 'SELECT' END,
                               CASE WHEN has_table_privilege('groupdesk_app', c.oid, 'INSERT') THEN 'INSERT' END,
                               CASE WHEN has_table_privilege('groupdesk_app', c.oid, 'UPDATE') THEN 'UPDATE' END,
                               CASE WHEN has_table_privilege('groupdesk_app', c.oid, 'DELETE') THEN 'DELETE' END,
                               CASE WHEN has_table_privilege('groupdesk_app', c.oid, 'TRUNCATE') THEN 'TRUNCATE' END,
                               CASE WHEN has_table_privilege('groupdesk_app', c.oid, 'TRIGGER') THEN 'TRIGGER' END)
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname IN ('core_api', 'groupdesk') AND c.relkind IN ('r', 'p', 'v', 'm')
           AND c.relname <> '_sqlx_migrations'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let found: BTreeMap<_, _> = found.iter().map(|(table, may)| (table.as_str(), may.as_str())).collect();
    assert_eq!(found, PRIVILEGES.iter().copied().collect());
}

#[database_test]
async fn role_owns_nothing_and_cannot_log_in(pool: PgPool) {
    let owned: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid
         WHERE r.rolname = 'groupdesk_app' AND d.deptype = 'o'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(owned, 0);
    let powers: (bool, bool, bool, bool, bool) = sqlx::query_as(
        "SELECT rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls
         FROM pg_roles WHERE rolname = 'groupdesk_app'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(powers, (false, false, false, false, false));
}

#[database_test]
async fn server_cannot_rewrite_history_or_drop_guards(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    enroll(&pool, &emea, &acme, time("2026-05-28T09:15:00Z")).await;
    let served = as_served(&pool);
    let role: String = sqlx::query_scalar("SELECT current_user").fetch_one(&served).await.unwrap();
    assert_eq!(role, "groupdesk_app");
    for statement in [
        "UPDATE groupdesk.enrollment_events SET actor_name = 'Somebody else'",
        "DELETE FROM groupdesk.enrollment_events",
        "TRUNCATE groupdesk.enrollment_events",
        "UPDATE groupdesk.admin_events SET actor_name = 'Somebody else'",
        "DELETE FROM groupdesk.admin_events",
        "ALTER TABLE groupdesk.enrollment_events DISABLE TRIGGER ALL",
        "DROP TRIGGER enrollment_events_append_only ON groupdesk.enrollment_events",
        "DROP TABLE groupdesk.enrollment_events",
        "CREATE OR REPLACE FUNCTION groupdesk.log_only_grows() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "SET session_replication_role = replica",
        "DELETE FROM core_api.workspace_group_workspaces",
        "UPDATE core_api.workspace_group_workspaces SET created_at = now()",
        "UPDATE core_api.workspace_group_workspaces SET workspace_pk = workspace_pk",
        "DELETE FROM core_api.workspaces",
        "DELETE FROM core_api.workspace_groups",
        "DELETE FROM groupdesk.operators",
        "UPDATE groupdesk.instance_secrets SET value = ''",
        "CREATE TABLE groupdesk.mine (x int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "SELECT rolpassword FROM pg_authid",
        "COPY groupdesk.operators (email) FROM '/etc/hostname'",
    ] {
        let why = refusal(&served, statement).await;
        let is_refused = why.contains("denied")
            || why.starts_with("must be superuser")
            || why.starts_with("must be owner");
        assert!(is_refused, "{statement}: {why}");
    }
    served.close().await;
}

#[database_test]
async fn deleting_a_person_clears_only_their_link_in_the_log(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    app.api_client_for("ana@example.com", &["write"]).await.enroll(&emea, &acme).await;
    app.api_client(&["write"]).await.delete(&format!("/v1/people/{ana}")).await;
    let left: (bool, String) =
        sqlx::query_as("SELECT actor_people_pk IS NULL, actor_name FROM groupdesk.enrollment_events")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(left, (true, "Ana Lima".to_owned()));
}

/// For example, the database belongs to a provider that grants no roles.
#[database_test]
async fn login_without_the_role_keeps_its_own_role(pool: PgPool) {
    let login: String =
        sqlx::query_scalar("SELECT 'of_' || md5(current_database())").fetch_one(&pool).await.unwrap();
    execute(&pool, &format!("DROP ROLE IF EXISTS \"{login}\"; CREATE ROLE \"{login}\" LOGIN")).await;
    let options = pool.connect_options().as_ref().clone().username(&login);
    let served = serving_pool(options, 1, ConnectionMode::Direct);
    let role: Result<String, _> = sqlx::query_scalar("SELECT current_user::text").fetch_one(&served).await;
    served.close().await;
    execute(&pool, &format!("DROP ROLE \"{login}\"")).await;
    assert_eq!(role.unwrap(), login);
}

#[database_test]
async fn connections_have_timeouts_and_settings_for_plans(pool: PgPool) {
    let served = as_served(&pool);
    let settings: Vec<String> = sqlx::query_scalar(
        "SELECT current_setting(name) FROM unnest(ARRAY['statement_timeout', 'lock_timeout', 'TimeZone',
             'plan_cache_mode', 'random_page_cost']) WITH ORDINALITY AS wanted (name, position)
         ORDER BY position",
    )
    .fetch_all(&served)
    .await
    .unwrap();
    served.close().await;
    assert_eq!(settings, ["15s", "5s", "UTC", "force_generic_plan", "1.1"]);
}

/// For example, a restore without privileges.
#[database_test]
async fn lost_privileges_are_granted_at_the_next_start(pool: PgPool) {
    execute(&pool, "DROP OWNED BY groupdesk_app").await;
    let again = groupdesk::platform::db::migrate::run(pool.connect_options().as_ref()).await.unwrap();
    assert!(again.is_empty(), "{again:?}");
    let served = as_served(&pool);
    let found: i64 = sqlx::query_scalar("SELECT count(*) FROM groupdesk._sqlx_migrations")
        .fetch_one(&served)
        .await
        .unwrap();
    served.close().await;
    assert!(found > 0);
}
