//! Passwords are the same on every keyboard (RFC 8265, OpaqueString).

use groupdesk::platform::secret;
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{Browser, Desk, PASSWORD, operator};

const COMPOSED: &str = "P\u{e4}sswort-lang-genug";
const DECOMPOSED: &str = "Pa\u{308}sswort-lang-genug";
const EMAIL: &str = "ana@example.com";

/// Whether somebody is signed in by this password.
async fn opens(desk: &Desk, password: &str) -> bool {
    desk.browser().submit("sign-in", &[("email", EMAIL), ("password", password)]).await.at == "/"
}

async fn change(browser: &Browser, old: &str, new: &str) -> String {
    browser.submit("password-change", &[("old", old), ("new", new)]).await.message()
}

async fn keep_hash(pool: &PgPool, password: &str) {
    let hash = secret::password_hash(password.to_owned()).await.unwrap();
    sqlx::query("UPDATE groupdesk.operators SET password_hash = $1").bind(hash).execute(pool).await.unwrap();
}

async fn kept_hash(pool: &PgPool) -> String {
    sqlx::query_scalar("SELECT password_hash FROM groupdesk.operators").fetch_one(pool).await.unwrap()
}

#[database_test]
async fn a_password_is_the_same_however_it_is_composed(pool: PgPool) {
    operator(&pool, EMAIL, "Ana Lima", "admin").await;
    let desk = Desk::start(pool).await;
    let browser = desk.browser().signed_in(EMAIL).await;
    let changed = "Your password was changed. Every other session was ended.";
    assert_eq!(change(&browser, PASSWORD, DECOMPOSED).await, changed);
    assert!(opens(&desk, COMPOSED).await && opens(&desk, DECOMPOSED).await);
    assert!(!opens(&desk, "Passwort-lang-genug").await, "an accent is part of a password");
    // The present one is compared alike, and so is any space.
    assert_eq!(change(&browser, COMPOSED, "correct\u{a0}horse\u{3000}battery").await, changed);
    assert!(opens(&desk, "correct horse battery").await);
    assert!(!opens(&desk, "Correct horse battery").await, "case is part of a password");
}

#[database_test]
async fn a_hash_of_before_goes_on_working_and_is_replaced(pool: PgPool) {
    operator(&pool, EMAIL, "Ana Lima", "admin").await;
    let desk = Desk::start(pool.clone()).await;
    for old in [DECOMPOSED, COMPOSED] {
        keep_hash(&pool, old).await;
        assert!(opens(&desk, COMPOSED).await && opens(&desk, DECOMPOSED).await, "{old:?}");
    }
    // What only the machine sends on which it was chosen; from then on every one does.
    let (old, other) = ("P\u{e4}ss\u{a0}wort-lang-genug", "Pa\u{308}ss wort-lang-genug");
    keep_hash(&pool, old).await;
    assert!(!opens(&desk, other).await);
    assert!(opens(&desk, old).await && opens(&desk, other).await);
    // One of today's form stays as it is.
    let hash = kept_hash(&pool).await;
    assert!(opens(&desk, other).await);
    assert_eq!(kept_hash(&pool).await, hash);
}

#[database_test]
async fn a_password_of_what_cannot_be_typed_again_is_refused(pool: PgPool) {
    operator(&pool, EMAIL, "Ana Lima", "admin").await;
    let desk = Desk::start(pool).await;
    let browser = desk.browser().signed_in(EMAIL).await;
    for unseen in ["\u{200b}", "\u{202e}", "\u{7}", "\u{ad}"] {
        let told = change(&browser, PASSWORD, &format!("correct horse{unseen} battery")).await;
        assert_eq!(told, "The password holds a character that cannot be shown.", "{unseen:?}");
    }
    // Characters are counted as they are kept.
    let short = "a\u{308}".repeat(11);
    assert_eq!(change(&browser, PASSWORD, &short).await, "The password needs at least 12 characters.");
    assert!(opens(&desk, PASSWORD).await);
}

/// What an account is charged to is the same, too: else a guess would be free for each way to write an address.
#[database_test]
async fn an_address_signs_in_however_it_is_typed(pool: PgPool) {
    operator(&pool, "j\u{e4}ger@example.com", "Kim Lee", "admin").await;
    let desk = Desk::start(pool).await;
    for typed in [
        "j\u{e4}ger@example.com",
        "Ja\u{308}ger@example.com",
        " \u{ff4a}\u{e4}ger\u{ff20}example.com\u{200b}",
    ] {
        let fields = [("email", typed), ("password", PASSWORD)];
        assert_eq!(desk.browser().submit("sign-in", &fields).await.at, "/", "{typed:?}");
    }
}
