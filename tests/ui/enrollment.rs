//! One enrollment: its facts, the other rows of its pair, and its creator.

use pretty_assertions::assert_eq;
use serde_json::Value;
use sqlx::PgPool;

use crate::support::{
    TestApp, enroll, event_count, events, group, live_count, person, remove, row_count, time, workspace,
};

#[database_test]
async fn enrollment_page_shows_pair_events_and_api_document(pool: PgPool) {
    person(&pool, "Bo", "Ek", "bo@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme SAS").await);
    let older = enroll(&pool, &emea, &acme, time("2026-04-01T00:00:00Z")).await;
    remove(&pool, &older, time("2026-04-02T00:00:00Z")).await;
    let app = TestApp::at(pool.clone(), "2026-05-03T10:00:00Z").await;
    let by_bo = app.api_client_for("bo@example.com", &["read", "write"]).await;
    let first = by_bo.enroll(&emea, &acme).await.id();
    by_bo.delete(&format!("/v1/workspace-group-workspaces/{first}")).await;
    let support = app.support().await;

    let page = support.open(&format!("/enrollments/{first}")).await;
    let text = page.text();
    for expected in [
        "Acme SAS in EMEA",
        "removed",
        "Enrolled by Bo Ek",
        "enrolled it",
        "removed it",
        "Bo Ek API, robot",
        "First enrolled",
        "Enrolled again this one",
        &first,
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(page.html.contains(&format!("data-copy=\"/enrollments/{first}\"")), "{}", page.html);
    // Apart from white space, the document equals the API's byte for byte.
    let (_, rest) = page.html.split_once("<code>{").expect("the document");
    let shown = format!("{{{}", rest.split('<').next().unwrap());
    let shown = shown.replace("&quot;", "\"").replace("&amp;", "&");
    let answer = by_bo.get(&format!("/v1/workspace-group-workspaces/{first}")).await;
    assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), answer.body);
    let order = |text: &str| {
        ["\"type\"", "\"attributes\"", "\"relationships\"", "\"links\""].map(|word| text.find(word))
    };
    assert!(order(&shown).is_sorted(), "{shown}");

    // An enrollment of an older system has no creator and no events.
    let page = support.open(&format!("/enrollments/{older}")).await;
    for expected in ["Enrolled by no one (system)", "No history", "First enrolled this one", "not recorded"] {
        assert!(page.text().contains(expected), "{expected}: {}", page.text());
    }
    for path in ["/enrollments/42", "/enrollments/00000000-0000-4000-8000-000000000000"] {
        assert_eq!(support.open(path).await.status, 404, "{path}");
    }
}

