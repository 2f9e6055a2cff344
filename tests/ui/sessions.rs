//! The session and its cookie.

use std::sync::atomic::Ordering;

use chrono::{DateTime, TimeDelta, Utc};
use groupdesk::platform::clock;
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::{Reply, clock_ahead, get, post};
use crate::support::{Desk, PASSWORD, operator};

async fn sign_in(desk: &Desk, cookie: &str) -> Reply {
    let reply = post(desk, "sign-in", cookie, &[("email", "ana@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(reply.status, 302);
    reply
}

async fn sweep(pool: &PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    groupdesk::platform::session::sweep(&mut connection, clock::system().now()).await.unwrap();
}

async fn ana(pool: &PgPool) {
    operator(pool, "ana@example.com", "Ana Lima", "admin").await;
}

#[database_test]
async fn the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(pool: PgPool) {
    ana(&pool).await;
    let desk = Desk::start(pool).await;
    let reply = sign_in(&desk, "").await;
    let line = reply.cookie_line().unwrap();
    let attributes: Vec<&str> = line.split("; ").skip(1).collect();
    assert!(attributes.contains(&"HttpOnly"), "{line}");
    assert!(attributes.contains(&"SameSite=Lax"), "{line}");
    assert!(attributes.contains(&"Path=/"), "{line}");
    // On loopback, where there is no TLS.
    assert!(!attributes.contains(&"Secure"), "{line}");
    assert!(!attributes.iter().any(|attribute| attribute.starts_with("Domain")), "{line}");
}

/// An id that somebody planted before is worth nothing after.
#[database_test]
async fn the_session_has_another_id_after_signing_in(pool: PgPool) {
    ana(&pool).await;
    let desk = Desk::start(pool).await;
    let refused = post(&desk, "sign-in", "", &[("email", "ana@example.com"), ("password", "x")]).await;
    let before = refused.cookie();
    let after = sign_in(&desk, &before).await.cookie();

    assert_ne!(before, after);
    assert_eq!(get(&desk, "/groups", &before).await.status, 303);
    assert_eq!(get(&desk, "/groups", &after).await.status, 200);
    // Nor does one survive signing in again.
    let again = sign_in(&desk, &after).await.cookie();
    assert_ne!(again, after);
    assert_eq!(get(&desk, "/groups", &after).await.status, 303);
}

#[database_test]
async fn signing_out_ends_the_session_for_whoever_kept_its_cookie(pool: PgPool) {
    ana(&pool).await;
    let desk = Desk::start(pool).await;
    let cookie = sign_in(&desk, "").await.cookie();

    let out = post(&desk, "sign-out", &cookie, &[]).await;

    assert_eq!((out.status, out.header("location")), (302, "/login"));
    let groups = get(&desk, "/groups", &cookie).await;
    assert_eq!((groups.status, groups.header("location")), (303, "/login?next=/groups"));
    let login = get(&desk, "/login", &out.cookie()).await;
    assert!(login.text.contains("You are signed out."), "{}", login.text);
    let change = post(&desk, "group-create", &cookie, &[("name", "EMEA")]).await;
    assert!(change.header("location").starts_with("/login"));
}

/// A page that was asked for before, and is sent after, does not bring the session back.
#[database_test]
async fn signing_out_ends_the_session_also_while_pages_are_being_loaded(pool: PgPool) {
    ana(&pool).await;
    let desk = Desk::crowded(&pool).await;
    for round in 0..6 {
        let cookie = sign_in(&desk, "").await.cookie();
        // A message that waits to be shown is one more thing that a page changes in the session.
        post(&desk, "group-create", &cookie, &[("name", "")]).await;
        let pages = futures::future::join_all((0..12).map(|_| get(&desk, "/groups", &cookie)));
        let (_, out) = futures::join!(pages, post(&desk, "sign-out", &cookie, &[]));
        assert_eq!(out.status, 302);
        assert_eq!(get(&desk, "/groups", &cookie).await.status, 303, "round {round}");
    }
    desk.close().await;
}

#[database_test]
async fn a_session_of_somebody_who_may_not_sign_in_any_more_stops_working(pool: PgPool) {
    ana(&pool).await;
    let desk = Desk::start(pool.clone()).await;
    let cookie = sign_in(&desk, "").await.cookie();
    for (change, status) in [
        ("UPDATE groupdesk.operators SET disabled_at = now()", 303),
        ("UPDATE groupdesk.operators SET disabled_at = NULL", 200),
        ("DELETE FROM core_api.peoples", 303),
    ] {
        sqlx::raw_sql(change).execute(&pool).await.unwrap();
        assert_eq!(get(&desk, "/groups", &cookie).await.status, status, "{change}");
    }
}

#[database_test]
async fn a_session_ends_a_day_after_it_began(pool: PgPool) {
    ana(&pool).await;
    let (ahead, clock) = clock_ahead();
    let desk = Desk::with_clock(pool, clock).await;
    let cookie = sign_in(&desk, "").await.cookie();
    for (minutes, status) in [(24 * 60 - 1, 200), (24 * 60, 303), (0, 200)] {
        ahead.store(minutes, Ordering::SeqCst);
        assert_eq!(get(&desk, "/groups", &cookie).await.status, status, "{minutes}");
    }
}

async fn expiry(pool: &PgPool) -> DateTime<Utc> {
    sqlx::query_scalar("SELECT expiry_date FROM groupdesk.sessions").fetch_one(pool).await.unwrap()
}

#[database_test]
async fn an_expired_session_is_none(pool: PgPool) {
    ana(&pool).await;
    let desk = Desk::start(pool.clone()).await;
    let cookie = sign_in(&desk, "").await.cookie();
    sqlx::raw_sql("UPDATE groupdesk.sessions SET expiry_date = now() - interval '1 second'")
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(get(&desk, "/groups", &cookie).await.status, 303);
}

/// Eight hours without use end a session, not eight hours of reading. Looking twice within minutes
/// writes nothing.
#[database_test]
async fn using_the_desk_keeps_the_session_alive(pool: PgPool) {
    ana(&pool).await;
    let (ahead, clock) = clock_ahead();
    let desk = Desk::with_clock(pool.clone(), clock).await;
    let cookie = sign_in(&desk, "").await.cookie();
    let soon: DateTime<Utc> = sqlx::query_scalar(
        "UPDATE groupdesk.sessions SET expiry_date = now() + interval '1 hour' RETURNING expiry_date",
    )
    .fetch_one(&pool)
    .await
    .unwrap();

    assert_eq!(get(&desk, "/groups", &cookie).await.status, 200);
    assert_eq!(expiry(&pool).await, soon);

    ahead.store(6, Ordering::SeqCst);
    assert_eq!(get(&desk, "/groups", &cookie).await.status, 200);
    assert!(expiry(&pool).await > soon + TimeDelta::hours(6));
}

#[database_test]
async fn a_cookie_that_is_none_of_ours_is_nobody(pool: PgPool) {
    let desk = Desk::start(pool).await;
    for value in ["x", "AAAAAAAAAAAAAAAAAAAAAA", "", "' OR 1=1"] {
        let cookie = desk.cookie("groupdesk_session", value);
        assert_eq!(get(&desk, "/groups", &cookie).await.status, 303, "{cookie}");
        assert_eq!(get(&desk, "/login", &cookie).await.status, 200, "{cookie}");
    }
}

/// Signed in while the clock was ahead, nobody stays signed in until it is as late as it seemed to be.
#[database_test]
async fn a_session_from_the_future_is_none(pool: PgPool) {
    ana(&pool).await;
    let (ahead, clock) = clock_ahead();
    let desk = Desk::with_clock(pool.clone(), clock).await;
    let fifty_days = 50 * 24 * 60;
    ahead.store(fifty_days, Ordering::SeqCst);
    let cookie = sign_in(&desk, "").await.cookie();
    assert_eq!(get(&desk, "/groups", &cookie).await.status, 200);
    ahead.store(0, Ordering::SeqCst);
    assert_eq!(get(&desk, "/groups", &cookie).await.status, 303);
    // It has ended, and is not valid again when it is as late as it seemed to be.
    ahead.store(fifty_days, Ordering::SeqCst);
    assert_eq!(get(&desk, "/groups", &cookie).await.status, 303);
    ahead.store(0, Ordering::SeqCst);
    // It is not among one's own either.
    let present = sign_in(&desk, "").await.cookie();
    let account = get(&desk, "/account", &present).await;
    assert_eq!(account.text.matches("\"/api/fn/session-end\"").count(), 0, "{}", account.text);
    // Two servers whose clocks differ a little share sessions.
    ahead.store(4, Ordering::SeqCst);
    let cookie = sign_in(&desk, "").await.cookie();
    ahead.store(0, Ordering::SeqCst);
    assert_eq!(get(&desk, "/groups", &cookie).await.status, 200);
}

/// Kept for as long as the clock was ahead it would fill the database.
#[database_test]
async fn what_expires_later_than_any_session_can_is_swept(pool: PgPool) {
    ana(&pool).await;
    let desk = Desk::start(pool.clone()).await;
    let (kept, swept) = (sign_in(&desk, "").await.cookie(), sign_in(&desk, "").await.cookie());
    sqlx::raw_sql(
        "UPDATE groupdesk.sessions SET expiry_date = expiry_date + interval '50 days'
         WHERE signed_in_at = (SELECT max(signed_in_at) FROM groupdesk.sessions)",
    )
    .execute(&pool)
    .await
    .unwrap();
    sweep(&pool).await;
    assert_eq!(get(&desk, "/groups", &kept).await.status, 200);
    assert_eq!(get(&desk, "/groups", &swept).await.status, 303);
}

/// Also where nobody comes with its cookie as long as the clock is right.
#[database_test]
async fn a_session_that_was_begun_in_the_future_is_swept(pool: PgPool) {
    ana(&pool).await;
    let (ahead, clock) = clock_ahead();
    let desk = Desk::with_clock(pool.clone(), clock).await;
    let a_day = 24 * 60;
    ahead.store(a_day, Ordering::SeqCst);
    let future = sign_in(&desk, "").await.cookie();
    // Two servers whose clocks differ a little share sessions.
    ahead.store(4, Ordering::SeqCst);
    let present = sign_in(&desk, "").await.cookie();
    sweep(&pool).await;
    ahead.store(a_day, Ordering::SeqCst);
    assert_eq!(get(&desk, "/groups", &future).await.status, 303);
    ahead.store(0, Ordering::SeqCst);
    assert_eq!(get(&desk, "/groups", &present).await.status, 200);
}
