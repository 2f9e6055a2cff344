//! `groupdesk seed`

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{Exit, database_url, run};

const TABLES: [&str; 5] = [
    "core_api.peoples",
    "core_api.workspaces",
    "core_api.workspace_groups",
    "core_api.workspace_group_workspaces",
    "groupdesk.enrollment_events",
];

async fn seed(url: &str, rest: &[&str]) -> Exit {
    let mut args = vec!["seed", "--database-url", url];
    args.extend(rest);
    let ended = run(&args).await;
    assert_eq!(ended.status, 0, "{ended:?}");
    ended
}

const SMALL: [&str; 8] = ["--groups", "20", "--workspaces", "150", "--people", "12", "--enrollments", "1500"];
/// Large enough that indexes and foreign keys are dropped and created again.
const LARGE: [&str; 8] =
    ["--groups", "300", "--workspaces", "4000", "--people", "40", "--enrollments", "120000"];

/// A digest of each seeded table.
async fn digests(pool: &PgPool) -> Vec<String> {
    let mut digests = Vec::new();
    for table in TABLES {
        let digest =
            format!("SELECT coalesce(md5(string_agg(t::text, E'\\n' ORDER BY pk)), '') FROM {table} t");
        digests.push(sqlx::query_scalar(&digest).fetch_one(pool).await.unwrap());
    }
    digests
}

async fn number(pool: &PgPool, statement: &str) -> i64 {
    sqlx::query_scalar(statement).fetch_one(pool).await.unwrap()
}

/// The definitions of all indexes, constraints and triggers.
async fn definitions(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT schemaname || '.' || indexdef FROM pg_indexes WHERE schemaname IN ('core_api', 'groupdesk')
         UNION ALL
         SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || convalidated::text
         FROM pg_constraint WHERE connamespace IN ('core_api'::regnamespace, 'groupdesk'::regnamespace)
         UNION ALL
         SELECT tgrelid::regclass || ' ' || tgname || ' ' || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
         ORDER BY 1",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

/// Asserts the rules of the product for rows and logs.
async fn assert_invariants(pool: &PgPool) {
    for (what, statement) in [
        (
            "a pair with two live rows",
            "SELECT count(*) FROM (SELECT 1 FROM core_api.workspace_group_workspaces WHERE deleted_at IS NULL
             GROUP BY workspace_group_pk, workspace_pk HAVING count(*) > 1) x",
        ),
        (
            "a row that was removed before it was made, or not touched when it was",
            "SELECT count(*) FROM core_api.workspace_group_workspaces
             WHERE deleted_at <= created_at OR updated_at IS DISTINCT FROM coalesce(deleted_at, created_at)",
        ),
        (
            "a life that begins before the one before it has ended",
            "SELECT count(*) FROM (SELECT created_at, lag(coalesce(deleted_at, 'infinity')) OVER
                 (PARTITION BY workspace_group_pk, workspace_pk ORDER BY created_at) AS ended
             FROM core_api.workspace_group_workspaces) x WHERE created_at <= ended",
        ),
        (
            "an enrollment without exactly one event that tells it",
            "SELECT count(*) FROM core_api.workspace_group_workspaces e
             WHERE (SELECT count(*) FROM groupdesk.enrollment_events v
                    WHERE v.workspace_group_workspace_pk = e.pk AND v.action = 'enrolled'
                      AND v.occurred_at = e.created_at AND v.actor_people_pk IS NOT DISTINCT FROM e.created_by_pk
                      AND v.workspace_group_pk = e.workspace_group_pk AND v.workspace_pk = e.workspace_pk) <> 1",
        ),
        (
            "a removal without exactly one event that tells it",
            "SELECT count(*) FROM core_api.workspace_group_workspaces e
             WHERE (SELECT count(*) FROM groupdesk.enrollment_events v
                    WHERE v.workspace_group_workspace_pk = e.pk AND v.action = 'removed'
                      AND v.occurred_at IS NOT DISTINCT FROM e.deleted_at) <> (e.deleted_at IS NOT NULL)::int",
        ),
        (
            "an event of something else",
            "SELECT count(*) FROM groupdesk.enrollment_events WHERE action NOT IN ('enrolled', 'removed')",
        ),
        (
            "an actor by another name",
            "SELECT count(*) FROM groupdesk.enrollment_events v JOIN core_api.peoples p ON p.pk = v.actor_people_pk
             WHERE v.actor_name <> p.first_name || ' ' || p.last_name",
        ),
        (
            "a blank name",
            "SELECT count(*) FROM core_api.workspaces WHERE btrim(name) = ''",
        ),
    ] {
        assert_eq!(number(pool, statement).await, 0, "{what}");
    }
}

