//! Secrets never appear in log lines.

use nix::sys::signal::Signal;
use pretty_assertions::assert_eq;
use serde_json::Value;
use sqlx::PgPool;
use tempfile::TempDir;

use crate::support::{PASSWORD, Server, database_url, operator, run};

#[database_test]
async fn log_has_a_line_per_request_without_secrets(pool: PgPool) {
    let url = database_url(&pool);
    let folder = TempDir::new().unwrap();
    let mut server =
        Server::start(folder.path(), &["--database-url", &url, "--log", "debug,hyper=info,sqlx=debug"]).await;
    operator(&pool, "ana@example.com", "Ana Lima", "admin").await;
    let created =
        run(&["token", "create", "--name", "robot", "--scope", "write", "--system", "--database-url", &url])
            .await;
    let token = created.out.trim().to_owned();
    let added = run(&[
        "operator",
        "add",
        "--email",
        "bo@example.com",
        "--name",
        "Bo Ek",
        "--role",
        "admin",
        "--database-url",
        &url,
    ])
    .await;
    let (_, link) = added.out.lines().next().unwrap().split_once("/invite/").unwrap();

    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = http
        .get(server.url("/v1/workspaces?filter[q]=private-search"))
        .bearer_auth(&token)
        .send()
        .await
        .unwrap();
    let request_id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let signed_in = http
        .post(server.url("/api/fn/sign-in"))
        .header("sec-fetch-site", "same-origin")
        .form(&[("email", "ana@example.com"), ("password", PASSWORD)])
        .send()
        .await
        .unwrap();
    let cookie = |name: &str| {
        let lines = signed_in.headers().get_all("set-cookie");
        let line = lines.iter().map(|line| line.to_str().unwrap()).find(|line| line.starts_with(name));
        line.unwrap().split(';').next().unwrap().to_owned()
    };
    let (mark, cookie) = (cookie("groupdesk_device"), cookie("groupdesk_session"));
    for path in ["/groups".to_owned(), format!("/invite/{link}")] {
        let request = http.get(server.url(&path)).header("cookie", &cookie);
        assert_eq!(request.send().await.unwrap().status(), 200);
    }
    // A secret that a page shows once.
    let created = http
        .post(server.url("/api/fn/token-create"))
        .header("accept", "text/html")
        .header("sec-fetch-site", "same-origin")
        .header("cookie", &cookie)
        .form(&[("name", "Sync"), ("scopes[0]", "read"), ("holder", "system"), ("expiry", "never")]);
    assert_eq!(created.send().await.unwrap().headers()["location"], "/tokens");
    let page =
        http.get(server.url("/tokens")).header("cookie", &cookie).send().await.unwrap().text().await.unwrap();
    let (_, shown) = page.split_once("value=\"groupdesk_").expect("the token");
    let shown = shown.split('"').next().unwrap();
    let request = http
        .post(server.url("/api/fn/invitation-accept"))
        .header("accept", "text/html")
        .header("sec-fetch-site", "same-origin")
        .form(&[("secret", link), ("password", "another fine password")]);
    assert_eq!(request.send().await.unwrap().status(), 302);
    let mistyped = http.get(server.url("/v1/people")).bearer_auth("groupdesk_mistyped");
    assert_eq!(mistyped.send().await.unwrap().status(), 401);
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0));

    let log = server.log();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect();
    let of_request: Vec<&Value> = lines
        .iter()
        .filter(|line| line["request_id"] == request_id && line["message"] == "request")
        .collect();
    assert_eq!(of_request.len(), 1, "{log}");
    assert_eq!(of_request[0]["status"], 200);
    assert_eq!(of_request[0]["method"], "GET");
    assert_eq!(of_request[0]["route"], "/v1/workspaces");
    let (_, session) = cookie.split_once('=').unwrap();
    let (_, mark) = mark.split_once('=').unwrap();
    for secret in [
        token.as_str(),
        "groupdesk_mistyped",
        PASSWORD,
        "another fine password",
        link,
        session,
        mark,
        shown,
        "private-search",
        "$argon2id$",
    ] {
        let found = log.lines().find(|line| line.contains(secret));
        assert_eq!(found, None, "{secret}");
    }
}

#[database_test(empty)]
async fn database_password_is_not_printed(pool: PgPool) {
    let url = database_url(&pool).replace("postgres@", "postgres:hunter2@");
    let migrated = run(&["migrate", "--log", "trace", "--database-url", &url]).await;
    assert_eq!(migrated.status, 0, "{migrated:?}");
    assert!(!migrated.err.contains("hunter2"), "{}", migrated.err);
}
