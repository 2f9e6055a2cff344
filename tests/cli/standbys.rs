//! Reads on standbys: what runs there, what the readers of a change see, and what happens if a standby fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::join_all;
use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::json;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection as _, PgConnection, PgPool};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::support::{
    Answer, ApiClient, Browser, Cluster, Server, SseClient, free_port, group, operator, wait_until, workspace,
};

const POSITION: &str = "groupdesk-position";
const LIMIT: u64 = 30;
/// Logged by a server only if it runs the statement.
const LOG: &str = "log_statement=all";

/// A primary and its standbys, with the operators Ana and Sam.
struct Site {
    primary: Cluster,
    standbys: Vec<Cluster>,
    pool: PgPool,
    folder: TempDir,
}

impl Site {
    /// `settings`: of each standby.
    async fn start(settings: &[&[&str]]) -> Self {
        let primary = Cluster::start(100).await;
        let folder = TempDir::new().unwrap();
        // It applies the migrations before the standbys are made.
        drop(Server::start(folder.path(), &["--database-url", &primary.url()]).await);
        let pool = PgPoolOptions::new().max_connections(2).connect(&primary.url()).await.unwrap();
        operator(&pool, "ana@example.com", "Ana Lima", "admin").await;
        operator(&pool, "sam@example.com", "Sam Okoye", "support").await;
        let mut standbys = Vec::new();
        for settings in settings {
            standbys.push(primary.asynchronous_standby(settings).await);
        }
        Self { primary, standbys, pool, folder }
    }

    /// A server that reads from all standbys, once it does. `args`: more of its arguments.
    async fn server(&self, args: &[&str]) -> Server {
        let server = self.launch(args).await;
        for standby in self.standbys.iter().map(host) {
            wait_until(LIMIT, "the standby is used", async || uses(&server, &standby) > 0).await;
        }
        server
    }

    async fn launch(&self, args: &[&str]) -> Server {
        let hosts: Vec<_> = self.standbys.iter().map(host).collect();
        let url = format!("postgres://postgres@{}/desk?sslmode=disable", hosts.join(","));
        let base =
            ["--database-url", &self.primary.url(), "--database-read-url", &url, "--rate-limit", "off"];
        Server::start(self.folder.path(), &[&base, args].concat()).await
    }

    /// Waits until the standbys have everything.
    async fn catch_up(&self) {
        let position = "SELECT pg_current_wal_flush_lsn()::text";
        let position: String = sqlx::query_scalar(position).fetch_one(&self.pool).await.unwrap();
        let is_replayed = format!("SELECT pg_last_wal_replay_lsn() >= '{position}'");
        for standby in &self.standbys {
            let mut connection = standby.connect().await.unwrap();
            wait_until(LIMIT, "the standby has everything", async || {
                sqlx::query_scalar(&is_replayed).fetch_one(&mut connection).await.unwrap()
            })
            .await;
        }
    }

    async fn browser(&self, server: &Server, email: &str) -> Browser {
        Browser::at(server.url("")).signed_in(email).await
    }
}

fn host(standby: &Cluster) -> String {
    format!("127.0.0.1:{}", standby.port())
}

/// How often the server has begun to use this standby.
fn uses(server: &Server, standby: &str) -> usize {
    let log = server.log();
    log.lines().filter(|line| line.contains("\"a standby is used\"") && line.contains(standby)).count()
}

/// How often a server was asked for people.
fn people_reads(cluster: &Cluster) -> usize {
    cluster.log().matches("FROM core_api.peoples").count()
}

async fn get_after(api: &ApiClient, path: &str, position: &str) -> Answer {
    Answer::read(api.request(Method::GET, path).header(POSITION, position)).await
}

/// The names of the live groups.
fn groups(answer: Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let groups = answer.body["data"].as_array().unwrap();
    groups.iter().map(|group| group["attributes"]["name"].as_str().unwrap().to_owned()).collect()
}

