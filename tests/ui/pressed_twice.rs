//! Every form that is sent twice, as by a double click, does one thing, and what is seen is the first answer.

use std::time::Duration;

use futures::future::join_all;
use groupdesk::kernel::id::OperatorId;
use groupdesk::platform::clock;
use groupdesk::resources::idempotency_keys::model::{Found, Request};
use groupdesk::resources::idempotency_keys::ops::key_await;
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::selections::filled_group;
use super::{get, post};
use crate::support::{
    Browser, Desk, PASSWORD, Page, Reply, admin_events, event_count, filled, live_count, operator, person,
    workspace,
};

const NEW: &str = "another horse battery staple";

/// Sends the form, and does not look at the page to which the answer leads: as a browser does with each answer
/// but the last.
async fn send(browser: &Browser, function: &str, fields: &[(String, String)]) -> String {
    let request = browser
        .alone
        .post(browser.url(&format!("/api/fn/{function}")))
        .header("accept", "text/html")
        .header("sec-fetch-site", "same-origin")
        .form(fields);
    Reply::read(request).await.header("location").to_owned()
}

/// Two at once, and a third that comes when those are done; then the page to which the last one leads.
async fn press_often(browser: &Browser, page: &Page, function: &str, typed: &[(&str, &str)]) -> Page {
    let fields = filled(page.form(function), typed);
    let mut led = join_all((0..2).map(|_| send(browser, function, &fields))).await;
    led.push(send(browser, function, &fields).await);
    assert!(led.iter().all(|place| *place == led[0]), "{function}: {led:?}");
    browser.open(&led[0]).await
}

#[database_test]
async fn what_is_removed_and_enrolled_keeps_its_undo(pool: PgPool) {
    let (emea, ids) = filled_group(&pool, &["Acme", "Bolt", "Cyan"]).await;
    let desk = Desk::crowded(&pool).await;
    let ana = desk.admin().await;

    let asked = ana.open(&format!("/groups/{emea}/removals?e={}&e={}", ids[0], ids[1])).await;
    let page = press_often(&ana, &asked, "enrollments-remove", &[]).await;
    assert_eq!(page.message(), "2 workspaces were removed from EMEA. Undo");
    let page = press_often(&ana, &page, "enrollments-readd", &[]).await;
    assert_eq!(page.message(), "2 workspaces were enrolled in EMEA. Undo");
    assert_eq!((live_count(&pool).await, event_count(&pool).await), (3, 4));

    let asked = ana.open(&format!("/groups/{emea}/removals?all=yes")).await;
    let page = press_often(&ana, &asked, "enrollments-remove-all", &[]).await;
    assert_eq!(page.message(), "3 workspaces were removed from EMEA. The tab “Removed” tells which. Undo");
    let page = press_often(&ana, &page, "enrollments-refill", &[]).await;
    assert_eq!(page.message(), "3 workspaces were enrolled in EMEA again.");
    assert_eq!((live_count(&pool).await, event_count(&pool).await), (3, 10));

    let live = page
        .html
        .split('"')
        .find(|link| link.starts_with("/enrollments/") && link.ends_with("/remove"))
        .expect("a member");
    let confirm = ana.open(live).await;
    let page = press_often(&ana, &confirm, "enrollment-remove", &[]).await;
    assert!(page.message().ends_with("was removed from EMEA. Undo"), "{}", page.message());
    let page = press_often(&ana, &page, "enrollment-readd", &[]).await;
    assert!(page.message().ends_with("was enrolled in EMEA. Undo"), "{}", page.message());
    workspace(&pool, "Dune").await;
    let found = ana.open(&format!("/groups/{emea}?find=dune")).await;
    let page = press_often(&ana, &found, "enrollment-enroll", &[]).await;
    assert_eq!(page.message(), "Dune was enrolled in EMEA. Undo");
    assert_eq!((live_count(&pool).await, event_count(&pool).await), (4, 13));
    desk.close().await;
}

