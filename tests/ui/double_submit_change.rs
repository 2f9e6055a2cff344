//! Every form that is submitted twice, as by a double click, performs one change, and the page shows the
//! first result.

use std::time::Duration;

use futures::future::join_all;
use groupdesk::kernel::id::OperatorId;
use groupdesk::platform::clock;
use groupdesk::resources::idempotency_keys::model::{KeyState, Request};
use groupdesk::resources::idempotency_keys::ops::key_await;
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::selections::filled_group;
use super::{get, post};
use crate::support::{
    Browser, PASSWORD, Page, Reply, TestApp, admin_events, event_count, filled, live_count, operator, person,
    workspace,
};

const NEW: &str = "another horse battery staple";

/// Submits the form without following the redirect, as a browser does with each response but the last.
async fn send(browser: &Browser, function: &str, fields: &[(String, String)]) -> String {
    let request = browser
        .no_redirects
        .post(browser.url(&format!("/api/fn/{function}")))
        .header("accept", "text/html")
        .header("sec-fetch-site", "same-origin")
        .form(fields);
    Reply::read(request).await.header("location").to_owned()
}

/// Submits a form twice at once, and a third time afterwards. Returns the page that the last response leads
/// to.
async fn submit_three_times(browser: &Browser, page: &Page, function: &str, typed: &[(&str, &str)]) -> Page {
    let fields = filled(page.form(function), typed);
    let mut locations = join_all((0..2).map(|_| send(browser, function, &fields))).await;
    locations.push(send(browser, function, &fields).await);
    assert!(locations.iter().all(|place| *place == locations[0]), "{function}: {locations:?}");
    browser.open(&locations[0]).await
}

#[database_test]
async fn double_submit_keeps_the_undo_button(pool: PgPool) {
    let (emea, ids) = filled_group(&pool, &["Acme", "Bolt", "Cyan"]).await;
    let app = TestApp::with_large_pool(&pool).await;
    let ana = app.admin().await;

    let confirm = ana.open(&format!("/groups/{emea}/removals?e={}&e={}", ids[0], ids[1])).await;
    let page = submit_three_times(&ana, &confirm, "enrollments-remove", &[]).await;
    assert_eq!(page.message(), "2 workspaces were removed from EMEA. Undo");
    let page = submit_three_times(&ana, &page, "enrollments-readd", &[]).await;
    assert_eq!(page.message(), "2 workspaces were enrolled in EMEA. Undo");
    assert_eq!((live_count(&pool).await, event_count(&pool).await), (3, 4));

    let confirm = ana.open(&format!("/groups/{emea}/removals?all=yes")).await;
    let page = submit_three_times(&ana, &confirm, "enrollments-remove-all", &[("typed", "3")]).await;
    assert_eq!(page.message(), "3 workspaces were removed from EMEA. The tab “Removed” lists them. Undo");
    let page = submit_three_times(&ana, &page, "enrollments-refill", &[]).await;
    assert_eq!(page.message(), "3 workspaces were enrolled in EMEA again.");
    assert_eq!((live_count(&pool).await, event_count(&pool).await), (3, 10));

    let members = ana.open(&format!("/groups/{emea}")).await;
    let typed = [("enrollment", members.first_removal())];
    let typed = typed.each_ref().map(|(name, value)| (*name, value.as_str()));
    let page = submit_three_times(&ana, &members, "enrollment-remove", &typed).await;
    assert!(page.message().ends_with("was removed from EMEA. Undo"), "{}", page.message());
    let page = submit_three_times(&ana, &page, "enrollment-readd", &[]).await;
    assert!(page.message().ends_with("was enrolled in EMEA. Undo"), "{}", page.message());
    workspace(&pool, "Dune").await;
    let found = ana.open(&format!("/groups/{emea}?find=dune")).await;
    let page = submit_three_times(&ana, &found, "enrollment-enroll", &[]).await;
    assert_eq!(page.message(), "Dune was enrolled in EMEA. Undo");
    assert_eq!((live_count(&pool).await, event_count(&pool).await), (4, 13));
    app.close().await;
}

