//! Callbacks from the provider, and forged ones.

use chrono::TimeDelta;
use groupdesk::platform::oidc::FLOW_MINUTES;
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::super::clock_ahead;
use super::{STALE, UNVERIFIABLE, callback, is_signed_in, logged, sam, start};
use crate::support::{Browser, IdentityProvider, Page, TestApp, link};

/// The value of a query parameter of a path.
fn value(path: &str, name: &str) -> String {
    let (_, query) = path.split_once('?').unwrap();
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(known, _)| *known == name).expect(name).1.to_owned()
}

async fn assert_refused(browser: &Browser, path: &str, status: u16, message: &str) -> Page {
    let page = browser.open(path).await;
    assert_eq!((page.status, page.message().as_str()), (status, message), "{path}");
    assert!(page.at.starts_with("/login"), "{}", page.at);
    assert!(!is_signed_in(browser).await, "{path}");
    page
}

#[database_test]
async fn callback_works_once_and_only_in_its_browser(pool: PgPool) {
    sam(&pool).await;
    let (provider, app) = start(&pool).await;
    let (browser, other) = (app.browser(), app.browser());
    let back = callback(&provider, &browser, "sam").await;
    let state = value(&back, "state");

    // Another browser cannot use it, with or without a sign-in of its own.
    assert_refused(&other, &back, 400, STALE).await;
    other.follow_redirects(&app.url("/login/oidc")).await;
    assert_refused(&other, &back, 400, STALE).await;
    for forged in [
        back.replace(&state, &"x".repeat(state.len())),
        back.replace(&state, &state[1..]),
        back.replace(&format!("state={state}"), "state="),
        back.replace(&format!("state={state}"), "stat=x"),
        "/login/oidc/callback".to_owned(),
        "/login/oidc/callback?error=access_denied".to_owned(),
    ] {
        assert_refused(&browser, &forged, 400, STALE).await;
    }
    // None of these attempts has used it up.
    assert_eq!(browser.open(&back).await.at, "/groups");
    assert_eq!(logged(&pool).await, ["operator_linked", "signed_in"]);

    // Loaded again, it signs nobody in, and a signed-in operator stays where they are.
    assert_eq!(browser.open(&back).await.at, "/");
    browser.submit("sign-out", &[]).await;
    assert_refused(&browser, &back, 400, STALE).await;
    assert_eq!(logged(&pool).await, ["operator_linked", "signed_in", "signed_out"]);
}

#[database_test]
async fn code_belongs_to_one_sign_in(pool: PgPool) {
    sam(&pool).await;
    let (provider, app) = start(&pool).await;
    let (browser, thief) = (app.browser(), app.browser());
    let back = callback(&provider, &browser, "sam").await;
    let stolen = value(&back, "code");
    // The code is unused, but belongs to another PKCE verifier.
    let theirs = callback(&provider, &thief, "sam").await;
    let page =
        assert_refused(&thief, &theirs.replace(&value(&theirs, "code"), &stolen), 400, UNVERIFIABLE).await;
    assert_eq!(page.at, "/login?next=/groups");

    // The code is used up.
    let browser = app.browser();
    let back = callback(&provider, &browser, "sam").await;
    assert_eq!(browser.open(&back).await.at, "/groups");
    let again = app.browser();
    let theirs = callback(&provider, &again, "sam").await;
    assert_refused(
        &again,
        &theirs.replace(&value(&theirs, "code"), &value(&back, "code")),
        400,
        UNVERIFIABLE,
    )
    .await;
    // A failure uses up the sign-in.
    assert_refused(&again, &theirs, 400, STALE).await;
    assert_eq!(logged(&pool).await, ["operator_linked", "signed_in"]);
}

#[database_test]
async fn callback_of_another_issuer_is_refused(pool: PgPool) {
    sam(&pool).await;
    let (provider, app) = start(&pool).await;
    for forged in ["iss=https%3A%2F%2Fid.example.com", "iss=", "is=x"] {
        let browser = app.browser();
        let back = callback(&provider, &browser, "sam").await;
        let issuer = format!("iss={}", value(&back, "iss"));
        assert_refused(&browser, &back.replace(&issuer, forged), 400, UNVERIFIABLE).await;
    }
}

