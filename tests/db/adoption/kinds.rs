//! Databases that do not fit, and databases that only seem not to fit.

use pretty_assertions::assert_eq;
use serde_json::json;
use sqlx::PgPool;

use super::super::migrations::{ELSEWHERE, ROWS, assert_usable};
use super::super::{execute, refusal};
use super::{assert_adopted, misfits, remedy};
use crate::support::TestApp;

/// Creates the tables of another system and applies this change.
async fn create_foreign(pool: &PgPool, change: &str) {
    execute(pool, ELSEWHERE).await;
    execute(pool, change).await;
}

/// Asserts this report, and that its statements make the database fit.
async fn assert_reported_and_fixed(pool: &PgPool, expected: &[&str]) {
    let found = misfits(pool).await;
    assert_eq!(found, expected);
    for misfit in &found {
        execute(pool, remedy(misfit)).await;
    }
    assert_adopted(pool).await;
    assert_usable(pool).await;
}

async fn texts(pool: &PgPool, query: &str) -> Vec<String> {
    sqlx::query_scalar(query).fetch_all(pool).await.unwrap()
}

/// Postgres generates this name for an index.
#[database_test(empty)]
async fn taken_index_names_are_reported(pool: PgPool) {
    create_foreign(
        &pool,
        "CREATE INDEX ON core_api.workspaces (name); CREATE INDEX ON core_api.peoples (last_name)",
    )
    .await;
    assert_reported_and_fixed(
        &pool,
        &[
            "core_api.peoples_last_name_idx: it has the name of an index that groupdesk creates. ALTER INDEX \
             core_api.peoples_last_name_idx RENAME TO peoples_last_name_idx_old",
            "core_api.workspaces_name_idx: it has the name of an index that groupdesk creates. ALTER INDEX \
             core_api.workspaces_name_idx RENAME TO workspaces_name_idx_old",
        ],
    )
    .await;
}

