//! Signing in with a password.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::{get, post};
use crate::support::{PASSWORD, TestApp, admin_events, operator};

const REFUSED: &str = "Incorrect e-mail address or password.";

async fn ana(pool: &PgPool) {
    operator(pool, "ana@example.com", "Ana Lima", "admin").await;
}

#[database_test]
async fn sign_in_leads_to_the_requested_page(pool: PgPool) {
    ana(&pool).await;
    let app = TestApp::start(pool.clone()).await;
    let browser = app.browser();
    let login = browser.open("/groups").await;
    assert_eq!((login.status, login.at.as_str()), (200, "/login?next=/groups"));

    let page =
        browser.press(&login, "sign-in", &[("email", "ANA@example.com"), ("password", PASSWORD)]).await;

    assert_eq!((page.status, page.at.as_str()), (200, "/groups"));
    assert!(page.text().contains("Ana Lima admin ana@example.com"), "{}", page.text());
    let event = admin_events(&pool).await.pop().unwrap();
    assert_eq!((event.0.as_str(), event.1.as_deref()), ("signed_in", Some("Ana Lima")));
}

#[database_test]
async fn wrong_password_and_unknown_email_look_the_same(pool: PgPool) {
    ana(&pool).await;
    operator(&pool, "gone@example.com", "Gone", "admin").await;
    operator(&pool, "off@example.com", "Off", "admin").await;
    operator(&pool, "linked@example.com", "Linked", "admin").await;
    sqlx::raw_sql(
        "DELETE FROM core_api.peoples WHERE email = 'gone@example.com';
         UPDATE groupdesk.operators SET disabled_at = now() WHERE email = 'off@example.com';
         UPDATE groupdesk.operators SET password_hash = NULL WHERE email = 'linked@example.com'",
    )
    .execute(&pool)
    .await
    .unwrap();
    let app = TestApp::start(pool.clone()).await;
    let browser = app.browser();
    for (email, password) in [
        ("ana@example.com", "correct horse battery stapl"),
        ("ana@example.com", ""),
        ("nobody@example.com", PASSWORD),
        ("", PASSWORD),
        ("not an address", PASSWORD),
        ("gone@example.com", PASSWORD),
        ("off@example.com", PASSWORD),
        ("linked@example.com", ""),
        ("a\u{0}b@example.com", PASSWORD),
    ] {
        let page = browser.submit("sign-in", &[("email", email), ("password", password)]).await;
        assert_eq!(
            (page.status, page.at.as_str(), page.message().as_str()),
            (200, "/login", REFUSED),
            "{email}"
        );
        let field = ("email".to_owned(), email.to_owned());
        assert!(email.contains('\0') || page.form("sign-in").contains(&field), "{}", page.html);
        if !password.is_empty() {
            assert!(!page.html.contains(password), "the password is sent back");
        }
        assert_eq!(browser.open("/groups").await.at, "/login?next=/groups");
    }
    let failed = admin_events(&pool).await;
    let failed = failed.iter().filter(|event| event.0 == "sign_in_failed").count();
    assert_eq!(failed, 9);
}

#[database_test]
async fn target_page_survives_a_failed_sign_in(pool: PgPool) {
    ana(&pool).await;
    let app = TestApp::start(pool).await;
    let browser = app.browser();
    let login = browser.open("/groups?q=emea").await;
    assert_eq!(login.at, "/login?next=/groups%3Fq%3Demea");
    let refused = browser.press(&login, "sign-in", &[("email", "ana@example.com"), ("password", "x")]).await;
    assert_eq!((refused.at.as_str(), refused.message().as_str()), (login.at.as_str(), REFUSED));
    let page = browser.press(&refused, "sign-in", &[("password", PASSWORD)]).await;
    assert_eq!(page.at, "/groups?q=emea");
}

/// The query "r&d" survives the redirect.
#[database_test]
async fn target_page_keeps_its_escapes(pool: PgPool) {
    ana(&pool).await;
    let app = TestApp::start(pool).await;
    let browser = app.browser();
    let login = browser.open("/groups?q=r%26d").await;
    let page =
        browser.press(&login, "sign-in", &[("email", "ana@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(page.at, "/groups?q=r%26d");
}

#[database_test]
async fn incomplete_form_is_not_a_server_error(pool: PgPool) {
    ana(&pool).await;
    let app = TestApp::start(pool).await;
    let reply = post(&app, "sign-in", "", &[("email", "ana@example.com")]).await;
    assert!(reply.status < 500 || reply.text.is_empty(), "{} {}", reply.status, reply.text);
    assert_eq!(get(&app, "/groups", "").await.status, 303);
}
