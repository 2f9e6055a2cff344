//! The pages of change sets, and undo.

use pretty_assertions::assert_eq;
use serde_json::json;
use sqlx::PgPool;

use super::selections::filled_group;
use crate::support::{TestApp, enroll, event_count, group, live_count, remove, row_count, time, workspace};

const AT: &str = "2026-05-01T00:00:00Z";

/// The change set of the latest event.
async fn latest(pool: &PgPool) -> String {
    sqlx::query_scalar("SELECT change_set_id::text FROM groupdesk.enrollment_events ORDER BY pk DESC LIMIT 1")
        .fetch_one(pool)
        .await
        .unwrap()
}

#[database_test]
async fn change_set_shows_what_happened_and_is_undone(pool: PgPool) {
    let (emea, ids) = filled_group(&pool, &["Acme", "Bolt", "Cyan"]).await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let confirm = admin.open(&format!("/groups/{emea}/removals?e={}&e={}", ids[0], ids[1])).await;
    let note = [("reason", "Contract ended"), ("reference", "https://tickets.example.com/7")];
    admin.press(&confirm, "enrollments-remove", &note).await;

    let set = latest(&pool).await;
    let page = admin.open(&format!("/audit/changes/{set}")).await;
    let text = page.text();
    for expected in ["2 removed, in 1 group", "Contract ended", "Ana Lima", "Acme", "Bolt"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(page.html.contains("href=\"https://tickets.example.com/7\""), "{}", page.html);
    let history = admin.open(&format!("/groups/{emea}?tab=history")).await;
    assert!(history.text().contains("Contract ended"), "{}", history.text());

    let confirm = admin.open(&format!("/audit/changes/{set}/undo")).await;
    assert!(confirm.text().contains("2 workspaces: will be enrolled again"), "{}", confirm.text());
    assert!(confirm.html.contains("value=\"Contract ended\""), "the session remembers it");
    let done = admin.press(&confirm, "change-set-undo", &[("reason", "A mistake")]).await;
    assert_eq!(done.message(), "2 workspaces were enrolled. See this change Undo");
    assert_eq!((live_count(&pool).await, row_count(&pool).await), (3, 5), "new rows beside the old ones");
    let undo = latest(&pool).await;
    assert!(admin.open(&format!("/audit/changes/{undo}")).await.text().contains("Undo of"));
    assert!(admin.open(&format!("/audit/changes/{set}")).await.text().contains("Undone by"));

    let again = admin.open(&format!("/audit/changes/{set}/undo")).await;
    assert!(again.text().contains("There is nothing left to undo"), "{}", again.text());
    let page = admin.press(&done, "change-set-undo", &[]).await;
    assert_eq!(page.message(), "2 workspaces were removed. See this change Undo");
    assert_eq!(live_count(&pool).await, 1);
}

#[database_test]
async fn undo_leaves_alone_what_was_changed_since(pool: PgPool) {
    let (emea, ids) = filled_group(&pool, &["Acme", "Bolt", "Cyan", "Dune"]).await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let confirm = admin.open(&format!("/groups/{emea}/removals?all=yes")).await;
    admin.press(&confirm, "enrollments-remove-all", &[("typed", "4")]).await;
    let set = latest(&pool).await;
    let api = app.api_client(&["write"]).await;
    let of = async |name: &str| -> String {
        sqlx::query_scalar("SELECT workspace_id::text FROM core_api.workspaces WHERE name = $1")
            .bind(name)
            .fetch_one(&pool)
            .await
            .unwrap()
    };
    // Acme was enrolled again, Bolt enrolled and removed again, Cyan archived.
    assert_eq!(api.enroll(&emea, &of("Acme").await).await.status, 201);
    let bolt = api.enroll(&emea, &of("Bolt").await).await;
    assert_eq!(api.delete(bolt.header("location")).await.status, 204);
    assert_eq!(api.delete(&format!("/v1/workspaces/{}", of("Cyan").await)).await.status, 204);

    let confirm = admin.open(&format!("/audit/changes/{set}/undo")).await;
    let text = confirm.text();
    for line in [
        "1 workspace: will be enrolled again",
        "1 workspace: enrolled again since, left alone",
        "1 workspace: enrolled and removed again since, left alone",
        "1 workspace: cannot be enrolled, because the workspace or the group is archived",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let done = admin.press(&confirm, "change-set-undo", &[]).await;
    assert_eq!(
        done.message(),
        "1 workspace was enrolled. 3 workspaces were changed since and left alone. See this change Undo"
    );
    assert_eq!(live_count(&pool).await, 2);
    assert_eq!(ids.len(), 4);
}

#[database_test]
async fn undo_is_bound_to_what_was_previewed(pool: PgPool) {
    let (emea, ids) = filled_group(&pool, &["Acme", "Bolt"]).await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let confirm = admin.open(&format!("/groups/{emea}/removals?e={}&e={}", ids[0], ids[1])).await;
    admin.press(&confirm, "enrollments-remove", &[]).await;
    let set = latest(&pool).await;
    let undo = format!("/audit/changes/{set}/undo");

    let confirm = admin.open(&undo).await;
    let api = app.api_client(&["write"]).await;
    let acme: String =
        sqlx::query_scalar("SELECT workspace_id::text FROM core_api.workspaces WHERE name = 'Acme'")
            .fetch_one(&pool)
            .await
            .unwrap();
    let readded = api.enroll(&emea, &acme).await;
    let refused = admin.press(&confirm, "change-set-undo", &[]).await;
    assert!(refused.message().contains("has changed since you opened the page"), "{}", refused.message());
    assert_eq!(live_count(&pool).await, 1);
    api.delete(readded.header("location")).await;

    let confirm = admin.open(&undo).await;
    sqlx::query("INSERT INTO groupdesk.histories (begins_at) VALUES (now())").execute(&pool).await.unwrap();
    let refused = admin.press(&confirm, "change-set-undo", &[]).await;
    assert!(refused.message().contains("restored from a backup"), "{}", refused.message());
    assert_eq!(live_count(&pool).await, 0);
}

#[database_test]
async fn group_without_a_reason_asks_for_one(pool: PgPool) {
    let (emea, ids) = filled_group(&pool, &["Acme"]).await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let settings = admin.open(&format!("/groups/{emea}/settings")).await;
    let required = [("reason_policy", "required"), ("managed_by", "Terraform")];
    let saved = admin.press(&settings, "group-settings-save", &required).await;
    assert_eq!(saved.message(), "The settings of EMEA were saved.");

    // A form without the field leads to a page that has it.
    let back = format!("/groups/{emea}");
    let asked = admin.submit("enrollment-remove", &[("enrollment", &ids[0]), ("back", &back)]).await;
    assert!(asked.at.starts_with("/reason?form="), "{}", asked.at);
    assert!(asked.text().contains("requires a reason"), "{}", asked.text());
    assert_eq!(live_count(&pool).await, 1);
    let done = admin.press(&asked, "enrollment-remove", &[("reason", "Contract ended")]).await;
    assert_eq!(done.message(), "Acme was removed from EMEA. Undo");
    assert_eq!((live_count(&pool).await, event_count(&pool).await), (0, 1));
    let reason: String =
        sqlx::query_scalar("SELECT reason FROM groupdesk.enrollment_events").fetch_one(&pool).await.unwrap();
    assert_eq!(reason, "Contract ended");
}

#[database_test]
async fn malformed_settings_are_refused(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let path = format!("/groups/{emea}/settings");
    for above in ["", "0", "many", "1000001"] {
        let fields = [("reason_policy", "required_above"), ("reason_above", above)];
        let refused = admin.press(&admin.open(&path).await, "group-settings-save", &fields).await;
        assert!(refused.text().contains("is not a number from 1 to 1000000"), "{above}: {}", refused.text());
    }
    let outdated = admin.open(&path).await;
    admin.press(&admin.open(&path).await, "group-settings-save", &[("reason_policy", "required")]).await;
    let refused = admin.press(&outdated, "group-settings-save", &[("managed_by", "Terraform")]).await;
    assert!(refused.message().contains("Someone else changed this"), "{}", refused.message());
}

#[database_test]
async fn selection_is_moved_and_copied(pool: PgPool) {
    let (emea, ids) = filled_group(&pool, &["Acme", "Bolt", "Cyan"]).await;
    let apac = group(&pool, "APAC").await;
    let api_app = TestApp::start(pool.clone()).await;
    let admin = api_app.admin().await;
    let bolt: String =
        sqlx::query_scalar("SELECT workspace_id::text FROM core_api.workspaces WHERE name = 'Bolt'")
            .fetch_one(&pool)
            .await
            .unwrap();
    enroll(&pool, &apac, &bolt, time(AT)).await;

    let choose = admin.open(&format!("/groups/{emea}/move?e={}&e={}&find_group=apac", ids[0], ids[1])).await;
    assert!(choose.text().contains("Move 2 workspaces to which group?"), "{}", choose.text());
    assert!(choose.html.contains(&format!("value=\"{apac}\"")), "{}", choose.html);
    assert!(choose.text().contains("1 of 2 already there"), "{}", choose.text());
    let confirm = admin.open(&format!("/groups/{emea}/move?e={}&e={}&group={apac}", ids[0], ids[1])).await;
    assert!(
        confirm
            .text()
            .contains("1 workspace is already in that group. It will only be removed from this one."),
        "{}",
        confirm.text()
    );
    let done = admin.press(&confirm, "enrollments-move", &[("reason", "Reorganization")]).await;
    assert_eq!(
        done.message(),
        "2 workspaces were moved from EMEA to APAC. 1 workspace was already there. See this change Undo"
    );
    assert_eq!(live_count(&pool).await, 3);
    let history = admin.open(&format!("/groups/{apac}?tab=history")).await;
    assert!(history.text().contains("moved from EMEA"), "{}", history.text());
    let history = admin.open(&format!("/groups/{emea}?tab=history")).await;
    assert!(history.text().contains("moved to APAC"), "{}", history.text());

    // Bolt was in the destination before, so the undo leaves it there.
    let page = admin.press(&done, "change-set-undo", &[]).await;
    assert_eq!(
        page.message(),
        "2 workspaces were enrolled and 1 workspace was removed. See this change Undo"
    );
    let confirm = admin.open(&format!("/groups/{emea}/move?e={}&group={apac}&keep=yes", ids[2])).await;
    let done = admin.press(&confirm, "enrollments-move", &[]).await;
    assert_eq!(done.message(), "1 workspace was copied from EMEA to APAC. See this change Undo");
    let same = [("group", emea.as_str()), ("to", &emea), ("enrollments[0]", &ids[2])];
    let refused = admin.submit("enrollments-move", &same).await;
    assert!(refused.message().contains("another group"), "{}", refused.message());
}

/// The number of the confirmation is checked, because what matches may have changed.
#[database_test]
async fn all_that_match_are_moved_or_copied(pool: PgPool) {
    let (emea, _) = filled_group(&pool, &["Acme One", "Acme Two", "Bolt"]).await;
    let apac = group(&pool, "APAC").await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;

    let list = admin.open(&format!("/groups/{emea}?q=acme")).await;
    let move_all = format!("/groups/{emea}/move?all=yes&amp;q=acme");
    assert!(list.html.contains(&format!("{move_all}\"")), "{}", list.html);
    assert!(list.html.contains(&format!("{move_all}&amp;keep=yes\"")), "{}", list.html);
    let address = format!("/groups/{emea}/move?all=yes&q=acme");
    let choose = admin.open(&address).await;
    assert!(choose.text().contains("Move 2 workspaces to which group?"), "{}", choose.text());
    let confirm = admin.open(&format!("{address}&group={apac}")).await;
    assert!(confirm.text().contains("Move 2 workspaces to APAC?"), "{}", confirm.text());
    let late = workspace(&pool, "Acme Three").await;
    enroll(&pool, &emea, &late, time(AT)).await;
    let refused = admin.press(&confirm, "enrollments-move-matching", &[]).await;
    assert!(refused.message().contains('3'), "{}", refused.message());
    assert_eq!(live_count(&pool).await, 4);

    let confirm = admin.open(&format!("{address}&group={apac}&keep=yes")).await;
    let done = admin.press(&confirm, "enrollments-move-matching", &[]).await;
    assert_eq!(done.message(), "3 workspaces were copied from EMEA to APAC. See this change Undo");
    let confirm = admin.open(&format!("/groups/{emea}/move?all=yes&group={apac}")).await;
    assert!(confirm.text().contains("3 workspaces are already in that group."), "{}", confirm.text());
    let done = admin.press(&confirm, "enrollments-move-matching", &[]).await;
    assert_eq!(
        done.message(),
        "4 workspaces were moved from EMEA to APAC. 3 workspaces were already there. See this change Undo"
    );
    assert_eq!(live_count(&pool).await, 4);
}

#[database_test]
async fn membership_of_a_moment_is_restored(pool: PgPool) {
    let (emea, ids) = filled_group(&pool, &["Acme", "Bolt", "Cyan"]).await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    remove(&pool, &ids[0], time("2026-05-03T00:00:00Z")).await;
    let late = workspace(&pool, "Late").await;
    enroll(&pool, &emea, &late, time("2026-05-04T00:00:00Z")).await;

    let as_of = admin.open(&format!("/audit/as-of?group={emea}&at=2026-05-02T00:00:00Z")).await;
    assert!(as_of.html.contains(&format!("/groups/{emea}/restore?as_of=")), "{}", as_of.html);
    let confirm = admin.open(&format!("/groups/{emea}/restore?as_of=2026-05-02T00:00:00Z")).await;
    let text = confirm.text();
    for line in ["1 workspace: will be enrolled", "1 workspace: will be removed", "2 workspaces: unchanged"] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let done = admin.press(&confirm, "group-restore", &[("reason", "Wrong import")]).await;
    assert_eq!(
        done.message(),
        "The members of EMEA were restored: 1 workspace was enrolled and 1 workspace was removed. See this change Undo"
    );
    assert_eq!((live_count(&pool).await, row_count(&pool).await), (3, 5));
    let members = admin.open(&format!("/groups/{emea}")).await.text();
    assert!(members.contains("Acme") && !members.contains("Late late"), "{members}");

    let again = admin.open(&format!("/groups/{emea}/restore?as_of=2026-05-02T00:00:00Z")).await;
    assert!(again.text().contains("contains these workspaces already"), "{}", again.text());
    let outdated = admin.press(&confirm, "group-restore", &[("reason", "Twice")]).await;
    assert!(outdated.message().contains("has changed since"), "{}", outdated.message());
    let undone = admin.press(&done, "change-set-undo", &[]).await;
    assert_eq!(
        undone.message(),
        "1 workspace was enrolled and 1 workspace was removed. See this change Undo"
    );
    assert_eq!(json!(live_count(&pool).await), json!(3));
}
