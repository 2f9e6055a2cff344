//! Failed sign-ins reveal nothing about the account.

use std::time::{Duration, Instant};

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{Reply, TestApp, get, operator, post};

/// An account with a password, one without, a disabled one, one without a person, and an unknown one.
const ACCOUNTS: [&str; 5] =
    ["ana@example.com", "linked@example.com", "off@example.com", "gone@example.com", "nobody@example.com"];

async fn accounts(pool: &PgPool) {
    for email in &ACCOUNTS[..4] {
        operator(pool, email, "Somebody", "admin").await;
    }
    sqlx::raw_sql(
        "UPDATE groupdesk.operators SET password_hash = NULL WHERE email = 'linked@example.com';
         UPDATE groupdesk.operators SET disabled_at = now() WHERE email = 'off@example.com';
         DELETE FROM core_api.peoples WHERE email = 'gone@example.com'",
    )
    .execute(pool)
    .await
    .unwrap();
}

async fn fail(app: &TestApp, email: &str) -> (Reply, Duration) {
    let started = Instant::now();
    let reply = post(app, "sign-in", "", &[("email", email), ("password", "not the password")]).await;
    (reply, started.elapsed())
}

/// The page without the input and without values that differ on every page.
fn comparable(page: &str, email: &str) -> String {
    let mut text = page.replace(email, "(typed)");
    for other in ["nonce=\"", "name=\"form_key\" value=\""] {
        while let Some(at) = text.find(other) {
            let value = at + other.len();
            let end = text[value..].find('"').unwrap() + value + 1;
            text.replace_range(at..end, "");
        }
    }
    text
}

#[database_test]
async fn failures_look_the_same_for_every_account(pool: PgPool) {
    accounts(&pool).await;
    let app = TestApp::start(pool).await;
    let mut seen = Vec::new();
    for email in ACCOUNTS {
        let (reply, _) = fail(&app, email).await;
        let page = get(&app, reply.header("location"), &reply.cookie()).await;
        let names =
            |reply: &Reply| -> Vec<String> { reply.headers.keys().map(ToString::to_string).collect() };
        let attributes = reply.cookie_line().unwrap().split_once(';').unwrap().1.to_owned();
        seen.push((
            (
                reply.status,
                reply.header("location").to_owned(),
                reply.text.clone(),
                names(&reply),
                attributes,
            ),
            (page.status, names(&page), comparable(&page.text, email)),
        ));
    }
    for other in &seen[1..] {
        assert_eq!(other, &seen[0]);
    }
}

/// A password hash is computed in every case, and takes most of the time of an attempt. The quickest
/// attempt of each account counts. A busy machine can slow all attempts of six rounds, so more rounds
/// follow until the times agree; accounts that are treated differently never agree.
#[database_test]
async fn failures_take_the_same_time_for_every_account(pool: PgPool) {
    accounts(&pool).await;
    let app = TestApp::start(pool.clone()).await;
    let mut quickest = [Duration::MAX; ACCOUNTS.len()];
    let mut without = Duration::MAX;
    for round in 1..=60 {
        for (email, quickest) in ACCOUNTS.iter().zip(&mut quickest) {
            let (reply, took) = fail(&app, email).await;
            assert_eq!(reply.status, 302);
            *quickest = took.min(*quickest);
        }
        // A form that is refused before the password is checked shows the rest of the time.
        let started = Instant::now();
        post(&app, "group-create", "", &[("name", "x")]).await;
        without = without.min(started.elapsed());
        let (least, most) = (*quickest.iter().min().unwrap(), *quickest.iter().max().unwrap());
        if round >= 6 && most < least * 2 && least > without * 2 {
            return;
        }
        // A throttled attempt is refused without a hash.
        sqlx::raw_sql("DELETE FROM groupdesk.sign_in_attempts").execute(&pool).await.unwrap();
    }
    panic!("{quickest:?}, and {without:?} without a hash");
}

/// Spellings that the database treats as one account share one limit.
#[database_test]
async fn all_spellings_of_an_email_share_one_limit(pool: PgPool) {
    operator(&pool, "kiki@example.com", "Kiki", "admin").await;
    let app = TestApp::start(pool).await;
    let spellings = [
        "kiki@example.com",
        "KIKI@EXAMPLE.COM",
        " kiki@example.com ",
        "k\u{130}k\u{130}@example.com",
        "\u{212a}iki@example.com",
    ];
    let mut refused = 0;
    for round in 0..3 {
        for email in spellings {
            let (reply, _) = fail(&app, email).await;
            let page = get(&app, reply.header("location"), &reply.cookie()).await;
            refused += usize::from(page.status == 429);
            assert!(page.status == 200 || round == 2, "{round} {email}");
        }
    }
    assert_eq!(refused, 5);
}