fn repeated(metrics: &str) -> Vec<&str> {
    metrics.lines().filter(|line| line.starts_with("database_reads_repeated_total{")).collect()
}

/// How many reads were directed to the primary.
fn reads_of_primary(metrics: &str) -> Option<String> {
    let line = metrics.lines().find(|line| line.starts_with("database_reads_total{server=\"primary\"}"));
    line.map(str::to_owned)
}

/// Every kind of GET and of page works on a standby. A read that does not, for example because it writes, would be
/// repeated on the primary.
#[tokio::test]
async fn reads_run_on_the_standbys_in_turn() {
    let site = Site::start(&[&[LOG], &[LOG]]).await;
    let (emea, acme) = (group(&site.pool, "EMEA").await, workspace(&site.pool, "Acme").await);
    let metrics = format!("127.0.0.1:{}", free_port());
    let server = site.server(&["--metrics-listen", &metrics]).await;
    let api = server.api_client(&site.pool, &["write", "audit"]).await;
    let enrolled = api.enroll(&emea, &acme).await;
    assert_eq!(enrolled.status, 201);
    let position = enrolled.header(POSITION).to_owned();
    let enrollment = enrolled.id();
    site.catch_up().await;

    site.primary.configure("log_statement = 'all'").await;
    sleep(Duration::from_millis(500)).await;
    for _ in 0..20 {
        assert_eq!(get_after(&api, "/v1/people?page[total]=true", &position).await.status, 200);
    }
    assert_eq!(people_reads(&site.primary), 0);
    let reads: Vec<_> = site.standbys.iter().map(people_reads).collect();
    assert!(reads.iter().all(|reads| *reads >= 10), "{reads:?}");

    let browser = site.browser(&server, "ana@example.com").await;
    site.catch_up().await;
    let scrape =
        async || reqwest::get(format!("http://{metrics}/metrics")).await.unwrap().text().await.unwrap();
    let before = reads_of_primary(&scrape().await);
    let item = format!("/v1/workspace-group-workspaces/{enrollment}");
    for path in [
        "/v1/workspace-group-workspaces?include=workspace_group.created_by,workspace,created_by&page[total]=true",
        &item,
        &format!("{item}/workspace?fields[workspace]=name"),
        &format!("{item}/relationships/workspace_group"),
        "/v1/workspace-groups?filter[q]=emea&sort=name",
        &format!("/v1/workspace-groups/{emea}/workspaces?page[total]=true"),
        "/v1/workspaces?filter[q]=acme",
        "/v1/enrollment-events?include=actor",
        "/v1/admin-events",
    ] {
        assert_eq!(api.get(path).await.status, 200, "{path}");
    }
    for path in [
        "/",
        "/groups?q=emea&sort=name",
        &format!("/groups/{emea}"),
        &format!("/groups/{emea}?tab=history"),
        "/workspaces",
        &format!("/workspaces/{acme}"),
        "/people",
        "/operators",
        "/tokens",
        "/account",
        &format!("/enrollments/{enrollment}"),
        &format!("/enrollments/{enrollment}/remove"),
        &format!("/groups/{emea}/removals?all=yes"),
        "/search?q=acme",
        "/audit",
        "/audit/as-of",
        &format!("/audit/compare?group={emea}"),
        "/audit/admin",
        "/audit/export.csv",
        "/audit/as-of/export.ndjson",
        "/audit/admin/export.csv",
    ] {
        assert_eq!(browser.open(path).await.status, 200, "{path}");
    }
    let text = scrape().await;
    assert_eq!((repeated(&text), reads_of_primary(&text)), (Vec::<&str>::new(), before));
    for standby in site.standbys.iter().map(host) {
        assert!(text.contains(&format!("database_standby_used{{server=\"{standby}\"}} 1")), "{text}");
        assert!(text.contains(&format!("database_reads_total{{server=\"{standby}\"}}")), "{text}");
    }

    // What a standby does not have is looked for on the primary.
    let unknown = format!("/v1/workspaces/{enrollment}");
    assert_eq!(api.get(&unknown).await.status, 404);
    for malformed in ["", "now", "0/0, 0/0", "123456789/0"] {
        let refused = get_after(&api, "/v1/people", malformed).await;
        let source = json!({ "header": "Groupdesk-Position" });
        assert_eq!(refused.errors(), [("400".to_owned(), "BAD_REQUEST".to_owned(), source)], "{malformed}");
    }
    assert_eq!(server.log().matches("\"level\":\"ERROR\"").count(), 0, "{}", server.log());
}

