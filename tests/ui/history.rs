//! The history of a group: actor and source of each change.

use pretty_assertions::assert_eq;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{TestApp, group, person, workspace};

/// The lines of the timeline, newest first, without their times.
fn lines(html: &str) -> Vec<String> {
    let (_, list) = html.split_once("<ol class=\"timeline\">").expect("a timeline");
    let (list, _) = list.split_once("</ol>").unwrap();
    list.split("<li")
        .skip(1)
        .map(|line| {
            let (_, line) = line.split_once("<p>").unwrap();
            let (line, _) = line.split_once("</p>").unwrap();
            let text: String = line
                .split('<')
                .map(|part| part.split_once('>').map_or(part, |(_, text)| text))
                .collect::<Vec<_>>()
                .join(" ");
            text.split_whitespace().collect::<Vec<_>>().join(" ").replace(" :", ":")
        })
        .collect()
}

#[database_test]
async fn history_names_actor_and_source(pool: PgPool) {
    let bo = person(&pool, "Bo", "Ek", "bo@example.com").await;
    let (group, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let by_bo = app.api_client_for("bo@example.com", &["write"]).await;
    let system = app.api_client(&["write", "pipeline"]).await;
    let home = format!("/groups/{group}");

    let found = admin.open(&format!("{home}?find=acme")).await;
    let enrolled = admin.press(&found, "enrollment-enroll", &[]).await;
    admin.press(&enrolled, "enrollment-remove", &[]).await;
    let second = by_bo.enroll(&group, &acme).await;
    let correction = json!({ "data": {
        "type": "workspace_group_workspace",
        "id": second.id(),
        "relationships": { "created_by": { "data": null } }
    }});
    system.patch(second.header("location"), correction).await;
    system.delete(second.header("location")).await;

    let page = admin.open(&format!("{home}?tab=history")).await;
    assert_eq!(
        lines(&page.html),
        [
            "no one (system) API, robot removed Acme",
            "no one (system) API, robot changed the creator of Acme from Bo Ek to no one",
            "Bo Ek API, robot enrolled Acme",
            "Ana Lima removed Acme",
            "Ana Lima enrolled Acme",
        ]
    );

    let removed = admin.open(&format!("{home}?tab=removed")).await;
    assert!(removed.text().contains("no one (system) API, robot"), "{}", removed.text());
    system.delete(&format!("/v1/people/{bo}")).await;
    let page = admin.open(&format!("{home}?tab=history")).await;
    assert_eq!(lines(&page.html)[2], "Bo Ek (deleted) API, robot enrolled Acme");
}

#[database_test]
async fn names_are_escaped(pool: PgPool) {
    let evil = "</title><script>alert(1)</script>";
    person(&pool, evil, "&amp;", "evil@example.com").await;
    let (group, acme) = (group(&pool, evil).await, workspace(&pool, evil).await);
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let by_evil = app.api_client_for("evil@example.com", &["write"]).await;
    let enrolled = by_evil.enroll(&group, &acme).await;
    for path in [
        "/groups".to_owned(),
        format!("/groups/{group}"),
        format!("/groups/{group}?find=%3Cscript%3E"),
        format!("/groups/{group}?tab=history"),
        format!("/enrollments/{}/remove", enrolled.id()),
        format!("/groups?q={}", "%3C/title%3E%3Cscript%3Ealert(1)%3C/script%3E"),
    ] {
        let page = admin.open(&path).await;
        assert_eq!(page.status, 200);
        assert!(!page.html.contains(evil), "{path}");
    }
    by_evil.delete(enrolled.header("location")).await;
    let page = admin.open(&format!("/groups/{group}?tab=removed")).await;
    assert!(!page.html.contains(evil));
    assert!(page.text().contains(evil));
}
