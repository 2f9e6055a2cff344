//! Who is let in, and how an operator is linked to an account of the provider.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::{is_in, sam, sent_back, start, told};
use crate::support::{Desk, IdentityProvider, admin_events, operator};

const UNVERIFIED: &str = "Example does not say that your e-mail address is verified. Verify it there, or ask an admin \
                          to link you: your account id there is x.";
const UNSAID: &str = "Example does not say whether your e-mail address is verified, so you are not recognized by it. Ask \
                      an admin to link you: your account id there is 4711.";

/// Signs in with a browser of its own; status, path and message of the page, where there is one.
async fn signing_in(desk: &Desk, provider: &IdentityProvider, account: &str) -> (u16, String, String) {
    let browser = desk.browser();
    let back = sent_back(provider, &browser, account).await;
    let page = browser.open(&back).await;
    let is_refused = page.at.starts_with("/login");
    assert_eq!(is_in(&browser).await, !is_refused, "{}", page.at);
    let message = if is_refused { page.message() } else { String::new() };
    (page.status, page.at, message)
}

fn into_groups() -> (u16, String, String) {
    (200, "/groups".to_owned(), String::new())
}

fn refused(message: &str) -> (u16, String, String) {
    (403, "/login?next=/groups".to_owned(), message.to_owned())
}

async fn execute(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(sql).execute(pool).await.unwrap();
}

#[database_test]
async fn once_linked_the_account_counts_and_no_address(pool: PgPool) {
    sam(&pool).await;
    let (provider, desk) = start(&pool).await;
    assert_eq!(signing_in(&desk, &provider, "sam").await, into_groups());
    // Neither there, nor here, nor without one at all.
    for email in [Some("sam.okoye@example.org"), None] {
        provider.knows("sam", email, false).await;
        assert_eq!(signing_in(&desk, &provider, "sam").await, into_groups());
    }
    execute(&pool, "UPDATE groupdesk.operators SET email = 'okoye@example.com'").await;
    assert_eq!(signing_in(&desk, &provider, "sam").await, into_groups());
    let mut expected = vec!["operator_linked"];
    expected.extend(["signed_in"; 4]);
    assert_eq!(told(&pool).await, expected);
}

/// An address that was given to somebody else lets nobody else in.
#[database_test]
async fn an_operator_is_one_account_of_the_provider(pool: PgPool) {
    sam(&pool).await;
    let (provider, desk) = start(&pool).await;
    assert_eq!(signing_in(&desk, &provider, "sam").await, into_groups());
    provider.knows("successor", Some("sam@example.com"), true).await;
    let unknown = "sam@example.com is not an operator here. Ask an admin to invite you.";
    assert_eq!(signing_in(&desk, &provider, "successor").await, refused(unknown));
    let event = admin_events(&pool).await.pop().unwrap();
    assert_eq!(
        (event.0.as_str(), event.1, event.2.as_deref()),
        ("sign_in_failed", None, Some("sam@example.com"))
    );

    // Nor does an account stand for two operators.
    operator(&pool, "ana@example.com", "Ana Lima", "admin").await;
    provider.knows("sam", Some("ana@example.com"), true).await;
    let browser = desk.browser();
    let back = sent_back(&provider, &browser, "sam").await;
    assert!(browser.open(&back).await.text().contains("Sam Okoye"));
}

#[database_test]
async fn who_is_no_operator_is_refused_in_the_same_words_whatever_the_reason(pool: PgPool) {
    for email in ["sam@example.com", "gone@example.com", "off@example.com"] {
        operator(&pool, email, "Somebody", "support").await;
    }
    let (provider, desk) = start(&pool).await;
    assert_eq!(signing_in(&desk, &provider, "sam").await, into_groups());
    execute(
        &pool,
        "DELETE FROM core_api.peoples WHERE email = 'gone@example.com';
         UPDATE groupdesk.operators SET disabled_at = now() WHERE email IN ('off@example.com', 'sam@example.com')",
    )
    .await;
    let before = told(&pool).await.len();
    // Never seen, without a person, disabled, and disabled since they were linked.
    let accounts = ["nobody", "gone", "off", "sam"];
    for account in accounts {
        let unknown = format!("{account}@example.com is not an operator here. Ask an admin to invite you.");
        assert_eq!(signing_in(&desk, &provider, account).await, refused(&unknown));
        let event = admin_events(&pool).await.pop().unwrap();
        assert_eq!(event, ("sign_in_failed".to_owned(), None, Some(format!("{account}@example.com"))));
    }
    let operators: i64 =
        sqlx::query_scalar("SELECT count(*) FROM groupdesk.operators").fetch_one(&pool).await.unwrap();
    assert_eq!((operators, told(&pool).await.len()), (3, before + accounts.len()));
}

