//! `/account`: one's own password and sessions.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::{get, post};
use crate::support::{Browser, Desk, PASSWORD, admin_events};

const NEW: &str = "another horse battery staple";

async fn is_in(browser: &Browser) -> bool {
    browser.open("/groups").await.at == "/groups"
}

/// Sam, signed in with as many browsers.
async fn sams<const N: usize>(desk: &Desk) -> [Browser; N] {
    let mut browsers = Vec::from([desk.support().await]);
    while browsers.len() < N {
        browsers.push(desk.browser().signed_in("sam@example.com").await);
    }
    browsers.try_into().unwrap()
}

async fn actions(pool: &PgPool) -> Vec<String> {
    let told = admin_events(pool).await.into_iter().map(|event| event.0);
    told.filter(|action| action != "signed_in" && !action.contains("created")).collect()
}

#[database_test]
async fn one_sees_oneself_and_where_one_is_signed_in(pool: PgPool) {
    let desk = Desk::start(pool).await;
    let [one, _other] = sams(&desk).await;
    let admin = desk.admin().await;
    let page = one.open("/account").await;
    for told in ["Sam Okoye", "sam@example.com", "support", "Unknown browser 127.0.0.1", "this one"] {
        assert!(page.text().contains(told), "{told}: {}", page.text());
    }
    assert_eq!(page.text().matches("Unknown browser").count(), 2);
    assert!(page.has_form("session-end") && page.has_form("sessions-end-others"));
    let page = admin.open("/account").await;
    assert_eq!(page.text().matches("Unknown browser").count(), 1);
    assert!(!page.has_form("session-end") && !page.has_form("sessions-end-others"));
}

#[database_test]
async fn a_session_is_told_by_its_browser_and_never_by_its_cookie(pool: PgPool) {
    let desk = Desk::start(pool).await;
    crate::support::operator(&desk.pool, "sam@example.com", "Sam Okoye", "support").await;
    let reply = super::Reply::read(
        super::client()
            .post(desk.url("/api/fn/sign-in"))
            .header("sec-fetch-site", "same-origin")
            .header("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
            .form(&[("email", "sam@example.com"), ("password", PASSWORD)]),
    )
    .await;
    let cookie = reply.cookie();
    let page = get(&desk, "/account", &cookie).await;
    assert!(page.text.contains("Firefox on Linux"), "{}", page.text);
    let secret = cookie.split_once('=').unwrap().1;
    assert!(!page.text.contains(secret), "{}", page.text);
}

#[database_test]
async fn one_session_is_ended_from_another(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let [one, other] = sams(&desk).await;
    let stranger = desk.admin().await;
    let page = one.open("/account").await;
    let form = page.form("session-end");
    let (_, session) = form.iter().find(|(name, _)| name == "session").unwrap();

    // Somebody else's is none of theirs.
    stranger.submit("session-end", &[("session", session)]).await;
    assert!(is_in(&other).await);

    let page = one.press(&page, "session-end", &[]).await;
    assert_eq!(page.message(), "The session was ended.");
    assert!(!is_in(&other).await && is_in(&one).await);
    // Once more, it is gone already.
    let page = one.submit("session-end", &[("session", session)]).await;
    assert_eq!(page.message(), "The session was ended.");
    assert_eq!(actions(&pool).await, ["session_ended"]);
}

#[database_test]
async fn all_others_are_ended_and_then_all(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let [one, second, third] = sams(&desk).await;
    let page = one.submit("sessions-end-others", &[]).await;
    assert_eq!(page.message(), "2 other sessions were ended.");
    assert!(is_in(&one).await && !is_in(&second).await && !is_in(&third).await);

    let second = second.signed_in("sam@example.com").await;
    let page = one.submit("sign-out-everywhere", &[]).await;
    assert_eq!((page.at.as_str(), page.message().as_str()), ("/login", "You are signed out everywhere."));
    assert!(!is_in(&one).await && !is_in(&second).await);
    assert_eq!(actions(&pool).await, ["sessions_ended", "sessions_ended"]);
}

#[database_test]
async fn a_new_password_takes_the_old_one_and_ends_every_other_session(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let [_, other] = sams(&desk).await;
    let fields = [("email", "sam@example.com"), ("password", PASSWORD)];
    let before = post(&desk, "sign-in", "", &fields).await.cookie();

    let wrong = post(&desk, "password-change", &before, &[("old", "not it"), ("new", NEW)]).await;
    assert_eq!(wrong.header("location"), "/account");
    let page = get(&desk, "/account", &before).await;
    assert!(page.text.contains("Your present password is not the one you typed."), "{}", page.text);
    let short = post(&desk, "password-change", &before, &[("old", PASSWORD), ("new", "short")]).await;
    assert_eq!(short.header("location"), "/account");
    let page = get(&desk, "/account", &before).await;
    assert!(page.text.contains("The password needs at least 12 characters."), "{}", page.text);

    let changed = post(&desk, "password-change", &before, &[("old", PASSWORD), ("new", NEW)]).await;
    let after = changed.cookie();
    assert_ne!(before, after);
    let page = get(&desk, "/account", &after).await;
    assert!(page.text.contains("Your password was changed."), "{}", page.text);
    assert_eq!(get(&desk, "/groups", &before).await.status, 303);
    assert!(!is_in(&other).await);
    for (password, to) in [(PASSWORD, "/login"), (NEW, "/")] {
        let fields = [("email", "sam@example.com"), ("password", password)];
        assert_eq!(post(&desk, "sign-in", "", &fields).await.header("location"), to);
    }
    assert_eq!(actions(&pool).await, ["password_changed", "sign_in_failed"]);
}

#[database_test]
async fn who_is_not_signed_in_changes_no_account(pool: PgPool) {
    let desk = Desk::start(pool).await;
    for (function, fields) in [
        ("password-change", vec![("old", PASSWORD), ("new", NEW)]),
        ("session-end", vec![("session", "00000000-0000-4000-8000-000000000000")]),
        ("sessions-end-others", vec![]),
        ("sign-out-everywhere", vec![]),
    ] {
        let reply = post(&desk, function, "", &fields).await;
        assert_eq!(reply.header("location"), "/login?next=/account", "{function}");
    }
    assert_eq!(get(&desk, "/account", "").await.header("location"), "/login?next=/account");
}

/// Idle for eight hours, or a day old: then it is in no list either.
#[database_test]
async fn a_session_that_is_over_is_not_listed(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let [one, _, _] = sams(&desk).await;
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
