//! A right-to-left name in a sentence does not change the direction of the sentence.

use groupdesk::ui::paths::encode;
use pretty_assertions::assert_eq;
use serde_json::json;
use sqlx::PgPool;

use super::create;
use crate::support::{TestApp, enroll, group, person, time, workspace};

/// "Peace", with digits and a bracket, which would move to the wrong side without isolation.
const HEBREW: &str = "\u{5e9}\u{5dc}\u{5d5}\u{5dd} (12)";

/// The name between the isolates of Unicode.
fn isolated(name: &str) -> String {
    format!("\u{2068}{name}\u{2069}")
}

#[database_test]
async fn titles_headings_and_messages_isolate_rtl_names(pool: PgPool) {
    let (emea, acme) = (group(&pool, HEBREW).await, workspace(&pool, HEBREW).await);
    let ana = person(&pool, HEBREW, "", "a@example.com").await;
    let enrollment = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let name = isolated(HEBREW);
    for (path, expected) in [
        (format!("/enrollments/{enrollment}"), format!("{name} in {name}")),
        (format!("/enrollments/{enrollment}/remove"), format!("Remove {name} from {name}?")),
        (format!("/enrollments/{enrollment}/attribution"), format!("Who enrolled {name} in {name}?")),
        (format!("/groups/{emea}/bulk"), format!("Import a list into {name}")),
        (format!("/groups/{emea}/remove"), format!("Archive {name}?")),
        (format!("/workspaces/{acme}/edit"), format!("Edit {name}")),
        (format!("/workspaces/{acme}/remove"), format!("Archive {name}?")),
        (format!("/people/{ana}/edit"), format!("Edit {name}")),
        (format!("/people/{ana}/delete"), format!("Delete {name}?")),
        (
            format!("/audit/as-of?group={emea}"),
            format!("1 workspace is in {name}").replace("is in", "was in"),
        ),
    ] {
        let page = admin.open(&path).await;
        assert!(page.html.contains(&expected), "{path}: {}", page.html);
    }
    for path in [format!("/groups/{emea}"), format!("/workspaces/{acme}"), format!("/people/{ana}")] {
        let page = admin.open(&path).await;
        assert!(page.html.contains(&format!("<title>{name} · groupdesk</title>")), "{path}: {}", page.html);
        assert!(page.html.contains(&format!("<bdi>{HEBREW}</bdi>")), "{path}: {}", page.html);
    }
    let fields = [("group", emea.as_str()), ("workspace", &acme), ("back", "/")];
    let page = admin.submit("enrollment-enroll", &fields).await;
    let expected = format!("{name} is already in {name}, enrolled on 1 May 2026. See that enrollment");
    assert_eq!(page.message(), expected);
    let page = admin.open(&format!("/enrollments/{enrollment}/remove")).await;
    let page = admin.press(&page, "enrollment-remove", &[]).await;
    let link = format!("href=\"/groups/{emea}\" dir=\"auto\">{HEBREW}</a>");
    assert!(page.html.contains(&link), "{}", page.html);
    let typed = encode("\u{5e9}\u{5e9}\u{5e9}");
    for path in ["/search?q=", "/groups?q=", "/workspaces?q=", "/people?q="] {
        let page = admin.open(&format!("{path}{typed}")).await;
        let expected = format!("matches “{}”", isolated("\u{5e9}\u{5e9}\u{5e9}"));
        assert!(page.text().contains(&expected), "{path}: {}", page.text());
    }
}

/// A search hit consists of two names, and each can run from right to left.
#[database_test]
async fn search_hit_with_rtl_name_reads_from_left_to_right(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, HEBREW).await);
    let enrollment = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::start(pool).await;
    let page = app.admin().await.open(&format!("/search?q={}", &enrollment[..8])).await;
    assert!(page.html.contains(&format!("class=\"name\">{} in EMEA</a>", isolated(HEBREW))), "{}", page.html);
}

/// No character is added to other names, because a copy of the name would contain it.
#[database_test]
async fn ltr_names_get_no_isolates(pool: PgPool) {
    let emea = group(&pool, "J\u{e4}ger \u{6771}\u{4eac} \u{2764}").await;
    let app = TestApp::start(pool).await;
    let page = app.admin().await.open(&format!("/groups/{emea}/remove")).await;
    assert!(page.html.contains("Archive J\u{e4}ger \u{6771}\u{4eac} \u{2764}?"), "{}", page.html);
    assert!(!page.html.contains('\u{2068}') && !page.html.contains('\u{2069}'), "{}", page.html);
}

/// A direction override (which shows "gpj.exe" as "exe.jpg") is removed on input. If an older system stored
/// one, its effect ends with the name.
#[database_test]
async fn direction_override_ends_with_the_name(pool: PgPool) {
    let old = group(&pool, "\u{2069}\u{202e}gpj.exe").await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    let answer =
        create(&api, "/v1/workspace-groups", "workspace_group", json!({ "name": "\u{202e}gpj.exe" })).await;
    assert_eq!(answer.body["data"]["attributes"]["name"], "gpj.exe");
    let page = app.admin().await.open(&format!("/groups/{old}/remove")).await;
    assert!(page.html.contains(&format!("Archive {}?", isolated("\u{202e}gpj.exe"))), "{}", page.html);
}
