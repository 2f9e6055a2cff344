//! The migrations, on every kind of database that they can meet.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use futures::future::join_all;
use groupdesk::platform::db::migrate::{self, MIGRATIONS, Readiness};
use pretty_assertions::assert_eq;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use sqlx::PgPool;

use super::{execute, refusal};
use crate::support::{
    TestApp, database_url, enroll, events, group, groupdesk, live_count, row_count, run_command, time,
    workspace,
};

const UNCONDITIONAL: &str = "workspace_group_workspaces_workspace_group_pk_wor_3c190_unique";
const PARTIAL: &str = "workspace_group_workspaces_group_workspace_active_unique";

fn all_versions() -> Vec<i64> {
    MIGRATIONS.iter().map(|migration| migration.version).collect()
}

async fn migrate(pool: &PgPool) -> Vec<i64> {
    let applied = migrate::run(&pool.connect_options()).await.unwrap();
    applied.into_iter().map(|migration| migration.version).collect()
}

/// Executes the statements of one migration.
async fn apply(pool: &PgPool, version: i64) {
    let migration = MIGRATIONS
        .iter()
        .find(|migration| migration.version == version)
        .expect("a migration of this version");
    execute(pool, &migration.sql).await;
}

/// The tables as another system created them: with names of its own, and with foreign keys that are missing
/// or behave differently.
pub(super) const ELSEWHERE: &str = "
    CREATE SCHEMA core_api;
    CREATE TABLE core_api.peoples (
        pk serial PRIMARY KEY, people_id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
        first_name varchar(255) NOT NULL, last_name varchar(255) NOT NULL, email varchar(320),
        created_at timestamptz NOT NULL, updated_at timestamptz);
    CREATE TABLE core_api.workspaces (
        pk serial PRIMARY KEY, workspace_id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
        name varchar(255) NOT NULL, description varchar(500), external_workspace_id text UNIQUE, avatar_color text,
        created_at timestamptz NOT NULL, updated_at timestamptz, deleted_at timestamptz);
    CREATE TABLE core_api.workspace_groups (
        pk serial PRIMARY KEY, workspace_group_id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
        name varchar(255) NOT NULL, created_by_pk int REFERENCES core_api.peoples (pk) ON DELETE CASCADE,
        created_at timestamptz NOT NULL, updated_at timestamptz, deleted_at timestamptz);
    CREATE TABLE core_api.workspace_group_workspaces (
        pk serial PRIMARY KEY, workspace_group_workspace_id uuid NOT NULL UNIQUE,
        workspace_group_pk int NOT NULL REFERENCES core_api.workspace_groups (pk) ON DELETE CASCADE,
        workspace_pk int NOT NULL,
        created_by_pk int CONSTRAINT named_elsewhere REFERENCES core_api.peoples (pk),
        created_at timestamptz NOT NULL, updated_at timestamptz, deleted_at timestamptz);
    INSERT INTO core_api.peoples (first_name, last_name, email, created_at)
    VALUES ('Ana', 'Lima', 'Ana@Example.com', '2026-01-01Z'), ('Cher', '', NULL, '2026-01-01Z');
    INSERT INTO core_api.workspaces (name, created_at) VALUES ('Acme', '2026-01-01Z'), ('Beta', '2026-01-01Z');
    INSERT INTO core_api.workspace_groups (name, created_by_pk, created_at) VALUES ('EMEA', 1, '2026-01-01Z');";

pub(super) const ROWS: &str = "
    INSERT INTO core_api.workspace_group_workspaces
        (workspace_group_workspace_id, workspace_group_pk, workspace_pk, created_by_pk, created_at, updated_at, deleted_at)
    VALUES
        ('00000000-0000-4000-8000-000000000001', 1, 1, 1, '2026-02-01Z', NULL, NULL),
        ('00000000-0000-4000-8000-000000000002', 1, 2, NULL, '2026-02-02Z', '2026-02-03Z', '2026-02-03Z');";