#[database_test]
async fn an_address_that_is_not_verified_links_nobody(pool: PgPool) {
    sam(&pool).await;
    let (provider, desk) = start(&pool).await;
    for email in [Some("sam@example.com"), Some("nobody@example.com"), Some(""), None] {
        provider.knows("x", email, false).await;
        assert_eq!(signing_in(&desk, &provider, "x").await, refused(UNVERIFIED), "{email:?}");
    }
    provider.knows("x", None, true).await;
    assert_eq!(signing_in(&desk, &provider, "x").await, refused(UNVERIFIED));
    let links: i64 = sqlx::query_scalar("SELECT count(*) FROM groupdesk.operator_identities")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!((links, told(&pool).await), (0, vec!["sign_in_failed".to_owned(); 5]));
}

async fn operator_id(pool: &PgPool, email: &str) -> uuid::Uuid {
    let query = "SELECT operator_id FROM groupdesk.operators WHERE email = $1";
    sqlx::query_scalar(query).bind(email).fetch_one(pool).await.unwrap()
}

/// As Microsoft Entra, which sends no `email_verified`.
#[database_test]
async fn an_address_of_which_the_provider_says_nothing_links_nobody_and_an_admin_does(pool: PgPool) {
    sam(&pool).await;
    let (provider, desk) = start(&pool).await;
    provider.knows_unsaid("4711", "sam@example.com").await;
    assert_eq!(signing_in(&desk, &provider, "4711").await, refused(UNSAID));
    assert_eq!(told(&pool).await, ["sign_in_failed"]);

    let admin = desk.admin().await;
    let page = admin.open(&format!("/operators/{}", operator_id(&pool, "sam@example.com").await)).await;
    let page = admin.press(&page, "operator-link-identity", &[("subject", " 4711 ")]).await;
    assert_eq!(page.message(), "Sam Okoye was linked and can sign in by the identity provider.");
    assert!(page.text().contains("Example Linked since"), "{}", page.text());
    assert_eq!(signing_in(&desk, &provider, "4711").await, into_groups());
    assert_eq!(told(&pool).await, ["sign_in_failed", "signed_in", "operator_linked", "signed_in"]);
}

/// Whoever is linked needs no address, and so nothing that the provider does not tell.
#[database_test]
async fn a_provider_that_tells_nothing_of_accounts_keeps_out_nobody_who_is_linked(pool: PgPool) {
    sam(&pool).await;
    let (provider, desk) = start(&pool).await;
    assert_eq!(signing_in(&desk, &provider, "sam").await, into_groups());
    for status in [401, 403, 404, 500, 503] {
        provider.refuses_claims(status).await;
        assert_eq!(signing_in(&desk, &provider, "sam").await, into_groups(), "{status}");
    }
    // Of anybody else it has to say something; what may be said in a moment is worth another try.
    let away = (503, "/login?next=/groups".to_owned(), super::AWAY.to_owned());
    assert_eq!(signing_in(&desk, &provider, "x").await, away);
    provider.refuses_claims(403).await;
    assert_eq!(signing_in(&desk, &provider, "x").await, refused(UNVERIFIED));
}

#[database_test]
async fn an_admin_links_one_account_to_one_operator(pool: PgPool) {
    sam(&pool).await;
    operator(&pool, "kim@example.com", "Kim Lee", "support").await;
    let (_provider, desk) = start(&pool).await;
    let admin = desk.admin().await;
    let ids = [operator_id(&pool, "sam@example.com").await, operator_id(&pool, "kim@example.com").await];
    let [sam, kim] = ids.map(|id| id.to_string());
    let link = async |operator: &str, subject: &str| {
        admin
            .submit("operator-link-identity", &[("operator", operator), ("subject", subject)])
            .await
            .message()
    };
    assert!(link(&sam, "4711").await.starts_with("Sam Okoye was linked"));
    // Twice is once.
    assert!(link(&sam, "4711").await.starts_with("Sam Okoye was linked"));
    assert_eq!(link(&kim, "4711").await, "Another operator is linked to this account.");
    assert_eq!(link(&sam, "4712").await, "Sam Okoye is linked to another account there. Unlink them first.");
    assert_eq!(link(&kim, "  ").await, "The account id is missing.");
    let own = operator_id(&pool, "ana@example.com").await.to_string();
    assert_eq!(link(&own, "4713").await, "You cannot do this to yourself. Another admin can.");
    let support = desk.browser().signed_in("kim@example.com").await;
    let fields = [("operator", kim.as_str()), ("subject", "4713")];
    let page = support.submit("operator-link-identity", &fields).await;
    assert_eq!(page.message(), "Only admins may see and manage this.");
    let linked = told(&pool).await.iter().filter(|action| *action == "operator_linked").count();
    assert_eq!(linked, 1);
}

