//! Changes of several enrollments at once: the selected ones, or all of a group.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{TestApp, enroll, event_count, group, live_count, remove, row_count, time, workspace};

/// Creates a group with these workspaces. Returns its id and those of the enrollments.
pub async fn filled_group(pool: &PgPool, names: &[&str]) -> (String, Vec<String>) {
    let group = group(pool, "EMEA").await;
    let mut enrollments = Vec::new();
    for name in names {
        let workspace = workspace(pool, name).await;
        enrollments.push(enroll(pool, &group, &workspace, time("2026-05-01T00:00:00Z")).await);
    }
    (group, enrollments)
}

#[database_test]
async fn selected_rows_are_removed_and_restored_by_undo(pool: PgPool) {
    let (group, ids) = filled_group(&pool, &["Acme", "Bolt", "Cyan"]).await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let page = admin.open(&format!("/groups/{group}")).await;
    assert!(page.html.contains(&format!("name=\"e\" value=\"{}\"", ids[0])), "{}", page.html);

    let confirm = admin.open(&format!("/groups/{group}/removals?e={}&e={}", ids[0], ids[2])).await;
    let text = confirm.text();
    assert!(text.contains("Remove 2 workspaces from EMEA?"), "{text}");
    assert!(text.contains("Acme acme Cyan cyan"), "{text}");
    assert_eq!(live_count(&pool).await, 3, "opening the page changes nothing");

    let page = admin.press(&confirm, "enrollments-remove", &[]).await;
    assert_eq!(page.at, format!("/groups/{group}"));
    assert_eq!(page.message(), "2 workspaces were removed from EMEA. Undo");
    assert_eq!((live_count(&pool).await, event_count(&pool).await), (1, 2));

    let page = admin.press(&page, "enrollments-readd", &[]).await;
    assert_eq!(page.message(), "2 workspaces were enrolled in EMEA. Undo");
    assert_eq!((live_count(&pool).await, row_count(&pool).await), (3, 5), "new rows beside the old ones");

    let page = admin.press(&page, "enrollments-remove", &[]).await;
    assert_eq!(page.message(), "2 workspaces were removed from EMEA. Undo");
    assert_eq!((live_count(&pool).await, event_count(&pool).await), (1, 6));
}

#[database_test]
async fn rows_removed_by_others_are_skipped(pool: PgPool) {
    let (group, ids) = filled_group(&pool, &["Acme", "Bolt"]).await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let path = format!("/groups/{group}/removals?e={}&e={}", ids[0], ids[1]);
    let confirm = admin.open(&path).await;
    app.api_client(&["write"]).await.delete(&format!("/v1/workspace-group-workspaces/{}", ids[0])).await;
    let page = admin.press(&confirm, "enrollments-remove", &[]).await;
    assert_eq!(page.message(), "1 workspace was removed from EMEA. Undo");
    assert_eq!(event_count(&pool).await, 2, "one event for each row");

    let page = admin.open(&path).await;
    assert!(page.text().contains("None of these workspaces is in the group now"), "{}", page.text());
    let page = admin.open(&format!("/groups/{group}/removals")).await;
    assert!(page.text().contains("Nothing to remove"), "{}", page.text());
    assert_eq!(admin.open(&format!("/groups/{group}/removals?e=42")).await.status, 404);
}

