//! The session and its cookie.

use std::sync::atomic::Ordering;

use chrono::{DateTime, TimeDelta, Utc};
use groupdesk::platform::clock;
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::{Reply, clock_ahead, get, post};
use crate::support::{PASSWORD, TestApp, operator};

async fn sign_in(app: &TestApp, cookie: &str) -> Reply {
    let reply = post(app, "sign-in", cookie, &[("email", "ana@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(reply.status, 302);
    reply
}

async fn sweep(pool: &PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    groupdesk::resources::operator_sessions::session_store::delete_expired(
        &mut connection,
        clock::system().now(),
    )
    .await
    .unwrap();
}

async fn ana(pool: &PgPool) {
    operator(pool, "ana@example.com", "Ana Lima", "admin").await;
}

#[database_test]
async fn session_cookie_is_http_only_and_same_site(pool: PgPool) {
    ana(&pool).await;
    let app = TestApp::start(pool).await;
    let reply = sign_in(&app, "").await;
    let line = reply.cookie_line().unwrap();
    let attributes: Vec<&str> = line.split("; ").skip(1).collect();
    assert!(attributes.contains(&"HttpOnly"), "{line}");
    assert!(attributes.contains(&"SameSite=Lax"), "{line}");
    assert!(attributes.contains(&"Path=/"), "{line}");
    // Loopback has no TLS.
    assert!(!attributes.contains(&"Secure"), "{line}");
    assert!(!attributes.iter().any(|attribute| attribute.starts_with("Domain")), "{line}");
}

/// This prevents session fixation: a planted id is worthless after sign-in.
#[database_test]
async fn session_id_changes_at_sign_in(pool: PgPool) {
    ana(&pool).await;
    let app = TestApp::start(pool).await;
    let refused = post(&app, "sign-in", "", &[("email", "ana@example.com"), ("password", "x")]).await;
    let before = refused.cookie();
    let after = sign_in(&app, &before).await.cookie();

    assert_ne!(before, after);
    assert_eq!(get(&app, "/groups", &before).await.status, 303);
    assert_eq!(get(&app, "/groups", &after).await.status, 200);
    // The id changes at every sign-in.
    let again = sign_in(&app, &after).await.cookie();
    assert_ne!(again, after);
    assert_eq!(get(&app, "/groups", &after).await.status, 303);
}

#[database_test]
async fn sign_out_invalidates_copies_of_the_cookie(pool: PgPool) {
    ana(&pool).await;
    let app = TestApp::start(pool).await;
    let cookie = sign_in(&app, "").await.cookie();

    let out = post(&app, "sign-out", &cookie, &[]).await;

    assert_eq!((out.status, out.header("location")), (302, "/login"));
    let groups = get(&app, "/groups", &cookie).await;
    assert_eq!((groups.status, groups.header("location")), (303, "/login?next=/groups"));
    let login = get(&app, "/login", &out.cookie()).await;
    assert!(login.text.contains("You are signed out."), "{}", login.text);
    let change = post(&app, "group-create", &cookie, &[("name", "EMEA")]).await;
    assert!(change.header("location").starts_with("/login"));
}

/// A page that was requested before the sign-out and is sent after it does not restore the session.
#[database_test]
async fn sign_out_wins_against_concurrent_page_loads(pool: PgPool) {
    ana(&pool).await;
    let app = TestApp::with_large_pool(&pool).await;
    for round in 0..6 {
        let cookie = sign_in(&app, "").await.cookie();
        // A pending message makes each page change the session, too.
        post(&app, "group-create", &cookie, &[("name", "")]).await;
        let pages = futures::future::join_all((0..12).map(|_| get(&app, "/groups", &cookie)));
        let (_, out) = futures::join!(pages, post(&app, "sign-out", &cookie, &[]));
        assert_eq!(out.status, 302);
        assert_eq!(get(&app, "/groups", &cookie).await.status, 303, "round {round}");
    }
    app.close().await;
}

#[database_test]
async fn session_of_a_disabled_operator_is_invalid(pool: PgPool) {
    ana(&pool).await;
    let app = TestApp::start(pool.clone()).await;
    let cookie = sign_in(&app, "").await.cookie();
    for (change, status) in [
        ("UPDATE groupdesk.operators SET disabled_at = now()", 303),
        ("UPDATE groupdesk.operators SET disabled_at = NULL", 200),
        ("DELETE FROM core_api.peoples", 303),
    ] {
        sqlx::raw_sql(change).execute(&pool).await.unwrap();
        assert_eq!(get(&app, "/groups", &cookie).await.status, status, "{change}");
    }
}

#[database_test]
async fn session_ends_a_day_after_sign_in(pool: PgPool) {
    ana(&pool).await;
    let (ahead, clock) = clock_ahead();
    let app = TestApp::with_clock(pool, clock).await;
    let cookie = sign_in(&app, "").await.cookie();
    for (minutes, status) in [(24 * 60 - 1, 200), (24 * 60, 303), (0, 200)] {
        ahead.store(minutes, Ordering::SeqCst);
        assert_eq!(get(&app, "/groups", &cookie).await.status, status, "{minutes}");
    }
}

async fn expiry(pool: &PgPool) -> DateTime<Utc> {
    sqlx::query_scalar("SELECT expiry_date FROM groupdesk.sessions").fetch_one(pool).await.unwrap()
}

#[database_test]
async fn expired_session_is_refused(pool: PgPool) {
    ana(&pool).await;
    let app = TestApp::start(pool.clone()).await;
    let cookie = sign_in(&app, "").await.cookie();
    sqlx::raw_sql("UPDATE groupdesk.sessions SET expiry_date = now() - interval '1 second'")
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(get(&app, "/groups", &cookie).await.status, 303);
}

/// A session ends after eight hours without use. A second page within minutes writes nothing.
#[database_test]
async fn activity_extends_the_session(pool: PgPool) {
    ana(&pool).await;
    let (ahead, clock) = clock_ahead();
    let app = TestApp::with_clock(pool.clone(), clock).await;
    let cookie = sign_in(&app, "").await.cookie();
    let soon: DateTime<Utc> = sqlx::query_scalar(
        "UPDATE groupdesk.sessions SET expiry_date = now() + interval '1 hour' RETURNING expiry_date",
    )
    .fetch_one(&pool)
    .await
    .unwrap();

    assert_eq!(get(&app, "/groups", &cookie).await.status, 200);
    assert_eq!(expiry(&pool).await, soon);

    ahead.store(6, Ordering::SeqCst);
    assert_eq!(get(&app, "/groups", &cookie).await.status, 200);
    assert!(expiry(&pool).await > soon + TimeDelta::hours(6));
}

#[database_test]
async fn foreign_cookies_are_ignored(pool: PgPool) {
    let app = TestApp::start(pool).await;
    for value in ["x", "AAAAAAAAAAAAAAAAAAAAAA", "", "' OR 1=1"] {
        let cookie = app.cookie("groupdesk_session", value);
        assert_eq!(get(&app, "/groups", &cookie).await.status, 303, "{cookie}");
        assert_eq!(get(&app, "/login", &cookie).await.status, 200, "{cookie}");
    }
}

/// A session that began while the clock was ahead must not be valid until that time.
#[database_test]
async fn session_from_the_future_is_refused(pool: PgPool) {
    ana(&pool).await;
    let (ahead, clock) = clock_ahead();
    let app = TestApp::with_clock(pool.clone(), clock).await;
    let fifty_days = 50 * 24 * 60;
    ahead.store(fifty_days, Ordering::SeqCst);
    let cookie = sign_in(&app, "").await.cookie();
    assert_eq!(get(&app, "/groups", &cookie).await.status, 200);
    ahead.store(0, Ordering::SeqCst);
    assert_eq!(get(&app, "/groups", &cookie).await.status, 303);
    // It has ended, and does not become valid when the clock reaches its beginning.
    ahead.store(fifty_days, Ordering::SeqCst);
    assert_eq!(get(&app, "/groups", &cookie).await.status, 303);
    ahead.store(0, Ordering::SeqCst);
    // It is not in the operator's own list, either.
    let present = sign_in(&app, "").await.cookie();
    let account = get(&app, "/account", &present).await;
    assert_eq!(account.text.matches("\"/api/fn/session-end\"").count(), 0, "{}", account.text);
    // Instances whose clocks differ slightly share sessions.
    ahead.store(4, Ordering::SeqCst);
    let cookie = sign_in(&app, "").await.cookie();
    ahead.store(0, Ordering::SeqCst);
    assert_eq!(get(&app, "/groups", &cookie).await.status, 200);
}

/// Otherwise such sessions would fill the database.
#[database_test]
async fn sessions_with_impossible_expiry_are_swept(pool: PgPool) {
    ana(&pool).await;
    let app = TestApp::start(pool.clone()).await;
    let (valid, swept) = (sign_in(&app, "").await.cookie(), sign_in(&app, "").await.cookie());
    sqlx::raw_sql(
        "UPDATE groupdesk.sessions SET expiry_date = expiry_date + interval '50 days'
         WHERE signed_in_at = (SELECT max(signed_in_at) FROM groupdesk.sessions)",
    )
    .execute(&pool)
    .await
    .unwrap();
    sweep(&pool).await;
    assert_eq!(get(&app, "/groups", &valid).await.status, 200);
    assert_eq!(get(&app, "/groups", &swept).await.status, 303);
}

/// The sweep deletes it even if its cookie is never sent again.
#[database_test]
async fn sessions_from_the_future_are_swept(pool: PgPool) {
    ana(&pool).await;
    let (ahead, clock) = clock_ahead();
    let app = TestApp::with_clock(pool.clone(), clock).await;
    let a_day = 24 * 60;
    ahead.store(a_day, Ordering::SeqCst);
    let future = sign_in(&app, "").await.cookie();
    // Instances whose clocks differ slightly share sessions.
    ahead.store(4, Ordering::SeqCst);
    let present = sign_in(&app, "").await.cookie();
    sweep(&pool).await;
    ahead.store(a_day, Ordering::SeqCst);
    assert_eq!(get(&app, "/groups", &future).await.status, 303);
    ahead.store(0, Ordering::SeqCst);
    assert_eq!(get(&app, "/groups", &present).await.status, 200);
}
