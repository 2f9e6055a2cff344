//! Query parameters that an endpoint does not support are refused by name.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{Answer, TestApp, bad_parameter, enroll, group, person, time, workspace};

fn assert_refused(answer: &Answer, names: &[&str]) {
    assert_eq!(answer.status, 400, "{answer:?}");
    let expected: Vec<_> = names.iter().map(|name| bad_parameter(name)).collect();
    assert_eq!(answer.errors(), expected);
}

#[database_test]
async fn unknown_parameters_are_refused_everywhere(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let id = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for path in [
        "workspace-group-workspaces".to_owned(),
        format!("workspace-group-workspaces/{id}"),
        format!("workspace-group-workspaces/{id}/workspace"),
        format!("workspace-group-workspaces/{id}/relationships/workspace"),
        "workspace-groups".to_owned(),
        format!("workspace-groups/{emea}"),
        format!("workspace-groups/{emea}/created_by"),
        format!("workspace-groups/{emea}/relationships/created_by"),
        "workspaces".to_owned(),
        format!("workspaces/{acme}"),
        "people".to_owned(),
        format!("people/{ana}"),
    ] {
        for name in ["limit", "page[number]", "page", "filter[pk]", "Include", "x y"] {
            let answer = api.get(&format!("/v1/{path}?{name}=1")).await;
            assert_refused(&answer, &[name]);
        }
        let answer = api.get(&format!("/v1/{path}?a=1&b=2")).await;
        assert_refused(&answer, &["a", "b"]);
    }
    // `page` and `filter` apply to lists only.
    for path in [format!("workspace-group-workspaces/{id}"), format!("workspaces/{acme}")] {
        for name in ["page[size]", "filter[status]"] {
            assert_refused(&api.get(&format!("/v1/{path}?{name}=1")).await, &[name]);
        }
    }
}

#[database_test]
async fn repeated_parameters_are_refused(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    let answer =
        api.get("/v1/workspace-group-workspaces?page[size]=1&filter[status]=any&page%5Bsize%5D=2").await;
    assert_refused(&answer, &["page[size]"]);
}

#[database_test]
async fn nul_character_is_refused_without_a_fault(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    let answer = api.get("/v1/workspace-groups?filter[q]=a%00b").await;
    assert_refused(&answer, &["filter[q]"]);
}

#[database_test]
async fn unsupported_includes_are_refused(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let id = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for (path, include) in [
        ("workspace-group-workspaces".to_owned(), "owner"),
        (format!("workspace-group-workspaces/{id}"), "workspace,owner"),
        ("workspace-group-workspaces".to_owned(), "workspace.owner"),
        (format!("workspace-groups/{emea}"), "workspaces"),
        ("workspaces".to_owned(), "workspace_groups"),
        ("people".to_owned(), "workspace"),
    ] {
        assert_refused(&api.get(&format!("/v1/{path}?include={include}")).await, &["include"]);
    }
}
