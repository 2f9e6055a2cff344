//! Passwords are the same on every keyboard (RFC 8265, OpaqueString).

use groupdesk::platform::secret;
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{Browser, PASSWORD, TestApp, operator};

const COMPOSED: &str = "P\u{e4}sswort-lang-genug";
const DECOMPOSED: &str = "Pa\u{308}sswort-lang-genug";
const EMAIL: &str = "ana@example.com";

/// Whether this password signs in.
async fn signs_in(app: &TestApp, password: &str) -> bool {
    app.browser().submit("sign-in", &[("email", EMAIL), ("password", password)]).await.at == "/"
}

async fn change(browser: &Browser, old: &str, new: &str) -> String {
    browser.submit("password-change", &[("old", old), ("new", new)]).await.message()
}

async fn store_hash(pool: &PgPool, password: &str) {
    let hash = secret::password_hash(password.to_owned()).await.unwrap();
    sqlx::query("UPDATE groupdesk.operators SET password_hash = $1").bind(hash).execute(pool).await.unwrap();
}

async fn stored_hash(pool: &PgPool) -> String {
    sqlx::query_scalar("SELECT password_hash FROM groupdesk.operators").fetch_one(pool).await.unwrap()
}

#[database_test]
async fn password_matches_in_any_unicode_form(pool: PgPool) {
    operator(&pool, EMAIL, "Ana Lima", "admin").await;
    let app = TestApp::start(pool).await;
    let browser = app.browser().signed_in(EMAIL).await;
    let changed = "Your password was changed. All other sessions were ended.";
    assert_eq!(change(&browser, PASSWORD, DECOMPOSED).await, changed);
    assert!(signs_in(&app, COMPOSED).await && signs_in(&app, DECOMPOSED).await);
    assert!(!signs_in(&app, "Passwort-lang-genug").await, "an accent is part of a password");
    // The current password is compared in the same form, and every kind of space counts as a space.
    assert_eq!(change(&browser, COMPOSED, "correct\u{a0}horse\u{3000}battery").await, changed);
    assert!(signs_in(&app, "correct horse battery").await);
    assert!(!signs_in(&app, "Correct horse battery").await, "case is part of a password");
}

#[database_test]
async fn old_password_hashes_work_and_are_replaced(pool: PgPool) {
    operator(&pool, EMAIL, "Ana Lima", "admin").await;
    let app = TestApp::start(pool.clone()).await;
    for old in [DECOMPOSED, COMPOSED] {
        store_hash(&pool, old).await;
        assert!(signs_in(&app, COMPOSED).await && signs_in(&app, DECOMPOSED).await, "{old:?}");
    }
    // The old hash is of the raw text, so at first only the keyboard that produced it matches. After that
    // sign-in every keyboard does.
    let (old, other) = ("P\u{e4}ss\u{a0}wort-lang-genug", "Pa\u{308}ss wort-lang-genug");
    store_hash(&pool, old).await;
    assert!(!signs_in(&app, other).await);
    assert!(signs_in(&app, old).await && signs_in(&app, other).await);
    // A hash of the normalized form is not replaced.
    let hash = stored_hash(&pool).await;
    assert!(signs_in(&app, other).await);
    assert_eq!(stored_hash(&pool).await, hash);
}

#[database_test]
async fn passwords_with_invisible_characters_are_refused(pool: PgPool) {
    operator(&pool, EMAIL, "Ana Lima", "admin").await;
    let app = TestApp::start(pool).await;
    let browser = app.browser().signed_in(EMAIL).await;
    for unseen in ["\u{200b}", "\u{202e}", "\u{7}", "\u{ad}"] {
        let message = change(&browser, PASSWORD, &format!("correct horse{unseen} battery")).await;
        assert_eq!(message, "The password contains a character that cannot be shown.", "{unseen:?}");
    }
    // The length is counted in the normalized form.
    let short = "a\u{308}".repeat(11);
    assert_eq!(change(&browser, PASSWORD, &short).await, "The password needs at least 12 characters.");
    assert!(signs_in(&app, PASSWORD).await);
}

/// The throttle normalizes the address, too. Otherwise each spelling would allow more guesses.
#[database_test]
async fn email_signs_in_in_any_unicode_form(pool: PgPool) {
    operator(&pool, "j\u{e4}ger@example.com", "Kim Lee", "admin").await;
    let app = TestApp::start(pool).await;
    for typed in [
        "j\u{e4}ger@example.com",
        "Ja\u{308}ger@example.com",
        " \u{ff4a}\u{e4}ger\u{ff20}example.com\u{200b}",
    ] {
        let fields = [("email", typed), ("password", PASSWORD)];
        assert_eq!(app.browser().submit("sign-in", &fields).await.at, "/", "{typed:?}");
    }
}
