//! Access by provider accounts, and how operators are linked to them.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::{callback, is_signed_in, logged, sam, start};
use crate::support::{IdentityProvider, TestApp, admin_events, operator};

const UNVERIFIED: &str = "Example has not verified your e-mail address. Verify it there, or ask an admin to link your Example account; its id is x.";
const VERIFICATION_UNKNOWN: &str = "Example did not confirm your e-mail address, so you were not signed in. Ask an admin to link your Example account; its id is 4711.";

/// Signs in with a new browser. Returns status, path and message of the resulting page.
async fn sign_in(app: &TestApp, provider: &IdentityProvider, account: &str) -> (u16, String, String) {
    let browser = app.browser();
    let back = callback(provider, &browser, account).await;
    let page = browser.open(&back).await;
    let is_refused = page.at.starts_with("/login");
    assert_eq!(is_signed_in(&browser).await, !is_refused, "{}", page.at);
    let message = if is_refused { page.message() } else { String::new() };
    (page.status, page.at, message)
}

fn signed_in_to_groups() -> (u16, String, String) {
    (200, "/groups".to_owned(), String::new())
}

fn refused(message: &str) -> (u16, String, String) {
    (403, "/login?next=/groups".to_owned(), message.to_owned())
}

async fn execute(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(sql).execute(pool).await.unwrap();
}

#[database_test]
async fn linked_accounts_do_not_depend_on_the_email(pool: PgPool) {
    sam(&pool).await;
    let (provider, app) = start(&pool).await;
    assert_eq!(sign_in(&app, &provider, "sam").await, signed_in_to_groups());
    // Neither another address at the provider, nor another one here, nor a missing one matters.
    for email in [Some("sam.okoye@example.org"), None] {
        provider.set_account("sam", email, false).await;
        assert_eq!(sign_in(&app, &provider, "sam").await, signed_in_to_groups());
    }
    execute(&pool, "UPDATE groupdesk.operators SET email = 'okoye@example.com'").await;
    assert_eq!(sign_in(&app, &provider, "sam").await, signed_in_to_groups());
    let mut expected = vec!["operator_linked"];
    expected.extend(["signed_in"; 4]);
    assert_eq!(logged(&pool).await, expected);
}

/// An address that the provider gives to another account grants that account nothing.
#[database_test]
async fn operator_has_one_account_at_the_provider(pool: PgPool) {
    sam(&pool).await;
    let (provider, app) = start(&pool).await;
    assert_eq!(sign_in(&app, &provider, "sam").await, signed_in_to_groups());
    provider.set_account("successor", Some("sam@example.com"), true).await;
    let unknown = "sam@example.com cannot sign in here. Ask an admin for access.";
    assert_eq!(sign_in(&app, &provider, "successor").await, refused(unknown));
    let event = admin_events(&pool).await.pop().unwrap();
    assert_eq!(
        (event.0.as_str(), event.1, event.2.as_deref()),
        ("sign_in_failed", None, Some("sam@example.com"))
    );

    // One account cannot be linked to two operators, either.
    operator(&pool, "ana@example.com", "Ana Lima", "admin").await;
    provider.set_account("sam", Some("ana@example.com"), true).await;
    let browser = app.browser();
    let back = callback(&provider, &browser, "sam").await;
    assert!(browser.open(&back).await.text().contains("Sam Okoye"));
}

#[database_test]
async fn all_non_operators_get_the_same_refusal(pool: PgPool) {
    for email in ["sam@example.com", "gone@example.com", "off@example.com"] {
        operator(&pool, email, "Somebody", "support").await;
    }
    let (provider, app) = start(&pool).await;
    assert_eq!(sign_in(&app, &provider, "sam").await, signed_in_to_groups());
    execute(
        &pool,
        "DELETE FROM core_api.peoples WHERE email = 'gone@example.com';
         UPDATE groupdesk.operators SET disabled_at = now() WHERE email IN ('off@example.com', 'sam@example.com')",
    )
    .await;
    let before = logged(&pool).await.len();
    // Unknown, without a person, disabled, and disabled after linking.
    let accounts = ["nobody", "gone", "off", "sam"];
    for account in accounts {
        let unknown = format!("{account}@example.com cannot sign in here. Ask an admin for access.");
        assert_eq!(sign_in(&app, &provider, account).await, refused(&unknown));
        let event = admin_events(&pool).await.pop().unwrap();
        assert_eq!(event, ("sign_in_failed".to_owned(), None, Some(format!("{account}@example.com"))));
    }
    let operators: i64 =
        sqlx::query_scalar("SELECT count(*) FROM groupdesk.operators").fetch_one(&pool).await.unwrap();
    assert_eq!((operators, logged(&pool).await.len()), (3, before + accounts.len()));
}