/// Where somebody has said that the issuer's addresses can be trusted.
#[database_test]
async fn a_trusted_issuer_is_believed_unless_it_says_otherwise_itself(pool: PgPool) {
    sam(&pool).await;
    let provider = IdentityProvider::start().await;
    let mut args = provider.args();
    args.oidc_trust_email = Some("true".to_owned());
    let settings = args.settled().unwrap().unwrap();
    let desk = Desk::signed_in_as_set(pool.clone(), groupdesk::platform::clock::system(), settings).await;
    provider.knows("x", Some("sam@example.com"), false).await;
    assert_eq!(signing_in(&desk, &provider, "x").await, refused(UNVERIFIED));
    provider.knows_unsaid("4711", "sam@example.com").await;
    assert_eq!(signing_in(&desk, &provider, "4711").await, into_groups());
}

#[database_test]
async fn no_password_is_needed(pool: PgPool) {
    let (provider, desk) = start(&pool).await;
    let admin = desk.admin().await;
    let invited = [("email", "kai@example.com"), ("name", "Kai Berg"), ("role", "support")];
    admin.submit("operator-invite", &invited).await;
    assert_eq!(signing_in(&desk, &provider, "kai").await, into_groups());
    let list = admin.open("/operators").await;
    assert!(list.text().contains("kai@example.com support active"), "{}", list.text());
    // Not that an empty password were one.
    let page = desk.browser().submit("sign-in", &[("email", "kai@example.com"), ("password", "")]).await;
    assert_eq!(page.at, "/login");
}

#[database_test]
async fn who_signs_in_for_the_first_time_in_two_windows_is_in_both(pool: PgPool) {
    sam(&pool).await;
    let (provider, desk) = start(&pool).await;
    let (one, other) = (desk.browser(), desk.browser());
    let (first, second) =
        (sent_back(&provider, &one, "sam").await, sent_back(&provider, &other, "sam").await);
    let (first, second) = futures::join!(one.open(&first), other.open(&second));
    assert_eq!((first.at.as_str(), second.at.as_str()), ("/groups", "/groups"));
    let told = told(&pool).await;
    assert_eq!(told.iter().filter(|action| *action == "operator_linked").count(), 1, "{told:?}");
}

#[database_test]
async fn an_admin_unlinks_and_the_next_account_is_linked(pool: PgPool) {
    sam(&pool).await;
    let (provider, desk) = start(&pool).await;
    let browser = desk.browser();
    let back = sent_back(&provider, &browser, "sam").await;
    browser.open(&back).await;
    let admin = desk.admin().await;
    let id: uuid::Uuid =
        sqlx::query_scalar("SELECT operator_id FROM groupdesk.operators WHERE email = 'sam@example.com'")
            .fetch_one(&pool)
            .await
            .unwrap();
    let page = admin.open(&format!("/operators/{id}")).await;
    assert!(page.text().contains("Example Linked since"), "{}", page.text());
    let page = admin.press(&page, "operator-unlink", &[]).await;
    assert_eq!(page.message(), "Sam Okoye was unlinked and is signed out everywhere.");
    assert!(!page.text().contains("Linked since") && !page.has_form("operator-unlink"));
    assert!(!is_in(&browser).await);
    // Twice is once.
    admin.submit("operator-unlink", &[("operator", &id.to_string())]).await;

    provider.knows("successor", Some("sam@example.com"), true).await;
    assert_eq!(signing_in(&desk, &provider, "successor").await, into_groups());
    let unlinked = told(&pool).await.iter().filter(|action| *action == "operator_unlinked").count();
    assert_eq!(unlinked, 1);
    let log = admin.open("/audit/admin").await;
    assert!(log.text().contains("Provider unlinked sam@example.com Ana Lima"), "{}", log.text());

    // It is an admin's to do, and not to themselves.
    let support = desk.browser().signed_in("sam@example.com").await;
    let page = support.submit("operator-unlink", &[("operator", &id.to_string())]).await;
    assert_eq!(page.message(), "Only admins may see and manage this.");
}

/// Who was invited anew may be somebody else.
#[database_test]
async fn an_address_that_is_invited_anew_is_not_linked(pool: PgPool) {
    sam(&pool).await;
    let (provider, desk) = start(&pool).await;
    provider.knows("first", Some("sam@example.com"), true).await;
    assert_eq!(signing_in(&desk, &provider, "first").await, into_groups());
    execute(&pool, "DELETE FROM core_api.peoples WHERE email = 'sam@example.com'").await;
    sam(&pool).await;
    provider.knows("first", Some("first@example.com"), true).await;
    let unknown = "first@example.com is not an operator here. Ask an admin to invite you.";
    assert_eq!(signing_in(&desk, &provider, "first").await, refused(unknown));
    assert_eq!(signing_in(&desk, &provider, "sam").await, into_groups());
}

/// The database refuses what the code would have to forget.
#[database_test]
async fn the_database_keeps_a_subject_to_one_operator(pool: PgPool) {
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