/// Names of our indexes and triggers that are already taken.
#[database_test(empty)]
async fn all_our_index_and_trigger_names_are_checked(pool: PgPool) {
    assert_adopted(&pool).await;
    let indexes = texts(
        &pool,
        "SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'core_api'::regnamespace AND c.relkind = 'i'
         AND NOT EXISTS (SELECT FROM pg_constraint n WHERE n.conindid = c.oid) ORDER BY 1",
    )
    .await;
    let triggers: Vec<(String, String)> = sqlx::query_as(
        "SELECT g.tgname::text, c.relname::text FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
         WHERE c.relnamespace = 'core_api'::regnamespace AND NOT g.tgisinternal",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert!(indexes.len() > 40 && triggers.len() > 6, "{indexes:?} {triggers:?}");
    execute(&pool, "DROP SCHEMA core_api, groupdesk CASCADE").await;
    create_foreign(
        &pool,
        "CREATE FUNCTION public.nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
    )
    .await;
    for name in &indexes {
        execute(&pool, &format!("CREATE SEQUENCE core_api.{name}")).await;
    }
    for (name, table) in &triggers {
        let trigger = format!(
            "CREATE TRIGGER {name} AFTER INSERT ON core_api.{table}
             FOR EACH STATEMENT EXECUTE FUNCTION public.nothing()"
        );
        execute(&pool, &trigger).await;
    }
    let found = misfits(&pool).await;
    for name in &indexes {
        let place = format!("core_api.{name}: ");
        assert!(found.iter().any(|misfit| misfit.starts_with(&place)), "{name}: {found:#?}");
    }
    for (name, table) in &triggers {
        let prefix = format!("core_api.{table}: its trigger {name} ");
        assert!(found.iter().any(|misfit| misfit.starts_with(&prefix)), "{name}: {found:#?}");
    }
    assert_eq!(found.len(), indexes.len() + triggers.len(), "{found:#?}");
    for misfit in &found {
        execute(&pool, remedy(misfit)).await;
    }
    assert_adopted(&pool).await;
    assert_usable(&pool).await;
}

/// A table that was renamed keeps the names of its indexes.
#[database_test(empty)]
async fn taken_names_of_missing_tables_are_reported(pool: PgPool) {
    assert_adopted(&pool).await;
    execute(
        &pool,
        "DROP SCHEMA groupdesk, core_api CASCADE; CREATE SCHEMA core_api;
         CREATE TABLE core_api.workspaces_of_old (pk int CONSTRAINT workspaces_pkey PRIMARY KEY)",
    )
    .await;
    assert_reported_and_fixed(
        &pool,
        &["core_api.workspaces_pkey: it has the name of an index that groupdesk creates. ALTER INDEX \
           core_api.workspaces_pkey RENAME TO workspaces_pkey_old"],
    )
    .await;
}

/// The migrations create these indexes only if the names are free.
#[database_test(empty)]
async fn index_with_another_definition_is_reported(pool: PgPool) {
    create_foreign(
        &pool,
        "ALTER TABLE core_api.peoples ADD CONSTRAINT peoples_email_unique UNIQUE (email);
         CREATE INDEX workspace_group_workspaces_group_workspace_active_unique
             ON core_api.workspace_group_workspaces (workspace_group_pk, workspace_pk) WHERE deleted_at IS NULL",
    )
    .await;
    assert_reported_and_fixed(
        &pool,
        &[
            "core_api.peoples_email_unique: it has the name of an index that groupdesk needs, and is another one. ALTER \
             INDEX core_api.peoples_email_unique RENAME TO peoples_email_unique_old",
            "core_api.workspace_group_workspaces_group_workspace_active_unique: it has the name of an index that \
             groupdesk needs, and is another one. ALTER INDEX \
             core_api.workspace_group_workspaces_group_workspace_active_unique RENAME TO \
             workspace_group_workspaces_group_workspace_active_unique_old",
        ],
    )
    .await;
    let again =
        "INSERT INTO core_api.peoples (first_name, last_name, email) VALUES ('A', 'B', 'ANA@example.com')";
    assert_eq!(refusal(&pool, again).await, "peoples_email_unique");
}

#[database_test(empty)]
async fn duplicate_values_are_reported(pool: PgPool) {
    create_foreign(
        &pool,
        "ALTER TABLE core_api.peoples DROP CONSTRAINT peoples_people_id_key;
         UPDATE core_api.peoples SET people_id = '00000000-0000-4000-8000-000000000001'",
    )
    .await;
    let found = misfits(&pool).await;
    assert_eq!(
        found,
        [
            "core_api.peoples.people_id: 2 rows (pk 1, 2) with a value that another one has. Give each a value of its own, \
          and then ALTER TABLE core_api.peoples ADD UNIQUE (people_id)"
        ]
    );
    execute(&pool, "UPDATE core_api.peoples SET people_id = gen_random_uuid()").await;
    execute(&pool, remedy(&found[0])).await;
    assert_adopted(&pool).await;
}

#[database_test(empty)]
async fn rows_are_checked_with_any_key_type(pool: PgPool) {
    create_foreign(
        &pool,
        "ALTER TABLE core_api.peoples ALTER COLUMN pk TYPE bigint;
         UPDATE core_api.peoples SET created_at = 'infinity' WHERE pk = 2",
    )
    .await;
    assert_eq!(
        misfits(&pool).await,
        [
            "core_api.peoples.pk: it is of the type bigint, and has to be integer. ALTER TABLE core_api.peoples ALTER \
             COLUMN pk TYPE integer USING pk::integer",
            "core_api.peoples.created_at: 1 row (pk 2) at infinity. Give each a time.",
        ]
    );
}

#[database_test(empty)]
async fn wrong_nullability_is_reported(pool: PgPool) {
    create_foreign(
        &pool,
        "UPDATE core_api.peoples SET email = pk || '@example.com';
         ALTER TABLE core_api.peoples ALTER COLUMN last_name DROP NOT NULL, ALTER COLUMN email SET NOT NULL",
    )
    .await;
    assert_reported_and_fixed(
        &pool,
        &[
            "core_api.peoples.email: it is required, and groupdesk leaves it without a value in some rows. ALTER TABLE \
             core_api.peoples ALTER COLUMN email DROP NOT NULL",
            "core_api.peoples.last_name: a row may be without a value. ALTER TABLE core_api.peoples ALTER COLUMN \
             last_name SET NOT NULL",
        ],
    )
    .await;
}

#[database_test(empty)]
async fn foreign_key_to_another_table_is_reported(pool: PgPool) {
    create_foreign(
        &pool,
        "CREATE TABLE core_api.users (id serial PRIMARY KEY); INSERT INTO core_api.users DEFAULT VALUES;
         ALTER TABLE core_api.workspace_groups DROP CONSTRAINT workspace_groups_created_by_pk_fkey,
             ADD CONSTRAINT \"madeBy\" FOREIGN KEY (created_by_pk) REFERENCES core_api.users (id) ON DELETE SET NULL",
    )
    .await;
    assert_reported_and_fixed(
        &pool,
        &["core_api.workspace_groups.created_by_pk: the foreign key \"madeBy\" refers to core_api.users (id), and \
           groupdesk writes keys of core_api.peoples (pk). ALTER TABLE core_api.workspace_groups DROP CONSTRAINT \"madeBy\""],
    )
    .await;
}

#[database_test(empty)]
async fn sequence_is_found_by_the_column_default(pool: PgPool) {
    create_foreign(
        &pool,
        "CREATE SEQUENCE public.people_numbers;
         ALTER TABLE core_api.peoples ALTER COLUMN pk SET DEFAULT nextval('public.people_numbers')",
    )
    .await;
    assert_reported_and_fixed(
        &pool,
        &[
            "core_api.peoples.pk: the next key would be 1, and there are keys up to 2. SELECT \
             setval('public.people_numbers', 2)",
            "core_api.peoples.pk: its sequence public.people_numbers is outside of the schema core_api, where the server \
             may take no number of it. ALTER SEQUENCE public.people_numbers SET SCHEMA core_api",
        ],
    )
    .await;
}

#[database_test(empty)]
async fn short_column_with_a_dependent_view_is_reported(pool: PgPool) {
    create_foreign(
        &pool,
        "ALTER TABLE core_api.peoples ALTER COLUMN email TYPE varchar(255);
         CREATE VIEW core_api.addresses AS SELECT email FROM core_api.peoples",
    )
    .await;
    let found = misfits(&pool).await;
    let misfit = "core_api.peoples.email: it is of the type character varying(255) and groupdesk accepts 320 characters";
    assert!(found.len() == 1 && found[0].starts_with(misfit), "{found:?}");
}

/// Differences from our own schema that do no harm.
#[database_test(empty)]
async fn harmless_differences_are_adopted(pool: PgPool) {
    create_foreign(&pool, ROWS).await;
    execute(
        &pool,
        "ALTER TABLE core_api.peoples ALTER COLUMN email TYPE varchar(255), ADD UNIQUE (email);
         ALTER TABLE core_api.workspaces ALTER COLUMN avatar_color TYPE varchar(7), ALTER COLUMN name TYPE varchar(100),
             ADD COLUMN slug text UNIQUE, ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid(),
             DROP CONSTRAINT workspaces_pkey, DROP CONSTRAINT workspaces_external_workspace_id_key;
         ALTER TABLE core_api.workspaces ADD PRIMARY KEY (id), ADD UNIQUE (pk);
         CREATE UNIQUE INDEX external_ids ON core_api.workspaces (external_workspace_id)
             WHERE external_workspace_id IS NOT NULL;
         ALTER SEQUENCE core_api.workspaces_pk_seq RESTART WITH 1000;
         CREATE SCHEMA groupdesk; CREATE TABLE groupdesk.notes (note text)",
    )
    .await;
    assert_adopted(&pool).await;
    assert_usable(&pool).await;
    for table in ["workspaces", "workspace_groups"] {
        let blank = format!("INSERT INTO core_api.{table} (name) VALUES (' ')");
        assert_eq!(refusal(&pool, &blank).await, format!("{table}_name_not_blank"));
    }
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    let email = format!("{}@example.com", "a".repeat(300));
    let person = json!({ "data": {
        "type": "people", "attributes": { "first_name": "Bo", "last_name": "Ek", "email": email }
    }});
    let workspace = json!({ "data": {
        "type": "workspace", "attributes": { "name": "n".repeat(255), "avatar_color": "rebeccapurple" }
    }});
    for (path, body) in [("/v1/people", person), ("/v1/workspaces", workspace)] {
        let created = api.post(path, body).await;
        assert_eq!(created.status, 201, "{created:?}");
    }
}
