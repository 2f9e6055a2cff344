//! Metrics for Prometheus, on a separate address. Nothing is recorded unless this address is configured.

use std::sync::OnceLock;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{Method, header};
use axum::response::IntoResponse;
use axum::routing::get;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_process::Collector;

use super::db::serial_keys::serial_keys;
use crate::platform::db::availability::Database;

const REQUESTS_TOTAL: &str = "http_requests_total";
const REQUEST_DURATION: &str = "http_request_duration_seconds";
pub const REQUESTS_IN_FLIGHT: &str = "http_requests_in_flight";
const CONNECTIONS: &str = "database_connections";
const CONNECTIONS_MAX: &str = "database_connections_max";
const READS_TOTAL: &str = "database_reads_total";
const READS_REPEATED_TOTAL: &str = "database_reads_repeated_total";
const STANDBY_USED: &str = "database_standby_used";
const STANDBY_LAG: &str = "database_standby_lag_bytes";
const SERIAL_NUMBERS: &str = "database_serial_key_numbers";
const SERIAL_NUMBERS_LEFT: &str = "database_serial_key_numbers_left";
const CHANGES_TOTAL: &str = "groupdesk_enrollments_changed_total";
const IMPORT_BATCHES_TOTAL: &str = "groupdesk_import_batches_total";
const LOGS_BEYOND_MONTHS: &str = "groupdesk_logs_beyond_months";
pub const WATCHERS: &str = "groupdesk_live_watchers";
const RATE_LIMITED_TOTAL: &str = "groupdesk_rate_limited_total";
const SIGN_INS_TOTAL: &str = "groupdesk_sign_ins_total";

/// Upper bounds in seconds, from a cached page to a statement at its time limit.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0];

const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

/// Begins to record metrics. Fails if another recorder is installed in this process.
pub fn start() -> Result<(), BuildError> {
    let durations = Matcher::Full(REQUEST_DURATION.to_owned());
    let handle = PrometheusBuilder::new().set_buckets_for_metric(durations, &BUCKETS)?.install_recorder()?;
    describe_counter!(REQUESTS_TOTAL, "Requests that were answered, by method, route and status.");
    describe_counter!(CHANGES_TOTAL, "Enrollments enrolled, removed and corrected, by source.");
    describe_counter!(IMPORT_BATCHES_TOTAL, "Batches of imports that this process ran, by outcome.");
    describe_counter!(RATE_LIMITED_TOTAL, "Requests refused by a rate limit, by what was counted.");
    describe_counter!(SIGN_INS_TOTAL, "Sign-ins on the pages, by outcome.");
    describe_gauge!(REQUESTS_IN_FLIGHT, "Requests that are being processed.");
    describe_gauge!(CONNECTIONS, "Connections to the database, by state: used or idle.");
    describe_gauge!(CONNECTIONS_MAX, "The largest number of connections to the database.");
    describe_counter!(READS_TOTAL, "Reads that may run on a standby, by the server they ran on.");
    describe_counter!(
        READS_REPEATED_TOTAL,
        "Reads that failed on a standby and were repeated on the primary, by the standby."
    );
    describe_gauge!(STANDBY_USED, "Whether a standby is read from: 1 or 0.");
    describe_gauge!(STANDBY_LAG, "Bytes of the write-ahead log that a standby has not replayed.");
    describe_gauge!(SERIAL_NUMBERS, "Numbers from which the keys of a table are taken.");
    describe_gauge!(SERIAL_NUMBERS_LEFT, "How many of them are left.");
    describe_gauge!(
        LOGS_BEYOND_MONTHS,
        "Partitioned logs whose last partition, which follows all months, has rows."
    );
    describe_gauge!(WATCHERS, "Open pages that wait for change notifications.");
    describe_histogram!(REQUEST_DURATION, "Seconds from the head of a request to the head of its answer.");
    Collector::default().describe();
    let _ = HANDLE.set(handle);
    Ok(())
}

