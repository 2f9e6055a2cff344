//! Password guessing is slow and does not lock out the owner of the account.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::TimeDelta;
use groupdesk::kernel::clock::Clock;
use groupdesk::platform::clock;
use groupdesk::resources::sign_in_attempts::ops::sign_in_attempts_delete_expired;
use pretty_assertions::assert_eq;
use reqwest::header::SET_COOKIE;
use sqlx::PgPool;

use super::{Reply, client, get};
use crate::support::{PASSWORD, TestApp, admin_events, operator};

const REFUSED: &str = "Incorrect e-mail address or password.";
const TOO_OFTEN: &str = "Too many attempts. Try again in";

/// Tries a password from an address, with these cookies.
async fn attempt(app: &TestApp, address: &str, cookies: &str, email: &str, password: &str) -> Reply {
    let request = client()
        .post(app.url("/api/fn/sign-in"))
        .header("accept", "text/html")
        .header("sec-fetch-site", "same-origin")
        .header("x-forwarded-for", format!("203.0.113.1, {address}"))
        .header("cookie", cookies)
        .form(&[("email", email), ("password", password)]);
    Reply::read(request).await
}

/// Status and message of the attempt; "in" if it succeeded.
async fn outcome(app: &TestApp, reply: &Reply) -> (u16, String) {
    if reply.header("location") == "/" {
        return (200, "in".to_owned());
    }
    let page = get(app, reply.header("location"), &reply.cookie()).await;
    let (_, rest) = page
        .text
        .split_once("role=\"alert\"")
        .unwrap_or_else(|| panic!("no message: {} {}", reply.status, page.text));
    let (_, rest) = rest.split_once('>').unwrap();
    (page.status, rest.split_once('<').unwrap().0.to_owned())
}

async fn fail(app: &TestApp, address: &str, email: &str, times: usize) {
    for number in 0..times {
        let reply = attempt(app, address, "", email, "not the password").await;
        assert_eq!(outcome(app, &reply).await, (200, REFUSED.to_owned()), "attempt {number}");
    }
}

/// The device cookie.
fn device_cookie(reply: &Reply) -> String {
    let lines = reply.headers.get_all(SET_COOKIE);
    let line =
        lines.iter().map(|line| line.to_str().unwrap()).find(|line| line.starts_with("groupdesk_device"));
    let line = line.expect("a device cookie");
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(line.contains(attribute), "{line}");
    }
    line.split(';').next().unwrap().to_owned()
}

async fn ana(pool: &PgPool) {
    operator(pool, "ana@example.com", "Ana Lima", "admin").await;
}

#[database_test]
async fn ten_attempts_and_then_one_a_minute_per_account(pool: PgPool) {
    ana(&pool).await;
    // A clock that the test advances.
    let (start, seconds) = (clock::system().now(), Arc::new(AtomicI64::new(0)));
    let passed = Arc::clone(&seconds);
    let clock = Clock::new(move || start + TimeDelta::seconds(passed.load(Ordering::SeqCst)));
    let app = TestApp::proxied(pool.clone(), clock).await;
    // An unknown account behaves exactly like Ana's.
    for (address, email) in [("192.0.2.1", "ana@example.com"), ("192.0.2.2", "nobody@example.com")] {
        seconds.store(0, Ordering::SeqCst);
        fail(&app, address, email, 10).await;
        // The right password is throttled, too. Otherwise the response would reveal it.
        let refused = (429, format!("{TOO_OFTEN} 1 minute."));
        for password in ["not the password", PASSWORD] {
            let reply = attempt(&app, address, "", email, password).await;
            assert_eq!(outcome(&app, &reply).await, refused, "{email}");
        }
        seconds.store(59, Ordering::SeqCst);
        let reply = attempt(&app, address, "", email, "not the password").await;
        assert_eq!(outcome(&app, &reply).await, (429, format!("{TOO_OFTEN} 1 second.")), "{email}");
        seconds.store(60, Ordering::SeqCst);
        fail(&app, address, email, 1).await;
    }
    seconds.store(120, Ordering::SeqCst);
    let reply = attempt(&app, "192.0.2.1", "", "ANA@example.com ", PASSWORD).await;
    assert_eq!(outcome(&app, &reply).await.1, "in");
    let failed = admin_events(&pool).await.iter().filter(|event| event.0 == "sign_in_failed").count();
    assert_eq!(failed, 22, "throttled attempts are not logged as failed sign-ins");
}