/// The expected history of these rows.
const HISTORY: [(&str, &str, Option<&str>); 3] = [
    ("enrolled", "migration", Some("Ana Lima")),
    ("enrolled", "migration", None),
    ("removed", "migration", None),
];

async fn history(pool: &PgPool) -> Vec<(String, String, Option<String>)> {
    let events = events(pool).await.into_iter();
    events.map(|(action, source, actor, _)| (action, source, actor)).collect()
}

fn expected(history: &[(&str, &str, Option<&str>)]) -> Vec<(String, String, Option<String>)> {
    history
        .iter()
        .map(|(action, source, actor)| ((*action).to_owned(), (*source).to_owned(), actor.map(str::to_owned)))
        .collect()
}

/// Column, referenced table and delete action of every foreign key that matters.
async fn foreign_keys(pool: &PgPool) -> BTreeSet<(String, String, String)> {
    let keys: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT c.conrelid::regclass || '.' || a.attname, c.confrelid::regclass::text, c.confdeltype::text
         FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
         WHERE c.contype = 'f' AND c.conrelid IN
             ('core_api.workspace_group_workspaces'::regclass, 'core_api.workspace_groups'::regclass)",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    assert_eq!(keys.len(), 4, "one foreign key for each column: {keys:?}");
    keys.into_iter().collect()
}

fn right_foreign_keys() -> BTreeSet<(String, String, String)> {
    [
        ("core_api.workspace_group_workspaces.workspace_group_pk", "core_api.workspace_groups", "r"),
        ("core_api.workspace_group_workspaces.workspace_pk", "core_api.workspaces", "r"),
        ("core_api.workspace_group_workspaces.created_by_pk", "core_api.peoples", "n"),
        ("core_api.workspace_groups.created_by_pk", "core_api.peoples", "n"),
    ]
    .map(|(column, to, action)| (column.to_owned(), to.to_owned(), action.to_owned()))
    .into()
}