/// The standby follows 3 seconds behind.
#[tokio::test]
async fn own_changes_are_shown_before_a_standby_has_them() {
    let mut site = Site::start(&[&["recovery_min_apply_delay=3s"]]).await;
    let public = format!("http://127.0.0.1:{}", free_port());
    let (here, there) =
        (site.server(&["--public-url", &public]).await, site.server(&["--public-url", &public]).await);
    let api = here.api_client(&site.pool, &["write"]).await;
    let (ana, sam) =
        (site.browser(&here, "ana@example.com").await, site.browser(&there, "sam@example.com").await);
    site.catch_up().await;

    let created = api.create_group("EMEA").await;
    let position = created.header(POSITION);
    assert_eq!((created.status, position.is_empty()), (201, false));
    assert_eq!(groups(get_after(&api, "/v1/workspace-groups", position).await), ["EMEA"]);
    // Another client reads on the standby, which has no group yet.
    assert_eq!(groups(api.get("/v1/workspace-groups").await), Vec::<String>::new());
    assert_eq!(api.get(created.header("location")).await.status, 200);
    // A conflict is about something that the standby does not have either.
    let workspace = workspace(&site.pool, "Acme").await;
    assert_eq!(api.enroll(&created.id(), &workspace).await.status, 201);
    let conflict = api.enroll(&created.id(), &workspace).await;
    assert_eq!((conflict.status, conflict.header(POSITION).is_empty()), (409, false));
    site.catch_up().await;
    assert_eq!(groups(api.get("/v1/workspace-groups").await), ["EMEA"]);

    let live = sam.http.get(there.url("/live?topic=groups")).send().await.unwrap();
    let mut live = SseClient::from_response(live);
    let after = ana.submit("group-create", &[("name", "APAC")]).await;
    assert!(after.text().contains("APAC"), "{}", after.text());
    assert!(ana.open("/groups").await.text().contains("APAC"));
    // Her next page may be served by another process.
    assert!(ana.at_another(there.url("")).open("/groups").await.text().contains("APAC"));
    assert!(!sam.open("/groups").await.text().contains("APAC"), "the page was not read on the standby");
    assert_eq!(live.next_within(5.0).await, Some(vec!["groups".to_owned()]));
    let update = sam.http.get(there.url("/groups")).header("accept", "text/html");
    let update = update.header("x-groupdesk-live", "1").send().await.unwrap().text().await.unwrap();
    assert!(update.contains("APAC"), "{update}");

    // A promoted standby has a history of its own.
    site.standbys[0].promote().await;
    wait_until(LIMIT, "the promoted server is not used", async || {
        here.log().contains("it is no standby") && there.log().contains("it is no standby")
    })
    .await;
    group(&site.pool, "LATAM").await;
    let names = groups(api.get("/v1/workspace-groups?sort=name").await);
    assert_eq!(names, ["APAC", "EMEA", "LATAM"]);

    // Nor is a server that lags more than the limit.
    site.standbys = vec![site.primary.asynchronous_standby(&["recovery_min_apply_delay=1h"]).await];
    let late = site.launch(&[]).await;
    wait_until(LIMIT, "the late standby is not used", async || late.log().contains("it lags behind")).await;
    let late = late.with_token(api.token());
    assert_eq!(groups(late.get("/v1/workspace-groups?sort=name").await), names);
}

