//! Enroll, remove, re-add and undo.

use groupdesk::resources::enrollments::ops::enrollment_candidates;
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{TestApp, enroll, event_count, group, live_count, person, row_count, time, workspace};

#[database_test]
async fn workspace_is_found_enrolled_removed_and_readded(pool: PgPool) {
    let group = group(&pool, "EMEA").await;
    workspace(&pool, "Acme SAS").await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let home = format!("/groups/{group}");

    let found = admin.open(&format!("{home}?find=acme")).await;
    let enrolled = admin.press(&found, "enrollment-enroll", &[]).await;
    assert_eq!((enrolled.status, enrolled.at.as_str()), (200, home.as_str()));
    assert_eq!(enrolled.message(), "Acme SAS was enrolled in EMEA. Undo");
    assert!(enrolled.text().contains("Members (1)"), "{}", enrolled.text());
    let again = admin.open(&format!("{home}?find=acme")).await;
    assert!(again.text().contains("already in"), "{}", again.text());

    let members = admin.open(&home).await;
    let live = members.first_removal();
    // Someone who follows a link from elsewhere is asked.
    let confirm = admin.open(&format!("/enrollments/{live}/remove")).await;
    assert!(confirm.text().contains("Remove Acme SAS from EMEA?"), "{}", confirm.text());
    assert!(confirm.text().contains("Enrolled by Ana Lima"), "{}", confirm.text());
    assert!(
        confirm.form("enrollment-remove").contains(&("back".to_owned(), home.clone())),
        "{}",
        confirm.html
    );
    let removed = admin.press(&members, "enrollment-remove", &[("enrollment", &live)]).await;
    assert_eq!(removed.at, home);
    assert_eq!(removed.message(), "Acme SAS was removed from EMEA. Undo");
    assert!(removed.text().contains("No workspaces in this group"));
    assert!(admin.open(&confirm.at).await.text().contains("It was already removed."));

    let gone = admin.open(&format!("{home}?tab=removed")).await;
    assert!(gone.text().contains("Acme SAS"), "{}", gone.text());
    let readded = admin.press(&gone, "enrollment-readd", &[]).await;
    assert_eq!(readded.at, format!("{home}?tab=removed"));
    assert_eq!(readded.message(), "Acme SAS was enrolled in EMEA. Undo");
    assert_eq!((row_count(&pool).await, live_count(&pool).await, event_count(&pool).await), (2, 1, 3));
}

#[database_test]
async fn changes_can_be_undone_from_their_message(pool: PgPool) {
    let group = group(&pool, "EMEA").await;
    workspace(&pool, "Acme SAS").await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let found = admin.open(&format!("/groups/{group}?find=acme")).await;
    let enrolled = admin.press(&found, "enrollment-enroll", &[]).await;

    let undone = admin.press(&enrolled, "enrollment-remove", &[]).await;
    assert_eq!(undone.message(), "Acme SAS was removed from EMEA. Undo");
    assert_eq!(live_count(&pool).await, 0);
    let redone = admin.press(&undone, "enrollment-readd", &[]).await;
    assert_eq!(redone.message(), "Acme SAS was enrolled in EMEA. Undo");
    assert_eq!((live_count(&pool).await, row_count(&pool).await), (1, 2));
    // Submitted again from a page that was left open, it is a conflict.
    let late = admin.press(&undone, "enrollment-readd", &[]).await;
    assert!(late.message().starts_with("Acme SAS is already in EMEA"), "{}", late.message());
}

