//! A client of the API that records what the server acknowledged.

use std::time::{Duration, Instant};

use reqwest::{Client as Http, Method};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::ack_log::{AckLog, Exchange, Keyed};

pub const ATOMIC: &str = r#"application/vnd.api+json;ext="https://jsonapi.org/ext/atomic""#;
pub const JSON_API: &str = "application/vnd.api+json";
pub const ENROLLMENTS: &str = "/v1/workspace-group-workspaces";

/// The time for which a client retries a request with a key.
const RETRY_FOR: Duration = Duration::from_secs(45);

/// The result of a request.
#[derive(Debug, Clone)]
pub enum Outcome {
    Done(Value),
    Refused(u16, Value),
    Unknown,
}

pub struct Client {
    http: Http,
    base: String,
    port: u16,
    token: String,
    name: String,
    keys: usize,
    pub ack_log: AckLog,
}

impl Client {
    pub fn new(base: &str, token: &str, name: String) -> Self {
        // Longer than every promised time, so that the excess can be measured.
        let http = Http::builder().timeout(Duration::from_mins(1)).build().unwrap();
        let port =
            base.rsplit(':').next().and_then(|port| port.parse().ok()).expect("an address with a port");
        Self {
            http,
            base: base.to_owned(),
            port,
            token: token.to_owned(),
            name,
            keys: 0,
            ack_log: AckLog::default(),
        }
    }

    async fn exchange(&mut self, request: reqwest::RequestBuilder) -> (Option<u16>, Value) {
        let started = Instant::now();
        let answer = async {
            let answer = request.send().await?;
            let status = answer.status().as_u16();
            Ok::<_, reqwest::Error>((status, answer.text().await?))
        };
        let answer = answer.await.ok();
        let status = answer.as_ref().map(|(status, _)| *status);
        self.ack_log.exchanges.push(Exchange {
            port: self.port,
            started,
            duration: started.elapsed(),
            status,
        });
        let body = answer.and_then(|(_, text)| serde_json::from_str(&text).ok());
        (status, body.unwrap_or_default())
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }

    pub async fn send(&mut self, method: Method, path: &str, content_type: &str, body: &Value) -> Outcome {
        let request = self.request(method, path).header("content-type", content_type);
        let (status, body) = self.exchange(request.body(body.to_string())).await;
        outcome(status, body)
    }

    pub async fn delete(&mut self, path: &str) -> Outcome {
        let (status, body) = self.exchange(self.request(Method::DELETE, path)).await;
        outcome(status, body)
    }

    /// Sends with a new key, and retries with the same key until there is a response.
    pub async fn send_with_key(&mut self, path: &str, body: &Value) -> Outcome {
        self.keys += 1;
        let (key, body) = (format!("{}-{}", self.name, self.keys), body.to_string());
        let started = Instant::now();
        let mut was_retried = false;
        loop {
            let request = self.request(Method::POST, path).header("content-type", JSON_API);
            let request = request.header("idempotency-key", &key).body(body.clone());
            let (status, answer) = self.exchange(request).await;
            let is_running = answer["errors"][0]["code"] == "IDEMPOTENCY_KEY_IN_USE";
            match outcome(status, answer.clone()) {
                Outcome::Unknown => {}
                Outcome::Refused(..) if is_running => {}
                outcome @ (Outcome::Done(_) | Outcome::Refused(..)) => {
                    let status = status.unwrap_or_default();
                    let path = path.to_owned();
                    self.ack_log.keyed.push(Keyed { path, body, key, status, answer, was_retried });
                    return outcome;
                }
            }
            was_retried = true;
            assert!(started.elapsed() < RETRY_FOR, "no response to {key} within {RETRY_FOR:?}");
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Sends the request again. Returns the status, whether it is a replay, and the response.
    pub async fn replay(&mut self, keyed: &Keyed) -> (u16, bool, Value) {
        let request = self.request(Method::POST, &keyed.path).header("content-type", JSON_API);
        let request = request.header("idempotency-key", &keyed.key).body(keyed.body.clone());
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let is_replay = answer.headers().contains_key("idempotency-replayed");
        (status, is_replay, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
    }
}

fn outcome(status: Option<u16>, body: Value) -> Outcome {
    match status {
        Some(status) if status < 300 => Outcome::Done(body),
        Some(status) if status < 500 => Outcome::Refused(status, body),
        Some(_) | None => Outcome::Unknown,
    }
}

/// The document that names workspaces of a group.
pub fn members<'a>(workspaces: impl Iterator<Item = &'a str>) -> Value {
    let data: Vec<_> = workspaces.map(|id| json!({ "type": "workspace", "id": id })).collect();
    json!({ "data": data })
}
