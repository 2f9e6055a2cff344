//! The cost of the orders by name and of a search inside a group of a hundred thousand, in a table of more than a million
//! enrollments. Postgres reports the plans, as in [`super::plans`].

use groupdesk::ui::paths::encode;
use pretty_assertions::assert_eq;
use serde_json::Value;
use sqlx::PgPool;

use super::execute;
use super::plans::{Cost, FILL, IN_ORDER, Reader, read_whole, reader};
use crate::support::{listen, notices_of};

const ENROLLMENTS: &str = "/v1/workspace-group-workspaces";
const EVENTS: &str = "/v1/enrollment-events";

/// A group of 100,000, whose workspaces are called `Member`, a fortieth `acme` as well, and one `needle`. Outside of it
/// 30,000 workspaces are called `foreign`.
const LARGE_GROUP: &str = "
    SET LOCAL session_replication_role = replica;
    INSERT INTO core_api.workspace_groups (name, created_at, updated_at) VALUES ('Large', '2024-01-01Z', '2024-01-01Z');
    INSERT INTO core_api.workspaces (name, external_workspace_id, created_at, updated_at)
        SELECT 'Member ' || md5(n::text) || CASE WHEN n % 40 = 0 THEN ' acme' ELSE '' END
                   || CASE WHEN n = 77777 THEN ' needle' ELSE '' END,
               'm-' || n, timestamptz '2024-01-01Z', timestamptz '2024-01-01Z'
        FROM generate_series(1, 100000) n
        UNION ALL
        SELECT 'foreign ' || md5(n::text), 'f-' || n, '2024-01-01Z', '2024-01-01Z' FROM generate_series(1, 30000) n;
    INSERT INTO core_api.workspace_group_workspaces (workspace_group_pk, workspace_pk, created_by_pk, created_at, updated_at)
        SELECT g.pk, w.pk, CASE WHEN w.pk % 1000 = 7 THEN 17 END, at, at
        FROM core_api.workspaces w, core_api.workspace_groups g,
             LATERAL (SELECT timestamptz '2024-01-01Z' + w.pk * interval '1 minute' AS at) m
        WHERE g.name = 'Large' AND w.external_workspace_id LIKE 'm-%';
    INSERT INTO groupdesk.enrollment_names (enrollment_pk, workspace_group_pk, is_live, name_key)
        SELECT e.pk, e.workspace_group_pk, e.deleted_at IS NULL, groupdesk.name_key(w.name)
        FROM core_api.workspace_group_workspaces e JOIN core_api.workspaces w ON w.pk = e.workspace_pk;
    INSERT INTO groupdesk.enrollment_events
            (action, occurred_at, source, actor_people_pk, workspace_group_workspace_pk, workspace_group_pk, workspace_pk)
        SELECT 'enrolled', e.created_at, 'import', e.created_by_pk, e.pk, e.workspace_group_pk, e.workspace_pk
        FROM core_api.workspace_group_workspaces e
        JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk WHERE g.name = 'Large'";

const VACUUM: &str = "VACUUM ANALYZE core_api.workspaces, core_api.workspace_groups,
    core_api.workspace_group_workspaces, groupdesk.enrollment_names, groupdesk.enrollment_events";

/// The limit of a search inside a group: two thousand matches, or five thousand rows that are looked at, each with its
/// workspace. The whole group has a hundred thousand.
const SEARCH_BUFFERS: u64 = 65_000;

/// The limit of rows that are sorted by name after they were read: two thousand with their names, found by another index.
const FEW_BUFFERS: u64 = 20_000;

/// The buffers of all statements of a request, and the large tables that were read completely.
fn total(request: &str) -> (u64, Vec<String>) {
    let plans = notices_of(request).into_iter().filter_map(|notice| {
        let (_, plan) = notice.split_once("plan:\n")?;
        serde_json::from_str::<Value>(plan).ok()
    });
    let (mut buffers, mut whole) = (0, Vec::new());
    for plan in plans {
        buffers += Cost::of(&plan["Plan"]).buffers;
        whole.extend(read_whole(&plan["Plan"]));
    }
    assert!(buffers > 0, "no plans");
    // Postgres reads all of the few hundred groups and people.
    whole.retain(|table| {
        !["workspace_groups", "peoples"].iter().any(|small| table.contains(&format!("{small}\"")))
    });
    (buffers, whole)
}

/// A cursor of the middle of a group in this order. A page of two of its rows has it, because a cursor of an order is valid
/// with any filter.
async fn middle(pool: &PgPool, reader: &Reader, group: &str, query: &str) -> String {
    let two: Vec<String> = sqlx::query_scalar(
        "SELECT w.workspace_id::text FROM groupdesk.enrollment_names n
         JOIN core_api.workspace_group_workspaces e ON e.pk = n.enrollment_pk
         JOIN core_api.workspaces w ON w.pk = e.workspace_pk
         WHERE n.workspace_group_pk = (SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id = $1::uuid)
           AND n.is_live = $2
         ORDER BY n.name_key
         OFFSET (SELECT count(*) / 2 FROM groupdesk.enrollment_names
                 WHERE workspace_group_pk = (SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id = $1::uuid)
                   AND is_live = $2) LIMIT 2",
    )
    .bind(group)
    .bind(!query.contains("removed"))
    .fetch_all(pool)
    .await
    .unwrap();
    reader.cursor(ENROLLMENTS, &format!("{query}&filter[workspace]={}", two.join(",")), 1).await
}

