//! Filters and sort orders of `GET /v1/workspace-groups`, compared with the same rows in memory.

use std::cmp::Ordering;

use chrono::{DateTime, TimeDelta, Utc};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::support::{self, ApiClient, Listed, TestApp, assert_each_refused, by_time, person, sorted, time};

const PATH: &str = "/v1/workspace-groups";

struct Row {
    id: Uuid,
    name: &'static str,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
    deleted_at: Option<DateTime<Utc>>,
}

impl Listed for Row {
    fn id(&self) -> Uuid {
        self.id
    }

    fn compare(&self, other: &Self, key: &str) -> Ordering {
        match key {
            "name" => self.name.to_lowercase().cmp(&other.name.to_lowercase()),
            "created_at" => self.created_at.cmp(&other.created_at),
            "updated_at" => by_time(self.updated_at, other.updated_at),
            "deleted_at" => by_time(self.deleted_at, other.deleted_at),
            unknown => panic!("no key {unknown}"),
        }
    }
}

fn hour(number: i64) -> DateTime<Utc> {
    time("2026-05-01T00:00:00Z") + TimeDelta::hours(number)
}

/// Fourteen groups, with some names that differ only in case, created in four hours. Some are removed, and
/// some come from an older system without `updated_at`.
async fn rows(pool: &PgPool) -> Vec<Row> {
    let ana = person(pool, "Ana", "Lima", "ana@example.com").await;
    let names = ["Emea", "apac", "EMEA", "latam", "Anz", "emea", "Zulu"];
    let mut rows = Vec::new();
    for number in 0..14_i64 {
        let created_at = hour(number * 5 % 4);
        let deleted_at = (number % 3 == 1).then(|| created_at + TimeDelta::hours(number % 2));
        let updated_at = (number % 4 != 2).then(|| deleted_at.unwrap_or(created_at));
        let row = Row {
            id: Uuid::from_u128(u128::from(number.unsigned_abs() * 9 % 14 + 1) << 100),
            name: names[usize::try_from(number).unwrap() % names.len()],
            created_at,
            updated_at,
            deleted_at,
        };
        sqlx::query(
            "INSERT INTO core_api.workspace_groups
                 (workspace_group_id, name, created_by_pk, created_at, updated_at, deleted_at)
             VALUES ($1, $2, (SELECT pk FROM core_api.peoples WHERE people_id = $3::uuid), $4, $5, $6)",
        )
        .bind(row.id)
        .bind(row.name)
        .bind((number % 2 == 0).then_some(&ana))
        .bind(row.created_at)
        .bind(row.updated_at)
        .bind(row.deleted_at)
        .execute(pool)
        .await
        .unwrap();
        rows.push(row);
    }
    rows
}

async fn assert_pages(api: &ApiClient, query: &str, expected: &[String]) {
    support::assert_pages(api, &format!("{PATH}?{query}"), 3, expected).await;
}

const SORTS: [&str; 14] = [
    "name",
    "-name",
    "created_at",
    "-created_at",
    "updated_at",
    "-updated_at",
    "deleted_at",
    "-deleted_at",
    "name,-created_at",
    "-name,created_at",
    "-created_at,name",
    "updated_at,-name",
    "deleted_at,-created_at",
    "-updated_at,deleted_at,created_at",
];

#[database_test]
async fn filters_hold_in_every_sort_order_both_ways(pool: PgPool) {
    let rows = rows(&pool).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    let is_live = |row: &Row| row.deleted_at.is_none();
    for search in ["", "eme", "EMEA", "a", "zulu", "none of them"] {
        let found = |row: &Row| row.name.to_lowercase().contains(&search.to_lowercase());
        for sort in SORTS {
            let query = if search.is_empty() { String::new() } else { format!("filter[q]={search}&") };
            let query = format!("{query}sort={sort}");
            let live = sorted(&rows, sort, |row| found(row) && is_live(row));
            assert_pages(&api, &query, &live).await;
            assert_pages(&api, &format!("{query}&filter[status]=live"), &live).await;
            let removed = sorted(&rows, sort, |row| found(row) && !is_live(row));
            assert_pages(&api, &format!("{query}&filter[status]=removed"), &removed).await;
            let any = sorted(&rows, sort, found);
            assert_pages(&api, &format!("{query}&filter[status]=any"), &any).await;
        }
        for (status, total) in [
            ("live", sorted(&rows, "name", |row| found(row) && is_live(row)).len()),
            ("removed", sorted(&rows, "name", |row| found(row) && !is_live(row)).len()),
            ("any", sorted(&rows, "name", found).len()),
        ] {
            let query = format!("filter[q]={search}&filter[status]={status}&page[total]=true");
            let answer = api.get(&format!("{PATH}?{query}")).await;
            assert_eq!(answer.body["meta"]["page"]["total"], total, "{query}");
        }
    }
}

#[database_test]
async fn creator_is_included_once(pool: PgPool) {
    let rows = rows(&pool).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    let answer = api.get(&format!("{PATH}?include=created_by&filter[status]=any")).await;
    assert_eq!(answer.ids(), sorted(&rows, "-created_at", |_| true));
    let included = answer.body["included"].as_array().unwrap();
    assert_eq!(included.len(), 1);
    assert_eq!(included[0]["attributes"]["email"], "ana@example.com");
    let linked = |group: &&Value| {
        group["relationships"]["created_by"]["data"] == json!({ "type": "people", "id": included[0]["id"] })
    };
    assert_eq!(answer.body["data"].as_array().unwrap().iter().filter(linked).count(), 7);
    // Nothing is included if no shown group has a creator.
    let answer = api.get(&format!("{PATH}/{}?include=created_by", rows[1].id)).await;
    assert_eq!(answer.body["included"], json!([]));
}

#[database_test]
async fn unsupported_parameters_are_refused_by_name(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    let refused = [
        ("filter[status]", "gone"),
        ("filter[name]", "EMEA"),
        ("filter[external_workspace_id]", "x"),
        ("filter[created_at][gte]", "2026-05-01T00:00:00Z"),
        ("sort", ""),
        ("sort", "last_name"),
        ("sort", "name,name"),
        ("include", "workspaces"),
        ("page[total]", "all"),
    ];
    assert_each_refused(&api, PATH, &refused).await;
}
