//! `/tokens`: creating, showing once, using and revoking.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{Page, TestApp, admin_events, person};

const ADMINS_ONLY: &str = "Only admins may see and manage this.";

/// The secret in the field for copying.
pub(super) fn shown(page: &Page) -> Option<String> {
    let (_, rest) = page.html.split_once("id=\"once\"")?;
    let (_, value) = rest.split_once(" value=\"")?;
    Some(value.split_once('"')?.0.to_owned())
}

const SYSTEM_TOKEN: [(&str, &str); 4] =
    [("name", "Nightly sync"), ("scopes[0]", "read"), ("holder", "system"), ("expiry", "never")];

#[database_test]
async fn token_is_shown_once_works_and_is_revoked(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;

    let form = admin.open("/tokens/new").await;
    let page = admin.press(&form, "token-create", &[("name", "Nightly sync"), ("holder", "system")]).await;

    assert_eq!((page.status, page.at.as_str()), (200, "/tokens"));
    assert!(page.message().starts_with("Nightly sync was created. Copy the token now"), "{}", page.message());
    let text = shown(&page).expect("the token");
    assert!(text.starts_with("groupdesk_") && text.len() == 53, "{text}");
    let api = app.with_token(&text);
    assert_eq!(api.get("/v1/workspaces").await.status, 200);
    assert_eq!(api.delete("/v1/workspaces/00000000-0000-4000-8000-000000000000").await.status, 403);

    // The secret is never shown again: neither when the page is reloaded nor in the database.
    let again = admin.open("/tokens").await;
    assert_eq!(shown(&again), None);
    assert!(!again.html.contains(&text), "{}", again.html);
    assert!(again.text().contains("Nightly sync active"), "{}", again.text());
    assert!(again.text().contains(&text[..16]), "{}", again.text());
    let found: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM groupdesk.sessions
         WHERE position(convert_to($1, 'UTF8') IN data) > 0",
    )
    .bind(&text)
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(found, 0, "the session still holds the token");

    let id: uuid::Uuid =
        sqlx::query_scalar("SELECT api_token_id FROM groupdesk.api_tokens").fetch_one(&pool).await.unwrap();
    let confirm = admin.open(&format!("/tokens/{id}/revoke")).await;
    assert!(confirm.text().contains("Revoke Nightly sync?"), "{}", confirm.text());
    assert!(confirm.text().contains("just now"), "the last use is missing: {}", confirm.text());
    let page = admin.press(&confirm, "token-revoke", &[]).await;
    assert_eq!((page.at.as_str(), page.message().as_str()), ("/tokens", "Nightly sync was revoked."));
    assert!(page.text().contains("Nightly sync revoked"), "{}", page.text());
    assert_eq!(api.get("/v1/workspaces").await.status, 401);

    let confirm = admin.open(&format!("/tokens/{id}/revoke")).await;
    assert!(confirm.text().contains("This token is already revoked"), "{}", confirm.text());
    admin.submit("token-revoke", &[("token", &id.to_string())]).await;
    let logged: Vec<_> =
        admin_events(&pool).await.into_iter().filter(|event| event.0.contains("token")).collect();
    let by_ana = |action: &str| (action.to_owned(), Some("Ana Lima".into()), Some("Nightly sync".into()));
    assert_eq!(logged, [by_ana("api_token_created"), by_ana("api_token_revoked")]);
}

#[database_test]
async fn token_expires_at_midnight_in_the_admins_time_zone(pool: PgPool) {
    person(&pool, "Ria", "Cruz", "ria@example.com").await;
    let app = TestApp::at(pool.clone(), "2026-05-28T09:15:00Z").await;
    let admin = app.admin().await;
    admin.submit("preferences-set", &[("browser_zone", "Europe/Berlin")]).await;
    let typed = [
        ("name", "Importer"),
        ("scopes[0]", "write"),
        ("scopes[1]", "pipeline"),
        ("holder", "person"),
        ("person", "RIA@example.com"),
        ("expiry", "day"),
        ("day", "2026-06-01"),
    ];
    let page = admin.submit("token-create", &typed).await;
    assert!(page.text().contains("Ria Cruz"), "{}", page.text());
    assert!(page.text().contains("write, pipeline"), "{}", page.text());
    assert!(page.html.contains("datetime=\"2026-06-01T22:00:00.000Z\""), "{}", page.html);
}

