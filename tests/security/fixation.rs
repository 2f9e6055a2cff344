//! Session fixation: the id of a session changes with every sign-in and with every change of what its
//! operator may do, and the previous session ends.

use pretty_assertions::assert_eq;
use sqlx::PgPool;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::fixtures::Fixtures;
use crate::support::{PASSWORD, TestApp, get, operator, post};

const ANA: [(&str, &str); 2] = [("email", "ana@example.com"), ("password", PASSWORD)];
/// The interim response of a server that waits for the rest of a request.
const CONTINUE: &[u8; 25] = b"HTTP/1.1 100 Continue\r\n\r\n";

const SAM: [(&str, &str); 2] = [("email", "sam@example.com"), ("password", PASSWORD)];

async fn operators(pool: &PgPool) {
    operator(pool, "ana@example.com", "Ana Lima", "admin").await;
    operator(pool, "sam@example.com", "Sam Okoye", "support").await;
}

async fn is_signed_in(app: &TestApp, cookie: &str) -> bool {
    get(app, "/groups", cookie).await.status == 200
}

async fn id_of(pool: &PgPool, email: &str) -> String {
    sqlx::query_scalar("SELECT operator_id::text FROM groupdesk.operators WHERE email = $1")
        .bind(email)
        .fetch_one(pool)
        .await
        .unwrap()
}

#[database_test]
async fn planted_cookie_is_worthless_after_sign_in(pool: PgPool) {
    operators(&pool).await;
    let app = TestApp::start(pool.clone()).await;
    // A working session of another operator, a session that holds only a message, and an invented id.
    let attackers = post(&app, "sign-in", "", &SAM).await.cookie();
    let empty = post(&app, "sign-in", "", &[("email", "x"), ("password", "x")]).await.cookie();
    let made_up = app.cookie("groupdesk_session", &"B".repeat(22));
    assert!(is_signed_in(&app, &attackers).await);
    for planted in [attackers.as_str(), &empty, &made_up] {
        let own = post(&app, "sign-in", planted, &ANA).await.cookie();
        assert_ne!(own, planted);
        assert!(is_signed_in(&app, &own).await, "{planted}");
        assert!(!is_signed_in(&app, planted).await, "{planted}");
    }
}

#[database_test]
async fn invitation_starts_a_new_session(pool: PgPool) {
    operators(&pool).await;
    let app = TestApp::start(pool.clone()).await;
    let link = Fixtures::make(&pool).await.link;
    let planted = post(&app, "sign-in", "", &SAM).await.cookie();
    let accepted =
        post(&app, "invitation-accept", &planted, &[("secret", &link), ("password", PASSWORD)]).await;
    assert_eq!((accepted.status, accepted.header("location")), (302, "/"));
    assert_ne!(accepted.cookie(), planted);
    assert!(is_signed_in(&app, &accepted.cookie()).await && !is_signed_in(&app, &planted).await);
}

/// Upgrading and downgrading both end the session, also once the old role is restored.
#[database_test]
async fn role_change_ends_the_session(pool: PgPool) {
    operators(&pool).await;
    let app = TestApp::start(pool.clone()).await;
    let admin = post(&app, "sign-in", "", &ANA).await.cookie();
    let sam = id_of(&pool, "sam@example.com").await;
    let mut known = Vec::new();
    for role in ["admin", "support", "admin"] {
        let cookie = post(&app, "sign-in", known.last().map_or("", String::as_str), &SAM).await.cookie();
        assert!(is_signed_in(&app, &cookie).await && !known.contains(&cookie));
        known.push(cookie);
        let given = post(&app, "operator-set-role", &admin, &[("operator", &sam), ("role", role)]).await;
        assert_eq!(given.header("location"), format!("/operators/{sam}"));
        for cookie in &known {
            assert!(!is_signed_in(&app, cookie).await, "after {role}");
        }
    }
    // The rows of the sessions are deleted, and only the admin's remains.
    let sessions: i64 =
        sqlx::query_scalar("SELECT count(*) FROM groupdesk.sessions WHERE operator_pk IS NOT NULL")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(sessions, 1);
    assert!(is_signed_in(&app, &admin).await);
}

