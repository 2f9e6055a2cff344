//! "Sorting".

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::{ENROLLMENTS, EVENTS, GROUPS, PEOPLE, WORKSPACES, scene};
use crate::support::{Answer, TestApp, enroll, group, person, time, workspace};

/// The values of an attribute on a page.
fn column(answer: &Answer, name: &str) -> Vec<String> {
    let items = answer.body["data"].as_array().unwrap_or_else(|| panic!("no list in {answer:?}"));
    items.iter().map(|item| item["attributes"][name].as_str().unwrap().to_owned()).collect()
}

#[database_test]
async fn sort_is_ascending_unless_prefixed_with_minus(pool: PgPool) {
    for name in ["Beta", "Cobalt", "Acme"] {
        workspace(&pool, name).await;
        group(&pool, name).await;
    }
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for path in [WORKSPACES, GROUPS] {
        let up = api.get(&format!("{path}?sort=name")).await;
        assert_eq!(column(&up, "name"), ["Acme", "Beta", "Cobalt"], "{path}");
        let down = api.get(&format!("{path}?sort=-name")).await;
        assert_eq!(column(&down, "name"), ["Cobalt", "Beta", "Acme"], "{path}");
    }
}

#[database_test]
async fn sort_keys_apply_in_order(pool: PgPool) {
    for (number, last) in ["Lima", "Ek", "Lima", "Ek"].into_iter().enumerate() {
        let id = person(&pool, &number.to_string(), last, &format!("p{number}@example.com")).await;
        sqlx::query("UPDATE core_api.peoples SET created_at = $2 WHERE people_id = $1::uuid")
            .bind(id)
            .bind(time(&format!("2026-05-0{}T00:00:00Z", number + 1)))
            .execute(&pool)
            .await
            .unwrap();
    }
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for (sort, expected) in [
        ("last_name,created_at", ["1", "3", "0", "2"]),
        ("last_name,-created_at", ["3", "1", "2", "0"]),
        ("-last_name,created_at", ["0", "2", "1", "3"]),
        ("created_at,last_name", ["0", "1", "2", "3"]),
    ] {
        let answer = api.get(&format!("{PEOPLE}?sort={sort}")).await;
        assert_eq!(column(&answer, "first_name"), expected, "{sort}");
    }
}

#[database_test]
async fn primary_data_is_in_the_requested_order(pool: PgPool) {
    let scene = scene(pool).await;
    let pool = &scene.app.pool;
    let (older, newer) = (workspace(pool, "Older").await, workspace(pool, "Newer").await);
    enroll(pool, &scene.group, &newer, time("2020-05-02T00:00:00Z")).await;
    enroll(pool, &scene.group, &older, time("2020-05-01T00:00:00Z")).await;
    scene.api.delete(&scene.enrollment_path()).await;
    for (path, name, count) in [
        (format!("{ENROLLMENTS}?filter[status]=any&"), "created_at", 3),
        (format!("{ENROLLMENTS}?filter[status]=any&"), "updated_at", 3),
        (format!("{EVENTS}?"), "occurred_at", 2),
        (format!("{WORKSPACES}?"), "created_at", 3),
    ] {
        let up = column(&scene.api.get(&format!("{path}sort={name}")).await, name);
        let down = column(&scene.api.get(&format!("{path}sort=-{name}")).await, name);
        assert_eq!(up.len(), count, "{path}");
        assert!(up.is_sorted() && down.iter().rev().is_sorted(), "{path} {up:?} {down:?}");
        // Rows of the other lists may have the same millisecond.
        assert!(up != down || !path.starts_with(ENROLLMENTS), "{path}");
    }
}

#[database_test]
async fn unsupported_sort_is_400(pool: PgPool) {
    let scene = scene(pool).await;
    for (path, sort) in [
        (ENROLLMENTS, "name"),
        (ENROLLMENTS, "created_at,color"),
        (ENROLLMENTS, "workspace.name"),
        (GROUPS, "pk"),
        (GROUPS, "name;created_at"),
        (GROUPS, "name,"),
        (GROUPS, "--name"),
        (GROUPS, "-"),
        (GROUPS, ""),
        (PEOPLE, "name"),
        (EVENTS, "created_at"),
    ] {
        let answer = scene.api.get(&format!("{path}?sort={sort}")).await;
        assert_eq!(answer.status, 400, "{path} {sort}");
        let errors = answer.body["errors"].as_array().unwrap();
        assert!(errors.iter().all(|error| error["source"]["parameter"] == "sort"), "{path} {sort}");
    }
}
