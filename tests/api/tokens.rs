//! Who is let in.

use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{Answer, Desk, Machine, event_count, group, person, row_count, workspace};

const PATH: &str = "/v1/workspace-group-workspaces";

fn is_refused(answer: &Answer) {
    assert_eq!(answer.status, 401, "{answer:?}");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    let trace = answer.header("x-request-id");
    assert_eq!(
        answer.body,
        json!({ "errors": [{
            "id": format!("{trace}-1"),
            "status": "401",
            "code": "UNAUTHORIZED",
            "title": "Unauthorized",
            "detail": "This needs a valid token, sent as 'Authorization: Bearer <token>'.",
            "source": { "header": "Authorization" },
            "meta": { "trace_id": trace }
        }]})
    );
}

async fn execute(pool: &PgPool, statement: &str) {
    sqlx::raw_sql(statement).execute(pool).await.unwrap();
}

#[database_test]
async fn without_a_token_that_works_nothing_is_told(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let machine = desk.machine(&["read"]).await;
    let token = machine.token().to_owned();
    assert_eq!(machine.get(PATH).await.status, 200);

    is_refused(&desk.anonymous().get(PATH).await);
    // Not even whether an address, or a method there, exists.
    is_refused(&desk.anonymous().get("/v1/nothing").await);
    is_refused(&desk.anonymous().delete(PATH).await);
    for wrong in [
        "x",
        "groupdesk_",
        &token[..token.len() - 1],
        &format!("{token}x"),
        &token.to_uppercase(),
        token.trim_start_matches("groupdesk_"),
    ] {
        is_refused(&desk.holder_of(wrong).get(PATH).await);
    }
    for header in [
        format!("Basic {token}"),
        format!("Bearer{token}"),
        token.clone(),
        "Bearer ".to_owned(),
        "Bearer".to_owned(),
    ] {
        let request = desk.anonymous().request(Method::GET, PATH).header("authorization", header);
        is_refused(&Answer::read(request).await);
    }
    // The scheme's name has no case.
    let request =
        desk.anonymous().request(Method::GET, PATH).header("authorization", format!("bEARER {token}"));
    assert_eq!(Answer::read(request).await.status, 200);
    let in_query = desk.anonymous().get(&format!("{PATH}?access_token={token}")).await;
    is_refused(&in_query);
}

#[database_test]
async fn an_expired_and_a_revoked_token_are_refused(pool: PgPool) {
    let desk = Desk::at(pool.clone(), "2026-05-28T09:15:00Z").await;
    let machine = desk.machine(&["read", "write", "pipeline"]).await;
    for (change, works) in [
        ("expires_at = '2026-05-28T09:15:00.001Z'", true),
        ("expires_at = '2026-05-28T09:15:00.000Z'", false),
        ("expires_at = '2020-01-01Z'", false),
        ("expires_at = NULL", true),
        ("revoked_at = '2026-05-28T09:14:00Z'", false),
    ] {
        execute(&pool, &format!("UPDATE groupdesk.api_tokens SET {change}")).await;
        let answer = machine.get(PATH).await;
        if works {
            assert_eq!(answer.status, 200, "{change}");
        } else {
            is_refused(&answer);
        }
    }
}

/// It must never go on as a system token: what it did would be nobody's.
#[database_test]
async fn the_token_of_a_deleted_person_stops_working(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let desk = Desk::start(pool.clone()).await;
    let by_ana = desk.machine_for("ana@example.com", &["write", "pipeline"]).await;
    let machine = desk.machine(&["write"]).await;
    assert_eq!(by_ana.get(PATH).await.status, 200);

    machine.delete(&format!("/v1/people/{ana}")).await;

    is_refused(&by_ana.get(PATH).await);
    is_refused(&by_ana.enroll(&emea, &acme).await);
    // Nor does it come back with another person of the same address.
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    is_refused(&by_ana.enroll(&emea, &acme).await);
    assert_eq!((row_count(&pool).await, event_count(&pool).await), (0, 0));
}

#[database_test]
async fn a_token_is_kept_as_a_hash_with_when_it_was_used_last(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let machine = desk.machine(&["read"]).await;
    let used = async || -> Option<String> {
        sqlx::query_scalar("SELECT last_used_at::text FROM groupdesk.api_tokens")
            .fetch_one(&pool)
            .await
            .unwrap()
    };
    assert_eq!(used().await, None);
    machine.get(PATH).await;
    // Not by the request itself, which only reads.
    assert_eq!(used().await, None);
    desk.write_last_uses().await;
    assert!(used().await.is_some());

    let kept: String =
        sqlx::query_scalar("SELECT t::text FROM groupdesk.api_tokens t").fetch_one(&pool).await.unwrap();
    let token = machine.token();
    assert!(!kept.contains(&token[20..]), "{kept}");
    assert!(kept.contains(&token[..16]), "{kept}");
}

#[database_test]
async fn a_session_cookie_opens_no_api_and_a_token_no_page(pool: PgPool) {
    let desk = Desk::start(pool).await;
    let admin = desk.admin().await;
    let api = admin.http.get(desk.url("/v1/workspace-groups")).header("sec-fetch-site", "same-origin");
    is_refused(&Answer::read(api).await);

    let machine: Machine = desk.machine(&["read", "write", "pipeline"]).await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let page = client.get(desk.url("/groups")).bearer_auth(machine.token()).send().await.unwrap();
    assert_eq!(page.status(), 303);
    assert_eq!(page.headers()["location"], "/login?next=/groups");
    let change = client
        .post(desk.url("/api/fn/group-create"))
        .bearer_auth(machine.token())
        .header("sec-fetch-site", "same-origin")
        .header("accept", "text/html")
        .form(&[("name", "EMEA")])
        .send()
        .await
        .unwrap();
    assert!(change.headers()["location"].to_str().unwrap().starts_with("/login"));
    assert_eq!(machine.get("/v1/workspace-groups").await.ids(), Vec::<String>::new());
}