#[database_test]
async fn owner_signs_in_from_another_address(pool: PgPool) {
    ana(&pool).await;
    let app = TestApp::proxied(pool, clock::system()).await;
    fail(&app, "192.0.2.1", "ana@example.com", 10).await;
    let reply = attempt(&app, "192.0.2.1", "", "ana@example.com", PASSWORD).await;
    assert_eq!(outcome(&app, &reply).await.0, 429);
    let reply = attempt(&app, "198.51.100.7", "", "ana@example.com", PASSWORD).await;
    assert_eq!(outcome(&app, &reply).await.1, "in");
}

#[database_test]
async fn known_browsers_are_not_locked_out(pool: PgPool) {
    ana(&pool).await;
    operator(&pool, "sam@example.com", "Sam Okoye", "support").await;
    let app = TestApp::proxied(pool, clock::system()).await;
    let address = "192.0.2.1";
    let known = device_cookie(&attempt(&app, address, "", "ana@example.com", PASSWORD).await);
    let other = device_cookie(&attempt(&app, address, "", "sam@example.com", PASSWORD).await);
    fail(&app, address, "ana@example.com", 10).await;

    let reply = attempt(&app, address, &known, "ana@example.com", PASSWORD).await;
    assert_eq!(outcome(&app, &reply).await.1, "in");
    assert_eq!(device_cookie(&reply), known);
    // The device cookie of another account, or an invented one, has no effect.
    let made_up = format!("{}=made.up", known.split('=').next().unwrap());
    for cookie in [other.as_str(), &made_up, &format!("{known}x")] {
        let reply = attempt(&app, address, cookie, "ana@example.com", PASSWORD).await;
        assert_eq!(outcome(&app, &reply).await.0, 429, "{cookie}");
    }
    // A device cookie limits guessing, too.
    for _ in 0..10 {
        attempt(&app, address, &known, "ana@example.com", "not the password").await;
    }
    let reply = attempt(&app, "198.51.100.7", &known, "ana@example.com", PASSWORD).await;
    assert_eq!(outcome(&app, &reply).await.0, 429);
}

#[database_test]
async fn attempts_from_one_address_are_limited(pool: PgPool) {
    let app = TestApp::proxied(pool, clock::system()).await;
    for number in 0..50 {
        fail(&app, "192.0.2.1", &format!("nobody{number}@example.com"), 1).await;
    }
    let reply = attempt(&app, "192.0.2.1", "", "somebody@example.com", PASSWORD).await;
    assert_eq!(outcome(&app, &reply).await.0, 429);
    fail(&app, "192.0.2.2", "somebody@example.com", 1).await;
}

/// A hundred attempts at once from as many addresses use up the allowance, and further attempts are
/// refused, also while they arrive concurrently.
#[database_test]
async fn attempts_on_one_account_are_limited(pool: PgPool) {
    ana(&pool).await;
    let app = TestApp::proxied_with_large_pool(&pool).await;
    let addresses: Vec<String> = (1..=120).map(|number| format!("192.0.2.{number}")).collect();
    let attempts = addresses.iter().map(|address| attempt(&app, address, "", "ana@example.com", "wrong"));
    let replies = futures::future::join_all(attempts).await;
    let mut refused = 0;
    for reply in &replies {
        refused += usize::from(outcome(&app, reply).await.0 == 429);
    }
    assert_eq!(refused, 20);
    app.close().await;
}

