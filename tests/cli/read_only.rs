//! A database that is available but read-only, as during a failover.

use std::net::TcpListener;
use std::process::Stdio;

use pretty_assertions::assert_eq;
use reqwest::{Client, Response};
use serde_json::json;
use sqlx::PgPool;

use crate::support::{
    Answer, ApiClient, Failover, PASSWORD, Server, database_url, group, groupdesk, operator, run, wait_until,
    workspace,
};

const RECOVERY_LIMIT: u64 = 10;

struct Served {
    server: Server,
    api: ApiClient,
    _folder: tempfile::TempDir,
}

async fn serve(pool: &PgPool, url: &str) -> Served {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &["--database-url", url]).await;
    let api = server.api_client(pool, &["write"]).await;
    Served { server, api, _folder: folder }
}

impl Served {
    async fn ready(&self) -> (u16, String, String) {
        let answer = reqwest::get(self.server.url("/readyz")).await.unwrap();
        let status = answer.status().as_u16();
        let retry =
            answer.headers().get("retry-after").map_or("", |value| value.to_str().unwrap()).to_owned();
        (status, retry, answer.text().await.unwrap())
    }

    async fn is_ready(&self) -> bool {
        self.ready().await.0 == 200
    }

    async fn create_group(&self, name: &str) -> Answer {
        let group = json!({ "data": { "type": "workspace_group", "attributes": { "name": name } } });
        self.api.post("/v1/workspace-groups", group).await
    }

    /// Submits a form without following the redirect, so that the message of the next page is pending.
    async fn send(&self, http: &Client, function: &str, form: &[(&str, &str)]) -> Response {
        let request = http.post(self.server.url(&format!("/api/fn/{function}"))).form(form);
        request.header("sec-fetch-site", "same-origin").header("accept", "text/html").send().await.unwrap()
    }

    async fn page(&self, http: &Client, path: &str) -> (u16, String) {
        let page = http.get(self.server.url(path)).header("accept", "text/html").send().await.unwrap();
        (page.status().as_u16(), page.text().await.unwrap())
    }
}

fn assert_unavailable(answer: &Answer) {
    assert_eq!((answer.status, answer.header("retry-after")), (503, "1"), "{answer:?}");
    assert_eq!(answer.body["errors"][0]["code"], "UNAVAILABLE");
}

#[database_test]
async fn read_only_database_serves_reads_and_refuses_changes(pool: PgPool) {
    let mut failover = Failover::of(&pool).await;
    operator(&pool, "ana@example.com", "Ana Lima", "admin").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = serve(&pool, &database_url(&pool)).await;
    let http =
        Client::builder().cookie_store(true).redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let credentials = [("email", "ana@example.com"), ("password", PASSWORD)];
    assert_eq!(app.send(&http, "sign-in", &credentials).await.status(), 302);
    assert_eq!(app.send(&http, "group-create", &[("name", "APAC")]).await.status(), 302);

    failover.begin().await;
    wait_until(RECOVERY_LIMIT, "the server is not ready", async || !app.is_ready().await).await;
    wait_until(RECOVERY_LIMIT, "/readyz names the reason", async || {
        app.ready().await.2 == "the database is read-only\n"
    })
    .await;
    assert_eq!(app.ready().await, (503, "1".to_owned(), "the database is read-only\n".to_owned()));
    assert_eq!(reqwest::get(app.server.url("/healthz")).await.unwrap().status(), 200);

    // The first use of a token, and a page that shows a message for the first time.
    for path in ["/v1/workspaces", "/v1/workspace-groups?include=created_by", "/v1/enrollment-events"] {
        assert_eq!(app.api.get(path).await.status, 200, "{path}");
    }
    for path in ["/groups", "/", "/audit", &format!("/groups/{emea}")] {
        let (status, text) = app.page(&http, path).await;
        assert_eq!(status, 200, "{path}: {text}");
        assert!(text.contains("Ana Lima"), "{path}: {text}");
    }
    assert_unavailable(&app.create_group("LATAM").await);
    assert_unavailable(&app.api.enroll(&emea, &acme).await);
    for (function, form) in [("group-create", &[("name", "LATAM")][..]), ("sign-in", &credentials[..])] {
        let refused = app.send(&http, function, form).await;
        assert_eq!(refused.status(), 503, "{function}");
        assert!(refused.headers().contains_key("retry-after"), "{function}");
    }

    failover.end().await;
    wait_until(RECOVERY_LIMIT, "changes are accepted", async || {
        app.create_group("LATAM").await.status == 201
    })
    .await;
    wait_until(RECOVERY_LIMIT, "the server is ready", async || app.is_ready().await).await;
    assert_eq!(app.api.enroll(&emea, &acme).await.status, 201);
    assert_eq!(app.send(&http, "group-create", &[("name", "Nordics")]).await.status(), 302);
    let used = "SELECT last_used_at IS NOT NULL FROM groupdesk.api_tokens";
    wait_until(RECOVERY_LIMIT, "the token's use is written", async || {
        sqlx::query_scalar(used).fetch_one(&pool).await.unwrap()
    })
    .await;
}

