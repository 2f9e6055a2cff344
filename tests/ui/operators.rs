//! `/operators`: inviting, changing roles, sign-in links, disabling and enabling.

use pretty_assertions::assert_eq;
use sqlx::PgPool;
use uuid::Uuid;

use crate::support::{Browser, PASSWORD, Page, TestApp, admin_events, operator};

const ADMINS_ONLY: &str = "Only admins may see and manage this.";

async fn id_of(pool: &PgPool, email: &str) -> String {
    let id: Uuid = sqlx::query_scalar("SELECT operator_id FROM groupdesk.operators WHERE email = $1")
        .bind(email)
        .fetch_one(pool)
        .await
        .unwrap();
    id.to_string()
}

/// The path of the sign-in link on the page.
fn link(page: &Page) -> String {
    let (_, rest) = page.html.split_once("/invite/").expect("a link");
    format!("/invite/{}", rest.split('"').next().unwrap())
}

async fn signs_in(app: &TestApp, email: &str, password: &str) -> bool {
    let page = app.browser().submit("sign-in", &[("email", email), ("password", password)]).await;
    page.at == "/"
}

async fn is_signed_in(browser: &Browser) -> bool {
    browser.open("/groups").await.at == "/groups"
}

#[database_test]
async fn invited_operator_chooses_a_password(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let form = admin.open("/operators/new").await;
    let typed = [("email", "kim@example.com"), ("name", "Kim Vega"), ("role", "support")];
    let page = admin.press(&form, "operator-invite", &typed).await;
    assert_eq!(page.at, "/operators");
    assert!(page.message().starts_with("Kim Vega was added. Send them this link"), "{}", page.message());
    assert!(page.text().contains("Kim Vega kim@example.com support invited until"), "{}", page.text());
    assert!(page.html.contains(&format!("value=\"{}/invite/", app.url(""))), "{}", page.html);
    let link = link(&page);
    let again = admin.open("/operators").await;
    assert!(!again.html.contains("/invite/"), "{}", again.html);

    let kim = app.browser();
    let welcome = kim.open(&link).await;
    kim.press(&welcome, "invitation-accept", &[("password", PASSWORD)]).await;
    assert!(is_signed_in(&kim).await);
    let page = admin.open("/operators").await;
    assert!(page.text().contains("Kim Vega kim@example.com support active"), "{}", page.text());

    let again = admin.submit("operator-invite", &typed).await;
    assert_eq!(again.at, "/operators/new");
    assert_eq!(again.message(), "The e-mail address kim@example.com is used by another operator.");
    assert!(again.form("operator-invite").contains(&("name".to_owned(), "Kim Vega".to_owned())));
    let both = admin.submit("operator-invite", &[("email", "kim"), ("name", ""), ("role", "admin")]).await;
    assert_eq!(
        both.message(),
        "The e-mail address is not of the form name@example.com. The name is missing."
    );
}