#[database_test]
async fn double_submit_shows_the_first_result(pool: PgPool) {
    let (emea, ids) = filled_group(&pool, &["Acme"]).await;
    let bo = person(&pool, "Bo", "Ek", "bo@example.com").await;
    let app = TestApp::with_large_pool(&pool).await;
    let ana = app.admin().await;

    let page = ana.open(&format!("/groups/{emea}")).await;
    let page = submit_three_times(&ana, &page, "group-rename", &[("name", "Europe")]).await;
    assert_eq!(page.message(), "EMEA was renamed to Europe.");

    let confirm = ana.open(&format!("/enrollments/{}/attribution?person={bo}", ids[0])).await;
    let page = submit_three_times(&ana, &confirm, "attribution-correct", &[]).await;
    assert_eq!(page.message(), "The creator of the enrollment of Acme in Europe is now Bo Ek. Undo");
    assert_eq!(event_count(&pool).await, 1);

    let confirm = ana.open(&format!("/people/{bo}/delete")).await;
    let page = submit_three_times(&ana, &confirm, "person-delete", &[("name", "Bo Ek")]).await;
    assert!(page.message().starts_with("Bo Ek was deleted."), "{}", page.message());
    app.close().await;
}

#[database_test]
async fn double_submit_shows_the_number_of_ended_sessions(pool: PgPool) {
    let app = TestApp::with_large_pool(&pool).await;
    let ana = app.admin().await;
    app.browser().signed_in("ana@example.com").await;
    app.browser().signed_in("ana@example.com").await;
    let page = ana.open("/account").await;
    let page = submit_three_times(&ana, &page, "sessions-end-others", &[]).await;
    assert_eq!(page.message(), "2 other sessions were ended.");
    app.close().await;
}

/// A form is performed again if the page with its result was already opened.
#[database_test]
async fn form_on_an_old_page_is_performed_again(pool: PgPool) {
    let (emea, _) = filled_group(&pool, &["Acme", "Bolt"]).await;
    let app = TestApp::start(pool.clone()).await;
    let ana = app.admin().await;
    let confirm = ana.open(&format!("/groups/{emea}/removals?all=yes")).await;
    let emptied = ana.press(&confirm, "enrollments-remove-all", &[("typed", "2")]).await;
    ana.press(&emptied, "enrollments-refill", &[]).await;
    assert_eq!(live_count(&pool).await, 2);
    let page = ana.press(&confirm, "enrollments-remove-all", &[("typed", "2")]).await;
    assert!(page.message().starts_with("2 workspaces were removed from EMEA."), "{}", page.message());
    assert_eq!(live_count(&pool).await, 0);

    let new = ana.open("/groups/new").await;
    let page = ana.press(&new, "group-create", &[("name", "APAC")]).await;
    ana.submit("group-remove", &[("group", &page.at["/groups/".len()..]), ("form_at", &page.at)]).await;
    let again = ana.press(&new, "group-create", &[("name", "APAC")]).await;
    assert_eq!(again.message(), "APAC was created.");
    assert_ne!(again.at, page.at);

    let new = ana.open("/tokens/new").await;
    let typed = [("name", "Sync"), ("holder", "system"), ("expiry", "never")];
    let first = super::tokens::shown(&ana.press(&new, "token-create", &typed).await).expect("a token");
    let id: uuid::Uuid =
        sqlx::query_scalar("SELECT api_token_id FROM groupdesk.api_tokens").fetch_one(&pool).await.unwrap();
    ana.submit("token-revoke", &[("token", &id.to_string())]).await;
    let second = super::tokens::shown(&ana.press(&new, "token-create", &typed).await).expect("a token");
    assert_ne!(first, second);
    assert_eq!(app.with_token(&second).get("/v1/workspaces").await.status, 200);
}

/// The cookies of the request, and those that the response sets.
fn with_cookies(before: &str, reply: &Reply) -> String {
    let lines = reply.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok());
    let set = lines.map(|line| line.split(';').next().unwrap());
    std::iter::once(before).chain(set).filter(|cookie| !cookie.is_empty()).collect::<Vec<_>>().join("; ")
}

/// Submits a form of this page twice with these cookies, as if the first response was lost. Returns the
/// second response.
async fn submit_with_lost_response(
    app: &TestApp,
    at: &str,
    cookies: &str,
    function: &str,
    typed: &[(&str, &str)],
) -> Reply {
    let opened = get(app, at, cookies).await;
    let cookies = with_cookies(cookies, &opened);
    let page = Page { status: opened.status, at: at.to_owned(), headers: opened.headers, html: opened.text };
    let fields = filled(page.form(function), typed);
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let first = post(app, function, &cookies, &fields).await;
    let second = post(app, function, &cookies, &fields).await;
    assert_eq!(second.header("location"), first.header("location"), "{function}");
    second
}

async fn event_count_of(pool: &PgPool, action: &str) -> usize {
    admin_events(pool).await.iter().filter(|event| event.0 == action).count()
}

