//! Support only reads. The server functions enforce it, whatever the pages hide.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{TestApp, enroll, event_count, group, live_count, remove, row_count, time, workspace};

const REFUSED: &str = "Only admins may make changes. You can view, search and export.";

#[database_test]
async fn pages_for_support_offer_no_changes(pool: PgPool) {
    let group = group(&pool, "EMEA").await;
    let (acme, beta) = (workspace(&pool, "Acme").await, workspace(&pool, "Beta").await);
    let live = enroll(&pool, &group, &acme, time("2026-05-01T00:00:00Z")).await;
    let gone = enroll(&pool, &group, &beta, time("2026-05-01T00:00:00Z")).await;
    remove(&pool, &gone, time("2026-05-02T00:00:00Z")).await;
    let app = TestApp::start(pool).await;
    let support = app.support().await;
    for (path, shows) in [
        ("/groups".to_owned(), "EMEA"),
        (format!("/groups/{group}"), "Acme"),
        (format!("/groups/{group}?find=beta"), "Acme"),
        (format!("/groups/{group}?tab=removed"), "Beta"),
        (format!("/groups/{group}?tab=history"), "Nothing happened yet"),
        (format!("/enrollments/{live}/remove"), "Only admins may remove workspaces."),
        ("/groups/new".to_owned(), "Only admins may create groups."),
        (format!("/groups/{group}/remove"), "Only admins may archive groups."),
        ("/workspaces/new".to_owned(), "Only admins may create workspaces."),
        (format!("/workspaces/{acme}/edit"), "Only admins may edit workspaces."),
        (format!("/workspaces/{acme}/remove"), "Only admins may archive workspaces."),
        ("/people/new".to_owned(), "Only admins may create people."),
        (format!("/enrollments/{live}/attribution"), "Only admins may change who enrolled a workspace."),
    ] {
        let page = support.open(&path).await;
        // A page that consists of a form is refused as a whole.
        let status = if shows.starts_with("Only admins") { 403 } else { 200 };
        assert_eq!((page.status, page.at.as_str()), (status, path.as_str()));
        assert!(page.text().contains(shows), "{path}: {}", page.text());
        for function in ["group-create", "enrollment-enroll", "enrollment-remove", "enrollment-readd"] {
            assert!(!page.has_form(function), "{path} offers {function}");
        }
        assert!(page.has_form("sign-out"));
    }
}

#[database_test]
async fn changes_by_support_are_refused_with_a_message(pool: PgPool) {
    let group = group(&pool, "EMEA").await;
    let (acme, beta) = (workspace(&pool, "Acme").await, workspace(&pool, "Beta").await);
    let live = enroll(&pool, &group, &acme, time("2026-05-01T00:00:00Z")).await;
    let gone = enroll(&pool, &group, &beta, time("2026-05-01T00:00:00Z")).await;
    remove(&pool, &gone, time("2026-05-02T00:00:00Z")).await;
    let app = TestApp::start(pool.clone()).await;
    let support = app.support().await;
    let back = format!("/groups/{group}");

    for (function, fields, at) in [
        ("group-create", vec![("name", "New")], "/groups/new"),
        (
            "enrollment-enroll",
            vec![("group", group.as_str()), ("workspace", &beta), ("form_at", &back), ("back", &back)],
            back.as_str(),
        ),
        (
            "enrollment-remove",
            vec![("enrollment", live.as_str()), ("form_at", &back), ("back", &back)],
            &back,
        ),
        ("enrollment-readd", vec![("enrollment", gone.as_str()), ("back", &back)], &back),
    ] {
        let page = support.submit(function, &fields).await;
        // The response leads to the page of the form, which support may not open, either.
        let status = if at == "/groups/new" { 403 } else { 200 };
        assert_eq!((page.status, page.at.as_str()), (status, at), "{function}");
        assert_eq!(page.message(), REFUSED, "{function}");
    }
    let groups: i64 =
        sqlx::query_scalar("SELECT count(*) FROM core_api.workspace_groups").fetch_one(&pool).await.unwrap();
    assert_eq!(groups, 1);
    assert_eq!((row_count(&pool).await, live_count(&pool).await, event_count(&pool).await), (2, 1, 0));
}

#[database_test]
async fn changes_require_sign_in(pool: PgPool) {
    let (group, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let live = enroll(&pool, &group, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::start(pool.clone()).await;
    let visitor = app.browser();
    let back = format!("/groups/{group}");
    let login = format!("/login?next={back}");
    for (function, fields, at) in [
        ("group-create", vec![("name", "New")], "/login?next=/groups/new"),
        (
            "enrollment-enroll",
            vec![("group", group.as_str()), ("workspace", &acme), ("form_at", &back), ("back", &back)],
            login.as_str(),
        ),
        (
            "enrollment-remove",
            vec![("enrollment", live.as_str()), ("form_at", &back), ("back", &back)],
            &login,
        ),
        ("enrollment-readd", vec![("enrollment", live.as_str()), ("back", &back)], &login),
    ] {
        let page = visitor.submit(function, &fields).await;
        assert_eq!((page.status, page.at.as_str()), (200, at), "{function}");
    }
    assert_eq!((live_count(&pool).await, event_count(&pool).await), (1, 0));
}
