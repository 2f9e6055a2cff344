//! The initial focus of a page: the message after a change, or the field that it is about.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{Page, TestApp, enroll, group, person, time, workspace};

/// The id or class of the element with the initial focus; `None` if there is none.
fn focused(page: &Page) -> Option<String> {
    let tags = page.html.split('<').filter_map(|part| part.split('>').next());
    let mut focused = tags.filter(|tag| tag.split_whitespace().any(|word| word == "autofocus"));
    let tag = focused.next()?;
    assert_eq!(focused.next(), None, "more than one: {}", page.html);
    let name = |attribute: &str| tag.split_once(&format!(" {attribute}=\""))?.1.split('"').next();
    if tag.starts_with("div ") {
        // It is not a tab stop, because it is read only once.
        assert!(tag.contains(" tabindex=\"-1\""), "{tag}");
    }
    name("id").or_else(|| name("class")).map(str::to_owned)
}

#[database_test]
async fn message_takes_the_focus_from_the_form(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let visitor = app.browser();
    let login = visitor.open("/login").await;
    assert_eq!(focused(&login).as_deref(), Some("email"));
    let refused = visitor.press(&login, "sign-in", &[("email", "x@example.com"), ("password", "x")]).await;
    // The password has to be typed again.
    assert_eq!(focused(&refused).as_deref(), Some("password"));

    let admin = app.admin().await;
    let form = admin.open("/workspaces/new").await;
    assert_eq!(focused(&form).as_deref(), Some("name"));
    let created = admin.press(&form, "workspace-create", &[("name", "Acme")]).await;
    assert_eq!(focused(&created).as_deref(), Some("message message--done"));
    assert_eq!(focused(&admin.open(&created.at).await), None);
}

#[database_test]
async fn field_errors_focus_the_first_invalid_field(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let bo = person(&pool, "Bo", "Test", "bo@example.com").await;
    workspace(&pool, "Taken").await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let long = "x".repeat(501);
    for (at, function, fields, wanted) in [
        (
            "/workspaces/new".to_owned(),
            "workspace-create",
            vec![("name", "A"), ("description", &*long)],
            "description",
        ),
        (
            "/workspaces/new".to_owned(),
            "workspace-create",
            vec![("name", "A"), ("external_workspace_id", "taken")],
            "external_workspace_id",
        ),
        (
            "/workspaces/new".to_owned(),
            "workspace-create",
            vec![("name", ""), ("description", &*long)],
            "name",
        ),
        (
            format!("/people/{bo}/edit"),
            "person-update",
            vec![("last_name", "a\u{7}"), ("email", "x")],
            "last_name",
        ),
        (
            "/people/new".to_owned(),
            "person-create",
            vec![("first_name", "B"), ("last_name", "C"), ("email", "x")],
            "email",
        ),
        ("/groups/new".to_owned(), "group-create", vec![("name", "A"), ("pasted", "nowhere")], "pasted"),
        (format!("/groups/{emea}"), "group-rename", vec![("name", " ")], "rename"),
        (
            "/operators/new".to_owned(),
            "operator-invite",
            vec![("email", "a@example.com"), ("name", "")],
            "name",
        ),
        (
            "/tokens/new".to_owned(),
            "token-create",
            vec![("name", "R"), ("expiry", "day"), ("day", "x")],
            "day",
        ),
        (format!("/people/{bo}/delete"), "person-delete", vec![("name", "Bo")], "name"),
        ("/account".to_owned(), "password-change", vec![("old", "not this one"), ("new", "short")], "new"),
    ] {
        let form = admin.open(&at).await;
        let page = admin.press(&form, function, &fields).await;
        assert_eq!(focused(&page).as_deref(), Some(wanted), "{at} {fields:?}: {}", page.text());
    }
}

#[database_test]
async fn general_errors_focus_the_message(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let at = format!("/groups/{emea}");
    let fields = [("group", emea.as_str()), ("workspace", &acme), ("back", &at)];
    let page = admin.submit("enrollment-enroll", &fields).await;
    assert_eq!(focused(&page).as_deref(), Some("message"), "{}", page.html);
}
