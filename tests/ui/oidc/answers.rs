//! What comes back from the provider, or from somebody who pretends so.

use chrono::TimeDelta;
use groupdesk::platform::oidc::FLOW_MINUTES;
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::super::clock_ahead;
use super::{STALE, UNPROVEN, is_in, sam, sent_back, start, told};
use crate::support::{Browser, Desk, IdentityProvider, Page, link};

/// The value of a parameter of a path.
fn value(path: &str, name: &str) -> String {
    let (_, query) = path.split_once('?').unwrap();
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(known, _)| *known == name).expect(name).1.to_owned()
}

async fn refused(browser: &Browser, path: &str, status: u16, told: &str) -> Page {
    let page = browser.open(path).await;
    assert_eq!((page.status, page.message().as_str()), (status, told), "{path}");
    assert!(page.at.starts_with("/login"), "{}", page.at);
    assert!(!is_in(browser).await, "{path}");
    page
}

#[database_test]
async fn an_answer_is_of_this_browser_and_is_used_once(pool: PgPool) {
    sam(&pool).await;
    let (provider, desk) = start(&pool).await;
    let (browser, other) = (desk.browser(), desk.browser());
    let back = sent_back(&provider, &browser, "sam").await;
    let state = value(&back, "state");

    // Somebody else's browser, with a sign-in of its own and without.
    refused(&other, &back, 400, STALE).await;
    other.led(&desk.url("/login/oidc")).await;
    refused(&other, &back, 400, STALE).await;
    for forged in [
        back.replace(&state, &"x".repeat(state.len())),
        back.replace(&state, &state[1..]),
        back.replace(&format!("state={state}"), "state="),
        back.replace(&format!("state={state}"), "stat=x"),
        "/login/oidc/callback".to_owned(),
        "/login/oidc/callback?error=access_denied".to_owned(),
    ] {
        refused(&browser, &forged, 400, STALE).await;
    }
    // None of which has used it up.
    assert_eq!(browser.open(&back).await.at, "/groups");
    assert_eq!(told(&pool).await, ["operator_linked", "signed_in"]);

    // Loaded again, it leads who is signed in nowhere else, and signs nobody in.
    assert_eq!(browser.open(&back).await.at, "/");
    browser.submit("sign-out", &[]).await;
    refused(&browser, &back, 400, STALE).await;
    assert_eq!(told(&pool).await, ["operator_linked", "signed_in", "signed_out"]);
}

#[database_test]
async fn a_code_is_of_one_sign_in(pool: PgPool) {
    sam(&pool).await;
    let (provider, desk) = start(&pool).await;
    let (browser, thief) = (desk.browser(), desk.browser());
    let back = sent_back(&provider, &browser, "sam").await;
    let stolen = value(&back, "code");
    // Not used yet, but begun with another verifier (PKCE).
    let theirs = sent_back(&provider, &thief, "sam").await;
    let page = refused(&thief, &theirs.replace(&value(&theirs, "code"), &stolen), 400, UNPROVEN).await;
    assert_eq!(page.at, "/login?next=/groups");

    // Used already.
    let browser = desk.browser();
    let back = sent_back(&provider, &browser, "sam").await;
    assert_eq!(browser.open(&back).await.at, "/groups");
    let again = desk.browser();
    let theirs = sent_back(&provider, &again, "sam").await;
    refused(&again, &theirs.replace(&value(&theirs, "code"), &value(&back, "code")), 400, UNPROVEN).await;
    // A failure uses the sign-in up.
    refused(&again, &theirs, 400, STALE).await;
    assert_eq!(told(&pool).await, ["operator_linked", "signed_in"]);
}

#[database_test]
async fn an_answer_is_of_this_issuer(pool: PgPool) {
    sam(&pool).await;
    let (provider, desk) = start(&pool).await;
    for forged in ["iss=https%3A%2F%2Fid.example.com", "iss=", "is=x"] {
        let browser = desk.browser();
        let back = sent_back(&provider, &browser, "sam").await;
        let issuer = format!("iss={}", value(&back, "iss"));
        refused(&browser, &back.replace(&issuer, forged), 400, UNPROVEN).await;
    }
}