#[database_test]
async fn all_invalid_fields_are_reported_and_input_is_kept(pool: PgPool) {
    let app = TestApp::at(pool.clone(), "2026-05-28T09:15:00Z").await;
    let admin = app.admin().await;
    let typed =
        [("name", " "), ("holder", "person"), ("person", "nobody"), ("expiry", "day"), ("day", "2026-05-27")];
    let page = admin.submit("token-create", &typed).await;
    assert_eq!(page.at, "/tokens/new");
    assert_eq!(
        page.message(),
        "The name is missing. Choose at least one scope. The e-mail address is not of the form \
         name@example.com. Choose a date between today and ten years from now."
    );
    let form = page.form("token-create");
    for field in [("person", "nobody"), ("day", "2026-05-27")] {
        assert!(form.contains(&(field.0.to_owned(), field.1.to_owned())), "{form:?}");
    }
    for (field, value, message) in [
        ("person", "nobody@example.com", "No person has the e-mail address nobody@example.com."),
        ("day", "tomorrow", "“tomorrow” is not a valid date. Enter it in the form 2026-05-28."),
        ("day", "2036-06-07", "Choose a date between today and ten years from now."),
        ("expiry", "soon", "The form is incomplete. Reload the page and try again."),
        ("scopes[0]", "everything", "The form is incomplete. Reload the page and try again."),
        ("holder", "", "The form is incomplete. Reload the page and try again."),
    ] {
        let mut typed = vec![
            ("name", "Robot"),
            ("scopes[0]", "read"),
            ("holder", "person"),
            ("person", "ana@example.com"),
            ("expiry", "day"),
            ("day", "2026-05-28"),
        ];
        typed.retain(|(name, _)| *name != field);
        typed.push((field, value));
        let page = admin.submit("token-create", &typed).await;
        assert_eq!((page.at.as_str(), page.message().as_str()), ("/tokens/new", message), "{field}");
    }
    let tokens: i64 =
        sqlx::query_scalar("SELECT count(*) FROM groupdesk.api_tokens").fetch_one(&pool).await.unwrap();
    assert_eq!(tokens, 0);
}

#[database_test]
async fn token_list_shows_states_and_pages(pool: PgPool) {
    sqlx::raw_sql(
        "INSERT INTO groupdesk.api_tokens (name, prefix, token_hash, is_system, scopes, created_at, expires_at, revoked_at)
         SELECT 'Robot ' || n, 'groupdesk_' || n, sha256(n::text::bytea), n <> 60, '{read}', now() - n * interval '1 day',
                CASE n WHEN 1 THEN now() - interval '1 hour' END, CASE n WHEN 2 THEN now() END
         FROM generate_series(1, 60) n",
    )
    .execute(&pool)
    .await
    .unwrap();
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let first = admin.open("/tokens").await;
    for expected in ["Robot 1 expired", "Robot 2 revoked", "Robot 3 active"] {
        assert!(first.text().contains(expected), "{expected}: {}", first.text());
    }
    assert!(!first.text().contains("Robot 51"), "{}", first.text());
    let next = first.html.split("href=\"").find(|part| part.starts_with("/tokens?after=")).unwrap();
    let second = admin.open(next.split('"').next().unwrap()).await;
    assert!(second.text().contains("Robot 51 active"), "{}", second.text());
    assert!(second.text().contains("Robot 60 person deleted"), "{}", second.text());
    assert_eq!(admin.open("/tokens?after=made-up").await.status, 400);
}

#[database_test]
async fn support_cannot_see_or_change_tokens(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    admin.submit("token-create", &SYSTEM_TOKEN).await;
    let id: uuid::Uuid =
        sqlx::query_scalar("SELECT api_token_id FROM groupdesk.api_tokens").fetch_one(&pool).await.unwrap();
    let id = id.to_string();
    let support = app.support().await;
    for path in ["/tokens", "/tokens/new", &format!("/tokens/{id}/revoke")] {
        let page = support.open(path).await;
        assert_eq!(page.status, 403, "{path}");
        assert!(page.text().contains(ADMINS_ONLY) && !page.text().contains("Nightly"), "{}", page.text());
        assert!(!page.has_form("token-create") && !page.has_form("token-revoke"), "{path}");
    }
    for (function, fields) in
        [("token-create", &SYSTEM_TOKEN[..]), ("token-revoke", &[("token", id.as_str())])]
    {
        assert_eq!(
            support.submit(function, fields).await.text().matches(ADMINS_ONLY).count(),
            2,
            "{function}"
        );
    }
    let tokens: Vec<bool> = sqlx::query_scalar("SELECT revoked_at IS NULL FROM groupdesk.api_tokens")
        .fetch_all(&pool)
        .await
        .unwrap();
    assert_eq!(tokens, [true]);
    let missing = admin.open("/tokens/00000000-0000-4000-8000-000000000000/revoke").await;
    assert_eq!(missing.status, 404);
    assert_eq!(admin.open("/tokens/x/revoke").await.status, 404);
}
