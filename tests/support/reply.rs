//! One response of a page or a server function, without following redirects.

use reqwest::header::{HeaderMap, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};

use super::TestApp;

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub async fn read(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        // The event stream of an open page does not end.
        let is_endless = headers.get("content-type").is_some_and(|kind| kind == "text/event-stream");
        let text = if is_endless { String::new() } else { response.text().await.unwrap() };
        Self { status, headers, text }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The `Set-Cookie` line of the session.
    pub fn cookie_line(&self) -> Option<&str> {
        let lines = self.headers.get_all(SET_COOKIE);
        lines.iter().filter_map(|line| line.to_str().ok()).find(|line| line.starts_with("groupdesk_session"))
    }

    /// The `Cookie` header with which the browser sends it back.
    pub fn cookie(&self) -> String {
        let line = self.cookie_line().expect("a session cookie");
        line.split(';').next().unwrap().to_owned()
    }
}

/// A client without redirects and without cookies.
pub fn client() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

pub async fn get(app: &TestApp, path: &str, cookie: &str) -> Reply {
    Reply::read(client().get(app.url(path)).header("accept", "text/html").header("cookie", cookie)).await
}

/// Submits a same-origin form to a server function.
pub async fn post(app: &TestApp, function: &str, cookie: &str, fields: &[(&str, &str)]) -> Reply {
    let request = client()
        .post(app.url(&format!("/api/fn/{function}")))
        .header("accept", "text/html")
        .header("sec-fetch-site", "same-origin")
        .header("cookie", cookie)
        .form(fields);
    Reply::read(request).await
}
