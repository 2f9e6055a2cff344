//! Input of a form that arrives after its session has ended is restored after signing in.

use std::sync::atomic::Ordering;

use pretty_assertions::assert_eq;
use reqwest::multipart::{Form, Part};
use sqlx::PgPool;

use super::clock_ahead;
use crate::support::{Browser, PASSWORD, Page, TestApp, group, operator, workspace};

const ANA: &str = "ana@example.com";
const BO: &str = "bo@example.com";

async fn end_sessions(pool: &PgPool) {
    sqlx::query("DELETE FROM groupdesk.sessions").execute(pool).await.unwrap();
}

async fn sign_in(browser: &Browser, login: &Page, email: &str) -> Page {
    browser.press(login, "sign-in", &[("email", email), ("password", PASSWORD)]).await
}

fn typed(page: &Page) -> String {
    let form = page.form("workspace-create");
    form.into_iter().find(|(field, _)| field == "name").expect("a name").1
}

#[database_test]
async fn input_is_restored_after_signing_in_again(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let ana = app.admin().await;
    let form = ana.open("/workspaces/new").await;
    end_sessions(&pool).await;

    let login = ana.press(&form, "workspace-create", &[("name", "Acme"), ("description", "Coatings")]).await;
    assert_eq!(login.at, "/login?next=/workspaces/new");
    let refused = ana.press(&login, "sign-in", &[("email", ANA), ("password", "not this one")]).await;
    let page = sign_in(&ana, &refused, ANA).await;

    assert_eq!(page.at, "/workspaces/new");
    assert_eq!(
        page.message(),
        "You are signed in again. What you entered is still here; it has not been sent yet."
    );
    let fields = page.form("workspace-create");
    assert!(fields.contains(&("description".to_owned(), "Coatings".to_owned())), "{fields:?}");
    assert_eq!(typed(&page), "Acme");
    assert_eq!(typed(&ana.open("/workspaces/new").await), "", "once");
    assert_eq!(ana.press(&page, "workspace-create", &[]).await.message(), "Acme was created.");
}

/// The computer may be shared.
#[database_test]
async fn input_is_not_restored_for_another_operator(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let browser = app.admin().await;
    operator(&pool, BO, "Bo Berg", "admin").await;
    let form = browser.open("/workspaces/new").await;
    end_sessions(&pool).await;
    let login = browser.press(&form, "workspace-create", &[("name", "Acme")]).await;

    let page = sign_in(&browser, &login, BO).await;

    assert_eq!((page.at.as_str(), typed(&page).as_str()), ("/workspaces/new", ""));
    assert!(!page.html.contains("Acme"), "{}", page.html);
    // Another operator who signs in later does not get it, because it belonged to the previous session.
    let page = sign_in(&browser, &login, ANA).await;
    assert_eq!(typed(&page), "");
    // Without an earlier session the owner is unknown.
    let visitor = app.browser();
    let before: i64 =
        sqlx::query_scalar("SELECT count(*) FROM groupdesk.sessions").fetch_one(&pool).await.unwrap();
    let login = visitor.submit("workspace-create", &[("name", "Acme")]).await;
    let after: i64 =
        sqlx::query_scalar("SELECT count(*) FROM groupdesk.sessions").fetch_one(&pool).await.unwrap();
    assert_eq!(before, after, "no session is created for it");
    assert_eq!(typed(&sign_in(&visitor, &login, ANA).await), "");
}

#[database_test]
async fn input_is_stored_for_fifteen_minutes_and_limited(pool: PgPool) {
    let (ahead, clock) = clock_ahead();
    let app = TestApp::with_clock(pool.clone(), clock).await;
    let ana = app.admin().await;
    let form = ana.open("/workspaces/new").await;
    // A day later the session has ended, even if it was in use.
    for (later, wanted) in [(24 * 60 + 1, "Acme"), (3 * 24 * 60, "")] {
        ahead.store(later, Ordering::SeqCst);
        let login = ana.press(&form, "workspace-create", &[("name", "Acme")]).await;
        let minutes = if wanted.is_empty() { 15 } else { 14 };
        ahead.store(later + minutes, Ordering::SeqCst);
        assert_eq!(typed(&sign_in(&ana, &login, ANA).await), wanted, "{minutes} minutes");
    }
    end_sessions(&pool).await;
    let long = "x".repeat(64 * 1024);
    let login = ana.press(&form, "workspace-create", &[("name", "Acme"), ("description", &long)]).await;
    assert_eq!(typed(&sign_in(&ana, &login, ANA).await), "");
}

/// The restored edit is still based on the values that its form showed.
#[database_test]
async fn restored_edits_show_concurrent_changes(pool: PgPool) {
    let acme = workspace(&pool, "Acme").await;
    let app = TestApp::start(pool.clone()).await;
    let ana = app.admin().await;
    let form = ana.open(&format!("/workspaces/{acme}/edit")).await;
    end_sessions(&pool).await;
    let login = ana.press(&form, "workspace-update", &[("description", "Mine")]).await;
    sqlx::query("UPDATE core_api.workspaces SET description = 'Theirs'").execute(&pool).await.unwrap();

    let page = sign_in(&ana, &login, ANA).await;

    assert!(page.html.contains("Now: <q>Theirs</q>"), "{}", page.html);
    assert_eq!(ana.press(&page, "workspace-update", &[]).await.message(), "Acme was saved.");
}

const NOT_KEPT: &str = "You are signed in again. What you sent was not processed, because your session had \
    ended. It could not be kept, because it was a file or too long. Please send it again.";

fn pasted(text: &str) -> Form {
    Form::new().text("pasted", text.to_owned())
}

