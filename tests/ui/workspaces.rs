//! Workspaces: finding, creating, editing, removing, and enrolling from their own page.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{
    TestApp, admin_events, enroll, group, live_count, person, remove, row_count, time, workspace,
};

#[database_test]
async fn workspaces_are_found_by_name_and_either_id(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let acme = workspace(&pool, "Acme SAS").await;
    workspace(&pool, "Beta & <b>Sons</b>").await;
    enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::start(pool).await;
    let support = app.support().await;
    for (query, acme_found, beta_found) in [
        (String::new(), true, true),
        ("?q=aCmE".to_owned(), true, false),
        ("?q=acme-sas".to_owned(), true, false),
        (format!("?q={}", acme.to_uppercase()), true, false),
        ("?q=%3Cb%3E".to_owned(), false, true),
        ("?q=%00".to_owned(), true, true),
        ("?grouped=yes".to_owned(), true, false),
        ("?grouped=no".to_owned(), false, true),
        ("?grouped=perhaps".to_owned(), true, true),
        ("?status=removed".to_owned(), false, false),
        ("?q=100%25".to_owned(), false, false),
    ] {
        let page = support.open(&format!("/workspaces{query}")).await;
        assert_eq!(page.status, 200, "{query}");
        let found = (page.text().contains("Acme SAS acme-sas"), page.text().contains("Beta & <b>Sons</b>"));
        assert_eq!(found, (acme_found, beta_found), "{query}: {}", page.text());
    }
    let page = support.open("/workspaces").await;
    assert!(page.text().contains("Acme SAS acme-sas 1"), "{}", page.text());
    assert!(
        support
            .open("/workspaces?status=removed")
            .await
            .text()
            .contains("No workspace matches these filters.")
    );
    assert!(support.open("/workspaces?q=zzz").await.text().contains("Nothing matches “zzz”."));
}

#[database_test]
async fn workspaces_are_ordered_and_paged(pool: PgPool) {
    for number in 0..60 {
        workspace(&pool, &format!("Workspace {number:02}")).await;
    }
    let app = TestApp::start(pool).await;
    let support = app.support().await;
    for (sort, first, last) in
        [("", "00", "59"), ("?sort=-name", "59", "00"), ("?sort=-created_at", "59", "00")]
    {
        let page = support.open(&format!("/workspaces{sort}")).await;
        assert!(page.text().contains(&format!("Workspace {first}")), "{sort}");
        assert!(!page.text().contains(&format!("Workspace {last}")), "{sort}");
        let (before, _) = page.html.split_once("rel=\"next\"").expect("a next page");
        let link = before.rsplit_once("href=\"").unwrap().1.split('"').next().unwrap().replace("&amp;", "&");
        let second = support.open(&link).await;
        assert!(second.text().contains(&format!("Workspace {last}")), "{sort}: {}", second.text());
    }
    let forged = support.open("/workspaces?after=abc").await;
    assert_eq!(forged.status, 400);
}