#[database_test]
async fn double_password_change_stays_signed_in(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    operator(&pool, "sam@example.com", "Sam Okoye", "support").await;
    let fields = [("email", "sam@example.com"), ("password", PASSWORD)];
    let cookies = with_cookies("", &post(&app, "sign-in", "", &fields).await);

    let typed = [("old", PASSWORD), ("new", NEW)];
    let second = submit_with_lost_response(&app, "/account", &cookies, "password-change", &typed).await;
    let page = get(&app, "/account", &second.cookie()).await;
    assert!(page.text.contains("Your password was changed."), "{}", page.text);
    assert_eq!(event_count_of(&pool, "password_changed").await, 1);

    // With other cookies or another form the second submission does not sign in.
    let form = [("username", "sam@example.com"), ("old", PASSWORD), ("new", NEW), ("form_key", "a key")];
    for cookies in ["", &cookies] {
        let reply = post(&app, "password-change", cookies, &form).await;
        assert_eq!(reply.header("location"), "/login?next=/account");
    }
}

#[database_test]
async fn double_sign_out_everywhere_shows_its_message(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    operator(&pool, "sam@example.com", "Sam Okoye", "support").await;
    let fields = [("email", "sam@example.com"), ("password", PASSWORD)];
    let cookies = with_cookies("", &post(&app, "sign-in", "", &fields).await);

    let second = submit_with_lost_response(&app, "/account", &cookies, "sign-out-everywhere", &[]).await;
    assert_eq!(second.header("location"), "/login");
    let page = get(&app, "/login", &second.cookie()).await;
    assert!(page.text.contains("You are signed out everywhere."), "{}", page.text);
    assert_eq!(event_count_of(&pool, "sessions_ended").await, 1);
}

#[database_test]
async fn double_invitation_accept_signs_in(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let ana = app.admin().await;
    let new = ana.open("/operators/new").await;
    let typed = [("email", "kim@example.com"), ("name", "Kim Roe"), ("role", "support")];
    let link = super::tokens::shown(&ana.press(&new, "operator-invite", &typed).await).expect("a link");
    let (_, secret) = link.split_once("/invite/").expect("an address");

    let at = format!("/invite/{secret}");
    let typed = [("password", NEW)];
    let second = submit_with_lost_response(&app, &at, "", "invitation-accept", &typed).await;
    assert_eq!(second.header("location"), "/");
    assert_eq!(get(&app, "/groups", &second.cookie()).await.status, 200);
    assert_eq!(event_count_of(&pool, "password_set").await, 1);

    // The link does not sign in without the form key, nor with another password.
    let form = [("secret", secret), ("password", PASSWORD), ("form_key", "a key")];
    let reply = post(&app, "invitation-accept", "", &form).await;
    assert_eq!(reply.header("location"), at);
}

#[database_test]
async fn second_submission_waits_beyond_the_lock_timeout(pool: PgPool) {
    let operator = OperatorId::new(uuid::Uuid::nil());
    let request = Request::of_form(operator, b"the same form", clock::system().now());
    let mut first = pool.begin().await.unwrap();
    assert!(matches!(key_await(&mut first, &request).await.unwrap(), KeyState::Unused));
    let mut second = pool.begin().await.unwrap();
    sqlx::raw_sql("SET LOCAL lock_timeout = '100ms'").execute(&mut *second).await.unwrap();
    let commit = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        first.commit().await.unwrap();
    };
    let (found, ()) = futures::join!(key_await(&mut second, &request), commit);
    assert!(matches!(found.unwrap(), KeyState::Unused));
    let limit: String = sqlx::query_scalar("SHOW lock_timeout").fetch_one(&mut *second).await.unwrap();
    assert_eq!(limit, "100ms", "the lock timeout is unchanged for other locks");
}

/// The other request may be committed a moment later, so the page must not say that nothing was changed.
#[database_test]
async fn timed_out_second_submission_is_reported_as_pending(pool: PgPool) {
    let app = TestApp::with_statement_timeout(pool.clone()).await;
    let ana = app.admin().await;
    let form = ana.open("/groups/new").await;
    ana.press(&form, "group-create", &[("name", "EMEA")]).await;
    let mut other = pool.begin().await.unwrap();
    sqlx::query(
        "SELECT pg_advisory_xact_lock(hashtextextended(holder::text || ' ' || key, 0))
         FROM groupdesk.idempotency_keys",
    )
    .execute(&mut *other)
    .await
    .unwrap();

    let page = ana.press(&form, "group-create", &[("name", "EMEA")]).await;

    assert_eq!(
        page.message(),
        "Your request is still being processed. Check whether it is done before you send it again."
    );
    assert!(page.form("group-create").contains(&("name".to_owned(), "EMEA".to_owned())));
}
