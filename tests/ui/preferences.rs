//! Theme, time zone and region: chosen in a form, detected by the browser, used by every page.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{TestApp, enroll, group, time, workspace};

#[database_test]
async fn times_and_numbers_follow_the_viewers_locale(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let acme = workspace(&pool, "Acme SAS").await;
    enroll(&pool, &emea, &acme, time("2026-05-03T22:30:00Z")).await;
    let app = TestApp::at(pool, "2026-05-28T09:15:00Z").await;
    let support = app.support().await;
    let path = format!("/groups/{emea}");
    let page = support.open(&path).await;
    assert!(page.text().contains("3 May 2026, 22:30 24 days ago"), "{}", page.text());
    assert!(page.text().contains("Times are in UTC."), "{}", page.text());

    // A script reports the browser's zone.
    let reply = support.submit("preferences-set", &[("browser_zone", "Europe/Berlin")]).await;
    assert_eq!(reply.status, 200);
    let page = support.open(&path).await;
    assert!(page.text().contains("4 May 2026, 00:30 24 days ago"), "{}", page.text());
    assert!(page.text().contains("Times are in Europe/Berlin, UTC+2."), "{}", page.text());
    assert!(page.html.contains("datetime=\"2026-05-03T22:30:00.000Z\""), "{}", page.html);

    // The chosen zone has priority until the choice is withdrawn.
    let chosen = [("zone", "Asia/Tokyo"), ("region", "US"), ("back", path.as_str())];
    let page = support.submit("preferences-set", &chosen).await;
    assert_eq!(page.at, path);
    assert!(page.text().contains("May 4, 2026, 7:30 AM"), "{}", page.text());
    let page =
        support.submit("preferences-set", &[("zone", "auto"), ("region", "auto"), ("back", &path)]).await;
    assert!(page.text().contains("4 May 2026, 00:30"), "{}", page.text());
}

#[database_test]
async fn account_page_sets_preferences(pool: PgPool) {
    let app = TestApp::at(pool, "2026-05-28T09:15:00Z").await;
    let support = app.support().await;
    let page = support.open("/account").await;
    assert!(page.html.contains("<option value=\"auto\">Same as this browser"), "{}", page.html);
    assert!(page.html.contains("US: May 28, 2026, 9:15\u{202f}AM · 1,234,567"), "{}", page.html);
    let typed = [("back", "/account"), ("zone", "Asia/Tokyo"), ("region", "DE"), ("theme", "dark")];
    let page = support.submit("preferences-set", &typed).await;
    assert_eq!(page.at, "/account");
    assert!(page.text().contains("Times are in Asia/Tokyo, UTC+9."), "{}", page.text());
    assert!(page.html.contains("<option selected>Asia/Tokyo"), "{}", page.html);
    assert!(page.html.contains("data-theme=\"dark\""), "{}", page.html);
}

#[database_test]
async fn theme_applies_to_all_pages(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let support = app.support().await;
    let page = support.open("/groups").await;
    assert!(page.html.contains("<html lang=\"en\" data-theme=\"system\">"), "{}", page.html);
    let page = support.submit("preferences-set", &[("theme", "dark"), ("back", "/groups?status=any")]).await;
    assert_eq!(page.at, "/groups?status=any");
    assert!(page.html.contains("data-theme=\"dark\""), "{}", page.html);
    assert!(support.open("/nothing").await.html.contains("data-theme=\"dark\""));
    // An unknown theme and a target on another site are refused.
    let page =
        support.submit("preferences-set", &[("theme", "\"><script>"), ("back", "//evil.example")]).await;
    assert!(page.html.contains("data-theme=\"system\"") && !page.at.contains("evil"), "{}", page.html);
}