#[database_test]
async fn forwarded_addresses_need_a_trusted_proxy(pool: PgPool) {
    ana(&pool).await;
    let app = TestApp::start(pool).await;
    for number in 0..10 {
        fail(&app, &format!("192.0.2.{number}"), "ana@example.com", 1).await;
    }
    let reply = attempt(&app, "192.0.2.99", "", "ana@example.com", PASSWORD).await;
    assert_eq!(outcome(&app, &reply).await.0, 429);
}

/// A person at an unattended browser cannot guess the password, either.
#[database_test]
async fn password_change_is_throttled(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let support = app.support().await;
    let guess = |old| [("old", old), ("new", "another horse battery staple")];
    for _ in 0..10 {
        let page = support.submit("password-change", &guess("not it")).await;
        assert_eq!(page.message(), "The current password is incorrect.");
    }
    let page = support.submit("password-change", &guess(PASSWORD)).await;
    assert_eq!(page.message(), "Too many attempts. Try again in 5 minutes.");
}

#[database_test]
async fn attempts_store_no_input_and_expire(pool: PgPool) {
    let app = TestApp::proxied(pool.clone(), clock::system()).await;
    fail(&app, "192.0.2.1", "my secret by mistake", 2).await;
    let rows: Vec<String> = sqlx::query_scalar("SELECT a::text FROM groupdesk.sign_in_attempts a")
        .fetch_all(&pool)
        .await
        .unwrap();
    assert_eq!(rows.len(), 3);
    for row in &rows {
        assert!(!row.contains("secret") && !row.contains("192.0.2"), "{row}");
    }
    let mut connection = pool.acquire().await.unwrap();
    let now = clock::system().now();
    let count = "SELECT count(*) FROM groupdesk.sign_in_attempts";
    for (ahead, left) in [(0, 3), (24, 0)] {
        sign_in_attempts_delete_expired(&mut connection, now + TimeDelta::hours(ahead)).await.unwrap();
        let found: i64 = sqlx::query_scalar(count).fetch_one(&pool).await.unwrap();
        assert_eq!(found, left, "{ahead}");
    }
}

/// A clock that was ahead for a moment must not lock operators out until that time.
#[database_test]
async fn attempts_from_the_future_do_not_count(pool: PgPool) {
    ana(&pool).await;
    let (ahead, clock) = super::clock_ahead();
    let app = TestApp::proxied(pool.clone(), clock).await;
    let address = "192.0.2.1";
    let days = TimeDelta::days(50);
    ahead.store(days.num_minutes(), Ordering::SeqCst);
    fail(&app, address, "ana@example.com", 10).await;
    let reply = attempt(&app, address, "", "ana@example.com", PASSWORD).await;
    assert_eq!(outcome(&app, &reply).await.0, 429);
    ahead.store(0, Ordering::SeqCst);

    let reply = attempt(&app, address, "", "ana@example.com", PASSWORD).await;
    assert_eq!(outcome(&app, &reply).await.1, "in");
    // The allowance is that of the present.
    fail(&app, address, "ana@example.com", 10).await;
    let reply = attempt(&app, address, "", "ana@example.com", PASSWORD).await;
    assert_eq!(outcome(&app, &reply).await.0, 429);

    // The attempts are not stored until then, either.
    fail(&app, "192.0.2.2", "sam@example.com", 1).await;
    ahead.store(days.num_minutes(), Ordering::SeqCst);
    fail(&app, "192.0.2.3", "kim@example.com", 1).await;
    let mut connection = pool.acquire().await.unwrap();
    let count = "SELECT count(*) FROM groupdesk.sign_in_attempts";
    let before: i64 = sqlx::query_scalar(count).fetch_one(&pool).await.unwrap();
    sign_in_attempts_delete_expired(&mut connection, clock::system().now()).await.unwrap();
    let after: i64 = sqlx::query_scalar(count).fetch_one(&pool).await.unwrap();
    assert_eq!(before - after, 3, "of {before}");
}
