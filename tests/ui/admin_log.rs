//! `/audit/admin`: the log of everything but enrollments.

use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, TestApp, operator, person};

#[database_test]
async fn admin_log_lists_events_newest_first(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    operator(&pool, "bea@example.com", "Bea Roth", "admin").await;
    let bea = app.browser().signed_in("bea@example.com").await;
    bea.submit("group-create", &[("name", "EMEA")]).await;
    app.browser().submit("sign-in", &[("email", "who@example.com"), ("password", "x")]).await;

    let page = admin.open("/audit/admin").await;
    let text = page.text();
    let at = |expected: &str| text.find(expected).unwrap_or_else(|| panic!("{expected}: {text}"));
    let newest_first = [
        at("Sign-in failed who@example.com not recorded"),
        at("Group created EMEA Bea Roth"),
        at("Signed in bea@example.com Bea Roth"),
        at("Operator added bea@example.com no one (system) command line"),
    ];
    assert!(newest_first.is_sorted(), "{newest_first:?}");

    let page = admin.open("/audit/admin?person=BEA@example.com").await;
    assert!(
        page.text().contains("Group created EMEA") && !page.text().contains("ana@example.com Ana"),
        "{}",
        page.text()
    );
    let page = admin.open("/audit/admin?person=bea@example.com&action=signed_in").await;
    assert!(
        !page.text().contains("EMEA") && page.text().contains("bea@example.com Bea Roth"),
        "{}",
        page.text()
    );
    let page = admin.open("/audit/admin?action=api_token_revoked").await;
    assert!(page.text().contains("No matching events"), "{}", page.text());
    let page = admin.open("/audit/admin?person=who@example.com").await;
    assert!(page.text().contains("No person has the e-mail address who@example.com."), "{}", page.text());
    let page = admin.open("/audit/admin?person=who").await;
    assert!(page.text().contains("is not of the form name@example.com."), "{}", page.text());
}

/// The file has all events of the filter, and only admins get it.
#[database_test]
async fn admin_log_is_exported(pool: PgPool) {
    let app = TestApp::at(pool.clone(), "2026-05-28T09:15:00Z").await;
    let (admin, support) = (app.admin().await, app.support().await);
    admin.submit("group-create", &[("name", "=EMEA")]).await;
    let group: uuid::Uuid = sqlx::query_scalar("SELECT workspace_group_id FROM core_api.workspace_groups")
        .fetch_one(&pool)
        .await
        .unwrap();

    let filter = "?action=workspace_group_created&person=ana@example.com";
    let csv = admin.http.get(app.url(&format!("/audit/admin/export.csv{filter}"))).send().await.unwrap();
    let name = "attachment; filename=\"groupdesk-admin-events-20260528T091500Z.csv\"";
    assert_eq!(csv.headers()["content-disposition"], name);
    let text = csv.text().await.unwrap();
    let rows: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(
        rows[0],
        "\u{feff}event_id,occurred_at,action,source,actor_id,actor_name,token_name,request_id,subject_type,subject_id,\
         subject_name"
    );
    assert!(rows[1].contains(",2026-05-28T09:15:00.000Z,workspace_group_created,web,"), "{text}");
    assert!(rows[1].ends_with(&format!(",workspace_group,{group},'=EMEA")), "{text}");
    assert_eq!(rows[2..], [""]);

    let lines = admin.http.get(app.url("/audit/admin/export.ndjson")).send().await.unwrap();
    let lines = lines.text().await.unwrap();
    let newest: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(
        (newest["action"].as_str(), &newest["subject_name"]),
        (Some("workspace_group_created"), &json!("=EMEA"))
    );

    let unknown =
        admin.http.get(app.url("/audit/admin/export.csv?person=who@example.com")).send().await.unwrap();
    assert_eq!(unknown.status(), 400);
    assert!(unknown.text().await.unwrap().contains("No person has the e-mail address"));
    let refused = support.http.get(app.url("/audit/admin/export.csv")).send().await.unwrap();
    assert_eq!(refused.status(), 403);

    let page = admin.open(&format!("/audit/admin{filter}")).await;
    assert!(
        page.html.contains(&format!(
            "/audit/admin/export.csv{}",
            filter.replace('&', "&amp;").replace('@', "%40")
        ))
    );
}

#[database_test]
async fn admin_log_pages_under_each_filter(pool: PgPool) {
    let ria = person(&pool, "Ria", "Cruz", "ria@example.com").await;
    sqlx::query(
        "INSERT INTO groupdesk.admin_events (action, occurred_at, source, actor_people_pk, actor_name, subject_type, subject_name)
         SELECT 'people_updated', timestamptz '2020-01-01Z' + n * interval '1 minute', 'api', p.pk, 'Ria Cruz', 'people', 'Row ' || n || '.'
         FROM generate_series(1, 120) n, core_api.peoples p WHERE p.people_id = $1::uuid",
    )
    .bind(&ria)
    .execute(&pool)
    .await
    .unwrap();
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    for filter in
        ["?person=ria@example.com", "?action=people_updated", "?person=ria@example.com&action=people_updated"]
    {
        let mut path = format!("/audit/admin{filter}");
        let mut seen = Vec::new();
        loop {
            let page = admin.open(&path).await;
            seen.extend((1..=120).filter(|n| page.html.contains(&format!(">Row {n}.<"))).rev());
            let links = page.html.split("href=\"").map(|part| part.split('"').next().unwrap());
            let next =
                links.into_iter().find(|link| link.contains("after=")).map(|link| link.replace("&amp;", "&"));
            match next {
                Some(next) => path = next,
                None => break,
            }
        }
        assert_eq!(seen, (1..=120).rev().collect::<Vec<_>>(), "{filter}");
    }
}

#[database_test]
async fn support_cannot_read_the_admin_log(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let page = app.support().await.open("/audit/admin").await;
    assert_eq!(page.status, 403);
    assert!(page.text().contains("Only admins may see and manage this."), "{}", page.text());
    assert!(!page.text().contains("signed_in") && !page.text().contains("Signed in"), "{}", page.text());
}

/// All events of one request have the same time.
#[database_test]
async fn events_of_one_request_keep_their_order(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    let group = |op: &str, number: usize| {
        let name = format!("Group {number}.");
        json!({ "op": op, "data": { "type": "workspace_group", "lid": "g", "attributes": { "name": name } } })
    };
    let operations: Vec<Value> =
        (1..=8).map(|number| group(if number == 1 { "add" } else { "update" }, number)).collect();
    let body = json!({ "atomic:operations": operations }).to_string();
    let atomic = r#"application/vnd.api+json;ext="https://jsonapi.org/ext/atomic""#;
    let request = api.request(Method::POST, "/v1/operations").header("content-type", atomic).body(body);
    assert_eq!(Answer::read(request).await.status, 200);

    let admin = app.admin().await;
    for filter in ["", "?action=workspace_group_updated"] {
        let text = admin.open(&format!("/audit/admin{filter}")).await.text();
        let oldest = if filter.is_empty() { 1 } else { 2 };
        let at = |number: usize| text.find(&format!("Group {number}.")).unwrap_or_else(|| panic!("{text}"));
        let newest_first: Vec<usize> = (oldest..=8).rev().map(at).collect();
        assert!(newest_first.is_sorted(), "{filter}: {newest_first:?} {text}");
    }
}
