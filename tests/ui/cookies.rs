//! Browsers that block the session cookie, and hosts that run several instances.

use groupdesk::platform::db::migrate;
use pretty_assertions::assert_eq;
use reqwest::RequestBuilder;
use sqlx::postgres::PgPoolOptions;
use sqlx::{ConnectOptions as _, PgPool};

use super::{Reply, client, get};
use crate::support::{IdentityProvider, PASSWORD, Page, TestApp, filled, operator};

const BLOCKED: &str = "Your browser blocked the sign-in cookie. Allow cookies for this site and try again.";
const PLAIN: &str = "You cannot sign in here because this page was opened over http, and the sign-in cookie is only sent over https";

async fn ana(pool: &PgPool) {
    operator(pool, "ana@example.com", "Ana Lima", "admin").await;
}

/// Submits the form of a page as a browser that stores no cookies. `from`: the URL of the page.
fn sent(app: &TestApp, page: &Page, function: &str, from: &str, typed: &[(&str, &str)]) -> RequestBuilder {
    let fields = filled(page.form(function), typed);
    let (scheme, rest) = from.split_once("://").unwrap();
    let origin = format!("{scheme}://{}", rest.split('/').next().unwrap());
    let request = client().post(app.url(&format!("/api/fn/{function}"))).header("accept", "text/html");
    request
        .header("origin", origin)
        .header("referer", from)
        .header("sec-fetch-site", "same-origin")
        .form(&fields)
}

/// Status, target and message of the page that the response leads to.
async fn outcome(app: &TestApp, request: RequestBuilder) -> (u16, String, String) {
    let reply = Reply::read(request).await;
    let next = reply.header("location").to_owned();
    let page = get(app, &next, "").await;
    let (_, rest) = page.text.split_once("role=\"alert\"").unwrap_or_else(|| panic!("no message at {next}"));
    let (_, rest) = rest.split_once('>').unwrap();
    (page.status, next, rest.split_once("</div>").unwrap().0.split('<').next().unwrap().trim().to_owned())
}

/// Without this, both the right and the wrong password would lead back to the sign-in page without a
/// message.
#[database_test]
async fn sign_in_without_cookies_shows_a_message(pool: PgPool) {
    ana(&pool).await;
    let app = TestApp::start(pool).await;
    let login = app.browser().open("/groups?q=emea").await;
    for password in [PASSWORD, "not the password"] {
        let from = app.url("/login?next=/groups");
        let request =
            sent(&app, &login, "sign-in", &from, &[("email", "ana@example.com"), ("password", password)]);
        let (status, at, message) = outcome(&app, request).await;
        assert_eq!(
            (status, at.as_str(), message.as_str()),
            (400, "/login?next=/groups%3Fq%3Demea&cookies=blocked", BLOCKED)
        );
    }
    // Once cookies are allowed, signing in works from there.
    let browser = app.browser();
    let page = browser.open("/login?next=/groups&cookies=blocked").await;
    let typed = [("email", "ana@example.com"), ("password", PASSWORD)];
    assert_eq!(browser.press(&page, "sign-in", &typed).await.at, "/groups");
    // Text in the URL is not shown on the page.
    assert!(!browser.open("/login?cookies=%3Cb%3Ex").await.html.contains("<b>x"));
}

#[database_test]
async fn sign_in_over_http_explains_that_cookies_need_tls(pool: PgPool) {
    ana(&pool).await;
    let app = TestApp::behind_tls(pool).await;
    let login = app.browser().open("/login").await;
    let typed = [("email", "ana@example.com"), ("password", PASSWORD)];
    let (status, at, message) =
        outcome(&app, sent(&app, &login, "sign-in", "http://10.0.0.7:3000/login", &typed)).await;
    assert_eq!((status, at.as_str()), (400, "/login?cookies=plain"));
    assert!(message.starts_with(PLAIN), "{message}");
    // Over https the browser itself blocks the cookie.
    let by_tls = sent(&app, &login, "sign-in", "https://desk.example.com/login", &typed);
    assert_eq!(outcome(&app, by_tls).await.2, BLOCKED);
    // A form without the field, submitted without TLS.
    let empty = client().post(app.url("/api/fn/sign-in")).header("accept", "text/html").form(&typed);
    let empty = empty.header("sec-fetch-site", "same-origin").header("origin", "http://10.0.0.7:3000");
    assert!(outcome(&app, empty).await.2.starts_with(PLAIN));
}