/// A server that starts while the only database is a standby serves reads, and recovers with it.
#[database_test]
async fn server_starts_on_a_read_only_database(pool: PgPool) {
    let mut failover = Failover::of(&pool).await;
    let url = database_url(&pool);
    let create =
        ["token", "create", "--name", "robot", "--scope", "read", "--system", "--database-url", &url];
    let token = run(&create).await.out;
    failover.begin().await;
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let _desk = groupdesk(&["serve", "--listen", &address, "--database-url", &url])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let http = Client::new();
    let status = async |path: &str| {
        let request = http.get(format!("http://{address}{path}")).bearer_auth(token.trim());
        request.send().await.map_or(0, |answer| answer.status().as_u16())
    };
    wait_until(60, "the server is ready", async || status("/readyz").await == 503).await;
    wait_until(RECOVERY_LIMIT, "reads work", async || status("/v1/workspaces").await == 200).await;
    assert_eq!(status("/readyz").await, 503);
    failover.end().await;
    wait_until(RECOVERY_LIMIT, "the server is ready", async || status("/readyz").await == 200).await;
}

/// The availability probe reaches the primary, but the connections of requests do not.
#[database_test]
async fn connections_to_a_demoted_server_are_dropped(pool: PgPool) {
    let mut failover = Failover::of(&pool).await;
    let app = serve(&pool, &database_url(&pool)).await;
    // More concurrent requests than one connection serves.
    let all_are = async |wanted: u16| {
        let answers = futures::future::join_all((0..8).map(|_| app.create_group("EMEA"))).await;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert!(statuses.iter().all(|status| [201, 503].contains(status)), "{statuses:?}");
        statuses.iter().all(|status| *status == wanted)
    };
    failover.begin().await;
    let reason = "the database is read-only\n";
    wait_until(RECOVERY_LIMIT, "the database is read-only", async || {
        app.ready().await.2 == reason && all_are(503).await
    })
    .await;
    failover.end().await;
    wait_until(RECOVERY_LIMIT, "all changes are accepted", async || all_are(201).await).await;
    wait_until(RECOVERY_LIMIT, "the server is ready", async || app.is_ready().await).await;
}

#[database_test]
async fn refused_connections_are_an_outage_without_faults(pool: PgPool) {
    let mut failover = Failover::of(&pool).await;
    let app = serve(&pool, &database_url(&pool)).await;
    failover.shut().await;
    wait_until(RECOVERY_LIMIT, "the server is not ready", async || !app.is_ready().await).await;
    assert_unavailable(&app.api.get("/v1/workspaces").await);
    assert_unavailable(&app.create_group("EMEA").await);
    failover.open().await;
    wait_until(RECOVERY_LIMIT, "changes are accepted", async || app.create_group("EMEA").await.status == 201)
        .await;
}

/// The first server of the list does not exist, like one that has just failed.
#[database_test]
async fn writable_server_is_found_among_several(pool: PgPool) {
    let url = database_url(&pool).replacen('@', "@127.0.0.1:1,", 1);
    let separator = if url.contains('?') { '&' } else { '?' };
    let url = format!("{url}{separator}target_session_attrs=read-write");
    let app = serve(&pool, &url).await;
    assert_eq!(app.create_group("EMEA").await.status, 201);
    let mut failover = Failover::of(&pool).await;
    failover.begin().await;
    wait_until(RECOVERY_LIMIT, "changes are refused", async || app.create_group("APAC").await.status == 503)
        .await;
    wait_until(RECOVERY_LIMIT, "reads work", async || app.api.get("/v1/workspaces").await.status == 200)
        .await;
    failover.end().await;
    wait_until(RECOVERY_LIMIT, "changes are accepted", async || app.create_group("APAC").await.status == 201)
        .await;
}

#[database_test]
async fn reading_commands_run_on_a_read_only_database(pool: PgPool) {
    let mut failover = Failover::of(&pool).await;
    group(&pool, "EMEA").await;
    let url = database_url(&pool);
    failover.begin().await;
    for command in [&["migrate"][..], &["token", "list"], &["operator", "list"], &["export", "events"]] {
        let ended = run(&[command, &["--database-url", &url]].concat()).await;
        assert_eq!(ended.status, 0, "{command:?}: {}{}", ended.out, ended.err);
    }
    let create =
        ["token", "create", "--name", "robot", "--scope", "read", "--system", "--database-url", &url];
    let ended = run(&create).await;
    assert_eq!(ended.status, 1, "{}", ended.err);
    failover.end().await;
}
