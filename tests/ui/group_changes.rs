//! Renaming and removing a group.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{TestApp, admin_events, enroll, group, time, workspace};

#[database_test]
async fn group_is_renamed_in_place_and_errors_keep_input(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let page = admin.open(&format!("/groups/{emea}")).await;
    assert!(!page.html.contains("<details open class=\"rename\""), "{}", page.html);
    let long = "x".repeat(256);
    let page = admin.press(&page, "group-rename", &[("name", &long)]).await;
    assert_eq!(page.message(), "The name may have at most 255 characters.");
    assert!(page.html.contains("<details open class=\"rename\""), "{}", page.html);
    assert!(page.form("group-rename").contains(&("name".to_owned(), long)), "{}", page.html);

    let page = admin.press(&page, "group-rename", &[("name", " Europe & more ")]).await;
    assert_eq!(page.at, format!("/groups/{emea}"));
    assert_eq!(page.message(), "EMEA was renamed to Europe & more.");
    let event = admin_events(&pool).await.pop().unwrap();
    assert_eq!(event.0, "workspace_group_updated");
}

#[database_test]
async fn group_is_removed_once_it_is_empty(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let acme = workspace(&pool, "Acme").await;
    let enrollment = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let path = format!("/groups/{emea}/remove");
    let confirm = admin.open(&path).await;
    assert!(
        confirm.text().contains("The group still contains 1 workspace. Remove it first."),
        "{}",
        confirm.text()
    );
    assert!(!confirm.has_form("group-remove"));
    let page = admin.submit("group-remove", &[("group", &emea), ("form_at", &path)]).await;
    assert_eq!(
        (page.at.as_str(), page.message().as_str()),
        (path.as_str(), "The group still contains 1 workspace. Remove it first.")
    );

    app.api_client(&["write"]).await.delete(&format!("/v1/workspace-group-workspaces/{enrollment}")).await;
    let confirm = admin.open(&path).await;
    let page = admin.press(&confirm, "group-remove", &[]).await;
    assert_eq!(page.at, format!("/groups/{emea}"));
    assert_eq!(page.message(), "EMEA was archived. Its history stays.");
    assert!(!page.has_form("group-rename") && !page.has_form("enrollment-enroll"), "{}", page.text());
    assert!(!admin.open("/groups").await.text().contains("EMEA"));
    assert!(admin.open("/groups?status=removed").await.text().contains("EMEA archived"));
    assert!(admin.open(&path).await.text().contains("It was already archived."));
}

#[database_test]
async fn group_leads_to_its_past_and_its_export(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::start(pool).await;
    let support = app.support().await;
    for tab in ["", "?tab=removed", "?tab=history"] {
        let page = support.open(&format!("/groups/{emea}{tab}")).await;
        for (link, text) in
            [("/audit/as-of", "As of a date"), ("/audit/compare", "Compare"), ("/audit", "Audit log")]
        {
            let link = format!("{link}?group={emea}");
            assert!(page.html.contains(&format!("href=\"{link}\"")), "{link}: {}", page.html);
            assert!(page.text().contains(text), "{text}: {}", page.text());
            assert_eq!(support.open(&link).await.status, 200, "{link}");
        }
    }
    let file = support.open(&format!("/groups/{emea}/export.csv")).await;
    assert!(file.html.contains("Acme"), "{}", file.html);
    // The title names the tab.
    let title = |page: &crate::support::Page| {
        page.html.split_once("<title>").unwrap().1.split('<').next().unwrap().to_owned()
    };
    assert_eq!(title(&support.open(&format!("/groups/{emea}")).await), "EMEA · groupdesk");
    assert_eq!(
        title(&support.open(&format!("/groups/{emea}?tab=removed")).await),
        "Removed · EMEA · groupdesk"
    );
    let as_of = support.open(&format!("/audit/as-of?group={emea}&at=2026-05-02T00:00:00Z")).await;
    assert_eq!(title(&as_of), "EMEA as of 2 May 2026, 00:00 · groupdesk");
}

#[database_test]
async fn groups_are_listed_by_order_and_status(pool: PgPool) {
    for name in ["Beta", "alpha", "Gamma"] {
        group(&pool, name).await;
    }
    let app = TestApp::start(pool).await;
    let support = app.support().await;
    let places = |text: &str| ["alpha", "Beta", "Gamma"].map(|name| text.find(name).unwrap());
    let page = support.open("/groups?sort=name").await;
    assert!(places(&page.text()).is_sorted(), "{}", page.text());
    assert!(page.html.contains("aria-sort=\"ascending\""), "{}", page.html);
    assert!(page.html.contains("href=\"/groups?sort=-name\""), "{}", page.html);
    let page = support.open("/groups?sort=-name").await;
    assert!(places(&page.text()).iter().rev().is_sorted(), "{}", page.text());
    // Invalid parameters are ignored.
    let page = support.open("/groups?sort=nonsense&status=42").await;
    assert_eq!(page.status, 200);
    assert!(support.open("/groups?status=removed").await.text().contains("No group has this status."));
}