#[database_test]
async fn sign_in_expires_after_some_minutes(pool: PgPool) {
    sam(&pool).await;
    let provider = IdentityProvider::start().await;
    let (ahead, clock) = clock_ahead();
    let app = TestApp::with_provider(pool.clone(), clock, &provider).await;
    let browser = app.browser();
    let late = callback(&provider, &browser, "sam").await;
    ahead.fetch_add(TimeDelta::minutes(FLOW_MINUTES).num_minutes(), std::sync::atomic::Ordering::SeqCst);
    assert_refused(&browser, &late, 400, STALE).await;

    // The provider's session lasts, so it sends the browser back at once.
    let back = browser.follow_redirects(&app.url("/login/oidc")).await;
    ahead.fetch_add(FLOW_MINUTES - 1, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(browser.open(&back).await.at, "/");
}

/// The provider's ID tokens are valid for an hour.
#[database_test]
async fn clock_skew_of_a_minute_is_accepted(pool: PgPool) {
    sam(&pool).await;
    let provider = IdentityProvider::start().await;
    let (ahead, clock) = clock_ahead();
    let app = TestApp::with_provider(pool.clone(), clock, &provider).await;
    ahead.store(60, std::sync::atomic::Ordering::SeqCst);
    let browser = app.browser();
    let back = callback(&provider, &browser, "sam").await;
    assert_eq!(browser.open(&back).await.at, "/groups");
    ahead.store(62, std::sync::atomic::Ordering::SeqCst);
    let browser = app.browser();
    let back = callback(&provider, &browser, "sam").await;
    assert_refused(&browser, &back, 400, UNVERIFIABLE).await;
}

/// A sign-in that began while a clock was ahead has expired.
#[database_test]
async fn sign_in_from_the_future_has_expired(pool: PgPool) {
    sam(&pool).await;
    let provider = IdentityProvider::start().await;
    let (ahead, clock) = clock_ahead();
    let app = TestApp::with_provider(pool.clone(), clock, &provider).await;
    let browser = app.browser();
    ahead.store(50 * 24 * 60, std::sync::atomic::Ordering::SeqCst);
    let back = callback(&provider, &browser, "sam").await;
    ahead.store(0, std::sync::atomic::Ordering::SeqCst);
    assert_refused(&browser, &back, 400, STALE).await;
}

#[database_test]
async fn each_tab_has_its_own_sign_in(pool: PgPool) {
    sam(&pool).await;
    let (provider, app) = start(&pool).await;
    let browser = app.browser();
    let (one, other) = (browser.open("/groups").await, browser.open("/workspaces").await);
    let first = provider.page(&browser, &link(&one)).await;
    let second = provider.page(&browser, &link(&other)).await;
    let fields = [("account", "sam"), ("answer", "continue")];
    let first = provider.answer(&browser, &first, &fields).await;
    assert_eq!(browser.open(&first).await.at, "/groups");
    let second = provider.answer(&browser, &second, &fields).await;
    // A browser that is signed in by then stays signed in.
    assert_eq!(browser.open(&second).await.at, "/");
}

#[database_test]
async fn errors_of_the_provider_are_reported(pool: PgPool) {
    sam(&pool).await;
    let (provider, app) = start(&pool).await;
    let browser = app.browser();
    let login = browser.open("/groups").await;
    let provider_page = provider.page(&browser, &link(&login)).await;
    let back = provider.answer(&browser, &provider_page, &[("answer", "decline")]).await;
    assert_eq!(value(&back, "error"), "access_denied");
    let declined = "Example did not sign you in: the sign-in was cancelled or refused there. Start again, or ask an \
                    admin.";
    let page = assert_refused(&browser, &back, 403, declined).await;
    assert_eq!(page.at, "/login?next=/groups");
    assert!(page.has_form("sign-in"));
    assert_refused(&browser, &back, 400, STALE).await;

    let login = browser.open("/login").await;
    for (error, status, sentence) in [
        ("temporarily_unavailable", 503, super::UNAVAILABLE),
        ("server_error", 503, super::UNAVAILABLE),
        ("login_required", 403, declined),
        ("%3Cscript%3E", 403, declined),
    ] {
        let provider_page = provider.page(&browser, &link(&login)).await;
        let back = provider.answer(&browser, &provider_page, &[("answer", "decline")]).await;
        let page = assert_refused(&browser, &back.replace("access_denied", error), status, sentence).await;
        assert!(!page.html.contains("<script>alert") && !page.text().contains("<script>"), "{}", page.text());
    }
    assert_eq!(logged(&pool).await, Vec::<String>::new());
}
