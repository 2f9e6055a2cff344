//! A group compared at two moments.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::as_of::rows;
use crate::support::{TestApp, enroll, group, remove, time, workspace};

#[database_test]
async fn comparison_shows_added_removed_and_unchanged(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let mut ids = Vec::new();
    for name in ["Added", "Removed", "Unchanged", "Back"] {
        ids.push(workspace(&pool, name).await);
    }
    enroll(&pool, &emea, &ids[0], time("2026-05-02T00:00:00Z")).await;
    enroll(&pool, &emea, &ids[2], time("2026-04-01T00:00:00Z")).await;
    let back = enroll(&pool, &emea, &ids[3], time("2026-04-02T00:00:00Z")).await;
    remove(&pool, &back, time("2026-05-03T00:00:00Z")).await;
    enroll(&pool, &emea, &ids[3], time("2026-05-04T00:00:00Z")).await;
    let then = TestApp::at(pool.clone(), "2026-04-03T00:00:00Z").await;
    let enrolled = then.api_client(&["write"]).await.enroll(&emea, &ids[1]).await;
    let then = TestApp::at(pool.clone(), "2026-05-05T00:00:00Z").await;
    then.api_client(&["write"]).await.delete(enrolled.header("location")).await;
    let app = TestApp::at(pool, "2026-05-28T09:15:00Z").await;
    let support = app.support().await;

    let page = support
        .open("/audit/go?view=/audit/compare&find_group=emea&earlier_day=2026-05-01&later_day=2026-05-08")
        .await;
    let home = format!(
        "/audit/compare?group={emea}&earlier=2026-05-01T23%3A59%3A59.999Z&later=2026-05-08T23%3A59%3A59.999Z"
    );
    assert_eq!((page.status, &page.at), (200, &home));
    assert!(page.text().contains("Added (1) Removed (1) Unchanged (2)"), "{}", page.text());
    assert!(
        page.text().contains("1 workspace was removed and enrolled again in between."),
        "{}",
        page.text()
    );
    assert_eq!(rows(&page), ["Added added no one (system) 2 May 2026, 00:00 26 days ago"]);
    let removed = support.open(&format!("{home}&change=removed")).await;
    assert_eq!(
        rows(&removed),
        [
            "Removed removed no one (system) 3 Apr 2026, 00:00 55 days ago no one (system) API, robot 5 May 2026, 00:00 23 days ago"
        ]
    );
    let unchanged = support.open(&format!("{home}&change=unchanged")).await;
    assert_eq!(
        rows(&unchanged),
        [
            "Unchanged unchanged no one (system) 1 Apr 2026, 00:00 57 days ago",
            "Back back removed and enrolled again no one (system) 4 May 2026, 00:00 24 days ago",
        ]
    );
    // The form keeps the compared moments and the selected kind of change.
    assert!(unchanged.html.contains("name=\"change\" value=\"unchanged\""), "{}", unchanged.html);
    assert!(unchanged.html.contains("value=\"2026-05-01\""), "{}", unchanged.html);

    let empty = support.open("/audit/compare").await;
    assert!(empty.text().contains("Nothing to compare yet"), "{}", empty.text());
}