async fn group_ids(pool: &PgPool) -> [String; 2] {
    let names =
        "SELECT workspace_group_id::text FROM core_api.workspace_groups WHERE name = ANY ($1) ORDER BY name";
    let ids: Vec<String> =
        sqlx::query_scalar(names).bind(vec!["Group 7", "Large"]).fetch_all(pool).await.unwrap();
    ids.try_into().unwrap()
}

/// A page of a group in the order of names, anywhere in it, and a page of few rows that another filter leaves.
async fn orders(pool: &PgPool, reader: &Reader) -> Vec<String> {
    let mut problems = Vec::new();
    let groups = group_ids(pool).await;
    for (group, statuses) in
        groups.iter().zip([&["", "&filter[status]=removed", "&filter[status]=any"][..], &[""]])
    {
        for status in statuses {
            for sort in ["workspace.name", "-workspace.name"] {
                let query = format!("filter[workspace_group]={group}{status}&sort={sort}");
                let cursor = middle(pool, reader, group, &query).await;
                problems.extend(reader.check(ENROLLMENTS, &query, &cursor, IN_ORDER).await);
            }
        }
    }
    let person: String = sqlx::query_scalar("SELECT people_id::text FROM core_api.peoples WHERE pk = 17")
        .fetch_one(pool)
        .await
        .unwrap();
    let large = format!("{ENROLLMENTS}?filter[workspace_group]={}&sort=workspace.name", groups[1]);
    for query in [
        format!(
            "{large}&filter[created_at][gte]=2024-01-20T00:00:00Z&filter[created_at][lt]=2024-01-21T00:00:00Z"
        ),
        format!("{large}&filter[created_at][gte]=2024-01-20T00:00:00Z"),
        format!("{large}&filter[created_by]={person}"),
    ] {
        let answer = reader.api.get(&query).await;
        let (buffers, whole) = total(answer.header("x-request-id"));
        if answer.ids().len() != 20 || buffers > FEW_BUFFERS || !whole.is_empty() {
            problems.push(format!("{query}: {} rows, {buffers} {whole:?}", answer.ids().len()));
        }
    }
    problems
}

/// What a search finds: a page, fewer rows, or that it is too broad.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Found {
    Page,
    Few(usize),
    TooBroad,
}

async fn search(reader: &Reader, path: &str, text: &str, expected: Found) -> Vec<String> {
    let path = format!("{path}filter[q]={}", encode(text));
    let answer = reader.api.get(&path).await;
    let (buffers, whole) = total(answer.header("x-request-id"));
    let found = match (answer.status == 200).then(|| answer.ids().len()) {
        Some(20) => Found::Page,
        Some(rows) => Found::Few(rows),
        None => Found::TooBroad,
    };
    let is_right = found == expected && buffers <= SEARCH_BUFFERS && whole.is_empty();
    (!is_right).then(|| format!("{path}: {found:?}, {buffers} {whole:?}")).into_iter().collect()
}

async fn searches(pool: &PgPool, reader: &Reader) -> Vec<String> {
    let mut problems = Vec::new();
    let [_, large] = group_ids(pool).await;
    for list in [ENROLLMENTS, EVENTS] {
        let in_large = format!("{list}?filter[workspace_group]={large}&");
        for (text, expected) in [
            // In all names, in a fortieth, in one, in none, in none of the group, and an external id and its beginning.
            ("member", Found::Page),
            ("acme", Found::Page),
            ("needle", Found::Few(1)),
            ("no such thing", Found::Few(0)),
            ("foreign", Found::TooBroad),
            ("m-77777", Found::Few(1)),
            ("m-777", Found::Page),
        ] {
            problems.extend(search(reader, &in_large, text, expected).await);
        }
        let anywhere = format!("{list}?");
        for (text, expected) in [
            ("member", Found::TooBroad),
            ("acme", Found::TooBroad),
            ("needle", Found::Few(1)),
            ("no such thing", Found::Few(0)),
            ("\"Group 77\"", Found::Page),
        ] {
            problems.extend(search(reader, &anywhere, text, expected).await);
        }
    }
    let by_name = format!("{ENROLLMENTS}?filter[workspace_group]={large}&sort=workspace.name&");
    for (text, expected) in [
        ("member", Found::Page),
        ("needle", Found::Few(1)),
        ("m-777", Found::Page),
        ("foreign", Found::TooBroad),
    ] {
        problems.extend(search(reader, &by_name, text, expected).await);
    }
    problems
}

/// The bytes that the names add to an enrollment. `docs/decisions/0013-names-beside-enrollments.md` has the figures.
async fn bytes_per_enrollment(pool: &PgPool) -> (f64, f64) {
    sqlx::query_as(
        "SELECT pg_table_size('groupdesk.enrollment_names')::float8 / count(*),
                pg_indexes_size('groupdesk.enrollment_names')::float8 / count(*)
         FROM groupdesk.enrollment_names",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}

#[database_test]
async fn names_and_searches_of_a_large_group_cost_a_page(pool: PgPool) {
    listen();
    execute(&pool, FILL).await;
    execute(&pool, LARGE_GROUP).await;
    execute(&pool, VACUUM).await;
    let (table, indexes) = bytes_per_enrollment(&pool).await;
    println!("bytes for each enrollment: {table:.0} in the table, {indexes:.0} in its indexes");
    assert!(table <= 100.0 && indexes <= 160.0, "{table:.0} {indexes:.0}");
    let mut problems = Vec::new();
    for plans in ["force_custom_plan", "force_generic_plan"] {
        let reader = reader(&pool, plans).await;
        problems.extend(orders(&pool, &reader).await);
        problems.extend(searches(&pool, &reader).await);
        reader.app.close().await;
    }
    assert_eq!(problems, Vec::<String>::new());
}
