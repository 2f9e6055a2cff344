//! `/account`: the operator's own password and sessions.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::{get, post};
use crate::support::{Browser, PASSWORD, TestApp, admin_events};

const NEW: &str = "another horse battery staple";

async fn is_signed_in(browser: &Browser) -> bool {
    browser.open("/groups").await.at == "/groups"
}

/// Signs Sam in with this many browsers.
async fn signed_in_as_sam<const N: usize>(app: &TestApp) -> [Browser; N] {
    let mut browsers = Vec::from([app.support().await]);
    while browsers.len() < N {
        browsers.push(app.browser().signed_in("sam@example.com").await);
    }
    browsers.try_into().unwrap()
}

async fn actions(pool: &PgPool) -> Vec<String> {
    let actions = admin_events(pool).await.into_iter().map(|event| event.0);
    actions.filter(|action| action != "signed_in" && !action.contains("created")).collect()
}

#[database_test]
async fn account_shows_the_operator_and_their_sessions(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let [one, _other] = signed_in_as_sam(&app).await;
    let admin = app.admin().await;
    let page = one.open("/account").await;
    for expected in ["Sam Okoye", "sam@example.com", "support", "Unknown browser 127.0.0.1", "this one"] {
        assert!(page.text().contains(expected), "{expected}: {}", page.text());
    }
    assert_eq!(page.text().matches("Unknown browser").count(), 2);
    assert!(page.has_form("session-end") && page.has_form("sessions-end-others"));
    let page = admin.open("/account").await;
    assert_eq!(page.text().matches("Unknown browser").count(), 1);
    assert!(!page.has_form("session-end") && !page.has_form("sessions-end-others"));
}

#[database_test]
async fn sessions_are_listed_by_browser_not_by_cookie(pool: PgPool) {
    let app = TestApp::start(pool).await;
    crate::support::operator(&app.pool, "sam@example.com", "Sam Okoye", "support").await;
    let reply = super::Reply::read(
        super::client()
            .post(app.url("/api/fn/sign-in"))
            .header("sec-fetch-site", "same-origin")
            .header("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
            .form(&[("email", "sam@example.com"), ("password", PASSWORD)]),
    )
    .await;
    let cookie = reply.cookie();
    let page = get(&app, "/account", &cookie).await;
    assert!(page.text.contains("Firefox on Linux"), "{}", page.text);
    let secret = cookie.split_once('=').unwrap().1;
    assert!(!page.text.contains(secret), "{}", page.text);
}

#[database_test]
async fn operator_ends_one_of_their_other_sessions(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let [one, other] = signed_in_as_sam(&app).await;
    let admin = app.admin().await;
    let page = one.open("/account").await;
    let form = page.form("session-end");
    let (_, session) = form.iter().find(|(name, _)| name == "session").unwrap();

    // A session of another operator cannot be ended.
    admin.submit("session-end", &[("session", session)]).await;
    assert!(is_signed_in(&other).await);

    let page = one.press(&page, "session-end", &[]).await;
    assert_eq!(page.message(), "The session was ended.");
    assert!(!is_signed_in(&other).await && is_signed_in(&one).await);
    // A session that is already ended is not an error.
    let page = one.submit("session-end", &[("session", session)]).await;
    assert_eq!(page.message(), "The session was ended.");
    assert_eq!(actions(&pool).await, ["session_ended"]);
}

#[database_test]
async fn operator_ends_all_other_sessions_and_then_all(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let [one, second, third] = signed_in_as_sam(&app).await;
    let page = one.submit("sessions-end-others", &[]).await;
    assert_eq!(page.message(), "2 other sessions were ended.");
    assert!(is_signed_in(&one).await && !is_signed_in(&second).await && !is_signed_in(&third).await);

    let second = second.signed_in("sam@example.com").await;
    let page = one.submit("sign-out-everywhere", &[]).await;
    assert_eq!((page.at.as_str(), page.message().as_str()), ("/login", "You are signed out everywhere."));
    assert!(!is_signed_in(&one).await && !is_signed_in(&second).await);
    assert_eq!(actions(&pool).await, ["sessions_ended", "sessions_ended"]);
}

#[database_test]
async fn password_change_ends_all_other_sessions(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let [_, other] = signed_in_as_sam(&app).await;
    let fields = [("email", "sam@example.com"), ("password", PASSWORD)];
    let before = post(&app, "sign-in", "", &fields).await.cookie();

    let wrong = post(&app, "password-change", &before, &[("old", "not it"), ("new", NEW)]).await;
    assert_eq!(wrong.header("location"), "/account");
    let page = get(&app, "/account", &before).await;
    assert!(page.text.contains("The current password is incorrect."), "{}", page.text);
    let short = post(&app, "password-change", &before, &[("old", PASSWORD), ("new", "short")]).await;
    assert_eq!(short.header("location"), "/account");
    let page = get(&app, "/account", &before).await;
    assert!(page.text.contains("The password needs at least 12 characters."), "{}", page.text);

    let changed = post(&app, "password-change", &before, &[("old", PASSWORD), ("new", NEW)]).await;
    let after = changed.cookie();
    assert_ne!(before, after);
    let page = get(&app, "/account", &after).await;
    assert!(page.text.contains("Your password was changed."), "{}", page.text);
    assert_eq!(get(&app, "/groups", &before).await.status, 303);
    assert!(!is_signed_in(&other).await);
    for (password, to) in [(PASSWORD, "/login"), (NEW, "/")] {
        let fields = [("email", "sam@example.com"), ("password", password)];
        assert_eq!(post(&app, "sign-in", "", &fields).await.header("location"), to);
    }
    assert_eq!(actions(&pool).await, ["password_changed", "sign_in_failed"]);
}

#[database_test]
async fn account_changes_require_sign_in(pool: PgPool) {
    let app = TestApp::start(pool).await;
    for (function, fields) in [
        ("password-change", vec![("old", PASSWORD), ("new", NEW)]),
        ("session-end", vec![("session", "00000000-0000-4000-8000-000000000000")]),
        ("sessions-end-others", vec![]),
        ("sign-out-everywhere", vec![]),
    ] {
        let reply = post(&app, function, "", &fields).await;
        assert_eq!(reply.header("location"), "/login?next=/account", "{function}");
    }
    assert_eq!(get(&app, "/account", "").await.header("location"), "/login?next=/account");
}

/// A session expires after eight hours without use or after a day.
#[database_test]
async fn expired_sessions_are_not_listed(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let [one, _, _] = signed_in_as_sam(&app).await;
    sqlx::raw_sql(
        "UPDATE groupdesk.sessions SET expiry_date = now() - interval '1 second'
         WHERE id = (SELECT max(id) FROM groupdesk.sessions WHERE signed_in_at = (SELECT max(signed_in_at) FROM groupdesk.sessions))",
    )
    .execute(&pool)
    .await
    .unwrap();
    let page = one.open("/account").await;
    assert_eq!(page.text().matches("Unknown browser").count(), 2, "{}", page.text());
    sqlx::raw_sql("UPDATE groupdesk.sessions SET signed_in_at = now() - interval '25 hours'")
        .execute(&pool)
        .await
        .unwrap();
    let page = one.open("/account").await;
    assert_eq!(page.text().matches("Unknown browser").count(), 0, "{}", page.text());
}
