//! People: finding, creating, editing and deleting.

use pretty_assertions::assert_eq;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{PASSWORD, TestApp, admin_events, group, operator, person, row_count, workspace};

async fn names(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar("SELECT first_name || ' ' || last_name FROM core_api.peoples ORDER BY 1")
        .fetch_all(pool)
        .await
        .unwrap()
}

async fn id_of(pool: &PgPool, email: &str) -> String {
    sqlx::query_scalar("SELECT people_id::text FROM core_api.peoples WHERE email = $1")
        .bind(email)
        .fetch_one(pool)
        .await
        .unwrap()
}

#[database_test]
async fn people_are_found_by_name_and_email(pool: PgPool) {
    person(&pool, "Bo", "Ek", "bo@nordic.example").await;
    person(&pool, "Carla", "Zorn", "carla@example.com").await;
    let app = TestApp::start(pool).await;
    let support = app.support().await;
    for (query, bo, carla) in [
        ("", true, true),
        ("?q=bO+eK", true, false),
        ("?q=NORDIC", true, false),
        ("?q=zorn", false, true),
        ("?q=100%25_", false, false),
        ("?sort=-created_at", true, true),
        ("?sort=nonsense", true, true),
    ] {
        let page = support.open(&format!("/people{query}")).await;
        let found = (page.text().contains("Bo Ek"), page.text().contains("Carla Zorn"));
        assert_eq!((page.status, found), (200, (bo, carla)), "{query}: {}", page.text());
    }
    let page = support.open("/people?q=%3Ci%3E").await;
    assert!(page.text().contains("Nothing matches “<i>”."), "{}", page.text());
}

#[database_test]
async fn person_is_created_and_edited_and_errors_keep_input(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let new = admin.open("/people/new").await;
    let fields = [("first_name", " Bo "), ("last_name", "Ek"), ("email", "bo@example.com")];
    let page = admin.press(&new, "person-create", &fields).await;
    assert_eq!(page.message(), "Bo Ek was created.");
    assert!(page.at.starts_with("/people/") && page.text().contains("bo@example.com"), "{}", page.text());

    let wrong = [("first_name", " "), ("last_name", "<b>\u{7}"), ("email", "not an address")];
    let refused = admin.press(&new, "person-create", &wrong).await;
    assert_eq!(refused.at, "/people/new");
    assert_eq!(
        refused.message(),
        "The last name contains a character that cannot be shown. The e-mail address is not of the form name@example.com."
    );
    let fields = refused.form("person-create");
    for (field, text) in wrong {
        assert!(fields.contains(&(field.to_owned(), text.to_owned())), "{field}: {fields:?}");
    }
    let taken = [("first_name", "Bob"), ("last_name", "Ek"), ("email", "BO@example.com")];
    let refused = admin.press(&new, "person-create", &taken).await;
    assert_eq!(refused.message(), "The e-mail address BO@example.com is used by another person.");

    let edit = admin.open(&format!("{}/edit", page.at)).await;
    assert!(edit.form("person-update").contains(&("email".into(), "bo@example.com".into())));
    let refused =
        admin.press(&edit, "person-update", &[("first_name", "B"), ("email", "ana@example.com")]).await;
    assert_eq!(refused.at, format!("{}/edit", page.at));
    assert_eq!(refused.message(), "The e-mail address ana@example.com is used by another person.");
    assert!(refused.form("person-update").contains(&("first_name".into(), "B".into())));
    let saved = admin.press(&edit, "person-update", &[("first_name", "Bodil"), ("email", "")]).await;
    assert_eq!((saved.at.as_str(), saved.message().as_str()), (page.at.as_str(), "Bodil Ek was saved."));
    assert!(!saved.text().contains("bo@example.com"), "{}", saved.text());
    assert_eq!(names(&pool).await, ["Ana Lima", "Bodil Ek"]);
    let gone = admin.open("/people/00000000-0000-4000-8000-000000000000").await;
    assert_eq!((gone.status, admin.open("/people/42").await.status), (404, 404));
}

