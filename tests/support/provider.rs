//! An identity provider in a process of its own, and a browser's way through it.

use std::path::Path;
use std::process::Stdio;

use groupdesk::platform::oidc::settings::{OidcArgs, OidcSettings};
use reqwest::{Client, Url};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::{Browser, Page};

pub const CLIENT_ID: &str = "groupdesk";
pub const CLIENT_SECRET: &str = "a secret of the desk and the provider";

/// What the desk calls it.
pub const PROVIDER: &str = "Example";

pub struct IdentityProvider {
    pub issuer: String,
    child: Child,
    /// What it says besides. Closed, it would end the provider that says more.
    _said: Lines<BufReader<ChildStdout>>,
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
            let line = lines.next_line().await.unwrap().expect("the provider says where it is");
            if line.starts_with('{') {
                break line;
            }
        };
        let told: Value = serde_json::from_str(&line).unwrap();
        Self { issuer: told["issuer"].as_str().unwrap().to_owned(), child, _said: lines }
    }

    pub fn settings(&self) -> OidcSettings {
        self.args().settled().unwrap().unwrap()
    }

    /// The same, to be set otherwise.
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

    /// What it says of this account from now on.
    pub async fn knows(&self, account: &str, email: Option<&str>, email_verified: bool) {
        let known = json!({ "account": account, "email": email, "email_verified": email_verified });
        self.told("accounts", known).await;
    }

    /// As [`Self::knows`], of a provider that does not say whether addresses are verified.
    pub async fn knows_unsaid(&self, account: &str, email: &str) {
        self.told("accounts", json!({ "account": account, "email": email })).await;
    }

    /// Whoever asks for what it says of an account is answered with this status from now on.
    pub async fn refuses_claims(&self, status: u16) {
        self.told("userinfo", json!({ "status": status })).await;
    }

    pub async fn takes_new_keys(&self) {
        self.told("keys", json!({})).await;
    }

    async fn told(&self, what: &str, told: Value) {
        let request = Client::new().post(format!("{}/control/{what}", self.issuer)).json(&told);
        assert_eq!(request.send().await.unwrap().status(), 204);
    }

    pub async fn goes_away(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Signs in there as this account, from the sign-in page that is open, up to the path at the desk to which
    /// the provider sends the browser back.
    pub async fn back_from(&self, browser: &Browser, login: &Page, account: &str) -> String {
        let there = self.page(browser, &link(login)).await;
        self.answer(browser, &there, &[("account", account), ("answer", "continue")]).await
    }

    /// The provider's page, to which a link of the desk leads.
    pub async fn page(&self, browser: &Browser, path: &str) -> String {
        let at = browser.led(&browser.url(path)).await;
        assert!(at.starts_with(&self.issuer), "{at}");
        at
    }

    /// Sends the form on that page; where that leads at the desk.
    pub async fn answer(&self, browser: &Browser, page: &str, fields: &[(&str, &str)]) -> String {
        let answer = browser.alone.post(page).form(fields).send().await.unwrap();
        let next = Url::parse(page).unwrap().join(answer.headers()["location"].to_str().unwrap()).unwrap();
        browser.led(next.as_str()).await
    }
}

/// Where the sign-in page leads who wants to sign in by the provider.
pub fn link(login: &Page) -> String {
    let (_, rest) = login.html.split_once("href=\"/login/oidc").expect("a link to the provider");
    let (rest, _) = rest.split_once('"').unwrap();
    format!("/login/oidc{}", rest.replace("&amp;", "&"))
}