#[database_test]
async fn disabling_ends_all_sessions_at_once(pool: PgPool) {
    operators(&pool).await;
    operator(&pool, "bea@example.com", "Bea Roth", "admin").await;
    let app = TestApp::start(pool.clone()).await;
    let admin = post(&app, "sign-in", "", &ANA).await.cookie();
    let mut cookies = Vec::new();
    for _ in 0..3 {
        let fields = [("email", "bea@example.com"), ("password", PASSWORD)];
        cookies.push(post(&app, "sign-in", "", &fields).await.cookie());
    }
    let bea = id_of(&pool, "bea@example.com").await;
    post(&app, "operator-disable", &admin, &[("operator", &bea)]).await;
    for cookie in &cookies {
        let change = post(&app, "group-create", cookie, &[("name", "Mine")]).await;
        assert!(change.header("location").starts_with("/login"), "{change:?}");
        assert_eq!(get(&app, "/live?topic=groups", cookie).await.status, 401);
        assert!(!is_signed_in(&app, cookie).await);
    }
    post(&app, "operator-enable", &admin, &[("operator", &bea)]).await;
    for cookie in &cookies {
        assert!(!is_signed_in(&app, cookie).await, "the session works again");
    }
    let groups: i64 =
        sqlx::query_scalar("SELECT count(*) FROM core_api.workspace_groups").fetch_one(&pool).await.unwrap();
    assert_eq!(groups, 0);
}

/// The caller is checked when the head of a request arrives, and the form may take long to follow.
#[database_test]
async fn requests_in_flight_are_refused_after_the_session_ends(pool: PgPool) {
    operators(&pool).await;
    operator(&pool, "bea@example.com", "Bea Roth", "admin").await;
    let app = TestApp::start(pool.clone()).await;
    let admin = post(&app, "sign-in", "", &ANA).await.cookie();
    let (sam, bea) = (id_of(&pool, "sam@example.com").await, id_of(&pool, "bea@example.com").await);
    for (function, form, ends) in [
        ("operator-set-role", format!("operator={sam}&role=admin"), "operator-disable"),
        ("group-create", "name=Mine".to_owned(), "operator-disable"),
        ("operator-set-role", format!("operator={sam}&role=admin"), "sign-out-everywhere"),
    ] {
        let fields = [("email", "bea@example.com"), ("password", PASSWORD)];
        let cookie = post(&app, "sign-in", "", &fields).await.cookie();
        let host = app.url("").replace("http://", "");
        let mut stream = TcpStream::connect(&host).await.unwrap();
        let head = format!(
            "POST /api/fn/{function} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\naccept: text/html\r\n\
             sec-fetch-site: same-origin\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n",
            form.len(),
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // The server asks for the form once the caller is accepted.
        let mut interim = [0; CONTINUE.len()];
        stream.read_exact(&mut interim).await.unwrap();
        assert_eq!(&interim, CONTINUE);
        if ends == "operator-disable" {
            post(&app, ends, &admin, &[("operator", &bea)]).await;
        } else {
            post(&app, ends, &cookie, &[]).await;
        }
        stream.write_all(form.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.to_lowercase().contains("\r\nlocation: /login"), "{function} after {ends}: {answer}");
        post(&app, "operator-enable", &admin, &[("operator", &bea)]).await;
    }
    let (groups, admins): (i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM core_api.workspace_groups),
                (SELECT count(*) FROM groupdesk.operators WHERE role = 'admin')",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!((groups, admins), (0, 2));
}

#[database_test]
async fn password_change_renews_the_session_id(pool: PgPool) {
    operators(&pool).await;
    let app = TestApp::start(pool).await;
    let (one, other) =
        (post(&app, "sign-in", "", &SAM).await.cookie(), post(&app, "sign-in", "", &SAM).await.cookie());
    let fields = [("old", PASSWORD), ("new", "another horse battery staple")];
    let changed = post(&app, "password-change", &one, &fields).await.cookie();
    assert_ne!(changed, one);
    assert!(is_signed_in(&app, &changed).await);
    assert!(!is_signed_in(&app, &one).await && !is_signed_in(&app, &other).await);
}

/// A sister site of the domain may have set a second cookie with the same name. Whichever counts, the
/// session of the attacker never acts for the operator.
#[database_test]
async fn duplicate_session_cookies_never_switch_the_operator(pool: PgPool) {
    operators(&pool).await;
    let app = TestApp::start(pool).await;
    let own = post(&app, "sign-in", "", &ANA).await.cookie();
    let planted = app.cookie("groupdesk_session", &"C".repeat(22));
    for both in [format!("{planted}; {own}"), format!("{own}; {planted}")] {
        let page = get(&app, "/account", &both).await;
        assert!(page.status == 303 || page.text.contains("ana@example.com"), "{}", page.status);
        // Signing in with both leaves one session, the new one.
        let renewed = post(&app, "sign-in", &both, &ANA).await.cookie();
        assert!(is_signed_in(&app, &renewed).await && !is_signed_in(&app, &planted).await);
    }
}
