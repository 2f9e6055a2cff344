//! What has the focus as a page opens: the message that follows a change, or the field that it is about.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{Desk, Page, enroll, group, person, time, workspace};

/// The one element of the page that takes the focus, by its id or class; `None`: none does.
fn focused(page: &Page) -> Option<String> {
    let tags = page.html.split('<').filter_map(|part| part.split('>').next());
    let mut focused = tags.filter(|tag| tag.split_whitespace().any(|word| word == "autofocus"));
    let tag = focused.next()?;
    assert_eq!(focused.next(), None, "one at most: {}", page.html);
    let name = |attribute: &str| tag.split_once(&format!(" {attribute}=\""))?.1.split('"').next();
    if tag.starts_with("div ") {
        // Not a stop of Tab: it is read once.
        assert!(tag.contains(" tabindex=\"-1\""), "{tag}");
    }
    name("id").or_else(|| name("class")).map(str::to_owned)
}

#[database_test]
async fn a_message_has_the_focus_and_the_form_below_yields(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let stranger = desk.browser();
    let login = stranger.open("/login").await;
    assert_eq!(focused(&login).as_deref(), Some("email"));
    let refused = stranger.press(&login, "sign-in", &[("email", "x@example.com"), ("password", "x")]).await;
    // The one that is typed anew.
    assert_eq!(focused(&refused).as_deref(), Some("password"));

    let admin = desk.admin().await;
    let form = admin.open("/workspaces/new").await;
    assert_eq!(focused(&form).as_deref(), Some("name"));
    let made = admin.press(&form, "workspace-create", &[("name", "Acme")]).await;
    assert_eq!(focused(&made).as_deref(), Some("message message--done"));
    assert_eq!(focused(&admin.open(&made.at).await), None);
}

#[database_test]
async fn a_refusal_about_fields_leads_to_the_first_of_them(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let bo = person(&pool, "Bo", "Test", "bo@example.com").await;
    workspace(&pool, "Taken").await;
    let desk = Desk::start(pool.clone()).await;
    let admin = desk.admin().await;
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
async fn a_refusal_about_no_field_has_it_itself(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let desk = Desk::start(pool.clone()).await;
    let admin = desk.admin().await;
    let at = format!("/groups/{emea}");
    let fields = [("group", emea.as_str()), ("workspace", &acme), ("back", &at)];
    let page = admin.submit("enrollment-enroll", &fields).await;
    assert_eq!(focused(&page).as_deref(), Some("message message--error"), "{}", page.html);
}
