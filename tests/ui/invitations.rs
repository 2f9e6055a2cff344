//! The one-time link with which a new operator chooses a password.

use groupdesk::kernel::actor::{Actor, Role, Source};
use groupdesk::kernel::text::{Email, Name};
use groupdesk::platform::call::{Administer, Call};
use groupdesk::platform::clock;
use groupdesk::resources::flows::invite_operator::operator_add;
use groupdesk::resources::operators::ops::NewOperator;
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{PASSWORD, TestApp, admin_events};

const REFUSED: &str = "This link has been used or has expired. Ask an admin for a new one.";

async fn invited(pool: &PgPool) -> String {
    let actor = Actor { person: None, source: Source::Cli, token_name: None };
    let call: Call<Administer> = Call::granted(actor, clock::system().now(), None);
    let new = NewOperator {
        email: Email::parse("ana@example.com").unwrap(),
        name: Name::parse("Ana Lima").unwrap(),
        role: Role::Admin,
        password: None,
    };
    let mut connection = pool.acquire().await.unwrap();
    operator_add(&mut connection, &call, new).await.unwrap().unwrap()
}

#[database_test]
async fn invitation_sets_a_password_once_and_signs_in(pool: PgPool) {
    let secret = invited(&pool).await;
    let app = TestApp::start(pool.clone()).await;
    let browser = app.browser();
    let path = format!("/invite/{secret}");
    // Opening the link does not use it up, because link previews open it, too.
    app.browser().open(&path).await;
    let welcome = browser.open(&path).await;
    assert_eq!(welcome.status, 200);
    assert!(welcome.text().contains("Welcome, Ana Lima"), "{}", welcome.text());

    let short = browser.press(&welcome, "invitation-accept", &[("password", "too short")]).await;
    assert_eq!(short.at, path);
    assert_eq!(short.message(), "The password needs at least 12 characters.");
    let page = browser.press(&short, "invitation-accept", &[("password", PASSWORD)]).await;
    assert_eq!((page.status, page.at.as_str()), (200, "/"));
    let actions: Vec<String> = admin_events(&pool).await.into_iter().map(|event| event.0).collect();
    assert_eq!(actions, ["people_created", "operator_created", "password_set", "signed_in"]);

    let again = app.browser().open(&path).await;
    assert_eq!(again.status, 404);
    assert!(again.text().contains(REFUSED), "{}", again.text());
    let thief = app.browser();
    let refused = thief
        .submit("invitation-accept", &[("secret", &secret), ("password", "another password of theirs")])
        .await;
    assert!(refused.text().contains(REFUSED), "{}", refused.text());
    assert_eq!(thief.open("/groups").await.at, "/login?next=/groups");
    let page = app.browser().submit("sign-in", &[("email", "ana@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(page.at, "/");
}

#[database_test]
async fn concurrent_uses_of_an_invitation_set_one_password(pool: PgPool) {
    let secret = invited(&pool).await;
    let app = TestApp::with_large_pool(&pool).await;
    let (one, other) = (app.browser(), app.browser());
    let form = |password| [("secret", secret.as_str()), ("password", password)];
    let (first, second) = (form("first password of all"), form("second password of all"));
    let (first, second) =
        futures::join!(one.submit("invitation-accept", &first), other.submit("invitation-accept", &second));
    let won = [&first, &second].iter().filter(|page| page.at == "/").count();
    assert_eq!(won, 1, "{} {}", first.at, second.at);
    app.close().await;
}

#[database_test]
async fn expired_and_unknown_links_are_refused_alike(pool: PgPool) {
    let secret = invited(&pool).await;
    sqlx::raw_sql("UPDATE groupdesk.sign_in_links SET expires_at = now() - interval '1 second'")
        .execute(&pool)
        .await
        .unwrap();
    let app = TestApp::start(pool).await;
    for secret in [secret.as_str(), "invented", "%00", "..%2f..%2flogin"] {
        let page = app.browser().open(&format!("/invite/{secret}")).await;
        assert_eq!(page.status, 404, "{secret}");
        assert!(page.text().contains(REFUSED), "{secret}: {}", page.text());
    }
}

/// A link that was created while a clock was ahead would otherwise be valid for too long.
#[database_test]
async fn invitation_from_the_future_is_refused(pool: PgPool) {
    let secret = invited(&pool).await;
    let ahead = "UPDATE groupdesk.sign_in_links
                 SET created_at = created_at + interval '50 days', expires_at = expires_at + interval '50 days'";
    sqlx::raw_sql(ahead).execute(&pool).await.unwrap();
    let app = TestApp::start(pool.clone()).await;
    let browser = app.browser();
    let page = browser.open(&format!("/invite/{secret}")).await;
    assert_eq!(page.status, 404);
    assert!(page.text().contains(REFUSED), "{}", page.text());
    browser.submit("invitation-accept", &[("secret", &secret), ("password", PASSWORD)]).await;
    assert_eq!(browser.open("/account").await.at, "/login?next=/account");
}