#[database_test]
async fn emptying_a_changed_group_needs_new_confirmation(pool: PgPool) {
    let (group, _) = filled_group(&pool, &["Acme", "Bolt", "Cyan"]).await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let confirm = admin.open(&format!("/groups/{group}/removals?all=yes")).await;
    assert!(confirm.text().contains("Remove 3 workspaces from EMEA?"), "{}", confirm.text());
    let late = workspace(&pool, "Late").await;
    enroll(&pool, &group, &late, time("2026-05-02T00:00:00Z")).await;

    for typed in ["", "2", "all 3"] {
        let page = admin.press(&confirm, "enrollments-remove-all", &[("typed", typed)]).await;
        assert_eq!(page.message(), "Nothing was changed: what you typed is not “3”.", "{typed}");
    }
    assert_eq!((live_count(&pool).await, event_count(&pool).await), (4, 0), "nothing was removed");
    let page = admin.press(&confirm, "enrollments-remove-all", &[("typed", "3")]).await;
    assert_eq!(
        page.message(),
        "The group has changed: this now concerns 4 workspaces. Check the list and confirm again."
    );
    assert_eq!((live_count(&pool).await, event_count(&pool).await), (4, 0), "nothing was removed");

    let page = admin.press(&page, "enrollments-remove-all", &[("typed", " 4 ")]).await;
    assert_eq!(page.at, format!("/groups/{group}"));
    assert_eq!(page.message(), "4 workspaces were removed from EMEA. The tab “Removed” lists them. Undo");
    assert_eq!((live_count(&pool).await, event_count(&pool).await), (0, 4));
}

/// Without JavaScript the button is enabled before anything is selected.
#[database_test]
async fn readding_an_empty_selection_is_refused(pool: PgPool) {
    let (group, _) = filled_group(&pool, &["Acme"]).await;
    let app = TestApp::start(pool.clone()).await;
    let back = format!("/groups/{group}?tab=removed");
    let page = app.admin().await.submit("enrollments-readd", &[("group", &group), ("back", &back)]).await;
    assert_eq!(page.message(), "Select at least one workspace.");
    assert_eq!(event_count(&pool).await, 0);
}

#[database_test]
async fn undo_of_emptying_restores_only_its_rows(pool: PgPool) {
    let (group, ids) = filled_group(&pool, &["Acme", "Bolt", "Cyan", "Dune"]).await;
    let app = TestApp::start(pool.clone()).await;
    let (admin, api) = (app.admin().await, app.api_client(&["write"]).await);
    // This row was removed before by another actor, so it is not restored.
    api.delete(&format!("/v1/workspace-group-workspaces/{}", ids[0])).await;
    let confirm = admin.open(&format!("/groups/{group}/removals?all=yes")).await;
    let emptied = admin.press(&confirm, "enrollments-remove-all", &[("typed", "3")]).await;
    assert_eq!(emptied.message(), "3 workspaces were removed from EMEA. The tab “Removed” lists them. Undo");

    // Then one workspace is enrolled again, and another one is removed.
    let id = |name: &'static str| {
        sqlx::query_scalar::<_, uuid::Uuid>("SELECT workspace_id FROM core_api.workspaces WHERE name = $1")
            .bind(name)
            .fetch_one(&pool)
    };
    api.enroll(&group, &id("Bolt").await.unwrap().to_string()).await;
    api.delete(&format!("/v1/workspaces/{}", id("Cyan").await.unwrap())).await;

    let page = admin.press(&emptied, "enrollments-refill", &[]).await;
    assert_eq!(page.at, format!("/groups/{group}"));
    assert_eq!(
        page.message(),
        "1 workspace was enrolled in EMEA again. 1 workspace was already there. \
         1 workspace was archived and could not be enrolled."
    );
    assert!(!page.has_form("enrollments-refill"));
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT w.name FROM core_api.workspace_group_workspaces e JOIN core_api.workspaces w ON w.pk = e.workspace_pk
         WHERE e.deleted_at IS NULL ORDER BY w.name",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(names, ["Bolt", "Dune"]);
    assert_eq!((row_count(&pool).await, event_count(&pool).await), (6, 6), "new rows beside the old ones");

    // Submitted again, and with the request id of a request that removed nothing.
    let page = admin.press(&emptied, "enrollments-refill", &[]).await;
    assert!(
        page.message()
            .starts_with("0 workspaces were enrolled in EMEA again. 2 workspaces were already there")
    );
    let page = admin.press(&emptied, "enrollments-refill", &[("request", "42")]).await;
    assert_eq!(page.message(), "0 workspaces were enrolled in EMEA again.");
    let page = admin.press(&emptied, "enrollments-refill", &[("at", "yesterday")]).await;
    assert_eq!(page.message(), "The form is incomplete. Reload the page and try again.");
}

