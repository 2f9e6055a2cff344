//! The address that the server listens on, and the public URL.

use std::net::TcpListener;

use nix::sys::signal::Signal;
use pretty_assertions::assert_eq;
use sqlx::PgPool;
use tempfile::TempDir;

use crate::support::{
    Browser, CLIENT_SECRET, IdentityProvider, PASSWORD, Server, client, database_url, groupdesk, operator,
    run,
};

/// A server on all addresses of this machine, without a public URL.
async fn on_all_addresses(folder: &TempDir, url: &str, args: &[&str]) -> Server {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let args = [&["--database-url", url], args].concat();
    Server::launch(groupdesk(&["serve"]), &format!("0.0.0.0:{port}"), folder.path(), &args).await
}

#[database_test]
async fn missing_public_url_is_reported(pool: PgPool) {
    let folder = TempDir::new().unwrap();
    operator(&pool, "ana@example.com", "Ana Lima", "admin").await;
    let mut server = on_all_addresses(&folder, &database_url(&pool), &[]).await;
    assert!(server.log().contains("public_url is not set"), "{}", server.log());

    // The address is not the browser's own machine, where it would store such cookies.
    let browser = Browser::at(server.url(""));
    let login = browser.open("/groups").await;
    let page =
        browser.press(&login, "sign-in", &[("email", "ana@example.com"), ("password", PASSWORD)]).await;
    assert_eq!((page.status, page.at.as_str()), (400, "/login?next=/groups&cookies=plain"));
    assert!(page.text().contains("the sign-in cookie is only sent over https"), "{}", page.text());
    assert!(page.text().contains("public_url"), "{}", page.text());
    // Without a proxy no request counts as TLS.
    assert!(!page.headers.contains_key("strict-transport-security"));

    // Behind a TLS proxy it works, and links use the address of the reader's page.
    let signed_in = client()
        .post(server.url("/api/fn/sign-in"))
        .header("sec-fetch-site", "same-origin")
        .header("host", "desk.example.com")
        .header("origin", "https://desk.example.com")
        .form(&[("email", "ana@example.com"), ("password", PASSWORD)])
        .send()
        .await
        .unwrap();
    let lines = signed_in.headers().get_all("set-cookie");
    let line =
        lines.iter().map(|line| line.to_str().unwrap()).find(|line| line.starts_with("groupdesk_session="));
    let line = line.expect("a cookie of the desk without a port");
    assert!(line.contains("Secure"), "{line}");
    let cookie = line.split(';').next().unwrap();
    let ask = |request: reqwest::RequestBuilder| {
        let request = request.header("cookie", cookie).header("host", "desk.example.com");
        request.header("accept", "text/html").header("sec-fetch-site", "same-origin")
    };
    let invited = [("email", "kai@example.com"), ("name", "Kai Berg"), ("role", "support")];
    let invite = client().post(server.url("/api/fn/operator-invite")).form(&invited);
    ask(invite.header("origin", "https://desk.example.com")).send().await.unwrap();
    let page = ask(client().get(server.url("/operators"))).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("https://desk.example.com/invite/"), "{page}");
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0));
}

#[database_test]
async fn links_without_a_public_url_cause_a_warning(pool: PgPool) {
    let url = database_url(&pool);
    let add = ["operator", "add", "--name", "Ana Lima", "--role", "admin", "--database-url", &url];
    let added = run(&[&add[..], &["--email", "ana@example.com", "--listen", "0.0.0.0:3000"]].concat()).await;
    assert_eq!(added.status, 0, "{added:?}");
    assert!(added.out.starts_with("http://localhost:3000/invite/"), "{added:?}");
    assert!(added.err.contains("--public-url"), "{added:?}");
    let link = ["operator", "link", "--email", "ana@example.com", "--database-url", &url];
    let linked = run(&[&link[..], &["--listen", "[::]:3000"]].concat()).await;
    assert!(linked.out.starts_with("http://localhost:3000/invite/"), "{linked:?}");
    assert!(linked.err.contains("--public-url"), "{linked:?}");
    // Without flags the link uses the local address, whatever `serve` listens on.
    let linked = run(&link).await;
    assert!(linked.out.starts_with("http://127.0.0.1:3000/invite/"), "{linked:?}");
    assert!(linked.err.contains("--public-url"), "{linked:?}");
    // A complete configuration causes no warning.
    let public = ["--listen", "0.0.0.0:3000", "--public-url", "https://desk.example.com"];
    let linked = run(&[&link[..], &public].concat()).await;
    assert!(linked.out.starts_with("https://desk.example.com/invite/"), "{linked:?}");
    assert_eq!(linked.err, "");
}

/// Without it the provider cannot send browsers back.
#[tokio::test]
async fn provider_requires_a_public_url() {
    let provider = ["--oidc-issuer", "https://id.example.com", "--oidc-client-id", "desk"];
    let secret = ["--oidc-client-secret", "hunter2", "--database-url", "postgres://x@127.0.0.1:1/none"];
    let all = [&["serve"], &provider[..], &secret, &["--listen", "0.0.0.0:0"]].concat();
    let refused = run(&all).await;
    assert_eq!(refused.status, 2, "{refused:?}");
    assert!(refused.err.contains("--public-url"), "{refused:?}");
}

/// The provider sends browsers back to the server's own address, so the sign-in has to begin there.
#[database_test]
async fn provider_sign_in_begins_at_the_callback_origin(pool: PgPool) {
    let provider = IdentityProvider::start().await;
    let folder = TempDir::new().unwrap();
    let url = database_url(&pool);
    let given = ["--database-url", &url, "--oidc-issuer", &provider.issuer, "--oidc-client-id", "groupdesk"];
    let args = [&given[..], &["--oidc-client-secret", CLIENT_SECRET]].concat();
    let server = Server::start(folder.path(), &args).await;
    let address = server.url("");
    let by_name = address.trim_start_matches("http://").replace("127.0.0.1", "localhost");
    let redirect_target = async |host: Option<&str>| {
        let mut request = client().get(server.url("/login/oidc?next=/groups"));
        if let Some(host) = host {
            request = request.header("host", host);
        }
        let answer = request.send().await.unwrap();
        answer.headers()["location"].to_str().unwrap().to_owned()
    };
    assert_eq!(redirect_target(Some(&by_name)).await, format!("{address}/login/oidc?next=/groups"));
    assert!(redirect_target(None).await.starts_with(&provider.issuer));
}

/// All clients behind an unknown proxy would share one rate limit.
#[database_test]
async fn unknown_proxy_is_reported(pool: PgPool) {
    let folder = TempDir::new().unwrap();
    let url = database_url(&pool);
    let server = Server::start(folder.path(), &["--database-url", &url]).await;
    let ask = async || client().get(server.url("/login")).send().await.unwrap();
    ask().await;
    assert!(!server.log().contains("trusted_proxies"));
    for _ in 0..2 {
        client().get(server.url("/login")).header("x-forwarded-for", "192.0.2.7").send().await.unwrap();
    }
    assert_eq!(server.log().matches("trusted_proxies is off").count(), 1, "{}", server.log());
}
