//! The contents of a group, and the groups of a workspace, at a moment.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{Page, TestApp, enroll, group, remove, time, workspace};

/// The rows of the page's only table, as visible text.
pub(super) fn rows(page: &Page) -> Vec<String> {
    let Some((_, body)) = page.html.split_once("<tbody>") else { return Vec::new() };
    let (body, _) = body.split_once("</tbody>").unwrap();
    body.split("<tr").skip(1).map(|row| words(&format!("<tr{row}"))).collect()
}

fn words(html: &str) -> String {
    let text: Vec<&str> =
        html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
    text.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[database_test]
async fn as_of_shows_past_rows_and_what_happened_to_them(pool: PgPool) {
    let (emea, apac) = (group(&pool, "EMEA").await, group(&pool, "APAC").await);
    let [stays, leaves, returns, early, late] = ["Stays", "Leaves", "Returns", "Early", "Late"];
    let mut ids = Vec::new();
    for name in [stays, leaves, returns, early, late] {
        ids.push(workspace(&pool, name).await);
    }
    enroll(&pool, &emea, &ids[0], time("2026-04-01T00:00:00Z")).await;
    let left = enroll(&pool, &emea, &ids[1], time("2026-04-02T00:00:00Z")).await;
    let returned = enroll(&pool, &emea, &ids[2], time("2026-04-03T00:00:00Z")).await;
    let gone = enroll(&pool, &emea, &ids[3], time("2026-04-04T00:00:00Z")).await;
    remove(&pool, &gone, time("2026-05-01T12:00:00Z")).await;
    // An enrollment at midnight belongs to the day that begins.
    enroll(&pool, &emea, &ids[4], time("2026-05-02T00:00:00Z")).await;
    enroll(&pool, &apac, &ids[0], time("2026-04-05T00:00:00Z")).await;
    remove(&pool, &returned, time("2026-05-03T00:00:00Z")).await;
    enroll(&pool, &emea, &ids[2], time("2026-05-04T00:00:00Z")).await;
    let app = TestApp::at(pool, "2026-05-28T09:15:00Z").await;
    let api = app.api_client(&["write"]).await;
    api.delete(&format!("/v1/workspace-group-workspaces/{left}")).await;
    let support = app.support().await;

    let page = support.open(&format!("/audit/go?view=/audit/as-of&group={emea}&at_day=2026-05-01")).await;
    assert!(page.text().contains("3 workspaces were in EMEA as of 1 May 2026, 23:59"), "{}", page.text());
    assert_eq!(
        rows(&page),
        [
            "Returns returns no one (system) 3 Apr 2026, 00:00 55 days ago removed enrolled again 3 May 2026, 00:00 25 days ago",
            "Leaves leaves no one (system) 2 Apr 2026, 00:00 56 days ago removed no one (system) API, robot 28 May 2026, 09:15 just now",
            "Stays stays no one (system) 1 Apr 2026, 00:00 57 days ago still in",
        ]
    );
    let noon = format!("/audit/as-of?group={emea}&at=2026-05-01T11:59:59.999Z");
    assert!(support.open(&noon).await.text().contains("4 workspaces were in EMEA"));

    let page = support.open(&format!("/audit/as-of?workspace={}&at=2026-05-01T00:00:00Z", ids[0])).await;
    assert!(page.text().contains("Stays was in 2 groups as of"), "{}", page.text());
    let page = support.open(&format!("/audit/as-of?group={emea}&workspace={}", ids[3])).await;
    assert!(page.text().contains("Early was not in EMEA as of"), "{}", page.text());
    // Without parameters the page shows all live enrollments.
    let page = support.open("/audit/as-of").await;
    assert!(page.text().contains("4 enrollments were live as of 28 May 2026, 09:15"), "{}", page.text());
}

#[database_test]
async fn future_moments_are_refused(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::at(pool, "2026-05-28T09:15:00Z").await;
    let support = app.support().await;
    for path in [
        format!("/audit/as-of?group={emea}&at=2026-05-28T09:15:00.001Z"),
        format!("/audit/compare?group={emea}&earlier=2026-05-01T00:00:00Z&later=2027-01-01T00:00:00Z"),
    ] {
        let page = support.open(&path).await;
        assert_eq!(page.status, 200);
        assert!(page.text().contains("This time is in the future"), "{path}: {}", page.text());
        assert!(!page.html.contains("export.csv"), "{path} offers an export");
    }
}