#[database_test]
async fn disabling_ends_sessions_and_keeps_the_password(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let (admin, support) = (app.admin().await, app.support().await);
    let elsewhere =
        app.browser().submit("sign-in", &[("email", "sam@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(elsewhere.at, "/");
    let sam = id_of(&pool, "sam@example.com").await;

    let confirm = admin.open(&format!("/operators/{sam}/disable")).await;
    assert!(confirm.text().contains("Disable Sam Okoye?"), "{}", confirm.text());
    let page = admin.press(&confirm, "operator-disable", &[]).await;
    assert_eq!(page.at, format!("/operators/{sam}"));
    assert_eq!(page.message(), "Sam Okoye was disabled and signed out. Undo");

    assert!(!is_signed_in(&support).await);
    let sessions: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM groupdesk.sessions s JOIN groupdesk.operators o ON o.pk = s.operator_pk
         WHERE o.email = 'sam@example.com'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(sessions, 0);
    assert!(!signs_in(&app, "sam@example.com", PASSWORD).await);
    let refused = admin.submit("operator-link", &[("operator", &sam)]).await;
    assert_eq!(refused.message(), "Sam Okoye is disabled. Enable them first.");

    let page = admin.press(&page, "operator-enable", &[]).await;
    assert_eq!(page.message(), "Sam Okoye was enabled.");
    assert!(!is_signed_in(&support).await, "the old session stays ended");
    assert!(signs_in(&app, "sam@example.com", PASSWORD).await);

    // Doing it again changes nothing.
    for _ in 0..2 {
        admin.submit("operator-disable", &[("operator", &sam)]).await;
    }
    let actions: Vec<String> = admin_events(&pool).await.into_iter().map(|event| event.0).collect();
    let count = |action: &str| actions.iter().filter(|one| *one == action).count();
    assert_eq!((count("operator_disabled"), count("operator_enabled")), (2, 1));
}

#[database_test]
async fn role_change_is_immediate_and_ends_sessions(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let (admin, support) = (app.admin().await, app.support().await);
    let sam = id_of(&pool, "sam@example.com").await;
    let confirm = admin.open(&format!("/operators/{sam}/role")).await;
    assert!(confirm.text().contains("Make Sam Okoye an admin?"), "{}", confirm.text());
    let page = admin.press(&confirm, "operator-set-role", &[]).await;
    assert_eq!(page.message(), "Sam Okoye was made an admin.");
    assert!(!is_signed_in(&support).await);
    let support = support.signed_in("sam@example.com").await;
    assert_eq!(support.open("/tokens").await.status, 200);

    let confirm = admin.open(&format!("/operators/{sam}/role")).await;
    let page = admin.press(&confirm, "operator-set-role", &[]).await;
    assert_eq!(page.message(), "Sam Okoye was made support.");
    assert!(!is_signed_in(&support).await);
    let actions: Vec<String> = admin_events(&pool).await.into_iter().map(|event| event.0).collect();
    assert!(
        actions.contains(&"operator_made_admin".to_owned())
            && actions.contains(&"operator_made_support".to_owned())
    );
}

#[database_test]
async fn new_link_revokes_password_sessions_and_old_link(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let (admin, support) = (app.admin().await, app.support().await);
    let sam = id_of(&pool, "sam@example.com").await;
    let confirm = admin.open(&format!("/operators/{sam}/link")).await;
    assert!(confirm.text().contains("Their password stops working"), "{}", confirm.text());
    let first = link(&admin.press(&confirm, "operator-link", &[]).await);

    assert!(!is_signed_in(&support).await);
    assert!(!signs_in(&app, "sam@example.com", PASSWORD).await);
    let second = link(&admin.submit("operator-link", &[("operator", &sam)]).await);
    assert_eq!(app.browser().open(&first).await.status, 404);

    let welcome = support.open(&second).await;
    support.press(&welcome, "invitation-accept", &[("password", "another horse battery staple")]).await;
    assert!(is_signed_in(&support).await);
    assert!(!signs_in(&app, "sam@example.com", PASSWORD).await);
    assert!(signs_in(&app, "sam@example.com", "another horse battery staple").await);
}

#[database_test]
async fn admins_cannot_demote_or_disable_themselves(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    operator(&pool, "bea@example.com", "Bea Roth", "admin").await;
    let ana = id_of(&pool, "ana@example.com").await;
    let page = admin.open(&format!("/operators/{ana}")).await;
    assert!(page.text().contains("This is you"), "{}", page.text());
    for (function, fields) in [
        ("operator-disable", vec![("operator", ana.as_str())]),
        ("operator-set-role", vec![("operator", ana.as_str()), ("role", "support")]),
        ("operator-link", vec![("operator", ana.as_str())]),
    ] {
        let page = admin.submit(function, &fields).await;
        assert_eq!(
            page.message(),
            "You cannot do this to your own operator. Ask another admin.",
            "{function}"
        );
    }
    assert!(is_signed_in(&admin).await);
}

/// Both are admins at the start, and one is left at the end.
#[database_test]
async fn mutual_disabling_leaves_one_admin(pool: PgPool) {
    let app = TestApp::with_large_pool(&pool).await;
    let ana = app.admin().await;
    operator(&pool, "bea@example.com", "Bea Roth", "admin").await;
    for round in 0..8 {
        let bea = app.browser().signed_in("bea@example.com").await;
        let ana = ana.clone().signed_in("ana@example.com").await;
        let (ana_id, bea_id) = (id_of(&pool, "ana@example.com").await, id_of(&pool, "bea@example.com").await);
        let (function, role) =
            if round % 2 == 0 { ("operator-disable", "") } else { ("operator-set-role", "support") };
        let by_ana = [("operator", bea_id.as_str()), ("role", role)];
        let by_bea = [("operator", ana_id.as_str()), ("role", role)];
        futures::join!(ana.submit(function, &by_ana), bea.submit(function, &by_bea));
        let left: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM groupdesk.operators WHERE role = 'admin' AND disabled_at IS NULL",
        )
        .fetch_one(&pool)
        .await
        .unwrap();
        assert_eq!(left, 1, "round {round}");
        sqlx::raw_sql("UPDATE groupdesk.operators SET role = 'admin', disabled_at = NULL")
            .execute(&pool)
            .await
            .unwrap();
    }
    app.close().await;
}

#[database_test]
async fn operator_of_a_deleted_person_can_be_reinvited(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    operator(&pool, "gone@example.com", "Gone Away", "admin").await;
    sqlx::raw_sql("DELETE FROM core_api.peoples WHERE email = 'gone@example.com'")
        .execute(&pool)
        .await
        .unwrap();
    let gone = id_of(&pool, "gone@example.com").await;
    let page = admin.open(&format!("/operators/{gone}")).await;
    assert!(page.text().contains("person deleted"), "{}", page.text());
    let refused = admin.submit("operator-link", &[("operator", &gone)]).await;
    assert!(
        refused.message().starts_with("The person behind gone@example.com was deleted."),
        "{}",
        refused.message()
    );
    let typed = [("email", "gone@example.com"), ("name", "Gone Again"), ("role", "support")];
    let page = admin.submit("operator-invite", &typed).await;
    let welcome = app.browser().open(&link(&page)).await;
    assert!(welcome.text().contains("Welcome, Gone Again"), "{}", welcome.text());
    assert_eq!(id_of(&pool, "gone@example.com").await, gone);
    assert!(!signs_in(&app, "gone@example.com", PASSWORD).await);
}

#[database_test]
async fn support_cannot_see_or_change_operators(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let support = app.support().await;
    operator(&pool, "bea@example.com", "Bea Roth", "admin").await;
    let bea = id_of(&pool, "bea@example.com").await;
    for path in
        ["/operators", "/operators/new", &format!("/operators/{bea}"), &format!("/operators/{bea}/disable")]
    {
        let page = support.open(path).await;
        assert_eq!(page.status, 403, "{path}");
        assert!(page.text().contains(ADMINS_ONLY) && !page.text().contains("Bea"), "{path}: {}", page.text());
    }
    for (function, fields) in [
        ("operator-invite", vec![("email", "x@example.com"), ("name", "X"), ("role", "admin")]),
        ("operator-link", vec![("operator", bea.as_str())]),
        ("operator-set-role", vec![("operator", bea.as_str()), ("role", "support")]),
        ("operator-disable", vec![("operator", bea.as_str())]),
        ("operator-enable", vec![("operator", bea.as_str())]),
    ] {
        let page = support.submit(function, &fields).await;
        assert!(page.text().contains(ADMINS_ONLY), "{function}: {}", page.text());
    }
    let operators: Vec<(String, String, bool)> = sqlx::query_as(
        "SELECT email, role, disabled_at IS NULL AND password_hash IS NOT NULL FROM groupdesk.operators ORDER BY pk",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let whole = |email: &str, role: &str| (email.to_owned(), role.to_owned(), true);
    assert_eq!(operators, [whole("sam@example.com", "support"), whole("bea@example.com", "admin")]);
}

/// A sign-in that began with the old password does not outlive the password.
#[database_test]
async fn session_of_an_old_generation_is_invalid(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let (_, support) = (app.admin().await, app.support().await);
    assert!(is_signed_in(&support).await);
    // The row of a session that was written just after all sessions were deleted.
    sqlx::raw_sql("UPDATE groupdesk.operators SET session_generation = session_generation + 1")
        .execute(&pool)
        .await
        .unwrap();
    assert!(!is_signed_in(&support).await);
}