#[database_test]
async fn enrolling_twice_names_the_existing_enrollment(pool: PgPool) {
    person(&pool, "Bo", "Ek", "bo@example.com").await;
    let (group, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme SAS").await);
    let app = TestApp::at(pool.clone(), "2026-05-03T10:00:00Z").await;
    let admin = app.admin().await;
    // Another person enrolls the workspace after this page was opened.
    let found = admin.open(&format!("/groups/{group}?find=acme")).await;
    let by_bo = app.api_client_for("bo@example.com", &["write"]).await;
    by_bo.enroll(&group, &acme).await;

    let page = admin.press(&found, "enrollment-enroll", &[]).await;

    assert_eq!(page.status, 200);
    assert_eq!(
        page.message(),
        "Acme SAS is already in EMEA, enrolled by Bo Ek on 3 May 2026. See that enrollment"
    );
    assert_eq!(event_count(&pool).await, 1);
}

/// Submitted twice or by two people, it changes nothing more and says so.
#[database_test]
async fn removing_twice_is_reported_and_changes_nothing(pool: PgPool) {
    let (group, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme SAS").await);
    let live = enroll(&pool, &group, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let confirm = admin.open(&format!("/enrollments/{live}/remove")).await;
    let removed = admin.press(&confirm, "enrollment-remove", &[]).await;
    assert_eq!(removed.message(), "Acme SAS was removed from EMEA. Undo");
    let again = admin.press(&confirm, "enrollment-remove", &[]).await;
    assert_eq!(again.message(), "Acme SAS was already removed from EMEA.");
    assert_eq!(event_count(&pool).await, 1);
}

#[database_test]
async fn enrolling_reports_a_removed_workspace_or_group(pool: PgPool) {
    let (group, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme SAS").await);
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let found = admin.open(&format!("/groups/{group}?find=acme")).await;
    let api = app.api_client(&["write"]).await;
    api.delete(&format!("/v1/workspaces/{acme}")).await;
    let page = admin.press(&found, "enrollment-enroll", &[]).await;
    assert_eq!(page.message(), "The workspace Acme SAS was archived and can no longer be enrolled.");
    api.delete(&format!("/v1/workspace-groups/{group}")).await;
    let page = admin.press(&found, "enrollment-enroll", &[]).await;
    assert_eq!(
        page.message(),
        "This group does not exist, or was archived. The workspace Acme SAS was archived and can no longer be enrolled."
    );
    // A removed group is still shown, without a way to enroll.
    let shown = admin.open(&format!("/groups/{group}")).await;
    assert_eq!(shown.status, 200);
    assert!(!shown.has_form("enrollment-enroll"));
    assert_eq!(row_count(&pool).await, 0);
}

#[database_test]
async fn changes_never_redirect_to_another_site(pool: PgPool) {
    let (group, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme SAS").await);
    let live = enroll(&pool, &group, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::start(pool).await;
    let fields = [("email", "ana@example.com"), ("password", crate::support::PASSWORD)];
    crate::support::operator(&app.pool, "ana@example.com", "Ana Lima", "admin").await;
    let cookie = super::post(&app, "sign-in", "", &fields).await.cookie();
    for bad in ["https://evil.example", "//evil.example", "/\\evil.example", "x"] {
        for (function, fields) in [
            (
                "enrollment-enroll",
                vec![("group", group.as_str()), ("workspace", &acme), ("form_at", bad), ("back", bad)],
            ),
            ("enrollment-remove", vec![("enrollment", live.as_str()), ("form_at", bad), ("back", bad)]),
            ("enrollment-readd", vec![("enrollment", live.as_str()), ("back", bad)]),
        ] {
            let reply = super::post(&app, function, &cookie, &fields).await;
            assert_eq!((reply.status, reply.header("location")), (302, "/"), "{function} {bad}");
        }
    }
}

#[database_test]
async fn malformed_forms_are_refused_with_a_message(pool: PgPool) {
    let group = group(&pool, "EMEA").await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let back = format!("/groups/{group}");
    for (function, fields) in [
        (
            "enrollment-enroll",
            vec![("group", "42"), ("workspace", "' OR 1=1"), ("form_at", &back), ("back", &back)],
        ),
        ("enrollment-remove", vec![("enrollment", ""), ("form_at", &back), ("back", &back)]),
        ("enrollment-readd", vec![("enrollment", "x"), ("back", back.as_str())]),
    ] {
        let page = admin.submit(function, &fields).await;
        assert_eq!((page.status, page.at.as_str()), (200, back.as_str()), "{function}");
        assert_eq!(page.message(), "The form is incomplete. Reload the page and try again.");
    }
    // Without the fields there is no page to return to.
    let page = admin.submit("enrollment-enroll", &[("group", group.as_str())]).await;
    assert_eq!((page.status, page.at.as_str()), (200, "/"));
    let unknown = "00000000-0000-4000-8000-000000000000";
    let page = admin.submit("enrollment-readd", &[("enrollment", unknown), ("back", &back)]).await;
    assert_eq!(page.message(), "This enrollment does not exist.");
    assert_eq!(row_count(&pool).await, 0);
}

#[database_test]
async fn exact_matches_come_before_partial_matches(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let emea = group(&pool, "EMEA").await;
    for name in ["Old Bolt", "bolts", "Bolt", "Unbolted", "Zeta"] {
        workspace(&pool, name).await;
    }
    let gone = workspace(&pool, "Bolt that was").await;
    sqlx::raw_sql(&format!(
        "UPDATE core_api.workspaces SET deleted_at = now() WHERE workspace_id = '{gone}'"
    ))
    .execute(&pool)
    .await
    .unwrap();
    let names = async |connection: &mut sqlx::PgConnection, text: &str| -> Vec<String> {
        let found = enrollment_candidates(connection, Some(emea.parse().unwrap()), text, 8).await.unwrap();
        found.into_iter().map(|candidate| candidate.name).collect()
    };
    assert_eq!(names(&mut connection, "BOLT").await, ["Bolt", "bolts", "Old Bolt", "Unbolted"]);
    // A text of two letters matches the beginnings of words.
    assert_eq!(names(&mut connection, "bo").await, ["Bolt", "bolts", "Old Bolt"]);
    // The external id matches, and the id in any notation.
    assert_eq!(names(&mut connection, "zeta").await, ["Zeta"]);
    let id: String =
        sqlx::query_scalar("SELECT upper(workspace_id::text) FROM core_api.workspaces WHERE name = 'Zeta'")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(names(&mut connection, &id).await, ["Zeta"]);
    assert_eq!(names(&mut connection, &gone).await, [""; 0]);
    assert_eq!(names(&mut connection, "100%").await, [""; 0]);
}