#[database_test]
async fn a_change_is_told_as_the_first_press_made_it(pool: PgPool) {
    let (emea, ids) = filled_group(&pool, &["Acme"]).await;
    let bo = person(&pool, "Bo", "Ek", "bo@example.com").await;
    let desk = Desk::crowded(&pool).await;
    let ana = desk.admin().await;

    let page = ana.open(&format!("/groups/{emea}")).await;
    let page = press_often(&ana, &page, "group-rename", &[("name", "Europe")]).await;
    assert_eq!(page.message(), "EMEA is called Europe now.");

    let confirm = ana.open(&format!("/enrollments/{}/attribution?person={bo}", ids[0])).await;
    let page = press_often(&ana, &confirm, "attribution-correct", &[]).await;
    assert_eq!(page.message(), "Acme was enrolled in Europe by Bo Ek , it says now. Undo");
    assert_eq!(event_count(&pool).await, 1);

    let confirm = ana.open(&format!("/people/{bo}/delete")).await;
    let page = press_often(&ana, &confirm, "person-delete", &[("name", "Bo Ek")]).await;
    assert!(page.message().starts_with("Bo Ek was deleted."), "{}", page.message());
    desk.close().await;
}

#[database_test]
async fn the_last_press_of_all_tells_how_many_sessions_ended(pool: PgPool) {
    let desk = Desk::crowded(&pool).await;
    let ana = desk.admin().await;
    desk.browser().signed_in("ana@example.com").await;
    desk.browser().signed_in("ana@example.com").await;
    let page = ana.open("/account").await;
    let page = press_often(&ana, &page, "sessions-end-others", &[]).await;
    assert_eq!(page.message(), "2 other sessions were ended.");
    desk.close().await;
}

/// What a form did that was answered on a page one has seen is not taken for a double click.
#[database_test]
async fn a_form_on_a_page_that_was_left_open_is_performed(pool: PgPool) {
    let (emea, _) = filled_group(&pool, &["Acme", "Bolt"]).await;
    let desk = Desk::start(pool.clone()).await;
    let ana = desk.admin().await;
    let asked = ana.open(&format!("/groups/{emea}/removals?all=yes")).await;
    let emptied = ana.press(&asked, "enrollments-remove-all", &[]).await;
    ana.press(&emptied, "enrollments-refill", &[]).await;
    assert_eq!(live_count(&pool).await, 2);
    let page = ana.press(&asked, "enrollments-remove-all", &[]).await;
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
    assert_eq!(desk.holder_of(&second).get("/v1/workspaces").await.status, 200);
}

/// All cookies that an answer sets, beside those that there are.
fn with_cookies(before: &str, reply: &Reply) -> String {
    let lines = reply.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok());
    let set = lines.map(|line| line.split(';').next().unwrap());
    std::iter::once(before).chain(set).filter(|cookie| !cookie.is_empty()).collect::<Vec<_>>().join("; ")
}

/// Sends a form of this page twice, each time with these cookies: those of the first answer are lost. The second
/// answer.
async fn lose_the_first(
    desk: &Desk,
    at: &str,
    cookies: &str,
    function: &str,
    typed: &[(&str, &str)],
) -> Reply {
    let opened = get(desk, at, cookies).await;
    let cookies = with_cookies(cookies, &opened);
    let page = Page { status: opened.status, at: at.to_owned(), headers: opened.headers, html: opened.text };
    let fields = filled(page.form(function), typed);
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let first = post(desk, function, &cookies, &fields).await;
    let second = post(desk, function, &cookies, &fields).await;
    assert_eq!(second.header("location"), first.header("location"), "{function}");
    second
}

async fn told(pool: &PgPool, action: &str) -> usize {
    admin_events(pool).await.iter().filter(|event| event.0 == action).count()
}

