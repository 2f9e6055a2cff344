//! What was typed into a form that came in after its session had ended.

use std::sync::atomic::Ordering;

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::clock_ahead;
use crate::support::{Browser, Desk, PASSWORD, Page, operator, workspace};

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
async fn who_signs_in_again_finds_what_they_typed(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let ana = desk.admin().await;
    let form = ana.open("/workspaces/new").await;
    end_sessions(&pool).await;

    let login = ana.press(&form, "workspace-create", &[("name", "Acme"), ("description", "Coatings")]).await;
    assert_eq!(login.at, "/login?next=/workspaces/new");
    let refused = ana.press(&login, "sign-in", &[("email", ANA), ("password", "not this one")]).await;
    let page = sign_in(&ana, &refused, ANA).await;

    assert_eq!(page.at, "/workspaces/new");
    assert_eq!(page.message(), "You are signed in again. What you typed is still here, and not saved yet.");
    let fields = page.form("workspace-create");
    assert!(fields.contains(&("description".to_owned(), "Coatings".to_owned())), "{fields:?}");
    assert_eq!(typed(&page), "Acme");
    assert_eq!(typed(&ana.open("/workspaces/new").await), "", "once");
    assert_eq!(ana.press(&page, "workspace-create", &[]).await.message(), "Acme was created.");
}

/// The computer may be shared.
#[database_test]
async fn nobody_else_finds_it(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let browser = desk.admin().await;
    operator(&pool, BO, "Bo Berg", "admin").await;
    let form = browser.open("/workspaces/new").await;
    end_sessions(&pool).await;
    let login = browser.press(&form, "workspace-create", &[("name", "Acme")]).await;

    let page = sign_in(&browser, &login, BO).await;

    assert_eq!((page.at.as_str(), typed(&page).as_str()), ("/workspaces/new", ""));
    assert!(!page.html.contains("Acme"), "{}", page.html);
    // Nor whoever comes after them: it went with the session in which it waited.
    let page = sign_in(&browser, &login, ANA).await;
    assert_eq!(typed(&page), "");
    // Where nobody signed in before, it is not known whose it would be.
    let stranger = desk.browser();
    let before: i64 =
        sqlx::query_scalar("SELECT count(*) FROM groupdesk.sessions").fetch_one(&pool).await.unwrap();
    let login = stranger.submit("workspace-create", &[("name", "Acme")]).await;
    let after: i64 =
        sqlx::query_scalar("SELECT count(*) FROM groupdesk.sessions").fetch_one(&pool).await.unwrap();
    assert_eq!(before, after, "nothing is kept for it");
    assert_eq!(typed(&sign_in(&stranger, &login, ANA).await), "");
}

#[database_test]
async fn it_waits_for_a_quarter_of_an_hour_and_is_not_too_much(pool: PgPool) {
    let (ahead, clock) = clock_ahead();
    let desk = Desk::with_clock(pool.clone(), clock).await;
    let ana = desk.admin().await;
    let form = ana.open("/workspaces/new").await;
    // A day later the session is at its end, however busy it was.
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

/// An edit that waited is an edit of what was seen then.
#[database_test]
async fn what_changed_meanwhile_stands_beside_what_waited(pool: PgPool) {
    let acme = workspace(&pool, "Acme").await;
    let desk = Desk::start(pool.clone()).await;
    let ana = desk.admin().await;
    let form = ana.open(&format!("/workspaces/{acme}/edit")).await;
    end_sessions(&pool).await;
    let login = ana.press(&form, "workspace-update", &[("description", "Mine")]).await;
    sqlx::query("UPDATE core_api.workspaces SET description = 'Theirs'").execute(&pool).await.unwrap();

    let page = sign_in(&ana, &login, ANA).await;

    assert!(page.html.contains("Now: <q>Theirs</q>"), "{}", page.html);
    assert_eq!(ana.press(&page, "workspace-update", &[]).await.message(), "Acme was saved.");
}