/// Asserts that the product works on the database and that its rules hold, whatever it was before.
pub(super) async fn assert_usable(pool: &PgPool) {
    assert_eq!(foreign_keys(pool).await, right_foreign_keys());
    let definition: String = sqlx::query_scalar(
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'core_api' AND indexname = $1",
    )
    .bind(PARTIAL)
    .fetch_one(pool)
    .await
    .unwrap();
    assert!(definition.starts_with("CREATE UNIQUE INDEX"), "{definition}");
    assert!(
        definition.ends_with("(workspace_group_pk, workspace_pk) WHERE (deleted_at IS NULL)"),
        "{definition}"
    );
    let (group, workspace) = (group(pool, "Pilot").await, workspace(pool, "Cobalt").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let first = api.enroll(&group, &workspace).await;
    assert_eq!(first.status, 201, "{first:?}");
    assert_eq!(api.enroll(&group, &workspace).await.status, 409);
    assert_eq!(api.delete(first.header("location")).await.status, 204);
    assert_eq!(api.enroll(&group, &workspace).await.status, 201);
}

#[database_test(empty)]
async fn empty_database_gets_all_migrations_once(pool: PgPool) {
    assert_eq!(migrate(&pool).await, all_versions());
    assert_usable(&pool).await;
    let rows = row_count(&pool).await;
    assert_eq!(migrate(&pool).await, Vec::<i64>::new());
    assert_eq!(row_count(&pool).await, rows);
    assert_eq!(migrate::readiness(&pool).await.unwrap(), Readiness::Ready);
}

#[database_test(empty)]
async fn unconditional_constraint_is_replaced(pool: PgPool) {
    apply(&pool, 20_260_528_000_000).await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let first = enroll(&pool, &emea, &acme, time("2026-05-28T10:00:00Z")).await;
    crate::support::remove(&pool, &first, time("2026-05-28T11:00:00Z")).await;
    let again = "INSERT INTO core_api.workspace_group_workspaces (workspace_group_pk, workspace_pk)
                 SELECT workspace_group_pk, workspace_pk FROM core_api.workspace_group_workspaces LIMIT 1";
    assert_eq!(refusal(&pool, again).await, UNCONDITIONAL);

    apply(&pool, 20_260_529_030_000).await;
    execute(&pool, again).await;
    assert_eq!(refusal(&pool, again).await, PARTIAL);

    // Another tool has applied half of the migration, and the run continues from there.
    assert_eq!(migrate(&pool).await, all_versions());
    assert_eq!((row_count(&pool).await, live_count(&pool).await), (2, 1));
    assert_usable(&pool).await;
}

#[database_test(empty)]
async fn database_with_the_unconditional_constraint_is_adopted(pool: PgPool) {
    execute(&pool, ELSEWHERE).await;
    execute(
        &pool,
        &format!(
            "ALTER TABLE core_api.workspace_group_workspaces
                  ADD CONSTRAINT {UNCONDITIONAL} UNIQUE (workspace_group_pk, workspace_pk)"
        ),
    )
    .await;
    execute(&pool, ROWS).await;
    let before = sqlx::query_scalar::<_, String>(
        "SELECT e::text FROM core_api.workspace_group_workspaces e ORDER BY pk",
    )
    .fetch_all(&pool)
    .await
    .unwrap();

    assert_eq!(migrate(&pool).await, all_versions());

    let after = sqlx::query_scalar::<_, String>(
        "SELECT e::text FROM core_api.workspace_group_workspaces e ORDER BY pk",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(after, before);
    assert_eq!(history(&pool).await, expected(&HISTORY));
    assert_usable(&pool).await;
}

#[database_test(empty)]
async fn database_with_removed_and_live_rows_is_adopted(pool: PgPool) {
    execute(&pool, ELSEWHERE).await;
    execute(&pool, ROWS).await;
    execute(
        &pool,
        &format!("CREATE UNIQUE INDEX {PARTIAL} ON core_api.workspace_group_workspaces
                  (workspace_group_pk, workspace_pk) WHERE deleted_at IS NULL;
                  INSERT INTO core_api.workspace_group_workspaces
                      (workspace_group_workspace_id, workspace_group_pk, workspace_pk, created_by_pk, created_at)
                  VALUES ('00000000-0000-4000-8000-000000000003', 1, 2, 2, '2026-03-01Z')"),
    )
    .await;

    assert_eq!(migrate(&pool).await, all_versions());

    assert_eq!((row_count(&pool).await, live_count(&pool).await), (3, 2));
    let mut all = expected(&HISTORY);
    // A person without a last name has no space after the first name, as everywhere.
    all.insert(2, ("enrolled".to_owned(), "migration".to_owned(), Some("Cher".to_owned())));
    assert_eq!(history(&pool).await, all);
    assert_usable(&pool).await;
}

/// Another system removed and re-added in one transaction, so its rows end and begin at the same moment.
#[database_test(empty)]
async fn adopted_rows_of_one_moment_keep_their_order(pool: PgPool) {
    execute(&pool, ELSEWHERE).await;
    execute(
        &pool,
        "INSERT INTO core_api.workspace_group_workspaces
             (workspace_group_workspace_id, workspace_group_pk, workspace_pk, created_at, deleted_at)
         SELECT gen_random_uuid(), 1, 1, at, CASE WHEN n < 4 THEN at + interval '1 day' END
         FROM generate_series(1, 4) n, LATERAL (SELECT timestamptz '2026-02-01Z' + n * interval '1 day' AS at) moment
         ORDER BY n",
    )
    .await;
    migrate(&pool).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    let list = api.get("/v1/enrollment-events?sort=occurred_at").await;
    let actions: Vec<&str> = list.body["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["attributes"]["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["enrolled", "removed", "enrolled", "removed", "enrolled", "removed", "enrolled"]);
}

#[database_test(empty)]
async fn adopted_row_without_updated_at_works(pool: PgPool) {
    execute(&pool, ELSEWHERE).await;
    execute(&pool, ROWS).await;
    migrate(&pool).await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let path = "/v1/workspace-group-workspaces/00000000-0000-4000-8000-000000000001";

    let old = api.get(path).await;
    assert_eq!(old.body["data"]["attributes"]["updated_at"], serde_json::Value::Null);
    assert_eq!(old.body["data"]["attributes"]["created_at"], "2026-02-01T00:00:00.000Z");
    assert_eq!(api.delete(path).await.status, 204);
    let removed = api.get(path).await;
    assert_ne!(removed.body["data"]["attributes"]["updated_at"], serde_json::Value::Null);
}

/// The name is checked only for new values, so that old rows can still be changed.
#[database_test(empty)]
async fn adopted_group_with_a_blank_name_can_be_removed(pool: PgPool) {
    execute(&pool, ELSEWHERE).await;
    execute(
        &pool,
        "UPDATE core_api.workspace_groups SET name = ' '; UPDATE core_api.workspaces SET name = ''",
    )
    .await;
    migrate(&pool).await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let lists = [
        api.get("/v1/workspace-groups").await.ids(),
        api.get("/v1/workspaces").await.ids(),
        api.get("/v1/people").await.ids(),
    ];
    for (base, ids) in
        ["people", "workspace-groups", "workspaces"].into_iter().zip([&lists[2], &lists[0], &lists[1]])
    {
        for id in ids {
            let answer = api.delete(&format!("/v1/{base}/{id}")).await;
            assert_eq!(answer.status, 204, "{base}: {answer:?}");
        }
    }
    for table in ["workspace_groups", "workspaces"] {
        let blank = format!("INSERT INTO core_api.{table} (name) VALUES ('  ')");
        assert_eq!(refusal(&pool, &blank).await, format!("{table}_name_not_blank"));
    }
}

#[database_test(empty)]
async fn concurrent_runs_apply_each_migration_once(pool: PgPool) {
    let options = pool.connect_options();
    let runs = join_all((0..8).map(|_| migrate::run(&options))).await;
    let mut applied: Vec<i64> =
        runs.into_iter().flat_map(|run| run.unwrap()).map(|migration| migration.version).collect();
    applied.sort_unstable();
    assert_eq!(applied, all_versions());
    assert_usable(&pool).await;
}

#[database_test(empty)]
async fn concurrent_processes_apply_each_migration_once(pool: PgPool) {
    execute(&pool, ELSEWHERE).await;
    execute(&pool, ROWS).await;
    let url = database_url(&pool);
    let args = ["migrate", "--database-url", &url];
    let (mut one, mut other) = (groupdesk(&args), groupdesk(&args));
    let (one, other) = futures::join!(run_command(&mut one), run_command(&mut other));

    assert_eq!((one.status, other.status), (0, 0), "{one:?} {other:?}");
    let lines: Vec<&str> = one.out.lines().chain(other.out.lines()).collect();
    let applied = lines.iter().filter(|line| line.starts_with("applied ")).count();
    assert_eq!(applied, all_versions().len(), "{lines:?}");
    assert_eq!(lines.iter().filter(|line| **line == "nothing to apply").count(), 1);
    assert_eq!(history(&pool).await, expected(&HISTORY));
    assert_usable(&pool).await;
}

/// The database may belong to another application with its own list of migrations.
#[database_test(empty)]
async fn foreign_migration_table_is_untouched(pool: PgPool) {
    execute(
        &pool,
        "CREATE TABLE public._sqlx_migrations (version bigint PRIMARY KEY, description text NOT NULL,
             installed_on timestamptz NOT NULL DEFAULT now(), success boolean NOT NULL, checksum bytea NOT NULL,
             execution_time bigint NOT NULL);
         INSERT INTO public._sqlx_migrations VALUES (1, 'theirs', now(), true, '', 0)",
    )
    .await;
    assert_eq!(migrate(&pool).await, all_versions());
    let theirs: Vec<i64> =
        sqlx::query_scalar("SELECT version FROM public._sqlx_migrations").fetch_all(&pool).await.unwrap();
    assert_eq!(theirs, [1]);
}

/// Tables may belong to a role of the platform without other privileges here. It continues to write rows,
/// and Postgres evaluates index expressions with its privileges, so a wrong expression fails at once.
#[database_test(empty)]
async fn table_owner_without_privileges_can_still_write(pool: PgPool) {
    let owner: String =
        sqlx::query_scalar("SELECT 'platform_' || md5(current_database())").fetch_one(&pool).await.unwrap();
    execute(&pool, ELSEWHERE).await;
    let give = format!(
        "DROP ROLE IF EXISTS \"{owner}\"; CREATE ROLE \"{owner}\" NOLOGIN;
         GRANT USAGE ON SCHEMA core_api TO \"{owner}\";
         ALTER TABLE core_api.peoples OWNER TO \"{owner}\";
         ALTER TABLE core_api.workspaces OWNER TO \"{owner}\";
         ALTER TABLE core_api.workspace_groups OWNER TO \"{owner}\";
         ALTER TABLE core_api.workspace_group_workspaces OWNER TO \"{owner}\""
    );
    execute(&pool, &give).await;
    let migrated = migrate::run(&pool.connect_options()).await;
    let known: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT tablename::text FROM pg_stats
         WHERE schemaname = 'core_api' AND tablename LIKE '%\\_name\\_search\\_idx' ORDER BY 1",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let write = format!(
        "SET ROLE \"{owner}\";
         INSERT INTO core_api.peoples (first_name, last_name, email, created_at)
         VALUES ('Bo', 'J\u{e4}ger', 'bo@example.com', now());
         UPDATE core_api.peoples SET last_name = 'J\u{e4}ger-Ek' WHERE first_name = 'Bo';
         ANALYZE core_api.peoples, core_api.workspaces, core_api.workspace_groups;
         RESET ROLE"
    );
    let written = sqlx::raw_sql(&write).execute(&pool).await.map(drop);
    let end = format!(
        "REASSIGN OWNED BY \"{owner}\" TO CURRENT_USER; DROP OWNED BY \"{owner}\"; DROP ROLE \"{owner}\""
    );
    execute(&pool, &end).await;
    assert_eq!(migrated.unwrap().len(), all_versions().len());
    written.unwrap();
    let indexes =
        ["peoples_name_search_idx", "workspace_groups_name_search_idx", "workspaces_name_search_idx"];
    assert_eq!(known, indexes);
}

/// The constraints of these tables have unknown names.
#[database_test(empty)]
async fn unique_values_of_adopted_tables_conflict(pool: PgPool) {
    execute(&pool, ELSEWHERE).await;
    execute(&pool, "ALTER TABLE core_api.peoples ADD UNIQUE (email)").await;
    migrate::run(&pool.connect_options()).await.unwrap();
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    let workspace = json!({ "data": {
        "type": "workspace", "attributes": { "name": "Gamma", "external_workspace_id": "ws-1" }
    }});
    let person = json!({ "data": {
        "type": "people", "attributes": { "first_name": "Bo", "last_name": "Ek", "email": "bo@example.com" }
    }});
    for (path, body, code) in [
        ("/v1/workspaces", workspace, "EXTERNAL_WORKSPACE_ID_ALREADY_EXISTS"),
        ("/v1/people", person, "EMAIL_ALREADY_EXISTS"),
    ] {
        assert_eq!(api.post(path, body.clone()).await.status, 201, "{path}");
        let taken = api.post(path, body).await;
        assert_eq!((taken.status, taken.errors()[0].1.as_str()), (409, code), "{path}");
    }
}

/// sqlx refuses a database that was migrated by a file which differs in a single byte.
/// A new migration adds its line: `cd migrations && sha256sum *.sql > ../tests/db/migrations.sha256`.
#[test]
fn a_migration_never_changes() {
    let pinned: Vec<&str> = include_str!("migrations.sha256").lines().collect();
    let mut found: Vec<_> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let mut digest = String::new();
            for byte in Sha256::digest(std::fs::read(&path).unwrap()) {
                write!(digest, "{byte:02x}").unwrap();
            }
            (path.file_name().unwrap().to_str().unwrap().to_owned(), digest)
        })
        .collect();
    found.sort();
    let found: Vec<_> = found.into_iter().map(|(name, digest)| format!("{digest}  {name}")).collect();
    assert_eq!(found, pinned);
}