/// Requests until the flag is set. Returns the number of answers, all of which succeed.
async fn request(server: &Server, api: &ApiClient, browser: &Browser, is_over: &AtomicBool) -> usize {
    let mut count = 0;
    while !is_over.load(Ordering::Relaxed) {
        let answer = api.get("/v1/people").await;
        assert_eq!(answer.status, 200, "{answer:?} {}", server.log());
        let page = browser.open("/groups").await;
        assert_eq!(page.status, 200, "{}", page.text());
        count += 2;
    }
    count
}

#[tokio::test]
async fn killed_standby_is_left_without_an_error_and_used_again() {
    let mut site = Site::start(&[&[], &[]]).await;
    let server = site.server(&[]).await;
    let api = server.api_client(&site.pool, &["read"]).await;
    let browser = site.browser(&server, "ana@example.com").await;
    let is_over = Arc::new(AtomicBool::new(false));
    let clients = join_all((0..4).map(|_| request(&server, &api, &browser, &is_over)));
    let (first, name) = (site.standbys.remove(0), host(&site.standbys[0]));
    let first_name = host(&first);
    let faults = async {
        let mut first = first;
        sleep(Duration::from_secs(1)).await;
        first.kill().await;
        sleep(Duration::from_secs(2)).await;
        first.launch().await;
        wait_until(LIMIT, "the standby is used again", async || uses(&server, &first_name) == 2).await;
        sleep(Duration::from_secs(1)).await;
        is_over.store(true, Ordering::Relaxed);
    };
    let (counts, ()) = tokio::join!(clients, faults);
    assert!(counts.iter().all(|count| *count > 20), "{counts:?}");
    // The other one was used all the time.
    assert_eq!(uses(&server, &name), 1);
}

/// A view makes the read slow on the standby only, and a lock on its table cancels it there.
#[tokio::test]
async fn read_that_a_recovery_conflict_cancels_is_repeated_on_the_primary() {
    let site = Site::start(&[&["max_standby_streaming_delay=0"]]).await;
    workspace(&site.pool, "Acme").await;
    let slow = "ALTER TABLE core_api.workspaces RENAME TO all_workspaces;
        CREATE VIEW core_api.workspaces AS SELECT * FROM core_api.all_workspaces
            WHERE CASE WHEN pg_is_in_recovery() THEN pg_sleep(10) IS NOT NULL ELSE true END;
        GRANT SELECT ON core_api.workspaces TO groupdesk_app";
    sqlx::raw_sql(slow).execute(&site.pool).await.unwrap();
    let metrics = format!("127.0.0.1:{}", free_port());
    let server = site.server(&["--no-migrate", "--metrics-listen", &metrics]).await;
    let api = server.api_client(&site.pool, &["read"]).await;
    let mut standby = site.standbys[0].connect().await.unwrap();
    let conflict = async {
        wait_until(LIMIT, "the read runs on the standby", async || is_reading(&mut standby).await).await;
        let lock = "BEGIN; LOCK TABLE core_api.all_workspaces IN ACCESS EXCLUSIVE MODE; COMMIT";
        sqlx::raw_sql(lock).execute(&site.pool).await.unwrap();
    };
    let (answer, ()) = tokio::join!(api.get("/v1/workspaces"), conflict);
    assert_eq!((answer.status, answer.ids().len()), (200, 1), "{answer:?}");
    let text = reqwest::get(format!("http://{metrics}/metrics")).await.unwrap().text().await.unwrap();
    let expected = format!("database_reads_repeated_total{{server=\"{}\"}} 1", host(&site.standbys[0]));
    assert_eq!(repeated(&text), [expected]);
    assert!(site.standbys[0].log().contains("canceling statement due to conflict with recovery"));
    standby.close().await.unwrap();
}

async fn is_reading(connection: &mut PgConnection) -> bool {
    let reads = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep')";
    sqlx::query_scalar(reads).fetch_one(connection).await.unwrap()
}