#[database_test]
async fn unverified_emails_link_no_operator(pool: PgPool) {
    sam(&pool).await;
    let (provider, app) = start(&pool).await;
    for email in [Some("sam@example.com"), Some("nobody@example.com"), Some(""), None] {
        provider.set_account("x", email, false).await;
        assert_eq!(sign_in(&app, &provider, "x").await, refused(UNVERIFIED), "{email:?}");
    }
    provider.set_account("x", None, true).await;
    assert_eq!(sign_in(&app, &provider, "x").await, refused(UNVERIFIED));
    let links: i64 = sqlx::query_scalar("SELECT count(*) FROM groupdesk.operator_identities")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!((links, logged(&pool).await), (0, vec!["sign_in_failed".to_owned(); 5]));
}

async fn operator_id(pool: &PgPool, email: &str) -> uuid::Uuid {
    let query = "SELECT operator_id FROM groupdesk.operators WHERE email = $1";
    sqlx::query_scalar(query).bind(email).fetch_one(pool).await.unwrap()
}

/// Microsoft Entra, for example, sends no `email_verified`.
#[database_test]
async fn without_email_verified_only_an_admin_links(pool: PgPool) {
    sam(&pool).await;
    let (provider, app) = start(&pool).await;
    provider.set_account_without_verification("4711", "sam@example.com").await;
    assert_eq!(sign_in(&app, &provider, "4711").await, refused(VERIFICATION_UNKNOWN));
    assert_eq!(logged(&pool).await, ["sign_in_failed"]);

    let admin = app.admin().await;
    let page = admin.open(&format!("/operators/{}", operator_id(&pool, "sam@example.com").await)).await;
    let page = admin.press(&page, "operator-link-identity", &[("subject", " 4711 ")]).await;
    assert_eq!(page.message(), "Sam Okoye was linked and can sign in with the identity provider.");
    assert!(page.text().contains("Example Linked since"), "{}", page.text());
    assert_eq!(sign_in(&app, &provider, "4711").await, signed_in_to_groups());
    assert_eq!(logged(&pool).await, ["sign_in_failed", "signed_in", "operator_linked", "signed_in"]);
}

/// A linked account needs no e-mail address, so missing claims do not matter.
#[database_test]
async fn linked_operators_sign_in_when_userinfo_fails(pool: PgPool) {
    sam(&pool).await;
    let (provider, app) = start(&pool).await;
    assert_eq!(sign_in(&app, &provider, "sam").await, signed_in_to_groups());
    for status in [401, 403, 404, 500, 503] {
        provider.fail_userinfo(status).await;
        assert_eq!(sign_in(&app, &provider, "sam").await, signed_in_to_groups(), "{status}");
    }
    // Other accounts need claims. A temporary error is worth another try.
    let away = (503, "/login?next=/groups".to_owned(), super::UNAVAILABLE.to_owned());
    assert_eq!(sign_in(&app, &provider, "x").await, away);
    provider.fail_userinfo(403).await;
    assert_eq!(sign_in(&app, &provider, "x").await, refused(UNVERIFIED));
}

#[database_test]
async fn admin_links_one_account_to_one_operator(pool: PgPool) {
    sam(&pool).await;
    operator(&pool, "kim@example.com", "Kim Lee", "support").await;
    let (_provider, app) = start(&pool).await;
    let admin = app.admin().await;
    let ids = [operator_id(&pool, "sam@example.com").await, operator_id(&pool, "kim@example.com").await];
    let [sam, kim] = ids.map(|id| id.to_string());
    let link = async |operator: &str, subject: &str| {
        admin
            .submit("operator-link-identity", &[("operator", operator), ("subject", subject)])
            .await
            .message()
    };
    assert!(link(&sam, "4711").await.starts_with("Sam Okoye was linked"));
    // Linking again changes nothing.
    assert!(link(&sam, "4711").await.starts_with("Sam Okoye was linked"));
    assert_eq!(link(&kim, "4711").await, "Another operator is linked to this account.");
    assert_eq!(link(&sam, "4712").await, "Sam Okoye is linked to another account. Unlink them first.");
    assert_eq!(link(&kim, "  ").await, "The account id is missing.");
    let own = operator_id(&pool, "ana@example.com").await.to_string();
    assert_eq!(link(&own, "4713").await, "You cannot do this to your own operator. Ask another admin.");
    let support = app.browser().signed_in("kim@example.com").await;
    let fields = [("operator", kim.as_str()), ("subject", "4713")];
    let page = support.submit("operator-link-identity", &fields).await;
    assert_eq!(page.message(), "Only admins may see and manage this.");
    let linked = logged(&pool).await.iter().filter(|action| *action == "operator_linked").count();
    assert_eq!(linked, 1);
}

/// The configuration declares the issuer's addresses trustworthy.
#[database_test]
async fn trusted_issuer_counts_unless_email_is_unverified(pool: PgPool) {
    sam(&pool).await;
    let provider = IdentityProvider::start().await;
    let mut args = provider.args();
    args.oidc_trust_email = Some("true".into());
    let settings = args.resolve().unwrap().unwrap();
    let app = TestApp::with_oidc_settings(pool.clone(), groupdesk::platform::clock::system(), settings).await;
    provider.set_account("x", Some("sam@example.com"), false).await;
    assert_eq!(sign_in(&app, &provider, "x").await, refused(UNVERIFIED));
    provider.set_account_without_verification("4711", "sam@example.com").await;
    assert_eq!(sign_in(&app, &provider, "4711").await, signed_in_to_groups());
}

