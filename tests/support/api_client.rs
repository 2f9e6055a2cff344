//! A client of the API, and its responses.

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use super::documents::enrollment;
use super::schema;

pub const JSON_API: &str = "application/vnd.api+json";

#[derive(Clone)]
pub struct ApiClient {
    http: Client,
    base: String,
    token: Option<String>,
}

/// Status, headers and the complete body.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl ApiClient {
    /// `base`: the origin of the server, without a slash at the end.
    pub(super) fn new(base: String, token: Option<String>) -> Self {
        Self { http: Client::new(), base, token }
    }

    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap()
    }

    /// A request for cases that the methods below do not cover.
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

    pub async fn create_group(&self, name: &str) -> Answer {
        let data = json!({ "type": "workspace_group", "attributes": { "name": name } });
        self.post("/v1/workspace-groups", json!({ "data": data })).await
    }

    pub async fn enroll(&self, group: &str, workspace: &str) -> Answer {
        self.post("/v1/workspace-group-workspaces", enrollment(group, workspace)).await
    }
}

/// One entry of [`Answer::errors`] for an error in the body.
pub fn error(status: &str, code: &str, pointer: &str) -> (String, String, Value) {
    (status.to_owned(), code.to_owned(), json!({ "pointer": pointer }))
}

/// One entry of [`Answer::errors`] for a query parameter that is unknown or invalid.
pub fn bad_parameter(name: &str) -> (String, String, Value) {
    ("400".to_owned(), "INVALID_QUERY_PARAMETER".to_owned(), json!({ "parameter": name }))
}

impl Answer {
    /// Sends the request. Every response is checked against the rules that hold for all of them, so that no
    /// test has to.
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
        answer.assert_common_rules();
        answer
    }

    fn assert_common_rules(&self) {
        let trace = self.header("x-request-id").to_owned();
        assert_eq!(trace.len(), 32, "{self:?}");
        if !self.body.is_null() && self.header("content-type").starts_with(JSON_API) {
            assert_eq!(self.header("vary"), "accept");
            schema::check(self.header("content-type"), &self.body);
        }
        // A replayed response keeps the error ids of the first one.
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

    /// The id of the primary resource.
    pub fn id(&self) -> String {
        self.body["data"]["id"].as_str().unwrap_or_else(|| panic!("no id in {self:?}")).to_owned()
    }

    /// The ids of the resources of a page.
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
