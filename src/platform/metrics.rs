//! What Prometheus is told, on an address of its own. Until somebody listens there, nothing is counted.

use std::sync::OnceLock;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{Method, header};
use axum::response::IntoResponse;
use axum::routing::get;
use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_process::Collector;

use super::db::serial_keys::serial_keys;
use crate::platform::db::availability::Connections;

const ANSWERED: &str = "http_requests_total";
const TOOK: &str = "http_request_duration_seconds";
const IN_FLIGHT: &str = "http_requests_in_flight";
const CONNECTIONS: &str = "database_connections";
const CONNECTIONS_MAX: &str = "database_connections_max";
const NUMBERS: &str = "database_serial_key_numbers";
const NUMBERS_LEFT: &str = "database_serial_key_numbers_left";
const CHANGED: &str = "groupdesk_enrollments_changed_total";
const BATCHES: &str = "groupdesk_import_batches_total";
const WATCHING: &str = "groupdesk_live_watchers";
const LIMITED: &str = "groupdesk_rate_limited_total";
const SIGN_INS: &str = "groupdesk_sign_ins_total";

/// In seconds: from a page out of a cache to a statement at its limit.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0];

const UPKEEP: Duration = Duration::from_secs(5);

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

/// Begins to count.
///
/// # Errors
/// Where something else in this process counts already.
pub fn start() -> Result<(), BuildError> {
    let builder =
        PrometheusBuilder::new().set_buckets_for_metric(Matcher::Full(TOOK.to_owned()), &BUCKETS)?;
    let handle = builder.install_recorder()?;
    describe();
    let _ = HANDLE.set(handle);
    Ok(())
}

fn describe() {
    metrics::describe_counter!(ANSWERED, "Requests that were answered, by method, route and status.");
    metrics::describe_histogram!(TOOK, "From a request's head to its answer's head, in seconds.");
    metrics::describe_gauge!(IN_FLIGHT, "Requests that are being worked on.");
    metrics::describe_gauge!(CONNECTIONS, "Connections to the database: at work, or idle.");
    metrics::describe_gauge!(CONNECTIONS_MAX, "As many connections to the database as there may be.");
    metrics::describe_gauge!(NUMBERS, "Numbers that the keys of a table's rows are taken from.");
    metrics::describe_gauge!(NUMBERS_LEFT, "How many of them are left.");
    metrics::describe_counter!(CHANGED, "Enrollments enrolled, removed and corrected, by whose door.");
    metrics::describe_counter!(BATCHES, "Batches of imports that this process ran, by how they ended.");
    metrics::describe_gauge!(WATCHING, "Open pages that wait for news.");
    metrics::describe_counter!(LIMITED, "Requests refused for being too many, by what was counted.");
    metrics::describe_counter!(SIGN_INS, "Sign-ins at the pages, by how they ended.");
    Collector::default().describe();
}

/// Puts what was measured into its buckets, again and again, until it is dropped: until then each measurement
/// takes its place, and Prometheus may not come for days.
pub async fn upkeep() {
    let Some(handle) = HANDLE.get() else { return };
    loop {
        tokio::time::sleep(UPKEEP).await;
        handle.run_upkeep();
    }
}

fn is_counting() -> bool {
    HANDLE.get().is_some()
}

/// The address that Prometheus reads.
pub fn router(connections: Connections) -> Router {
    Router::new().route("/metrics", get(page)).with_state(connections)
}

async fn page(State(connections): State<Connections>) -> impl IntoResponse {
    let pool = connections.current();
    let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
    gauge!(CONNECTIONS, "state" => "idle").set(idle);
    gauge!(CONNECTIONS, "state" => "used").set(pool.size().saturating_sub(idle));
    gauge!(CONNECTIONS_MAX).set(pool.options().get_max_connections());
    // Where the database is away the last that was known stays.
    if let Ok(Ok(keys)) = connections.for_request(serial_keys(&pool)).await {
        for key in keys {
            gauge!(NUMBERS, "table" => key.table.clone()).set(as_metric(key.numbers));
            gauge!(NUMBERS_LEFT, "table" => key.table).set(as_metric(key.left));
        }
    }
    Collector::default().collect();
    let text = HANDLE.get().map(PrometheusHandle::render);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text.unwrap_or_default())
}

/// A metric is a floating-point number, which is as exact as anybody looks here.
#[expect(clippy::cast_precision_loss, reason = "beyond 2^53 nobody counts single numbers")]
const fn as_metric(number: i64) -> f64 {
    number as f64
}

/// `took`: until the head of the answer.
pub fn answered(method: &Method, route: &str, status: u16, took: Duration) {
    if !is_counting() {
        return;
    }
    let (method, route) = (known(method), route.to_owned());
    histogram!(TOOK, "method" => method, "route" => route.clone()).record(took);
    counter!(ANSWERED, "method" => method, "route" => route, "status" => status.to_string()).increment(1);
}

/// A method is a word of the caller's, who may invent as many as they like.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        "PUT" => "PUT",
        _ => "other",
    }
}

/// One more of something, until it is dropped.
pub struct GaugeGuard(Option<&'static str>);

impl GaugeGuard {
    fn of(name: &'static str) -> Self {
        let name = is_counting().then_some(name);
        if let Some(name) = name {
            gauge!(name).increment(1);
        }
        Self(name)
    }
}

impl Drop for GaugeGuard {
    fn drop(&mut self) {
        if let Some(name) = self.0 {
            gauge!(name).decrement(1);
        }
    }
}

/// A request that is being worked on.
pub fn in_flight() -> GaugeGuard {
    GaugeGuard::of(IN_FLIGHT)
}

/// A page that waits for news.
pub fn watching() -> GaugeGuard {
    GaugeGuard::of(WATCHING)
}

/// Changes that are committed. `action` and `source` in the log's words.
pub fn changed(action: &'static str, source: &'static str, count: u64) {
    counter!(CHANGED, "action" => action, "source" => source).increment(count);
}

/// A batch that was committed.
pub fn import_batch_done() {
    counter!(BATCHES, "outcome" => "done").increment(1);
}

/// A batch that will be tried again.
pub fn import_batch_failed() {
    counter!(BATCHES, "outcome" => "failed").increment(1);
}

/// `by`: "token" or "address".
pub fn rate_limited(by: &'static str) {
    counter!(LIMITED, "by" => by).increment(1);
}

/// `outcome`: "done", "refused", "throttled" or "failed".
pub fn sign_in(outcome: &'static str) {
    counter!(SIGN_INS, "outcome" => outcome).increment(1);
}