async fn second_database(pool: &PgPool) -> String {
    let name: String =
        sqlx::query_scalar("SELECT 'seed_' || md5(current_database())").fetch_one(pool).await.unwrap();
    sqlx::raw_sql(&format!("DROP DATABASE IF EXISTS \"{name}\"")).execute(pool).await.unwrap();
    sqlx::raw_sql(&format!("CREATE DATABASE \"{name}\"")).execute(pool).await.unwrap();
    name
}

#[database_test]
async fn same_seed_creates_the_same_data(pool: PgPool) {
    let options = pool.connect_options();
    let name = second_database(&pool).await;
    let other = PgPool::connect_with(options.as_ref().clone().database(&name)).await.unwrap();

    seed(&database_url(&pool), &SMALL).await;
    seed(&database_url(&other), &SMALL).await;
    assert_eq!(digests(&pool).await, digests(&other).await);
    assert_invariants(&pool).await;

    // A second seed adds other data under the same rules.
    let mut more = SMALL.to_vec();
    more.extend(["--seed", "2"]);
    seed(&database_url(&other), &more).await;
    assert_invariants(&other).await;
    assert_eq!(number(&other, "SELECT count(*) FROM core_api.workspace_group_workspaces").await, 3000);
    let shared = "SELECT count(*) - count(DISTINCT workspace_group_workspace_id) FROM core_api.workspace_group_workspaces";
    assert_eq!(number(&other, shared).await, 0);

    other.close().await;
    // FORCE, because a connection may have been closed only a moment ago.
    let drop = format!("DROP DATABASE \"{name}\" WITH (FORCE)");
    sqlx::raw_sql(&drop).execute(&pool).await.unwrap();
}

#[database_test(empty)]
async fn summary_matches_the_created_rows(pool: PgPool) {
    let summary = seed(&database_url(&pool), &SMALL).await;
    let rows = number(&pool, "SELECT count(*) FROM core_api.workspace_group_workspaces").await;
    let live =
        number(&pool, "SELECT count(*) FROM core_api.workspace_group_workspaces WHERE deleted_at IS NULL")
            .await;
    let events = number(&pool, "SELECT count(*) FROM groupdesk.enrollment_events").await;
    assert_eq!(rows, 1500);
    assert_eq!(
        summary.out,
        format!(
            "12 people, 150 workspaces, 20 groups, 1500 enrollments ({live} of them live), {events} events\n"
        )
    );
    let readded = "SELECT count(*) FROM (SELECT 1 FROM core_api.workspace_group_workspaces
                   GROUP BY workspace_group_pk, workspace_pk HAVING count(*) > 1) x";
    assert!(live < rows && number(&pool, readded).await > 0);
}

#[database_test]
async fn repeated_seed_fails_and_changes_nothing(pool: PgPool) {
    let url = database_url(&pool);
    seed(&url, &SMALL).await;
    let before = digests(&pool).await;
    let mut args = vec!["seed", "--database-url", &url];
    args.extend(SMALL);
    let again = run(&args).await;
    assert_eq!((again.status, again.out.as_str()), (1, ""));
    assert!(again.err.contains("choose another --seed"), "{again:?}");
    assert_eq!(digests(&pool).await, before);
}

#[database_test]
async fn large_seed_restores_all_indexes_and_constraints(pool: PgPool) {
    let url = database_url(&pool);
    let before = definitions(&pool).await;
    seed(&url, &LARGE).await;
    assert_eq!(definitions(&pool).await, before);
    assert_eq!(number(&pool, "SELECT count(*) FROM core_api.workspace_group_workspaces").await, 120_000);
    assert_invariants(&pool).await;
    // The next row gets an unused number.
    let (group, workspace) =
        (crate::support::group(&pool, "New").await, crate::support::workspace(&pool, "New").await);
    crate::support::enroll(&pool, &group, &workspace, crate::support::time("2026-12-01T00:00:00Z")).await;
}
