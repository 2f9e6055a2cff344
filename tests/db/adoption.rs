//! Adoption of a database of another system: one report lists everything that does not fit, and nothing
//! changes before.

mod kinds;
mod rights;

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::execute;
use super::migrations::{ELSEWHERE, ROWS, assert_usable};
use crate::support::{Exit, database_url, row_count, run};

async fn migrate(pool: &PgPool, args: &[&str]) -> Exit {
    let url = database_url(pool);
    run(&[&["migrate", "--database-url", &url], args].concat()).await
}

/// All relations, columns, constraints, functions and triggers, which a migration could change.
async fn schema(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT format('%s %s', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname IN ('core_api', 'groupdesk')
         UNION ALL SELECT format('%s %s %s', attrelid::regclass, attname, attnotnull) FROM pg_attribute
         WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = to_regnamespace('core_api'))
         UNION ALL SELECT format('%s %s', conrelid::regclass, conname) FROM pg_constraint
         WHERE connamespace = to_regnamespace('core_api')
         UNION ALL SELECT format('%s %s', tgrelid::regclass, tgname) FROM pg_trigger WHERE NOT tgisinternal
         UNION ALL SELECT nspname FROM pg_namespace WHERE nspname IN ('core_api', 'groupdesk')
         UNION ALL SELECT extname FROM pg_extension
         ORDER BY 1",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

/// The report of `--check`. Asserts that `migrate` reports the same, and that neither changes anything.
async fn misfits(pool: &PgPool) -> Vec<String> {
    let before = schema(pool).await;
    let checked = migrate(pool, &["--check"]).await;
    assert_eq!(checked.status, 1, "{checked:?}");
    let found: Vec<String> = checked.out.lines().map(str::to_owned).collect();
    let refused = migrate(pool, &[]).await;
    assert_eq!((refused.status, refused.out.as_str()), (1, ""), "{refused:?}");
    assert!(refused.err.contains("nothing was changed"), "{refused:?}");
    for misfit in &found {
        assert!(refused.err.contains(misfit), "{misfit}: {refused:?}");
    }
    assert_eq!(schema(pool).await, before);
    found
}

/// The statement at the end of a line of the report.
fn remedy(misfit: &str) -> &str {
    let starts = ["ALTER ", "SELECT ", "DROP ", "CREATE ", "GRANT "];
    let at = starts.iter().filter_map(|start| misfit.find(start)).min();
    &misfit[at.unwrap_or_else(|| panic!("no statement: {misfit}"))..]
}

async fn assert_adopted(pool: &PgPool) {
    let migrated = migrate(pool, &[]).await;
    assert_eq!(migrated.status, 0, "{migrated:?}");
}

#[database_test(empty)]
async fn missing_column_is_reported_before_any_change(pool: PgPool) {
    execute(&pool, ELSEWHERE).await;
    execute(&pool, ROWS).await;
    execute(&pool, "ALTER TABLE core_api.peoples DROP COLUMN created_at").await;
    let remedy = "ALTER TABLE core_api.peoples ADD COLUMN created_at timestamptz NOT NULL DEFAULT now()";
    assert_eq!(
        misfits(&pool).await,
        [format!("core_api.peoples.created_at: there is no such column. {remedy}")]
    );
    // The statement of the report solves the problem.
    execute(&pool, remedy).await;
    assert_adopted(&pool).await;
    assert_eq!(row_count(&pool).await, 2);
}

/// Each problem in isolation and all in one report, with statements that can be executed as they are.
#[database_test(empty)]
async fn all_misfits_are_reported_at_once(pool: PgPool) {
    execute(&pool, ELSEWHERE).await;
    execute(&pool, ROWS).await;
    execute(
        &pool,
        "ALTER TABLE core_api.peoples ALTER COLUMN last_name DROP NOT NULL,
             ADD COLUMN \"tenantId\" int NOT NULL DEFAULT 1;
         ALTER TABLE core_api.peoples ALTER COLUMN \"tenantId\" DROP DEFAULT;
         INSERT INTO core_api.peoples (first_name, last_name, email, created_at, \"tenantId\")
         VALUES ('Ana', NULL, 'ANA@example.com', '-infinity', 1);
         ALTER TABLE core_api.workspaces ALTER COLUMN created_at TYPE timestamp,
             DROP CONSTRAINT workspaces_external_workspace_id_key, ALTER COLUMN workspace_id TYPE text;
         ALTER TABLE core_api.workspace_groups ADD UNIQUE (name), ENABLE ROW LEVEL SECURITY,
             ALTER COLUMN pk DROP DEFAULT;
         ALTER TABLE core_api.workspace_group_workspaces DROP CONSTRAINT workspace_group_workspaces_pkey,
             DROP CONSTRAINT named_elsewhere, ALTER COLUMN pk TYPE bigint,
             ADD CONSTRAINT one_row_per_pair UNIQUE (workspace_group_pk, workspace_pk);",
    )
    .await;
    let found = misfits(&pool).await;
    assert_eq!(
        found,
        [
            "core_api.peoples.tenantId: it is required and has no default, and groupdesk does not fill it. ALTER TABLE \
             core_api.peoples ALTER COLUMN \"tenantId\" DROP NOT NULL",
            "core_api.peoples.last_name: 1 row (pk 3) without a value. Give each a value, and then ALTER TABLE \
             core_api.peoples ALTER COLUMN last_name SET NOT NULL",
            "core_api.peoples.created_at: 1 row (pk 3) at infinity. Give each a time.",
            "core_api.peoples.email: 2 rows (pk 1, 3) with the address of another one, apart from its case. Give \
             each person an address of their own, or none.",
            "core_api.workspaces.workspace_id: it is of the type text, and has to be uuid. ALTER TABLE \
             core_api.workspaces ALTER COLUMN workspace_id DROP DEFAULT, ALTER COLUMN workspace_id TYPE uuid USING \
             workspace_id::text::uuid",
            "core_api.workspaces.created_at: it is of the type timestamp without time zone, and has to be \
             timestamptz. ALTER TABLE core_api.workspaces ALTER COLUMN created_at TYPE timestamptz USING created_at \
             AT TIME ZONE 'UTC'",
            "core_api.workspaces.external_workspace_id: two rows may have the same value. ALTER TABLE \
             core_api.workspaces ADD UNIQUE (external_workspace_id)",
            "core_api.workspace_groups: row-level security would hide rows from the role as which groupdesk serves. \
             ALTER TABLE core_api.workspace_groups DISABLE ROW LEVEL SECURITY",
            "core_api.workspace_groups: the unique index workspace_groups_name_key of (name) refuses what groupdesk \
             allows. ALTER TABLE core_api.workspace_groups DROP CONSTRAINT workspace_groups_name_key",
            "core_api.workspace_groups.pk: the database does not count it up for new rows. ALTER TABLE \
             core_api.workspace_groups ALTER COLUMN pk ADD GENERATED BY DEFAULT AS IDENTITY (START WITH 2)",
            "core_api.workspace_group_workspaces.pk: it is of the type bigint, and has to be integer. ALTER TABLE \
             core_api.workspace_group_workspaces ALTER COLUMN pk TYPE integer USING pk::integer",
            "core_api.workspace_group_workspaces: the unique index one_row_per_pair of (workspace_group_pk, \
             workspace_pk) refuses what groupdesk allows. ALTER TABLE core_api.workspace_group_workspaces DROP \
             CONSTRAINT one_row_per_pair",
            "core_api.workspace_group_workspaces.pk: two rows may have the same value. ALTER TABLE \
             core_api.workspace_group_workspaces ADD UNIQUE (pk)",
        ]
    );
    execute(
        &pool,
        "UPDATE core_api.peoples SET last_name = '', email = NULL, created_at = now() WHERE pk = 3",
    )
    .await;
    for misfit in found.iter().filter(|misfit| misfit.contains("ALTER ")) {
        execute(&pool, remedy(misfit)).await;
    }
    assert_adopted(&pool).await;
    assert_usable(&pool).await;
}

#[database_test(empty)]
async fn rows_that_break_a_rule_are_reported(pool: PgPool) {
    execute(&pool, ELSEWHERE).await;
    execute(&pool, ROWS).await;
    execute(
        &pool,
        "ALTER TABLE core_api.workspace_group_workspaces ALTER COLUMN created_at DROP NOT NULL;
         INSERT INTO core_api.workspace_group_workspaces
             (pk, workspace_group_workspace_id, workspace_group_pk, workspace_pk, created_at)
         SELECT n, gen_random_uuid(), 1, CASE WHEN n = 10 THEN 1 ELSE n END, CASE WHEN n <> 11 THEN now() END
         FROM generate_series(10, 16) n",
    )
    .await;
    assert_eq!(
        misfits(&pool).await,
        [
            "core_api.workspace_group_workspaces.created_at: 1 row (pk 11) without a value. Give each a value, and \
             then ALTER TABLE core_api.workspace_group_workspaces ALTER COLUMN created_at SET NOT NULL",
            "core_api.workspace_group_workspaces.workspace_pk: 6 rows (pk 11, 12, 13, 14, 15, …) with a key that no \
             row of core_api.workspaces has. Correct or delete them: a foreign key will keep it so.",
            "core_api.workspace_group_workspaces: 2 rows (pk 1, 10) of a workspace that is in a group more than once \
             at the same time. Set deleted_at of all but one of each workspace in a group.",
            "core_api.workspace_group_workspaces.pk: the next key would be 3, and there are keys up to 16. SELECT \
             setval('core_api.workspace_group_workspaces_pk_seq', 16)",
        ]
    );
    execute(
        &pool,
        "DELETE FROM core_api.workspace_group_workspaces WHERE pk > 2;
         ALTER TABLE core_api.workspace_group_workspaces ALTER COLUMN created_at SET NOT NULL;
         SELECT setval('core_api.workspace_group_workspaces_pk_seq', 16)",
    )
    .await;
    assert_adopted(&pool).await;
}

/// Postgres's own message explains a failure that the report cannot predict, and nothing is left behind.
#[database_test(empty)]
async fn failed_adoption_changes_nothing(pool: PgPool) {
    execute(&pool, ELSEWHERE).await;
    execute(
        &pool,
        "CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'no indexes today'; END $$;
         CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('CREATE INDEX')
             EXECUTE FUNCTION public.refuse()",
    )
    .await;
    let before = schema(&pool).await;
    let failed = migrate(&pool, &[]).await;
    assert_eq!((failed.status, failed.out.as_str()), (1, ""), "{failed:?}");
    let explains = failed.err.contains("no indexes today") && failed.err.contains("nothing was changed");
    assert!(explains, "{failed:?}");
    assert_eq!(schema(&pool).await, before);
    execute(&pool, "DROP EVENT TRIGGER refuse").await;
    assert_adopted(&pool).await;
}

#[database_test(empty)]
async fn check_lists_pending_migrations_without_changes(pool: PgPool) {
    execute(&pool, ELSEWHERE).await;
    execute(&pool, ROWS).await;
    let before = schema(&pool).await;
    let checked = migrate(&pool, &["--check"]).await;
    assert_eq!((checked.status, checked.err.as_str()), (0, ""), "{checked:?}");
    assert!(checked.out.starts_with("would apply 20260528000000 core tables\n"), "{checked:?}");
    assert_eq!(schema(&pool).await, before);
    assert_adopted(&pool).await;
    let checked = migrate(&pool, &["--check"]).await;
    assert_eq!((checked.status, checked.out.as_str()), (0, "nothing to apply\n"), "{checked:?}");
    // A newer version has migrated the database before.
    execute(
        &pool,
        "INSERT INTO groupdesk._sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (29990101000000, 'of tomorrow', true, '', 0)",
    )
    .await;
    let checked = migrate(&pool, &["--check"]).await;
    assert_eq!(checked.status, 1, "{checked:?}");
    assert!(checked.out.contains("29990101000000"), "{checked:?}");
}
