//! Filters and sort orders of `GET /v1/people`, compared with the same rows in memory.

use std::cmp::Ordering;

use chrono::{DateTime, TimeDelta, Utc};
use pretty_assertions::assert_eq;
use sqlx::PgPool;
use uuid::Uuid;

use crate::support::{self, ApiClient, Listed, TestApp, assert_each_refused, by_time, sorted, time};

const PATH: &str = "/v1/people";

struct Row {
    id: Uuid,
    first_name: String,
    last_name: &'static str,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

impl Listed for Row {
    fn id(&self) -> Uuid {
        self.id
    }

    fn compare(&self, other: &Self, key: &str) -> Ordering {
        match key {
            "last_name" => self.last_name.to_lowercase().cmp(&other.last_name.to_lowercase()),
            "created_at" => self.created_at.cmp(&other.created_at),
            "updated_at" => by_time(self.updated_at, other.updated_at),
            unknown => panic!("no key {unknown}"),
        }
    }
}

fn hour(number: i64) -> DateTime<Utc> {
    time("2026-05-01T00:00:00Z") + TimeDelta::hours(number)
}

/// Fourteen people, with some last names that differ only in case, created in four hours. Some come from an
/// older system without `updated_at`. Every other person has an e-mail address.
async fn rows(pool: &PgPool) -> Vec<Row> {
    let names = ["Lima", "ek", "LIMA", "Okoye", "zhao", "lima"];
    let mut rows = Vec::new();
    for number in 0..14_i64 {
        let created_at = hour(number * 5 % 4);
        let row = Row {
            id: Uuid::from_u128(u128::from(number.unsigned_abs() * 9 % 14 + 1) << 100),
            first_name: format!("Ana {number}"),
            last_name: names[usize::try_from(number).unwrap() % names.len()],
            created_at,
            updated_at: (number % 4 != 2).then(|| created_at + TimeDelta::hours(number % 2)),
        };
        sqlx::query(
            "INSERT INTO core_api.peoples (people_id, first_name, last_name, email, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(row.id)
        .bind(&row.first_name)
        .bind(row.last_name)
        .bind((number % 2 == 0).then(|| format!("P{number}@example.com")))
        .bind(row.created_at)
        .bind(row.updated_at)
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

const SORTS: [&str; 12] = [
    "last_name",
    "-last_name",
    "created_at",
    "-created_at",
    "updated_at",
    "-updated_at",
    "last_name,-created_at",
    "-last_name,created_at",
    "-created_at,last_name",
    "updated_at,-last_name",
    "-updated_at,-created_at",
    "-last_name,-updated_at,created_at",
];

#[database_test]
async fn filters_hold_in_every_sort_order_both_ways(pool: PgPool) {
    let rows = rows(&pool).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    // The search also matches across the space between the names.
    for search in ["", "lim", "LIMA", "ana", "1 ek", "a 3 okoye", "none of them"] {
        let found = |row: &Row| {
            let name = format!("{} {}", row.first_name, row.last_name);
            name.to_lowercase().contains(&search.to_lowercase())
        };
        let query = if search.is_empty() { String::new() } else { format!("filter[q]={search}&") };
        for sort in SORTS {
            assert_pages(&api, &format!("{query}sort={sort}"), &sorted(&rows, sort, found)).await;
        }
        let answer = api.get(&format!("{PATH}?{query}page[total]=true")).await;
        assert_eq!(
            answer.body["meta"]["page"]["total"],
            sorted(&rows, "created_at", found).len(),
            "{search}"
        );
    }
}

/// The filter matches the complete address in any case.
#[database_test]
async fn email_filter_finds_its_person(pool: PgPool) {
    let rows = rows(&pool).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    let id = |number: usize| vec![rows[number].id.to_string()];
    for (query, expected) in [
        ("filter[email]=P2@example.com", id(2)),
        ("filter[email]=p2@EXAMPLE.com", id(2)),
        ("filter[email]=p2@example.com&filter[q]=lima", id(2)),
        ("filter[email]=p2@example.com&filter[q]=okoye", vec![]),
        ("filter[email]=p3@example.com", vec![]),
        ("filter[email]=2@example.com", vec![]),
        ("filter[email]=p%25@example.com", vec![]),
        ("filter[email]=p2@example.com,p4@example.com", vec![]),
        ("filter[email]=", vec![]),
    ] {
        for sort in SORTS {
            assert_pages(&api, &format!("{query}&sort={sort}"), &expected).await;
        }
        let answer = api.get(&format!("{PATH}?{query}&page[total]=true")).await;
        assert_eq!(answer.body["meta"]["page"]["total"], expected.len(), "{query}");
    }
}

#[database_test]
async fn unsupported_parameters_are_refused_by_name(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    let refused = [
        ("filter[status]", "live"),
        ("filter[last_name]", "Lima"),
        ("filter[created_at][gte]", "2026-05-01T00:00:00Z"),
        ("sort", ""),
        ("sort", "first_name"),
        ("sort", "deleted_at"),
        ("include", "workspace_group"),
        ("page[total]", "all"),
    ];
    assert_each_refused(&api, PATH, &refused).await;
}
