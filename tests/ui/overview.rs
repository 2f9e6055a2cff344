//! Figures and recent changes.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::audit::lines;
use crate::support::{Page, TestApp, group, listen, statements_of, wait_until, workspace};

#[database_test]
async fn overview_shows_figures_chart_and_events(pool: PgPool) {
    let (emea, apac) = (group(&pool, "EMEA").await, group(&pool, "APAC").await);
    let (acme, beta) = (workspace(&pool, "Acme").await, workspace(&pool, "Beta").await);
    // Half past midnight on the 28th in Berlin.
    let then = TestApp::at(pool.clone(), "2026-05-27T22:30:00Z").await;
    then.api_client(&["write"]).await.enroll(&emea, &acme).await;
    let then = TestApp::at(pool.clone(), "2026-05-27T22:31:00Z").await;
    let gone = then.api_client(&["write"]).await.enroll(&emea, &beta).await;
    let then = TestApp::at(pool.clone(), "2026-05-27T22:32:00Z").await;
    then.api_client(&["write"]).await.delete(gone.header("location")).await;
    let then = TestApp::at(pool.clone(), "2026-05-05T00:00:00Z").await;
    then.api_client(&["write"]).await.enroll(&apac, &acme).await;
    let app = TestApp::at(pool, "2026-05-28T09:15:00Z").await;
    let support = app.support().await;
    support.submit("preferences-set", &[("browser_zone", "Europe/Berlin")]).await;

    let page = support.open("/").await;
    assert_eq!(page.status, 200);
    let text = page.text();
    assert!(text.contains("2 live enrollments 2 groups 1 workspace in no group"), "{text}");
    assert!(text.contains("3 enrollments and 1 removal in the last 30 days"), "{text}");
    assert!(text.contains("Most on 28 May: 2 enrolled, 1 removed."), "{text}");
    assert!(text.contains("EMEA 2 1 APAC 1 0"), "{text}");
    for link in ["/audit/as-of", "/groups", "/workspaces?grouped=no"] {
        assert!(
            page.html.contains(&format!("href=\"{link}\" class=\"figure card\"")),
            "{link}: {}",
            page.html
        );
    }
    assert_eq!(
        lines(&page),
        [
            "no one (system) API, robot removed Beta from EMEA",
            "no one (system) API, robot enrolled Beta in EMEA",
            "no one (system) API, robot enrolled Acme in EMEA",
            "no one (system) API, robot enrolled Acme in APAC",
        ]
    );
    // A day of the table links to its events, in the viewer's zone.
    let day = "/audit?from=2026-05-27T22%3A00%3A00Z&amp;until=2026-05-28T22%3A00%3A00Z";
    assert_eq!(page.html.matches(day).count(), 2, "the bar and the row of the table: {}", page.html);
    for part in ["Enrolled (up)", "Removed (down)", "Show as a table"] {
        assert!(text.contains(part), "{part}: {text}");
    }

    let week = support.open("/?days=7").await;
    assert!(week.text().contains("2 enrollments and 1 removal in the last 7 days"), "{}", week.text());
    assert_eq!(week.html.matches("class=\"chart__day\"").count(), 7);
    assert!(!week.text().contains("APAC 1 0"), "{}", week.text());
    let strange = support.open("/?days=100000").await;
    assert_eq!(strange.html.matches("class=\"chart__day\"").count(), 30);
}

#[database_test]
async fn overview_works_without_data(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let support = app.support().await;
    let page = support.open("/").await;
    for shows in ["0 live enrollments", "Nothing happened.", "Nothing happened yet", "No active groups"] {
        assert!(page.text().contains(shows), "{shows}: {}", page.text());
    }
}

/// How often the figures were queried for this page.
fn figure_queries(page: &Page) -> usize {
    let statements = statements_of(page.headers["x-request-id"].to_str().unwrap());
    statements.iter().filter(|statement| statement.contains("busiest.enrolled")).count()
}

#[database_test]
async fn figures_are_cached_until_something_changes(pool: PgPool) {
    listen();
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::at(pool.clone(), "2026-05-28T09:15:00Z").await;
    let (admin, support) = (app.admin().await, app.support().await);
    let api = app.api_client(&["write"]).await;
    let back = [("form_at", "/"), ("back", "/")];

    // Concurrently, and shortly after.
    let settled = api.enroll(&emea, &acme).await;
    let (first, second) = futures::join!(admin.open("/"), support.open("/"));
    let third = support.open("/").await;
    assert!(figure_queries(&first) + figure_queries(&second) + figure_queries(&third) <= 1);
    for page in [&first, &second, &third] {
        assert!(page.text().contains("1 live enrollment 1 group 0 workspaces"), "{}", page.text());
    }

    // Changes on the pages and by the API appear at once.
    let id = settled.id();
    let page = admin.submit("enrollment-remove", &[("enrollment", &id), back[0], back[1]]).await;
    assert!(page.text().contains("0 live enrollments 1 group 1 workspace in no group"), "{}", page.text());
    api.enroll(&emea, &acme).await;
    let page = support.open("/").await;
    assert!(page.text().contains("1 live enrollment 1 group"), "{}", page.text());

    // A change that no process announces appears when the figures are a second old.
    group(&pool, "APAC").await;
    wait_until(3, "the other group is counted", async || {
        support.open("/").await.text().contains("1 live enrollment 2 groups")
    })
    .await;
}
