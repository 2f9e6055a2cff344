//! Signing in through an OpenID Connect provider, which runs as a process of its own.

mod answers;
mod links;

use groupdesk::platform::clock;
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{Browser, IdentityProvider, PASSWORD, TestApp, admin_events, link, operator};

const STALE: &str = "This sign-in with Example has expired or was already used. Start again.";
const UNVERIFIABLE: &str = "The response of Example could not be verified, so you are not signed in. Start again; if this keeps happening, tell an admin.";
const MISCONFIGURED: &str = "Sign-in with Example is not set up correctly, so trying again does not help. Ask an admin to check the server log.";
const UNAVAILABLE: &str = "Example is not responding. Try again shortly.";

async fn start(pool: &PgPool) -> (IdentityProvider, TestApp) {
    let provider = IdentityProvider::start().await;
    let app = TestApp::with_provider(pool.clone(), clock::system(), &provider).await;
    (provider, app)
}

async fn sam(pool: &PgPool) {
    operator(pool, "sam@example.com", "Sam Okoye", "support").await;
}

/// Signs in at the provider from the sign-in page, and returns the callback path to which it sends the
/// browser back.
async fn callback(provider: &IdentityProvider, browser: &Browser, account: &str) -> String {
    let login = browser.open("/groups").await;
    provider.sign_in_at_provider(browser, &login, account).await
}

async fn is_signed_in(browser: &Browser) -> bool {
    browser.open("/account").await.at == "/account"
}

/// The logged actions about signing in.
async fn logged(pool: &PgPool) -> Vec<String> {
    let actions = admin_events(pool).await.into_iter().map(|event| event.0);
    actions.filter(|action| !action.ends_with("created")).collect()
}

#[database_test]
async fn operator_signs_in_by_verified_email_and_continues(pool: PgPool) {
    sam(&pool).await;
    let (provider, app) = start(&pool).await;
    let browser = app.browser();
    let login = browser.open("/groups?q=emea").await;
    assert!(login.text().contains("Sign in with Example"), "{}", login.text());
    assert_eq!(link(&login), "/login/oidc?next=/groups%3Fq%3Demea");

    // E-mail addresses are case insensitive.
    provider.set_account("4711", Some("SAM@example.com"), true).await;
    let back = provider.sign_in_at_provider(&browser, &login, "4711").await;
    let page = browser.open(&back).await;

    assert_eq!((page.status, page.at.as_str()), (200, "/groups?q=emea"));
    assert!(page.text().contains("Sam Okoye support sam@example.com"), "{}", page.text());
    let events = admin_events(&pool).await;
    let signed_in: Vec<_> = events.iter().rev().take(2).collect();
    for (event, action) in signed_in.into_iter().zip(["signed_in", "operator_linked"]) {
        assert_eq!(
            (event.0.as_str(), event.1.as_deref(), event.2.as_deref()),
            (action, Some("Sam Okoye"), Some("sam@example.com"))
        );
    }
    let account = browser.open("/account").await;
    assert!(account.text().contains("Example Linked since"), "{}", account.text());
    assert!(account.text().contains("127.0.0.1"), "{}", account.text());
}

#[database_test]
async fn sign_in_renews_the_session_and_sets_a_device_cookie(pool: PgPool) {
    sam(&pool).await;
    let (provider, app) = start(&pool).await;
    let browser = app.browser();
    let begun = browser.no_redirects.get(app.url("/login/oidc")).send().await.unwrap();
    let cookies = |answer: &reqwest::Response| -> Vec<String> {
        let lines = answer.headers().get_all("set-cookie").iter();
        lines.map(|line| line.to_str().unwrap().to_owned()).collect()
    };
    let before = cookies(&begun);
    assert!(before.len() == 1 && before[0].contains("SameSite=Lax") && before[0].contains("HttpOnly"));
    let authorization = reqwest::Url::parse(begun.headers()["location"].to_str().unwrap()).unwrap();
    let asks = |name: &str| {
        authorization.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.to_string())
    };
    assert_eq!(asks("response_type").as_deref(), Some("code"));
    assert_eq!(asks("code_challenge_method").as_deref(), Some("S256"));
    assert_eq!(asks("redirect_uri"), Some(app.url("/login/oidc/callback")));
    assert_eq!(asks("scope").as_deref(), Some("openid email"));
    for secret in ["state", "nonce", "code_challenge"] {
        assert_eq!(asks(secret).map(|text| text.len()), Some(43), "{secret}");
    }

    let provider_page = browser.follow_redirects(authorization.as_str()).await;
    let back = provider.answer(&browser, &provider_page, &[("account", "sam"), ("answer", "continue")]).await;
    let ended = browser.no_redirects.get(app.url(&back)).send().await.unwrap();
    assert_eq!((ended.status().as_u16(), &ended.headers()["location"]), (303, &"/".parse().unwrap()));
    let after = cookies(&ended);
    let value = |lines: &[String], name: &str| -> String {
        let line =
            lines.iter().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name} {lines:?}"));
        line.split(';').next().unwrap().to_owned()
    };
    assert_ne!(value(&before, "groupdesk_session"), value(&after, "groupdesk_session"));
    assert!(value(&after, "groupdesk_device").len() > 40);
    assert!(is_signed_in(&browser).await);
}

