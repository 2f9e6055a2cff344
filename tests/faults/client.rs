//! One client of the API: it sends, and remembers what it was told.

use std::time::{Duration, Instant};

use reqwest::{Client as Http, Method};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::ledger::{Keyed, Ledger, Told};

pub const ATOMIC: &str = r#"application/vnd.api+json;ext="https://jsonapi.org/ext/atomic""#;
pub const JSON_API: &str = "application/vnd.api+json";
pub const ENROLLMENTS: &str = "/v1/workspace-group-workspaces";

/// For how long a client asks again for an answer that it has a key to.
const INSISTS: Duration = Duration::from_secs(45);

/// How a request ended.
#[derive(Debug, Clone)]
pub enum Fate {
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
    pub ledger: Ledger,
}

impl Client {
    pub fn new(base: &str, token: &str, name: String) -> Self {
        // Longer than any promise, so that a promise that is broken is seen for how long.
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
            ledger: Ledger::default(),
        }
    }

    async fn told(&mut self, request: reqwest::RequestBuilder) -> (Option<u16>, Value) {
        let begun = Instant::now();
        let answer = async {
            let answer = request.send().await?;
            let status = answer.status().as_u16();
            Ok::<_, reqwest::Error>((status, answer.text().await?))
        };
        let answer = answer.await.ok();
        let status = answer.as_ref().map(|(status, _)| *status);
        self.ledger.told.push(Told { port: self.port, begun, took: begun.elapsed(), status });
        let body = answer.and_then(|(_, text)| serde_json::from_str(&text).ok());
        (status, body.unwrap_or_default())
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }

    pub async fn send(&mut self, method: Method, path: &str, content_type: &str, body: &Value) -> Fate {
        let request = self.request(method, path).header("content-type", content_type);
        let (status, body) = self.told(request.body(body.to_string())).await;
        fate(status, body)
    }

    pub async fn delete(&mut self, path: &str) -> Fate {
        let (status, body) = self.told(self.request(Method::DELETE, path)).await;
        fate(status, body)
    }

    /// Under a new key, and again under the same until there is an answer.
    pub async fn insist(&mut self, path: &str, body: &Value) -> Fate {
        self.keys += 1;
        let (key, body) = (format!("{}-{}", self.name, self.keys), body.to_string());
        let begun = Instant::now();
        let mut was_in_doubt = false;
        loop {
            let request = self.request(Method::POST, path).header("content-type", JSON_API);
            let request = request.header("idempotency-key", &key).body(body.clone());
            let (status, answer) = self.told(request).await;
            let is_running = answer["errors"][0]["code"] == "IDEMPOTENCY_KEY_IN_USE";
            match fate(status, answer.clone()) {
                Fate::Unknown => {}
                Fate::Refused(..) if is_running => {}
                fate @ (Fate::Done(_) | Fate::Refused(..)) => {
                    let status = status.unwrap_or_default();
                    let path = path.to_owned();
                    self.ledger.keyed.push(Keyed { path, body, key, status, answer, was_in_doubt });
                    return fate;
                }
            }
            was_in_doubt = true;
            assert!(begun.elapsed() < INSISTS, "no answer to {key} within {INSISTS:?}");
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// The same request once more: status, is it a replay, and the answer.
    pub async fn replay(&mut self, keyed: &Keyed) -> (u16, bool, Value) {
        let request = self.request(Method::POST, &keyed.path).header("content-type", JSON_API);
        let request = request.header("idempotency-key", &keyed.key).body(keyed.body.clone());
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let is_replay = answer.headers().contains_key("idempotency-replayed");
        (status, is_replay, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
    }
}

fn fate(status: Option<u16>, body: Value) -> Fate {
    match status {
        Some(status) if status < 300 => Fate::Done(body),
        Some(status) if status < 500 => Fate::Refused(status, body),
        Some(_) | None => Fate::Unknown,
    }
}

/// The document that names members of a group.
pub fn members<'a>(workspaces: impl Iterator<Item = &'a str>) -> Value {
    let data: Vec<_> = workspaces.map(|id| json!({ "type": "workspace", "id": id })).collect();
    json!({ "data": data })
}