#[database_test]
async fn enrollment_is_removed_and_readded_from_its_page(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let live = enroll(&pool, &emea, &acme, time("2026-04-01T00:00:00Z")).await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let home = format!("/enrollments/{live}");

    let page = admin.open(&home).await;
    assert!(!page.has_form("enrollment-readd"));
    let removed = admin.press(&page, "enrollment-remove", &[]).await;
    assert_eq!(
        (removed.at.as_str(), removed.message().as_str()),
        (home.as_str(), "Acme was removed from EMEA. Undo")
    );
    let page = admin.open(&home).await;
    let readded = admin.press(&page, "enrollment-readd", &[]).await;
    assert_eq!(
        (readded.at.as_str(), readded.message().as_str()),
        (home.as_str(), "Acme was enrolled in EMEA. Undo")
    );
    assert!(readded.text().contains("The workspace is in the group again"), "{}", readded.text());
    assert_eq!((row_count(&pool).await, live_count(&pool).await), (2, 1));
    // Once the pair is enrolled again, the old row offers neither.
    let page = admin.open(&home).await;
    assert!(!page.has_form("enrollment-readd") && !page.has_form("enrollment-remove"), "{}", page.html);
    // A removed group is no target for enrolling again, either.
    sqlx::raw_sql("UPDATE core_api.workspace_group_workspaces SET deleted_at = greatest(now(), created_at) WHERE deleted_at IS NULL;
                   UPDATE core_api.workspace_groups SET deleted_at = now()")
        .execute(&pool)
        .await
        .unwrap();
    assert!(!admin.open(&home).await.has_form("enrollment-readd"));
}

#[database_test]
async fn creator_is_changed_to_a_person_and_to_no_one(pool: PgPool) {
    let bo = person(&pool, "Bo", "Ek", "bo@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let live = enroll(&pool, &emea, &acme, time("2026-04-01T00:00:00Z")).await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let home = format!("/enrollments/{live}");

    let search = admin.open(&format!("{home}/attribution")).await;
    assert!(!search.html.contains("person=none"), "there is no creator already");
    assert!(
        admin.open(&format!("{home}/attribution?find=zz")).await.text().contains("No person matches “zz”.")
    );
    let found = admin.open(&format!("{home}/attribution?find=bo%40exa")).await;
    let choose = format!("{home}/attribution?person={bo}");
    assert!(found.html.contains(&format!("href=\"{choose}\"")), "{}", found.html);
    let confirm = admin.open(&choose).await;
    assert!(
        confirm.text().contains("Change the creator from no one (system) to Bo Ek"),
        "{}",
        confirm.text()
    );
    let done = admin.press(&confirm, "attribution-correct", &[]).await;
    assert_eq!(done.at, home);
    assert_eq!(done.message(), "The creator of the enrollment of Acme in EMEA is now Bo Ek. Undo");
    assert!(done.text().contains("Enrolled by Bo Ek"), "{}", done.text());
    assert!(done.text().contains("changed the creator of it from no one to Bo Ek"), "{}", done.text());

    let undone = admin.press(&done, "attribution-correct", &[]).await;
    assert_eq!(undone.message(), "The creator of the enrollment of Acme in EMEA is now no one. Undo");
    assert!(undone.text().contains("Enrolled by no one (system)"), "{}", undone.text());
    let logged = events(&pool).await;
    assert_eq!(logged.len(), 2);
    assert!(
        logged
            .iter()
            .all(|event| event.0 == "attribution_corrected" && event.2.as_deref() == Some("Ana Lima"))
    );
    // Choosing the present creator writes nothing.
    let fields = [("enrollment", live.as_str()), ("person", "none"), ("form_at", &home), ("back", &home)];
    let same = admin.submit("attribution-correct", &fields).await;
    assert_eq!(
        same.message(),
        "The creator of the enrollment of Acme in EMEA is already no one. Nothing was changed."
    );
    admin.press(&undone, "attribution-correct", &[]).await;
    // Submitted from a page that was left open.
    let same = admin.press(&confirm, "attribution-correct", &[]).await;
    assert_eq!(
        same.message(),
        "The creator of the enrollment of Acme in EMEA is already Bo Ek. Nothing was changed."
    );
    assert!(!same.has_form("attribution-correct"), "there is nothing to undo");
    assert_eq!(event_count(&pool).await, 3);
}

#[database_test]
async fn invalid_creator_changes_are_refused_with_a_message(pool: PgPool) {
    let bo = person(&pool, "Bo", "Ek", "bo@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let live = enroll(&pool, &emea, &acme, time("2026-04-01T00:00:00Z")).await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let home = format!("/enrollments/{live}");
    let confirm = admin.open(&format!("{home}/attribution?person={bo}")).await;
    sqlx::raw_sql("DELETE FROM core_api.peoples WHERE first_name = 'Bo'").execute(&pool).await.unwrap();
    // The page of the form is gone with the person, so the message appears there.
    assert_eq!(admin.press(&confirm, "attribution-correct", &[]).await.status, 404);
    let unknown =
        [("enrollment", live.as_str()), ("person", bo.as_str()), ("form_at", &home), ("back", &home)];
    let page = admin.submit("attribution-correct", &unknown).await;
    assert_eq!(page.message(), "This person does not exist, or was deleted.");
    let bad = [("enrollment", live.as_str()), ("person", "42"), ("form_at", &home), ("back", &home)];
    let page = admin.submit("attribution-correct", &bad).await;
    assert_eq!(page.message(), "The form is incomplete. Reload the page and try again.");
    assert_eq!(admin.open(&format!("{home}/attribution?person=42")).await.status, 404);

    let support = app.support().await;
    let page = support.open(&format!("{home}/attribution")).await;
    assert!(page.text().contains("Only admins may change who enrolled a workspace."), "{}", page.text());
    let page = support.open(&home).await;
    assert!(!page.html.contains("/attribution") && !page.has_form("enrollment-remove"), "{}", page.html);
    let none = [("enrollment", live.as_str()), ("person", "none"), ("form_at", &home), ("back", &home)];
    let refused = support.submit("attribution-correct", &none).await;
    assert_eq!(refused.message(), "Only admins may make changes. You can view, search and export.");
    assert_eq!(event_count(&pool).await, 0);
}