#[database_test]
async fn selected_removed_rows_are_readded(pool: PgPool) {
    let (group, ids) = filled_group(&pool, &["Acme", "Bolt"]).await;
    let app = TestApp::start(pool.clone()).await;
    let (admin, api) = (app.admin().await, app.api_client(&["write"]).await);
    for id in &ids {
        api.delete(&format!("/v1/workspace-group-workspaces/{id}")).await;
    }
    let back = format!("/groups/{group}?tab=removed");
    let both =
        [("group", group.as_str()), ("enrollments[]", &ids[0]), ("enrollments[]", &ids[1]), ("back", &back)];
    let page = admin.submit("enrollments-readd", &both).await;
    assert_eq!(
        (page.at.as_str(), page.message().as_str()),
        (back.as_str(), "2 workspaces were enrolled in EMEA. Undo")
    );
    let page = admin.submit("enrollments-readd", &both).await;
    assert_eq!(page.message(), "0 workspaces were enrolled in EMEA. 2 workspaces were already there.");
    assert_eq!(live_count(&pool).await, 2);
    // Nothing selected, and an invalid id.
    let page = admin
        .submit("enrollments-readd", &[("group", &group), ("enrollments[]", "42"), ("back", &back)])
        .await;
    assert_eq!(page.message(), "The form is incomplete. Reload the page and try again.");
}

/// The message would otherwise name the wrong group.
#[database_test]
async fn form_of_one_group_cannot_change_another(pool: PgPool) {
    let (emea, ids) = filled_group(&pool, &["Acme"]).await;
    let (apac, bolt) = (group(&pool, "APAC").await, workspace(&pool, "Bolt").await);
    let other = enroll(&pool, &apac, &bolt, time("2026-05-01T00:00:00Z")).await;
    let gone = enroll(&pool, &apac, &workspace(&pool, "Cyan").await, time("2026-05-01T00:00:00Z")).await;
    remove(&pool, &gone, time("2026-05-02T00:00:00Z")).await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let at = format!("/groups/{emea}");
    for (function, foreign) in [("enrollments-remove", &other), ("enrollments-readd", &gone)] {
        let fields = [
            ("group", emea.as_str()),
            ("enrollments[]", &ids[0]),
            ("enrollments[]", foreign),
            ("form_at", &at),
            ("back", &at),
        ];
        let page = admin.submit(function, &fields).await;
        assert_eq!(page.message(), "The form is incomplete. Reload the page and try again.", "{function}");
    }
    assert_eq!((live_count(&pool).await, event_count(&pool).await), (2, 0));
}

#[database_test]
async fn support_cannot_change_selections(pool: PgPool) {
    let (group, ids) = filled_group(&pool, &["Acme"]).await;
    let app = TestApp::start(pool.clone()).await;
    let support = app.support().await;
    let path = format!("/groups/{group}");
    assert!(!support.open(&path).await.html.contains("name=\"e\""), "no row can be selected");
    let confirm = support.open(&format!("{path}/removals?e={}", ids[0])).await;
    assert!(!confirm.has_form("enrollments-remove"), "{}", confirm.text());
    for (function, more) in [
        ("enrollments-remove", ("enrollments[]", ids[0].as_str())),
        ("enrollments-remove-all", ("count", "1")),
        ("enrollments-readd", ("enrollments[]", &ids[0])),
        ("enrollments-refill", ("request", "42")),
        ("group-rename", ("name", "Mine")),
        ("group-remove", ("x", "y")),
    ] {
        let at = ("at", "2026-05-28T09:15:00Z");
        let fields = [("group", group.as_str()), more, at, ("form_at", &path), ("back", &path)];
        let page = support.submit(function, &fields).await;
        assert_eq!(
            page.message(),
            "Only admins may make changes. You can view, search and export.",
            "{function}"
        );
    }
    assert_eq!((live_count(&pool).await, event_count(&pool).await), (1, 0));
}
