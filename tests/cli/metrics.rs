//! Prometheus metrics on their own address.

use std::net::TcpListener;

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{Server, database_url, group, wait_until, workspace};

struct Monitored {
    server: Server,
    metrics: String,
}

impl Monitored {
    async fn start(folder: &std::path::Path, pool: &PgPool) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let url = database_url(pool);
        let server = Server::start(
            folder,
            &["--database-url", &url, "--metrics-listen", &address, "--rate-limit", "1"],
        )
        .await;
        Self { server, metrics: format!("http://{address}/metrics") }
    }

    async fn read(&self) -> String {
        let answer = reqwest::get(&self.metrics).await.unwrap();
        assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
        answer.text().await.unwrap()
    }
}

/// The value of the series with this name and these labels, in any order.
fn value(text: &str, series: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.starts_with(series))?;
    line[series.len()..].trim().parse().ok()
}

#[database_test]
async fn requests_changes_connections_and_process_are_measured(pool: PgPool) {
    let folder = tempfile::tempdir().unwrap();
    let monitored = Monitored::start(folder.path(), &pool).await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let api = monitored.server.api_client(&pool, &["write"]).await;
    let enrolled = api.enroll(&emea, &acme).await;
    assert_eq!((enrolled.status, api.enroll(&emea, &acme).await.status), (201, 409));
    // The third request at once exceeds the rate limit.
    assert_eq!(api.get("/v1/workspaces").await.status, 429);

    let text = monitored.read().await;
    let route = "route=\"/v1/workspace-group-workspaces\"";
    let count = |status: &str| {
        value(&text, &format!("http_requests_total{{method=\"POST\",{route},status=\"{status}\"}}"))
    };
    assert_eq!((count("201"), count("409")), (Some(1.0), Some(1.0)), "{text}");
    let took = format!("http_request_duration_seconds_count{{method=\"POST\",{route}}}");
    assert_eq!(value(&text, &took), Some(2.0), "{text}");
    // A refused request changed nothing.
    let changed = "groupdesk_enrollments_changed_total{action=\"enrolled\",source=\"api\"}";
    assert_eq!(value(&text, changed), Some(1.0), "{text}");
    assert_eq!(value(&text, "groupdesk_rate_limited_total{by=\"token\"}"), Some(1.0), "{text}");
    assert_eq!(value(&text, "http_requests_in_flight"), Some(0.0), "{text}");
    assert_eq!(value(&text, "database_connections_max"), Some(20.0), "{text}");
    assert!(value(&text, "process_resident_memory_bytes").unwrap() > 1e6, "{text}");
    assert!(text.contains("# HELP http_requests_total "), "{text}");
}

#[database_test]
async fn remaining_serial_numbers_are_measured_and_warned_about(pool: PgPool) {
    let set = "SELECT setval('core_api.workspaces_pk_seq', 2147483000)";
    sqlx::raw_sql(set).execute(&pool).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let monitored = Monitored::start(folder.path(), &pool).await;
    let text = monitored.read().await;
    let of = |name: &str, table: &str| value(&text, &format!("{name}{{table=\"{table}\"}}"));
    let (numbers, left) = ("database_serial_key_numbers", "database_serial_key_numbers_left");
    assert_eq!(of(numbers, "core_api.workspaces"), Some(2_147_483_647.0), "{text}");
    assert_eq!(of(left, "core_api.workspaces"), Some(647.0), "{text}");
    assert_eq!(of(left, "core_api.workspace_group_workspaces"), Some(2_147_483_647.0), "{text}");
    assert!(of(left, "groupdesk.enrollment_events").unwrap() > 9e18, "{text}");
    let warned = || monitored.server.log().contains("few numbers are left for the keys of new rows");
    wait_until(10, "the warning is logged", async || warned()).await;
    let log = monitored.server.log();
    assert_eq!(log.matches("few numbers are left").count(), 1, "{log}");
}

#[database_test]
async fn metrics_are_not_served_on_the_public_address(pool: PgPool) {
    let folder = tempfile::tempdir().unwrap();
    let monitored = Monitored::start(folder.path(), &pool).await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let page = client.get(monitored.server.url("/metrics")).send().await.unwrap();
    assert_eq!(page.status(), 303);
    assert!(!page.text().await.unwrap().contains("http_requests_total"));
}