#[database_test]
async fn without_a_provider_its_pages_do_not_exist(pool: PgPool) {
    sam(&pool).await;
    let app = TestApp::start(pool).await;
    let browser = app.browser();
    let login = browser.open("/login").await;
    assert!(!login.html.contains("/login/oidc"), "{}", login.html);
    for path in ["/login/oidc", "/login/oidc/callback?code=1&state=2"] {
        assert_eq!(browser.open(path).await.status, 404, "{path}");
    }
    let browser = browser.signed_in("sam@example.com").await;
    assert!(!browser.open("/account").await.text().contains("Not linked"));
}

#[database_test]
async fn sign_in_never_redirects_to_another_site(pool: PgPool) {
    sam(&pool).await;
    let (provider, app) = start(&pool).await;
    for next in ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example"] {
        let browser = app.browser();
        let path = format!("/login/oidc?next={}", groupdesk::ui::paths::encode(next));
        let provider_page = provider.page(&browser, &path).await;
        let back =
            provider.answer(&browser, &provider_page, &[("account", "sam"), ("answer", "continue")]).await;
        let ended = browser.no_redirects.get(app.url(&back)).send().await.unwrap();
        assert_eq!(ended.headers()["location"], "/", "{next}");
    }
}

/// The server starts without the provider, and signing in by password works.
#[database_test]
async fn unavailable_provider_is_reported(pool: PgPool) {
    sam(&pool).await;
    let mut provider = IdentityProvider::start().await;
    provider.stop().await;
    let app = TestApp::with_provider(pool.clone(), clock::system(), &provider).await;
    let browser = app.browser();
    let login = browser.open("/groups").await;
    assert_eq!(login.status, 200);
    let refused = browser.open(&link(&login)).await;
    assert_eq!((refused.status, refused.at.as_str()), (503, "/login?next=/groups"));
    assert_eq!(refused.message(), UNAVAILABLE);
    // The message is shown only once, and signing in by password works.
    assert_eq!(browser.open("/login").await.status, 200);
    let page =
        browser.press(&refused, "sign-in", &[("email", "sam@example.com"), ("password", PASSWORD)]).await;
    assert_eq!((page.status, page.at.as_str()), (200, "/groups"));
}

/// A wrong configuration does not pass with time, and the page does not claim so.
#[database_test]
async fn wrong_settings_are_reported_as_such(pool: PgPool) {
    sam(&pool).await;
    let provider = IdentityProvider::start().await;
    let issuer = &provider.issuer;
    for issuer in [format!("{issuer}/"), format!("{issuer}/realms/none")] {
        let mut args = provider.args();
        args.oidc_issuer = Some(issuer.clone());
        let settings = args.resolve().unwrap().unwrap();
        let app = TestApp::with_oidc_settings(pool.clone(), clock::system(), settings).await;
        let browser = app.browser();
        let login = browser.open("/groups").await;
        let refused = browser.open(&link(&login)).await;
        assert_eq!((refused.status, refused.message().as_str()), (500, MISCONFIGURED), "{issuer}");
        // The message is shown only once, and signing in by password works.
        assert_eq!(browser.open("/login").await.status, 200);
    }
    // A wrong client secret is detected only at the callback.
    let mut args = provider.args();
    args.oidc_client_secret = Some("another secret".to_owned());
    let settings = args.resolve().unwrap().unwrap();
    let app = TestApp::with_oidc_settings(pool.clone(), clock::system(), settings).await;
    let browser = app.browser();
    let back = callback(&provider, &browser, "sam").await;
    let refused = browser.open(&back).await;
    assert_eq!((refused.status, refused.message().as_str()), (500, MISCONFIGURED));
}

#[database_test]
async fn provider_that_stops_during_sign_in_is_reported(pool: PgPool) {
    sam(&pool).await;
    let (mut provider, app) = start(&pool).await;
    let browser = app.browser();
    let back = callback(&provider, &browser, "sam").await;
    provider.stop().await;
    let refused = browser.open(&back).await;
    assert_eq!((refused.status, refused.at.as_str()), (503, "/login?next=/groups"));
    assert_eq!(refused.message(), UNAVAILABLE);
    assert_eq!(logged(&pool).await, Vec::<String>::new());
}

#[database_test]
async fn rotated_provider_keys_are_fetched(pool: PgPool) {
    sam(&pool).await;
    operator(&pool, "ana@example.com", "Ana Lima", "admin").await;
    let (provider, app) = start(&pool).await;
    let browser = app.browser();
    let back = callback(&provider, &browser, "sam").await;
    assert_eq!(browser.open(&back).await.at, "/groups");
    provider.rotate_keys().await;
    let browser = app.browser();
    let back = callback(&provider, &browser, "ana").await;
    assert_eq!(browser.open(&back).await.at, "/groups");
    assert_eq!(logged(&pool).await, ["operator_linked", "signed_in", "operator_linked", "signed_in"]);
}
