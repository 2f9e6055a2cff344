//! A client of the API, and what it is answered.

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use super::documents::enrollment;
use super::schema;

pub const JSON_API: &str = "application/vnd.api+json";

#[derive(Clone)]
pub struct Machine {
    http: Client,
    base: String,
    token: Option<String>,
}

/// Status line, headers and body, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Machine {
    /// `base`: where the desk is, with no slash at the end.
    pub(super) fn new(base: String, token: Option<String>) -> Self {
        Self { http: Client::new(), base, token }
    }

    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap()
    }

    /// For what the shorter forms below cannot say.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::read(self.request(Method::GET, path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        Answer::read(self.request(Method::DELETE, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::read(self.request(Method::POST, path).header("content-type", JSON_API).body(body.to_string()))
            .await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        Answer::read(
            self.request(Method::PATCH, path).header("content-type", JSON_API).body(body.to_string()),
        )
        .await
    }

    pub async fn enroll(&self, group: &str, workspace: &str) -> Answer {
        self.post("/v1/workspace-group-workspaces", enrollment(group, workspace)).await
    }
}

/// One entry of [`Answer::errors`], for a mistake in the body.
pub fn error(status: &str, code: &str, pointer: &str) -> (String, String, Value) {
    (status.to_owned(), code.to_owned(), json!({ "pointer": pointer }))
}

/// One entry of [`Answer::errors`], for a parameter that an address does not have, or not so.
pub fn bad_parameter(name: &str) -> (String, String, Value) {
    ("400".to_owned(), "INVALID_QUERY_PARAMETER".to_owned(), json!({ "parameter": name }))
}

impl Answer {
    /// Sends it. Every answer of the API keeps some promises, whatever was asked; they are checked
    /// here, so that no test can forget to.
    pub async fn read(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await.unwrap();
        let body = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        };
        let answer = Self { status, headers, body };
        answer.keeps_promises();
        answer
    }

    fn keeps_promises(&self) {
        let trace = self.header("x-request-id").to_owned();
        assert_eq!(trace.len(), 32, "{self:?}");
        if !self.body.is_null() && self.header("content-type").starts_with(JSON_API) {
            assert_eq!(self.header("vary"), "accept");
            schema::check(self.header("content-type"), &self.body);
        }
        // A replayed answer is the first one's, with the ids of its errors.
        if self.status >= 400 && self.header("idempotency-replayed").is_empty() {
            for (index, error) in
                self.body["errors"].as_array().expect("an error document").iter().enumerate()
            {
                assert_eq!(error["id"], format!("{trace}-{}", index + 1));
                assert_eq!(error["meta"]["trace_id"], trace);
                assert!(
                    error["status"].is_string() && error["code"].is_string() && error["detail"].is_string()
                );
            }
        }
        for inner in ["\"pk\"", "_pk\"", "sqlx", "SELECT ", "panicked"] {
            assert!(!self.body.to_string().contains(inner), "{inner} leaks: {self:?}");
        }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The id of the one resource in it.
    pub fn id(&self) -> String {
        self.body["data"]["id"].as_str().unwrap_or_else(|| panic!("no id in {self:?}")).to_owned()
    }

    /// The ids of the page in it.
    pub fn ids(&self) -> Vec<String> {
        let items = self.body["data"].as_array().unwrap_or_else(|| panic!("no list in {self:?}"));
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    }

    /// Status, code and source of each error.
    pub fn errors(&self) -> Vec<(String, String, Value)> {
        let errors = self.body["errors"].as_array().unwrap_or_else(|| panic!("no errors in {self:?}"));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        errors
            .iter()
            .map(|error| (text(&error["status"]), text(&error["code"]), error["source"].clone()))
            .collect()
    }
}