#[database_test]
async fn who_changes_the_password_by_a_double_click_stays_signed_in(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    operator(&pool, "sam@example.com", "Sam Okoye", "support").await;
    let fields = [("email", "sam@example.com"), ("password", PASSWORD)];
    let cookies = with_cookies("", &post(&desk, "sign-in", "", &fields).await);

    let typed = [("old", PASSWORD), ("new", NEW)];
    let second = lose_the_first(&desk, "/account", &cookies, "password-change", &typed).await;
    let page = get(&desk, "/account", &second.cookie()).await;
    assert!(page.text.contains("Your password was changed."), "{}", page.text);
    assert_eq!(told(&pool, "password_changed").await, 1);

    // With other cookies, or with another form, nobody is signed in by it.
    let form = [("username", "sam@example.com"), ("old", PASSWORD), ("new", NEW), ("form_key", "a key")];
    for cookies in ["", &cookies] {
        let reply = post(&desk, "password-change", cookies, &form).await;
        assert_eq!(reply.header("location"), "/login?next=/account");
    }
}

#[database_test]
async fn who_signs_out_everywhere_by_a_double_click_is_told_so(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    operator(&pool, "sam@example.com", "Sam Okoye", "support").await;
    let fields = [("email", "sam@example.com"), ("password", PASSWORD)];
    let cookies = with_cookies("", &post(&desk, "sign-in", "", &fields).await);

    let second = lose_the_first(&desk, "/account", &cookies, "sign-out-everywhere", &[]).await;
    assert_eq!(second.header("location"), "/login");
    let page = get(&desk, "/login", &second.cookie()).await;
    assert!(page.text.contains("You are signed out everywhere."), "{}", page.text);
    assert_eq!(told(&pool, "sessions_ended").await, 1);
}

#[database_test]
async fn who_accepts_an_invitation_by_a_double_click_is_signed_in(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let ana = desk.admin().await;
    let new = ana.open("/operators/new").await;
    let typed = [("email", "kim@example.com"), ("name", "Kim Roe"), ("role", "support")];
    let link = super::tokens::shown(&ana.press(&new, "operator-invite", &typed).await).expect("a link");
    let (_, secret) = link.split_once("/invite/").expect("an address");

    let at = format!("/invite/{secret}");
    let typed = [("password", NEW)];
    let second = lose_the_first(&desk, &at, "", "invitation-accept", &typed).await;
    assert_eq!(second.header("location"), "/");
    assert_eq!(get(&desk, "/groups", &second.cookie()).await.status, 200);
    assert_eq!(told(&pool, "password_set").await, 1);

    // The link alone signs nobody in, nor does it with another password.
    let form = [("secret", secret), ("password", PASSWORD), ("form_key", "a key")];
    let reply = post(&desk, "invitation-accept", "", &form).await;
    assert_eq!(reply.header("location"), at);
}

#[database_test]
async fn the_second_waits_for_longer_than_one_waits_for_other_locks(pool: PgPool) {
    let operator = OperatorId::new(uuid::Uuid::nil());
    let asked = Request::of_form(operator, b"the same form", clock::system().now());
    let mut first = pool.begin().await.unwrap();
    assert!(matches!(key_await(&mut first, &asked).await.unwrap(), Found::Nothing));
    let mut second = pool.begin().await.unwrap();
    sqlx::raw_sql("SET LOCAL lock_timeout = '100ms'").execute(&mut *second).await.unwrap();
    let commit = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        first.commit().await.unwrap();
    };
    let (found, ()) = futures::join!(key_await(&mut second, &asked), commit);
    assert!(matches!(found.unwrap(), Found::Nothing));
    let limit: String = sqlx::query_scalar("SHOW lock_timeout").fetch_one(&mut *second).await.unwrap();
    assert_eq!(limit, "100ms", "for other locks it is as before");
}

/// Another one may be committed a moment later: that nothing was changed would be untrue.
#[database_test]
async fn who_waits_in_vain_is_told_that_it_is_still_being_done(pool: PgPool) {
    let desk = Desk::hurried(pool.clone()).await;
    let ana = desk.admin().await;
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
        "What you sent is still being done. Look whether it is there before you send it again."
    );
    assert!(page.form("group-create").contains(&("name".to_owned(), "EMEA".to_owned())));
}