/// The content of the text area.
fn list(page: &Page) -> String {
    let (_, area) = page.html.split_once("<textarea").expect("the form");
    let (_, text) = area.split_once('>').unwrap();
    text.split_once("</textarea>").unwrap().0.trim_start().replace("\r\n", "\n")
}

async fn import_count(pool: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM groupdesk.imports").fetch_one(pool).await.unwrap()
}

#[database_test]
async fn pasted_lists_are_restored(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspace(&pool, "Acme").await;
    let app = TestApp::start(pool.clone()).await;
    let ana = app.admin().await;
    operator(&pool, BO, "Bo Berg", "admin").await;
    let bulk = format!("/groups/{emea}/bulk");
    let text = format!("acme\r\n{}", "ws-1-000001\r\n".repeat(4_000));
    end_sessions(&pool).await;

    let login = ana.send(&bulk, pasted(&text)).await;
    assert_eq!(login.at, format!("/login?next={bulk}"));
    let page = sign_in(&ana, &login, ANA).await;

    assert_eq!(page.at, bulk);
    assert_eq!(
        page.message(),
        "You are signed in again. What you entered is still here; it has not been sent yet."
    );
    assert_eq!(list(&page), text.replace("\r\n", "\n"));
    assert_eq!(import_count(&pool).await, 0);
    let preview = ana.send(&bulk, pasted("acme")).await;
    assert!(preview.text().contains("Enroll 1 workspace in EMEA?"), "{}", preview.text());
    // The computer may be shared.
    end_sessions(&pool).await;
    let login = ana.send(&bulk, pasted("acme")).await;
    assert_eq!(list(&sign_in(&ana, &login, BO).await), "");
}

#[database_test]
async fn lost_lists_are_reported(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool.clone()).await;
    let ana = app.admin().await;
    let bulk = format!("/groups/{emea}/bulk");
    let file = Form::new().part("file", Part::bytes(b"acme".to_vec()).file_name("a.csv"));
    let lists = [pasted(&"x".repeat(64 * 1024)), pasted(&"x\n".repeat(1 << 20)), file];
    for form in lists {
        end_sessions(&pool).await;
        let login = ana.send(&bulk, form).await;
        let page = sign_in(&ana, &login, ANA).await;
        assert_eq!((page.at.as_str(), page.message().as_str()), (bulk.as_str(), NOT_KEPT));
        assert_eq!(list(&page), "");
    }
    // The same message appears for any other form that is too long.
    let form = ana.open("/workspaces/new").await;
    end_sessions(&pool).await;
    let long = "x".repeat(64 * 1024);
    let login = ana.press(&form, "workspace-create", &[("name", "Acme"), ("description", &long)]).await;
    assert_eq!(sign_in(&ana, &login, ANA).await.message(), NOT_KEPT);
    // Nothing is stored for a browser without an earlier session.
    end_sessions(&pool).await;
    let visitor = app.browser();
    let login = visitor.send(&bulk, pasted("acme")).await;
    assert_eq!(login.at, format!("/login?next={bulk}"));
    let sessions: i64 =
        sqlx::query_scalar("SELECT count(*) FROM groupdesk.sessions").fetch_one(&pool).await.unwrap();
    assert_eq!((sessions, import_count(&pool).await), (0, 0));
}

/// The second submission of the sign-in form comes from a session that no longer holds the text.
#[database_test]
async fn input_is_restored_after_a_double_sign_in(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let ana = app.admin().await;
    operator(&pool, BO, "Bo Berg", "admin").await;
    let form = ana.open("/workspaces/new").await;
    end_sessions(&pool).await;
    let login = ana.press(&form, "workspace-create", &[("name", "Acme")]).await;

    for _ in 0..2 {
        let page = sign_in(&ana, &login, ANA).await;
        assert_eq!((page.at.as_str(), typed(&page).as_str()), ("/workspaces/new", "Acme"));
        assert!(page.message().starts_with("You are signed in again."), "{}", page.message());
    }
    assert_eq!(typed(&sign_in(&ana, &login, BO).await), "");
}

/// An empty form has nothing to restore.
#[database_test]
async fn lost_empty_lists_are_not_reported(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool.clone()).await;
    let ana = app.admin().await;
    end_sessions(&pool).await;
    let bulk = format!("/groups/{emea}/bulk");
    let login = ana.send(&bulk, pasted("")).await;
    let page = sign_in(&ana, &login, ANA).await;
    assert_eq!((page.status, page.at.as_str()), (200, bulk.as_str()));
    assert!(!page.html.contains("class=\"message message--"), "{}", page.text());
}

/// A pending message is for the page that the operator opens next.
#[database_test]
async fn restored_lists_keep_the_message_of_another_tab(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspace(&pool, "Acme").await;
    let app = TestApp::start(pool.clone()).await;
    let ana = app.admin().await;
    let form = ana.open("/workspaces/new").await;
    let mut typed = form.form("workspace-create");
    typed.retain(|(name, _)| name != "name");
    typed.push(("name".to_owned(), "Beta".to_owned()));
    let request = ana
        .no_redirects
        .post(ana.url("/api/fn/workspace-create"))
        .header("accept", "text/html")
        .header("sec-fetch-site", "same-origin")
        .form(&typed);
    assert_eq!(request.send().await.unwrap().status(), 302);
    let list = ana
        .no_redirects
        .post(ana.url(&format!("/groups/{emea}/bulk")))
        .header("accept", "text/html")
        .header("sec-fetch-site", "same-origin")
        .multipart(pasted("acme"));
    assert_eq!(list.send().await.unwrap().status(), 303);
    assert_eq!(ana.open("/workspaces").await.message(), "Beta was created.");
}