#[database_test]
async fn invitation_survives_a_browser_without_cookies(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let invited = [("email", "kai@example.com"), ("name", "Kai Berg"), ("role", "support")];
    let page = admin.submit("operator-invite", &invited).await;
    let (_, rest) = page.html.split_once("/invite/").expect("a link");
    let path = format!("/invite/{}", rest.split('"').next().unwrap());
    let welcome = app.browser().open(&path).await;
    let request =
        sent(&app, &welcome, "invitation-accept", &app.url(&path), &[("password", "another long password")]);
    assert_eq!(outcome(&app, request).await, (400, "/login?cookies=blocked".to_owned(), BLOCKED.to_owned()));
    let browser = app.browser();
    let welcome = browser.open(&path).await;
    let typed = [("password", "another long password")];
    assert_eq!(browser.press(&welcome, "invitation-accept", &typed).await.at, "/");
}

#[database_test]
async fn provider_sign_in_without_cookies_shows_a_message(pool: PgPool) {
    let provider = IdentityProvider::start().await;
    let app = TestApp::with_provider(pool, groupdesk::platform::clock::system(), &provider).await;
    let there = client().get(app.url("/login/oidc?next=/groups")).header("referer", app.url("/login"));
    let (status, at, message) = outcome(&app, there).await;
    assert_eq!(
        (status, at.as_str(), message.as_str()),
        (400, "/login?next=/groups&cookies=blocked", BLOCKED)
    );
    // For a link from another site this cannot be known yet.
    let portal = client().get(app.url("/login/oidc")).header("referer", "https://portal.example.com/login");
    assert!(Reply::read(portal).await.header("location").starts_with(&provider.issuer));
}

/// Browsers share the cookies of a host among all its ports.
#[database_test]
async fn instances_on_one_host_keep_separate_sessions(pool: PgPool) {
    let name: String =
        sqlx::query_scalar("SELECT left(current_database(), 60) || '_2'").fetch_one(&pool).await.unwrap();
    let create = |what: &str| format!("{what} \"{name}\"");
    sqlx::raw_sql(&create("DROP DATABASE IF EXISTS")).execute(&pool).await.unwrap();
    sqlx::raw_sql(&create("CREATE DATABASE")).execute(&pool).await.unwrap();
    let options = pool.connect_options().as_ref().clone().database(&name).disable_statement_logging();
    migrate::run(&options).await.unwrap();
    let second = PgPoolOptions::new().max_connections(3).connect_with(options).await.unwrap();
    ana(&pool).await;
    operator(&second, "sam@example.com", "Sam Okoye", "support").await;

    let (one, other) = (TestApp::start(pool.clone()).await, TestApp::start(second.clone()).await);
    // One browser with one cookie store for 127.0.0.1.
    let here = one.browser().signed_in("ana@example.com").await;
    let there = here.at_another(other.url("")).signed_in("sam@example.com").await;
    for _ in 0..2 {
        let page = here.open("/account").await;
        assert!(page.at == "/account" && page.text().contains("ana@example.com"), "{}", page.at);
        let page = there.open("/account").await;
        assert!(page.at == "/account" && page.text().contains("sam@example.com"), "{}", page.at);
    }
    // Signing out of one instance does not sign out of the other.
    there.submit("sign-out", &[]).await;
    assert_eq!(here.open("/account").await.at, "/account");
    other.close().await;
    sqlx::raw_sql(&create("DROP DATABASE")).execute(&pool).await.unwrap();
}

/// Instances share sessions if their public address is the same, whatever their ports are.
#[database_test]
async fn instances_behind_one_address_share_sessions(pool: PgPool) {
    ana(&pool).await;
    let one = TestApp::start(pool).await;
    let other = TestApp::second_instance(&one, groupdesk::platform::clock::system()).await;
    let browser = one.browser().signed_in("ana@example.com").await;
    assert_eq!(browser.at_another(other.url("")).open("/account").await.at, "/account");
}