#[database_test]
async fn person_page_shows_enrollments_activity_and_groups(pool: PgPool) {
    let bo = person(&pool, "Bo", "Ek", "bo@example.com").await;
    let (acme, beta) = (workspace(&pool, "Acme").await, workspace(&pool, "Beta").await);
    let app = TestApp::start(pool.clone()).await;
    let by_bo = app.api_client_for("bo@example.com", &["write"]).await;
    let body = json!({ "data": { "type": "workspace_group", "attributes": { "name": "EMEA" } } });
    let emea = by_bo.post("/v1/workspace-groups", body).await.id();
    by_bo.enroll(&emea, &acme).await;
    let gone = by_bo.enroll(&emea, &beta).await.id();
    by_bo.delete(&format!("/v1/workspace-group-workspaces/{gone}")).await;
    let support = app.support().await;
    let home = format!("/people/{bo}");

    let page = support.open(&home).await;
    let text = page.text();
    for expected in [
        "Enrolled (2)",
        "Activity (3)",
        "Groups created (1)",
        "API tokens robot",
        "1 live, 1 removed since",
        "Acme acme EMEA",
        "Beta beta EMEA",
        "bo@example.com",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let live = support.open(&format!("{home}?status=live")).await;
    assert!(live.text().contains("Acme acme") && !live.text().contains("Beta beta"), "{}", live.text());
    let removed = support.open(&format!("{home}?status=removed")).await;
    assert!(
        !removed.text().contains("Acme acme") && removed.text().contains("Beta beta"),
        "{}",
        removed.text()
    );
    let activity = support.open(&format!("{home}?tab=activity")).await;
    assert!(activity.text().contains("removed Beta from EMEA"), "{}", activity.text());
    let groups = support.open(&format!("{home}?tab=groups")).await;
    assert!(groups.text().contains("EMEA 1"), "{}", groups.text());
    // The timeline of the group links to the person.
    assert!(support.open(&format!("/groups/{emea}")).await.html.contains(&format!("href=\"{home}\"")));
    let nobody = support.open(&format!("/people/{}", id_of(&pool, "sam@example.com").await)).await;
    assert!(nobody.text().contains("This person has not enrolled any workspace."), "{}", nobody.text());
}

#[database_test]
async fn person_is_deleted_after_typing_the_name(pool: PgPool) {
    operator(&pool, "bo@example.com", "Bo Ek", "support").await;
    let bo = id_of(&pool, "bo@example.com").await;
    let (acme, beta) = (workspace(&pool, "Acme").await, workspace(&pool, "Beta").await);
    let app = TestApp::start(pool.clone()).await;
    let by_bo = app.api_client_for("bo@example.com", &["write"]).await;
    let body = json!({ "data": { "type": "workspace_group", "attributes": { "name": "EMEA" } } });
    let emea = by_bo.post("/v1/workspace-groups", body).await.id();
    by_bo.enroll(&emea, &acme).await;
    let gone = by_bo.enroll(&emea, &beta).await.id();
    by_bo.delete(&format!("/v1/workspace-group-workspaces/{gone}")).await;
    let session = app.browser();
    let page = session.submit("sign-in", &[("email", "bo@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(page.status, 200);
    let admin = app.admin().await;
    let deletion = format!("/people/{bo}/delete");

    let confirm = admin.open(&deletion).await;
    let text = confirm.text();
    for expected in [
        "Delete Bo Ek?",
        "2 no longer show who enrolled them (1 live, 1 removed)",
        "1 no longer shows who created it",
        // Three events of enrollments, one of the group, one of signing in.
        "5 keep the name without a link",
        "robot: stop working",
        "bo@example.com: can no longer sign in",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let refused = admin.press(&confirm, "person-delete", &[("name", "Bo E")]).await;
    assert_eq!(refused.at, deletion);
    assert_eq!(refused.message(), "Nothing was changed: what you typed is not “Bo Ek”.");
    assert!(refused.form("person-delete").contains(&("name".into(), "Bo E".into())));
    assert_eq!(names(&pool).await.len(), 2);

    let done = admin.press(&confirm, "person-delete", &[("name", "bo ek")]).await;
    assert_eq!(done.at, "/people");
    assert_eq!(done.message(), "Bo Ek was deleted. 2 enrollments no longer have a creator.");
    assert_eq!((names(&pool).await, row_count(&pool).await), (vec!["Ana Lima".to_owned()], 2));
    assert_eq!(by_bo.get("/v1/workspaces").await.status, 401);
    assert_eq!(session.open("/groups").await.at, "/login?next=/groups");
    let event = admin_events(&pool).await.pop().unwrap();
    assert_eq!(
        (event.0.as_str(), event.1.as_deref(), event.2.as_deref()),
        ("people_deleted", Some("Ana Lima"), Some("Bo Ek"))
    );
    // Submitted again from a page that was left open.
    let late = admin.press(&confirm, "person-delete", &[("name", "Bo Ek")]).await;
    assert_eq!(late.status, 404);
}

#[database_test]
async fn operators_cannot_delete_their_own_person(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let ana = id_of(&pool, "ana@example.com").await;
    let deletion = format!("/people/{ana}/delete");
    let message = "You are signed in as this person, so you cannot delete them. Another admin can.";
    let page = admin.open(&deletion).await;
    assert!(page.text().contains(message) && !page.has_form("person-delete"), "{}", page.text());
    let fields = [("person", ana.as_str()), ("name", "Ana Lima"), ("form_at", &deletion)];
    let refused = admin.submit("person-delete", &fields).await;
    assert_eq!((refused.at.as_str(), refused.message().as_str()), (deletion.as_str(), message));
    assert_eq!(names(&pool).await, ["Ana Lima"]);
    // A token that acts for the person is not a session.
    let api = app.api_client_for("ana@example.com", &["write"]).await;
    assert_eq!(api.delete(&format!("/v1/people/{ana}")).await.status, 204);
}

/// Two admins who delete each other's person at the same moment.
#[database_test]
async fn mutual_deletion_leaves_one_admin(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let ana = app.admin().await;
    operator(&pool, "bea@example.com", "Bea Roth", "admin").await;
    let bea = app.browser().signed_in("bea@example.com").await;
    let (ana_id, bea_id) = (id_of(&pool, "ana@example.com").await, id_of(&pool, "bea@example.com").await);
    let of_bea = [("person", bea_id.as_str()), ("name", "Bea Roth"), ("form_at", "/people")];
    let of_ana = [("person", ana_id.as_str()), ("name", "Ana Lima"), ("form_at", "/people")];
    tokio::join!(ana.submit("person-delete", &of_bea), bea.submit("person-delete", &of_ana));
    assert_eq!(names(&pool).await.len(), 1);
}

#[database_test]
async fn support_reads_people_but_cannot_change_them(pool: PgPool) {
    let bo = person(&pool, "Bo", "Ek", "bo@example.com").await;
    group(&pool, "EMEA").await;
    let app = TestApp::start(pool.clone()).await;
    let support = app.support().await;
    let home = format!("/people/{bo}");
    for (path, shows) in [
        ("/people".to_owned(), "Bo Ek"),
        (home.clone(), "This person has not enrolled any workspace."),
        (format!("{home}?tab=activity"), "Nothing happened yet"),
        (format!("{home}?tab=groups"), "This person has not created any groups."),
        (format!("{home}/edit"), "Only admins may edit people."),
        (format!("{home}/delete"), "Only admins may delete people."),
        ("/people/new".to_owned(), "Only admins may create people."),
    ] {
        let page = support.open(&path).await;
        let status = if shows.starts_with("Only admins") { 403 } else { 200 };
        assert_eq!((page.status, page.at.as_str()), (status, path.as_str()));
        assert!(page.text().contains(shows), "{path}: {}", page.text());
        for function in ["person-create", "person-update", "person-delete"] {
            assert!(!page.has_form(function), "{path} offers {function}");
        }
    }
    let refused = "Only admins may make changes. You can view, search and export.";
    for (function, fields) in [
        ("person-create", vec![("first_name", "A"), ("last_name", "B")]),
        (
            "person-update",
            vec![("person", bo.as_str()), ("first_name", "A"), ("last_name", "B"), ("form_at", &home)],
        ),
        ("person-delete", vec![("person", bo.as_str()), ("name", "Bo Ek"), ("form_at", &home)]),
    ] {
        assert_eq!(support.submit(function, &fields).await.message(), refused, "{function}");
    }
    assert_eq!(names(&pool).await, ["Bo Ek", "Sam Okoye"]);
}