#[database_test]
async fn operator_without_a_password_signs_in(pool: PgPool) {
    let (provider, app) = start(&pool).await;
    let admin = app.admin().await;
    let invited = [("email", "kai@example.com"), ("name", "Kai Berg"), ("role", "support")];
    admin.submit("operator-invite", &invited).await;
    assert_eq!(sign_in(&app, &provider, "kai").await, signed_in_to_groups());
    let list = admin.open("/operators").await;
    assert!(list.text().contains("kai@example.com support active"), "{}", list.text());
    // An empty password does not work instead.
    let page = app.browser().submit("sign-in", &[("email", "kai@example.com"), ("password", "")]).await;
    assert_eq!(page.at, "/login");
}

#[database_test]
async fn first_sign_in_in_two_windows_links_once(pool: PgPool) {
    sam(&pool).await;
    let (provider, app) = start(&pool).await;
    let (one, other) = (app.browser(), app.browser());
    let (first, second) = (callback(&provider, &one, "sam").await, callback(&provider, &other, "sam").await);
    let (first, second) = futures::join!(one.open(&first), other.open(&second));
    assert_eq!((first.at.as_str(), second.at.as_str()), ("/groups", "/groups"));
    let logged = logged(&pool).await;
    assert_eq!(logged.iter().filter(|action| *action == "operator_linked").count(), 1, "{logged:?}");
}

#[database_test]
async fn unlinked_operator_is_linked_at_the_next_sign_in(pool: PgPool) {
    sam(&pool).await;
    let (provider, app) = start(&pool).await;
    let browser = app.browser();
    let back = callback(&provider, &browser, "sam").await;
    browser.open(&back).await;
    let admin = app.admin().await;
    let id: uuid::Uuid =
        sqlx::query_scalar("SELECT operator_id FROM groupdesk.operators WHERE email = 'sam@example.com'")
            .fetch_one(&pool)
            .await
            .unwrap();
    let page = admin.open(&format!("/operators/{id}")).await;
    assert!(page.text().contains("Example Linked since"), "{}", page.text());
    let page = admin.press(&page, "operator-unlink", &[]).await;
    assert_eq!(page.message(), "Sam Okoye was unlinked and signed out everywhere.");
    assert!(!page.text().contains("Linked since") && !page.has_form("operator-unlink"));
    assert!(!is_signed_in(&browser).await);
    // Unlinking again changes nothing.
    admin.submit("operator-unlink", &[("operator", &id.to_string())]).await;

    provider.set_account("successor", Some("sam@example.com"), true).await;
    assert_eq!(sign_in(&app, &provider, "successor").await, signed_in_to_groups());
    let unlinked = logged(&pool).await.iter().filter(|action| *action == "operator_unlinked").count();
    assert_eq!(unlinked, 1);
    let log = admin.open("/audit/admin").await;
    assert!(log.text().contains("Provider unlinked sam@example.com Ana Lima"), "{}", log.text());

    // Only admins may unlink, and not themselves.
    let support = app.browser().signed_in("sam@example.com").await;
    let page = support.submit("operator-unlink", &[("operator", &id.to_string())]).await;
    assert_eq!(page.message(), "Only admins may see and manage this.");
}

/// The new operator at this address may be another person.
#[database_test]
async fn reinvited_email_has_no_link(pool: PgPool) {
    sam(&pool).await;
    let (provider, app) = start(&pool).await;
    provider.set_account("first", Some("sam@example.com"), true).await;
    assert_eq!(sign_in(&app, &provider, "first").await, signed_in_to_groups());
    execute(&pool, "DELETE FROM core_api.peoples WHERE email = 'sam@example.com'").await;
    sam(&pool).await;
    provider.set_account("first", Some("first@example.com"), true).await;
    let unknown = "first@example.com cannot sign in here. Ask an admin for access.";
    assert_eq!(sign_in(&app, &provider, "first").await, refused(unknown));
    assert_eq!(sign_in(&app, &provider, "sam").await, signed_in_to_groups());
}

/// The database enforces this without relying on the code.
#[database_test]
async fn database_links_a_subject_to_one_operator(pool: PgPool) {
    sam(&pool).await;
    operator(&pool, "ana@example.com", "Ana Lima", "admin").await;
    let link = |email: &str, subject: &str| {
        format!(
            "INSERT INTO groupdesk.operator_identities (operator_pk, issuer, subject, linked_at)
             SELECT pk, 'https://id.example.com', '{subject}', now() FROM groupdesk.operators WHERE email = '{email}'"
        )
    };
    execute(&pool, &link("sam@example.com", "1")).await;
    for (email, subject, constraint) in [
        ("ana@example.com", "1", "operator_identities_subject_unique"),
        ("sam@example.com", "2", "operator_identities_operator_unique"),
        ("ana@example.com", "", "operator_identities_named"),
    ] {
        let error = sqlx::raw_sql(&link(email, subject)).execute(&pool).await.unwrap_err();
        assert_eq!(error.as_database_error().unwrap().constraint(), Some(constraint));
    }
}