#[database_test]
async fn workspace_is_created_shown_edited_and_cleared(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let new = admin.open("/workspaces/new").await;
    let fields = [
        ("name", " Acme SAS "),
        ("description", "Coatings\r\nLyon"),
        ("external_workspace_id", "ws-7"),
        ("avatar_color", "#3366CC"),
    ];
    let page = admin.press(&new, "workspace-create", &fields).await;
    assert_eq!(page.message(), "Acme SAS was created.");
    assert!(page.html.contains("fill=\"#3366cc\"") && !page.html.contains("style="), "{}", page.html);
    assert!(page.text().contains("External id ws-7"), "{}", page.text());
    assert!(page.text().contains("In no group"), "{}", page.text());

    let edit = admin.open(&format!("{}/edit", page.at)).await;
    let held = edit.form("workspace-update");
    assert!(held.contains(&("description".to_owned(), "Coatings\nLyon".to_owned())), "{held:?}");
    let changes =
        [("name", "Acme"), ("description", ""), ("external_workspace_id", ""), ("avatar_color", "rosy")];
    let saved = admin.press(&edit, "workspace-update", &changes).await;
    assert_eq!((saved.at.as_str(), saved.message().as_str()), (page.at.as_str(), "Acme was saved."));
    assert!(!saved.html.contains("<rect"), "an invalid color is not used");
    let row: (String, Option<String>, Option<String>, Option<String>) = sqlx::query_as(
        "SELECT name, description, external_workspace_id, avatar_color FROM core_api.workspaces",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(row, ("Acme".into(), None, None, Some("rosy".into())));
    let actions: Vec<_> = admin_events(&pool).await.into_iter().map(|event| event.0).collect();
    assert!(actions.ends_with(&["workspace_created".into(), "workspace_updated".into()]), "{actions:?}");
}

#[database_test]
async fn invalid_fields_are_reported_and_input_is_kept(pool: PgPool) {
    let acme = workspace(&pool, "Acme").await;
    workspace(&pool, "Beta").await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let long = "x".repeat(501);
    let new = admin.open("/workspaces/new").await;
    let fields = [("name", " "), ("description", long.as_str()), ("external_workspace_id", "ws <1>")];
    let page = admin.press(&new, "workspace-create", &fields).await;
    assert_eq!(page.at, "/workspaces/new");
    assert_eq!(page.message(), "The name is missing. The description may have at most 500 characters.");
    let returned = page.form("workspace-create");
    for (field, text) in fields {
        assert!(returned.contains(&(field.to_owned(), text.to_owned())), "{field}: {returned:?}");
    }
    let taken =
        admin.press(&new, "workspace-create", &[("name", "New"), ("external_workspace_id", "beta")]).await;
    assert_eq!(taken.message(), "The external id beta is used by another workspace.");

    let edit = admin.open(&format!("/workspaces/{acme}/edit")).await;
    let taken =
        admin.press(&edit, "workspace-update", &[("name", "New"), ("external_workspace_id", "beta")]).await;
    assert_eq!(taken.at, format!("/workspaces/{acme}/edit"));
    assert_eq!(taken.message(), "The external id beta is used by another workspace.");
    // The conflicting workspace is removed and in no list, so the message links to it.
    let gone = workspace(&pool, "Gone").await;
    let api = app.api_client(&["write"]).await;
    assert_eq!(api.delete(&format!("/v1/workspaces/{gone}")).await.status, 204);
    let taken = admin.press(&edit, "workspace-update", &[("external_workspace_id", "gone")]).await;
    assert_eq!(taken.message(), "The external id gone is used by an archived workspace. See that workspace");
    assert!(taken.html.contains(&format!("href=\"/workspaces/{gone}\"")), "{}", taken.html);
    // A cleared field stays empty, too.
    let fields = admin.press(&edit, "workspace-update", &[("name", ""), ("external_workspace_id", "")]).await;
    let fields = fields.form("workspace-update");
    assert!(fields.contains(&("name".into(), String::new())), "{fields:?}");
    assert!(fields.contains(&("external_workspace_id".into(), String::new())), "{fields:?}");
    let names: Vec<String> = sqlx::query_scalar("SELECT name FROM core_api.workspaces ORDER BY name")
        .fetch_all(&pool)
        .await
        .unwrap();
    assert_eq!(names, ["Acme", "Beta", "Gone"]);
}

#[database_test]
async fn workspace_with_enrollments_cannot_be_removed(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let acme = workspace(&pool, "Acme").await;
    let live = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let home = format!("/workspaces/{acme}");
    let removal = format!("{home}/remove");
    let message = "The workspace is still in 1 group. Remove it from that group first.";

    let confirm = admin.open(&removal).await;
    assert!(confirm.text().contains(message) && confirm.html.contains(&home), "{}", confirm.text());
    assert!(!confirm.has_form("workspace-remove"));
    // The form was opened before the enrollment.
    let refused = admin.submit("workspace-remove", &[("workspace", &acme), ("form_at", &removal)]).await;
    assert_eq!((refused.at.as_str(), refused.message().as_str()), (removal.as_str(), message));

    remove(&pool, &live, time("2026-05-02T00:00:00Z")).await;
    let confirm = admin.open(&removal).await;
    let gone = admin.press(&confirm, "workspace-remove", &[]).await;
    assert_eq!(
        (gone.at.as_str(), gone.message().as_str()),
        (home.as_str(), "Acme was archived. Its history stays.")
    );
    assert!(!gone.html.contains(&format!("{home}/edit")) && !gone.has_form("enrollment-enroll"));
    assert!(admin.open(&removal).await.text().contains("It was already archived."));
    let edit = admin.open(&format!("{home}/edit")).await;
    assert!(
        edit.text().contains("This workspace was archived and can no longer be changed"),
        "{}",
        edit.text()
    );
    let fields = [("workspace", acme.as_str()), ("name", "Other"), ("version", "0"), ("form_at", &home)];
    let refused = admin.submit("workspace-update", &fields).await;
    assert_eq!(refused.message(), "This workspace was archived, so its details can no longer be edited.");
}

/// An admin who needs the external id for another workspace follows this link.
#[database_test]
async fn removed_workspace_releases_its_external_id(pool: PgPool) {
    let (acme, beta) = (workspace(&pool, "Acme").await, workspace(&pool, "Beta").await);
    let app = TestApp::start(pool.clone()).await;
    let (admin, support) = (app.admin().await, app.support().await);
    let (home, release) = (format!("/workspaces/{acme}"), "workspace-release-id");
    let api = app.api_client(&["write"]).await;
    assert_eq!(api.delete(&format!("/v1{home}")).await.status, 204);
    let new = admin.open("/workspaces/new").await;
    let fields = [("name", "New"), ("external_workspace_id", "acme")];
    let taken = admin.press(&new, "workspace-create", &fields).await;
    assert_eq!(taken.message(), "The external id acme is used by an archived workspace. See that workspace");
    assert!(taken.html.contains(&format!("href=\"{home}\"")), "{}", taken.html);

    for path in [home.clone(), format!("{home}/edit")] {
        let page = admin.open(&path).await;
        assert!(page.has_form(release) && page.text().contains("external id acme"), "{}", page.text());
        assert!(!support.open(&path).await.has_form(release), "{path}");
    }
    // A live workspace is edited instead.
    for path in [format!("/workspaces/{beta}"), format!("/workspaces/{beta}/edit")] {
        assert!(!admin.open(&path).await.has_form(release), "{path}");
    }
    let page = admin.open(&home).await;
    let saved = admin.press(&page, release, &[]).await;
    let message = "Acme no longer has an external id. Another workspace can use it now.";
    assert_eq!((saved.at.as_str(), saved.message().as_str()), (home.as_str(), message));
    assert!(!saved.has_form(release) && !saved.text().contains("External id"), "{}", saved.text());
    let events = admin_events(&pool).await;
    assert_eq!(events.last().unwrap().0, "workspace_updated");
    // Submitted a second time.
    assert_eq!(admin.press(&page, release, &[]).await.message(), message);
    assert_eq!(admin_events(&pool).await, events);
    let edit = admin.open(&format!("{home}/edit")).await;
    assert!(
        edit.text().contains("This workspace was archived and can no longer be changed.")
            && !edit.has_form(release)
    );

    let made = admin.press(&taken, "workspace-create", &[]).await;
    assert_eq!(made.message(), "New was created.");
    assert!(made.text().contains("External id acme"), "{}", made.text());
}

#[database_test]
async fn workspace_is_enrolled_and_removed_from_its_page(pool: PgPool) {
    group(&pool, "EMEA").await;
    let acme = workspace(&pool, "Acme").await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let home = format!("/workspaces/{acme}");

    let found = admin.open(&format!("{home}?find=eMe")).await;
    let enrolled = admin.press(&found, "enrollment-enroll", &[]).await;
    assert_eq!(
        (enrolled.at.as_str(), enrolled.message().as_str()),
        (home.as_str(), "Acme was enrolled in EMEA. Undo")
    );
    assert!(
        enrolled.text().contains("Groups (1)") && enrolled.text().contains("Ana Lima"),
        "{}",
        enrolled.text()
    );
    let again = admin.open(&format!("{home}?find=eme")).await;
    assert!(again.text().contains("already in"), "{}", again.text());
    assert!(!again.html.contains("Enroll into EMEA"), "{}", again.html);
    // Found before another actor enrolled it.
    let late = admin.press(&found, "enrollment-enroll", &[]).await;
    assert!(
        late.message().starts_with("Acme is already in EMEA, enrolled by Ana Lima on "),
        "{}",
        late.message()
    );
    assert_eq!(late.at, format!("{home}?find=eMe"));
    assert!(admin.open(&format!("{home}?find=zz")).await.text().contains("No group matches “zz”."));

    let page = admin.open(&home).await;
    let live = page.first_removal();
    let removed = admin.press(&page, "enrollment-remove", &[("enrollment", &live)]).await;
    assert_eq!(
        (removed.at.as_str(), removed.message().as_str()),
        (home.as_str(), "Acme was removed from EMEA. Undo")
    );
    let readded = admin.press(&removed, "enrollment-readd", &[]).await;
    assert_eq!(readded.message(), "Acme was enrolled in EMEA. Undo");
    assert_eq!((row_count(&pool).await, live_count(&pool).await), (2, 1));

    let all = admin.open(&format!("{home}?tab=enrollments")).await;
    assert!(all.text().contains("live") && all.text().matches("EMEA").count() == 2, "{}", all.text());
    let history = admin.open(&format!("{home}?tab=history")).await;
    assert_eq!(history.text().matches("enrolled it in EMEA").count(), 2, "{}", history.text());
    assert_eq!(history.text().matches("removed it from EMEA").count(), 1);
}

/// A crafted link must not lead to another site.
#[database_test]
async fn removal_returns_only_to_pages_of_this_site(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let live = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    for bad in ["//evil.example", "https://evil.example/", "%5C%5Cevil.example"] {
        let page = admin.open(&format!("/enrollments/{live}/remove?back={bad}")).await;
        let back = page.form("enrollment-remove").into_iter().find(|(name, _)| name == "back").unwrap().1;
        assert_eq!(back, "/", "{bad}");
    }
}

#[database_test]
async fn support_reads_workspaces_but_cannot_change_them(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    person(&pool, "Bo", "Ek", "bo@example.com").await;
    let app = TestApp::start(pool.clone()).await;
    let support = app.support().await;
    let home = format!("/workspaces/{acme}");
    for (path, shows) in [
        ("/workspaces".to_owned(), "Acme"),
        (home.clone(), "EMEA"),
        (format!("{home}?find=emea"), "EMEA"),
        (format!("{home}?tab=enrollments"), "EMEA"),
        (format!("{home}?tab=history"), "Nothing happened yet"),
        (format!("{home}/edit"), "Only admins may edit workspaces."),
        (format!("{home}/remove"), "Only admins may archive workspaces."),
        ("/workspaces/new".to_owned(), "Only admins may create workspaces."),
    ] {
        let page = support.open(&path).await;
        let status = if shows.starts_with("Only admins") { 403 } else { 200 };
        assert_eq!((page.status, page.at.as_str()), (status, path.as_str()));
        assert!(page.text().contains(shows), "{path}: {}", page.text());
        for function in ["workspace-create", "workspace-update", "workspace-remove", "enrollment-enroll"] {
            assert!(!page.has_form(function), "{path} offers {function}");
        }
    }
    let refused = "Only admins may make changes. You can view, search and export.";
    for (function, fields) in [
        ("workspace-create", vec![("name", "New")]),
        ("workspace-update", vec![("workspace", acme.as_str()), ("name", "New"), ("form_at", &home)]),
        ("workspace-release-id", vec![("workspace", acme.as_str()), ("form_at", &home)]),
        ("workspace-remove", vec![("workspace", acme.as_str()), ("form_at", &home)]),
    ] {
        assert_eq!(support.submit(function, &fields).await.message(), refused, "{function}");
    }
    let name: String = sqlx::query_scalar("SELECT name FROM core_api.workspaces WHERE deleted_at IS NULL")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(name, "Acme");
}
