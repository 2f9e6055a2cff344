//! One enrollment: all that is known of it, the other rows of its pair, and in whose name it stands.

use pretty_assertions::assert_eq;
use serde_json::Value;
use sqlx::PgPool;

use crate::support::{
    Desk, enroll, event_count, events, group, live_count, person, remove, row_count, time, workspace,
};

#[database_test]
async fn an_enrollment_is_shown_with_its_pair_its_events_and_the_apis_own_document(pool: PgPool) {
    person(&pool, "Bo", "Ek", "bo@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme SAS").await);
    let older = enroll(&pool, &emea, &acme, time("2026-04-01T00:00:00Z")).await;
    remove(&pool, &older, time("2026-04-02T00:00:00Z")).await;
    let desk = Desk::at(pool.clone(), "2026-05-03T10:00:00Z").await;
    let by_bo = desk.machine_for("bo@example.com", &["read", "write"]).await;
    let first = by_bo.enroll(&emea, &acme).await.id();
    by_bo.delete(&format!("/v1/workspace-group-workspaces/{first}")).await;
    let support = desk.support().await;

    let page = support.open(&format!("/enrollments/{first}")).await;
    let text = page.text();
    for told in [
        "Acme SAS in EMEA",
        "removed",
        "Enrolled by Bo Ek",
        "enrolled it",
        "removed it",
        "Bo Ek API, robot",
        "First enrolled",
        "Added again this one",
        &first,
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(page.html.contains(&format!("data-copy=\"/enrollments/{first}\"")), "{}", page.html);
    // The very document, to the letter, but for the white space.
    let (_, rest) = page.html.split_once("<code>{").expect("the document");
    let shown = format!("{{{}", rest.split('<').next().unwrap());
    let shown = shown.replace("&quot;", "\"").replace("&amp;", "&");
    let answer = by_bo.get(&format!("/v1/workspace-group-workspaces/{first}")).await;
    assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), answer.body);
    let order = |text: &str| {
        ["\"type\"", "\"attributes\"", "\"relationships\"", "\"links\""].map(|word| text.find(word))
    };
    assert!(order(&shown).is_sorted(), "{shown}");

    // Written by an older system: nobody's, and the log knows nothing of it.
    let page = support.open(&format!("/enrollments/{older}")).await;
    for told in
        ["Enrolled by no one (system)", "Nothing is recorded", "First enrolled this one", "not recorded"]
    {
        assert!(page.text().contains(told), "{told}: {}", page.text());
    }
    for path in ["/enrollments/42", "/enrollments/00000000-0000-4000-8000-000000000000"] {
        assert_eq!(support.open(path).await.status, 404, "{path}");
    }
}