/// Sorts measurements into buckets. Otherwise they would take memory until the next scrape, which may never happen.
pub async fn upkeep() {
    let Some(handle) = HANDLE.get() else { return };
    loop {
        tokio::time::sleep(UPKEEP_INTERVAL).await;
        handle.run_upkeep();
    }
}

pub fn router(connections: Database) -> Router {
    Router::new().route("/metrics", get(scrape)).with_state(connections)
}

async fn scrape(State(connections): State<Database>) -> impl IntoResponse {
    let pool = connections.current();
    let (used, idle) = connections.used_and_idle();
    gauge!(CONNECTIONS, "state" => "idle").set(idle);
    gauge!(CONNECTIONS, "state" => "used").set(used);
    gauge!(CONNECTIONS_MAX).set(pool.options().get_max_connections());
    // While the database is unavailable, the last known values stay.
    if let Ok(Ok(keys)) = connections.run_request(serial_keys(&pool)).await {
        for key in keys {
            gauge!(SERIAL_NUMBERS, "table" => key.table.clone()).set(as_metric(key.numbers));
            gauge!(SERIAL_NUMBERS_LEFT, "table" => key.table).set(as_metric(key.left));
        }
    }
    Collector::default().collect();
    let text = HANDLE.get().map(PrometheusHandle::render);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text.unwrap_or_default())
}

#[expect(clippy::cast_precision_loss, reason = "metrics are floating-point numbers, exact up to 2^53")]
const fn as_metric(number: i64) -> f64 {
    number as f64
}

pub fn answered(method: &Method, route: &str, status: u16, took: Duration) {
    if HANDLE.get().is_none() {
        return;
    }
    let (method, route) = (known_method(method), route.to_owned());
    histogram!(REQUEST_DURATION, "method" => method, "route" => route.clone()).record(took);
    counter!(REQUESTS_TOTAL, "method" => method, "route" => route, "status" => status.to_string())
        .increment(1);
}

/// Clients can invent methods, and each would be another time series.
fn known_method(method: &Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "PUT"];
    known.into_iter().find(|known| method == *known).unwrap_or("other")
}

pub struct GaugeGuard(&'static str);

impl GaugeGuard {
    pub fn of(name: &'static str) -> Self {
        gauge!(name).increment(1);
        Self(name)
    }
}

impl Drop for GaugeGuard {
    fn drop(&mut self) {
        gauge!(self.0).decrement(1);
    }
}

/// Counts committed changes, with `action` and `source` in the words of the log.
pub fn changed(action: &'static str, source: &'static str, count: u64) {
    counter!(CHANGES_TOTAL, "action" => action, "source" => source).increment(count);
}

/// `outcome`: "done" for a committed batch, "failed" for one that will be retried.
pub fn import_batch(outcome: &'static str) {
    counter!(IMPORT_BATCHES_TOTAL, "outcome" => outcome).increment(1);
}

/// `server`: a host with its port, or "primary".
pub fn read_from(server: &str) {
    if HANDLE.get().is_some() {
        counter!(READS_TOTAL, "server" => server.to_owned()).increment(1);
    }
}

pub fn read_repeated(standby: &str) {
    counter!(READS_REPEATED_TOTAL, "server" => standby.to_owned()).increment(1);
}

/// `lag`: in bytes, if it is known.
pub fn standby(server: &str, is_used: bool, lag: Option<u64>) {
    gauge!(STANDBY_USED, "server" => server.to_owned()).set(f64::from(u8::from(is_used)));
    if let Some(lag) = lag.and_then(|lag| i64::try_from(lag).ok()) {
        gauge!(STANDBY_LAG, "server" => server.to_owned()).set(as_metric(lag));
    }
}

pub fn logs_beyond_months(count: usize) {
    gauge!(LOGS_BEYOND_MONTHS).set(u32::try_from(count).unwrap_or(u32::MAX));
}

pub fn rate_limited(by: &'static str) {
    counter!(RATE_LIMITED_TOTAL, "by" => by).increment(1);
}

pub fn sign_in(outcome: &'static str) {
    counter!(SIGN_INS_TOTAL, "outcome" => outcome).increment(1);
}