#[database_test]
async fn a_sign_in_may_take_some_minutes_and_not_more(pool: PgPool) {
    sam(&pool).await;
    let provider = IdentityProvider::start().await;
    let (ahead, clock) = clock_ahead();
    let desk = Desk::signed_in_by(pool.clone(), clock, &provider).await;
    let browser = desk.browser();
    let late = sent_back(&provider, &browser, "sam").await;
    ahead.fetch_add(TimeDelta::minutes(FLOW_MINUTES).num_minutes(), std::sync::atomic::Ordering::SeqCst);
    refused(&browser, &late, 400, STALE).await;

    // Signed in there by now, the browser is sent back at once.
    let back = browser.led(&desk.url("/login/oidc")).await;
    ahead.fetch_add(FLOW_MINUTES - 1, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(browser.open(&back).await.at, "/");
}

/// The provider's ID tokens are valid for an hour.
#[database_test]
async fn clocks_may_differ_by_a_minute(pool: PgPool) {
    sam(&pool).await;
    let provider = IdentityProvider::start().await;
    let (ahead, clock) = clock_ahead();
    let desk = Desk::signed_in_by(pool.clone(), clock, &provider).await;
    ahead.store(60, std::sync::atomic::Ordering::SeqCst);
    let browser = desk.browser();
    let back = sent_back(&provider, &browser, "sam").await;
    assert_eq!(browser.open(&back).await.at, "/groups");
    ahead.store(62, std::sync::atomic::Ordering::SeqCst);
    let browser = desk.browser();
    let back = sent_back(&provider, &browser, "sam").await;
    refused(&browser, &back, 400, UNPROVEN).await;
}

/// A sign-in that began while a clock was ahead is over.
#[database_test]
async fn a_sign_in_from_the_future_is_stale(pool: PgPool) {
    sam(&pool).await;
    let provider = IdentityProvider::start().await;
    let (ahead, clock) = clock_ahead();
    let desk = Desk::signed_in_by(pool.clone(), clock, &provider).await;
    let browser = desk.browser();
    ahead.store(50 * 24 * 60, std::sync::atomic::Ordering::SeqCst);
    let back = sent_back(&provider, &browser, "sam").await;
    ahead.store(0, std::sync::atomic::Ordering::SeqCst);
    refused(&browser, &back, 400, STALE).await;
}

#[database_test]
async fn each_tab_has_a_sign_in_of_its_own(pool: PgPool) {
    sam(&pool).await;
    let (provider, desk) = start(&pool).await;
    let browser = desk.browser();
    let (one, other) = (browser.open("/groups").await, browser.open("/workspaces").await);
    let first = provider.page(&browser, &link(&one)).await;
    let second = provider.page(&browser, &link(&other)).await;
    let fields = [("account", "sam"), ("answer", "continue")];
    let first = provider.answer(&browser, &first, &fields).await;
    assert_eq!(browser.open(&first).await.at, "/groups");
    let second = provider.answer(&browser, &second, &fields).await;
    // Where one is signed in by then, one is.
    assert_eq!(browser.open(&second).await.at, "/");
}

#[database_test]
async fn what_is_declined_there_is_told_here(pool: PgPool) {
    sam(&pool).await;
    let (provider, desk) = start(&pool).await;
    let browser = desk.browser();
    let login = browser.open("/groups").await;
    let there = provider.page(&browser, &link(&login)).await;
    let back = provider.answer(&browser, &there, &[("answer", "decline")]).await;
    assert_eq!(value(&back, "error"), "access_denied");
    let declined = "Example did not sign you in. Try again if that was not meant.";
    let page = refused(&browser, &back, 403, declined).await;
    assert_eq!(page.at, "/login?next=/groups");
    assert!(page.has_form("sign-in"));
    refused(&browser, &back, 400, STALE).await;

    let login = browser.open("/login").await;
    for (error, status, sentence) in [
        ("temporarily_unavailable", 503, super::AWAY),
        ("server_error", 503, super::AWAY),
        ("login_required", 403, declined),
        ("%3Cscript%3E", 403, declined),
    ] {
        let there = provider.page(&browser, &link(&login)).await;
        let back = provider.answer(&browser, &there, &[("answer", "decline")]).await;
        let page = refused(&browser, &back.replace("access_denied", error), status, sentence).await;
        assert!(!page.html.contains("<script>alert") && !page.text().contains("<script>"), "{}", page.text());
    }
    assert_eq!(told(&pool).await, Vec::<String>::new());
}
