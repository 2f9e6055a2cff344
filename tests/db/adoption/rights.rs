//! Missing privileges of the migrating login are reported before the migration tries anything.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::super::execute;
use super::super::migrations::ELSEWHERE;
use crate::support::{Exit, database_url, run};

/// Runs the check as a login with these privileges, which exists only for this call. All databases share the logins, so no two
/// tests use the same one.
async fn checked_as(pool: &PgPool, login: &str, rights: &str) -> Exit {
    execute(
        pool,
        &format!(
            "DO $$ BEGIN CREATE ROLE {login} LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
             {rights}"
        ),
    )
    .await;
    let url = database_url(pool).replacen("postgres@", &format!("{login}@"), 1);
    let checked = run(&["migrate", "--check", "--database-url", &url]).await;
    execute(
        pool,
        &format!("REASSIGN OWNED BY {login} TO postgres; DROP OWNED BY {login}; DROP ROLE {login}"),
    )
    .await;
    assert_eq!(checked.status, 1, "{checked:?}");
    checked
}

#[database_test(empty)]
async fn missing_privileges_are_reported(pool: PgPool) {
    execute(&pool, ELSEWHERE).await;
    let login = "groupdesk_test_visitor";
    let rights =
        format!("GRANT USAGE ON SCHEMA core_api TO {login}; GRANT SELECT ON core_api.peoples TO {login}");
    let checked = checked_as(&pool, login, &rights).await;
    for expected in [
        "may not create schemas in it. GRANT CREATE ON DATABASE",
        "core_api: groupdesk_test_visitor may not create anything in it",
        "core_api.peoples: the login that migrates does not own it, and so may not alter it. ALTER TABLE \
         core_api.peoples OWNER TO groupdesk_test_visitor",
        "core_api.workspaces: the login that migrates does not own it",
    ] {
        assert!(checked.out.contains(expected), "{expected}: {checked:?}");
    }
}

/// The login owns the tables but not the schema, or another role owns a sequence in it.
#[database_test(empty)]
async fn missing_grant_options_are_reported(pool: PgPool) {
    let login = "groupdesk_test_tenant";
    let rights = format!(
        "DO $$ BEGIN CREATE ROLE groupdesk_app NOLOGIN;
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
         CREATE SCHEMA core_api; GRANT CREATE, USAGE ON SCHEMA core_api TO {login};
         CREATE SEQUENCE core_api.\"Counter\""
    );
    let checked = checked_as(&pool, login, &rights).await;
    for expected in [
        "core_api: groupdesk_test_tenant may not open it to the role as which groupdesk serves. GRANT USAGE ON SCHEMA \
         core_api TO groupdesk_test_tenant WITH GRANT OPTION",
        "core_api.\"Counter\": groupdesk_test_tenant may not give it to the role as which groupdesk serves. GRANT USAGE \
         ON SEQUENCE core_api.\"Counter\" TO groupdesk_test_tenant WITH GRANT OPTION",
    ] {
        assert!(checked.out.contains(expected), "{expected}: {checked:?}");
    }
}

#[database_test(empty)]
async fn uninstallable_extension_is_reported(pool: PgPool) {
    let login = "groupdesk_test_owner";
    let rights = format!(
        "DROP EXTENSION IF EXISTS pg_trgm;
         CREATE SCHEMA core_api AUTHORIZATION {login}; CREATE SCHEMA groupdesk AUTHORIZATION {login}"
    );
    let checked = checked_as(&pool, login, &rights).await;
    let expected = "the extension pg_trgm is not installed, and groupdesk_test_owner may not install it. GRANT CREATE ON \
                DATABASE";
    assert!(checked.out.contains(expected), "{checked:?}");
    execute(&pool, "DROP SCHEMA core_api, groupdesk; DROP SCHEMA public CASCADE").await;
    let checked = checked_as(&pool, login, "").await;
    let expected = "there is no schema public to install it in. CREATE SCHEMA IF NOT EXISTS extensions; CREATE EXTENSION \
                pg_trgm WITH SCHEMA extensions";
    assert!(checked.out.contains(expected), "{checked:?}");
}

/// A schema without the USAGE privilege is reported in our own words.
#[database_test(empty)]
async fn schema_without_usage_is_reported(pool: PgPool) {
    let login = "groupdesk_test_guest";
    let checked = checked_as(&pool, login, "CREATE SCHEMA groupdesk").await;
    let expected = "groupdesk: groupdesk_test_guest may not create anything in it. GRANT CREATE, USAGE ON SCHEMA \
                groupdesk TO groupdesk_test_guest WITH GRANT OPTION";
    assert!(checked.out.contains(expected), "{checked:?}");
    assert!(!checked.err.contains("permission denied"), "{checked:?}");
}