#[database_test]
async fn an_enrollment_is_removed_and_added_again_from_its_own_page(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let live = enroll(&pool, &emea, &acme, time("2026-04-01T00:00:00Z")).await;
    let desk = Desk::start(pool.clone()).await;
    let admin = desk.admin().await;
    let home = format!("/enrollments/{live}");

    let page = admin.open(&home).await;
    assert!(!page.has_form("enrollment-readd"));
    let confirm = admin.open(&format!("{home}/remove?back={home}")).await;
    assert!(page.html.contains(&format!("href=\"{}\"", confirm.at)), "{}", page.html);
    let removed = admin.press(&confirm, "enrollment-remove", &[]).await;
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
    // Once in again, the old row offers neither.
    let page = admin.open(&home).await;
    assert!(!page.has_form("enrollment-readd") && !page.html.contains("/remove"), "{}", page.html);
    // Nor does it where there is no group to be added to any more.
    sqlx::raw_sql("UPDATE core_api.workspace_group_workspaces SET deleted_at = greatest(now(), created_at) WHERE deleted_at IS NULL;
                   UPDATE core_api.workspace_groups SET deleted_at = now()")
        .execute(&pool)
        .await
        .unwrap();
    assert!(!admin.open(&home).await.has_form("enrollment-readd"));
}

#[database_test]
async fn an_attribution_is_corrected_to_somebody_to_no_one_and_back(pool: PgPool) {
    let bo = person(&pool, "Bo", "Ek", "bo@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let live = enroll(&pool, &emea, &acme, time("2026-04-01T00:00:00Z")).await;
    let desk = Desk::start(pool.clone()).await;
    let admin = desk.admin().await;
    let home = format!("/enrollments/{live}");

    let search = admin.open(&format!("{home}/attribution")).await;
    assert!(!search.html.contains("person=none"), "it is nobody's already");
    assert!(
        admin.open(&format!("{home}/attribution?find=zz")).await.text().contains("No person matches “zz”.")
    );
    let found = admin.open(&format!("{home}/attribution?find=bo%40exa")).await;
    let choose = format!("{home}/attribution?person={bo}");
    assert!(found.html.contains(&format!("href=\"{choose}\"")), "{}", found.html);
    let confirm = admin.open(&choose).await;
    assert!(confirm.text().contains("Bo Ek enrolled it, and not no one (system)"), "{}", confirm.text());
    let done = admin.press(&confirm, "attribution-correct", &[]).await;
    assert_eq!(done.at, home);
    assert_eq!(done.message(), "Acme was enrolled in EMEA by Bo Ek , it says now. Undo");
    assert!(done.text().contains("Enrolled by Bo Ek"), "{}", done.text());
    assert!(done.text().contains("corrected who enrolled it: Bo Ek, not no one"), "{}", done.text());

    let undone = admin.press(&done, "attribution-correct", &[]).await;
    assert_eq!(undone.message(), "Acme was enrolled in EMEA by no one , it says now. Undo");
    assert!(undone.text().contains("Enrolled by no one (system)"), "{}", undone.text());
    let told = events(&pool).await;
    assert_eq!(told.len(), 2);
    assert!(
        told.iter().all(|event| event.0 == "attribution_corrected" && event.2.as_deref() == Some("Ana Lima"))
    );
    // To what it is already: nothing is written.
    let fields = [("enrollment", live.as_str()), ("person", "none"), ("form_at", &home), ("back", &home)];
    let same = admin.submit("attribution-correct", &fields).await;
    assert_eq!(
        same.message(),
        "The enrollment of Acme in EMEA stands in no one’s name already; nothing was changed."
    );
    admin.press(&undone, "attribution-correct", &[]).await;
    // On a page that was left open.
    let same = admin.press(&confirm, "attribution-correct", &[]).await;
    assert_eq!(
        same.message(),
        "The enrollment of Acme in EMEA stands in Bo Ek ’s name already; nothing was changed."
    );
    assert!(!same.has_form("attribution-correct"), "there is nothing to undo");
    assert_eq!(event_count(&pool).await, 3);
}

#[database_test]
async fn an_attribution_that_cannot_be_is_refused_in_words(pool: PgPool) {
    let bo = person(&pool, "Bo", "Ek", "bo@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let live = enroll(&pool, &emea, &acme, time("2026-04-01T00:00:00Z")).await;
    let desk = Desk::start(pool.clone()).await;
    let admin = desk.admin().await;
    let home = format!("/enrollments/{live}");
    let confirm = admin.open(&format!("{home}/attribution?person={bo}")).await;
    sqlx::raw_sql("DELETE FROM core_api.peoples WHERE first_name = 'Bo'").execute(&pool).await.unwrap();
    // The page of the form is gone with the person: it says so itself.
    assert_eq!(admin.press(&confirm, "attribution-correct", &[]).await.status, 404);
    let unknown =
        [("enrollment", live.as_str()), ("person", bo.as_str()), ("form_at", &home), ("back", &home)];
    let page = admin.submit("attribution-correct", &unknown).await;
    assert_eq!(page.message(), "This person does not exist any more.");
    let bad = [("enrollment", live.as_str()), ("person", "42"), ("form_at", &home), ("back", &home)];
    let page = admin.submit("attribution-correct", &bad).await;
    assert_eq!(page.message(), "The form was not complete. Load the page anew and try again.");
    assert_eq!(admin.open(&format!("{home}/attribution?person=42")).await.status, 404);

    let support = desk.support().await;
    let page = support.open(&format!("{home}/attribution")).await;
    assert!(
        page.text().contains("Only admins may say in whose name an enrollment stands."),
        "{}",
        page.text()
    );
    let page = support.open(&home).await;
    assert!(!page.html.contains("/attribution") && !page.html.contains("/remove"), "{}", page.html);
    let none = [("enrollment", live.as_str()), ("person", "none"), ("form_at", &home), ("back", &home)];
    let refused = support.submit("attribution-correct", &none).await;
    assert_eq!(refused.message(), "Only admins may change anything. You can look, search and export.");
    assert_eq!(event_count(&pool).await, 0);
}
