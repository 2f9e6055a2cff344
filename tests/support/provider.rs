//! An OpenID Connect provider in a process of its own, and the steps of a browser on its pages.

use std::path::Path;
use std::process::Stdio;

use groupdesk::platform::config::OidcArgs;
use groupdesk::platform::oidc::settings::OidcSettings;
use reqwest::{Client, Url};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::{Browser, Page};

pub const CLIENT_ID: &str = "groupdesk";
pub const CLIENT_SECRET: &str = "a secret of the desk and the provider";

/// The provider's name on our pages.
pub const PROVIDER: &str = "Example";

pub struct IdentityProvider {
    pub issuer: String,
    child: Child,
    /// The rest of its output. A closed pipe would end the provider when it writes more.
    _output: Lines<BufReader<ChildStdout>>,
}

impl IdentityProvider {
    pub async fn start() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("end2end");
        assert!(
            folder.join("node_modules/oidc-provider").exists(),
            "the tests' packages are missing: script/bootstrap test installs them"
        );
        let mut child = Command::new("node")
            .args(["support/provider.mjs", CLIENT_ID, CLIENT_SECRET])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = loop {
            let line = lines.next_line().await.unwrap().expect("the provider prints its address");
            if line.starts_with('{') {
                break line;
            }
        };
        let started: Value = serde_json::from_str(&line).unwrap();
        Self { issuer: started["issuer"].as_str().unwrap().to_owned(), child, _output: lines }
    }

    pub fn settings(&self) -> OidcSettings {
        self.args().resolve().unwrap().unwrap()
    }

    /// The settings as command line arguments, for tests that change one of them.
    pub fn args(&self) -> OidcArgs {
        OidcArgs {
            oidc_issuer: Some(self.issuer.clone()),
            oidc_client_id: Some(CLIENT_ID.to_owned()),
            oidc_client_secret: Some(CLIENT_SECRET.to_owned()),
            oidc_client_secret_file: None,
            oidc_name: Some(PROVIDER.to_owned()),
            oidc_trust_email: None,
        }
    }

    /// Sets the claims of this account.
    pub async fn set_account(&self, account: &str, email: Option<&str>, email_verified: bool) {
        let known = json!({ "account": account, "email": email, "email_verified": email_verified });
        self.control("accounts", known).await;
    }

    /// Like [`Self::set_account`], for a provider that does not send `email_verified`.
    pub async fn set_account_without_verification(&self, account: &str, email: &str) {
        self.control("accounts", json!({ "account": account, "email": email })).await;
    }

    /// From now on, userinfo requests are answered with this status.
    pub async fn fail_userinfo(&self, status: u16) {
        self.control("userinfo", json!({ "status": status })).await;
    }

    pub async fn rotate_keys(&self) {
        self.control("keys", json!({})).await;
    }

    async fn control(&self, what: &str, body: Value) {
        let request = Client::new().post(format!("{}/control/{what}", self.issuer)).json(&body);
        assert_eq!(request.send().await.unwrap().status(), 204);
    }

    pub async fn stop(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Signs in at the provider from our open sign-in page. Returns the callback path to which the provider
    /// sends the browser back.
    pub async fn sign_in_at_provider(&self, browser: &Browser, login: &Page, account: &str) -> String {
        let provider_page = self.page(browser, &link(login)).await;
        self.answer(browser, &provider_page, &[("account", account), ("answer", "continue")]).await
    }

    /// Opens the provider's page behind a link of ours.
    pub async fn page(&self, browser: &Browser, path: &str) -> String {
        let at = browser.follow_redirects(&browser.url(path)).await;
        assert!(at.starts_with(&self.issuer), "{at}");
        at
    }

    /// Submits the form on that page. Returns the path on our server that follows.
    pub async fn answer(&self, browser: &Browser, page: &str, fields: &[(&str, &str)]) -> String {
        let answer = browser.no_redirects.post(page).form(fields).send().await.unwrap();
        let next = Url::parse(page).unwrap().join(answer.headers()["location"].to_str().unwrap()).unwrap();
        browser.follow_redirects(next.as_str()).await
    }
}

/// The link to the provider on the sign-in page.
pub fn link(login: &Page) -> String {
    let (_, rest) = login.html.split_once("href=\"/login/oidc").expect("a link to the provider");
    let (rest, _) = rest.split_once('"').unwrap();
    format!("/login/oidc{}", rest.replace("&amp;", "&"))
}
