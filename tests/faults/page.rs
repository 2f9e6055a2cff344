//! Somebody at the desk: signed in, with a page open that hears of changes.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::multipart::{Form, Part};
use reqwest::{Client as Http, RequestBuilder, Response};
use tokio::task::JoinHandle;

use crate::site::{EMAIL, PASSWORD};

pub struct Visitor {
    http: Http,
    hears: Arc<Mutex<Vec<Instant>>>,
    hearing: Option<JoinHandle<()>>,
}

impl Visitor {
    /// At one server; the session is good wherever its database is.
    pub async fn signed_in(base: &str) -> Self {
        let http = Http::builder().cookie_store(true).timeout(Duration::from_mins(1)).build().unwrap();
        let visitor = Self { http, hears: Arc::default(), hearing: None };
        let sign_in = visitor.http.post(format!("{base}/api/fn/sign-in"));
        let page = visitor.sent(sign_in.form(&[("email", EMAIL), ("password", PASSWORD)])).await;
        assert_eq!((page.status().as_u16(), page.url().path()), (200, "/"));
        visitor
    }

    /// Opens a page that listens.
    pub async fn listen(&mut self, base: &str) {
        // Not for a minute, but for as long as the test takes.
        let request = self.http.get(format!("{base}/live?topic=groups")).timeout(Duration::from_mins(10));
        let mut answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let hears = Arc::clone(&self.hears);
        self.hearing = Some(tokio::spawn(async move {
            while let Some(piece) = answer.chunk().await.unwrap() {
                if piece.windows(6).any(|word| word == b"data: ") {
                    hears.lock().unwrap().push(Instant::now());
                }
            }
        }));
    }

    /// Uploads a list for this group, and starts it.
    pub async fn import(&self, base: &str, group: &str, list: String) {
        let form = Form::new().part("file", Part::text(list).file_name("list.csv"));
        let upload = self.http.post(format!("{base}/groups/{group}/bulk")).multipart(form);
        let preview = self.sent(upload).await;
        assert_eq!(preview.status(), 200);
        let import = preview.url().path_segments().and_then(|mut path| path.next_back()).unwrap();
        assert_ne!(import, "bulk", "it was refused");
        let start = self.http.post(format!("{base}/api/fn/import-start"));
        let started = self.sent(start.form(&[("group", group), ("import", import)])).await;
        assert_eq!(started.status(), 200);
    }

    async fn sent(&self, request: RequestBuilder) -> Response {
        let request = request.header("sec-fetch-site", "same-origin").header("accept", "text/html");
        request.send().await.unwrap()
    }

    pub fn has_heard_since(&self, moment: Instant) -> bool {
        self.hears.lock().unwrap().iter().any(|heard| *heard > moment)
    }

    /// Status, text and how long it took.
    pub async fn open(&self, base: &str, path: &str) -> (u16, String, Duration) {
        let begun = Instant::now();
        let page = self.http.get(format!("{base}{path}")).header("accept", "text/html").send().await.unwrap();
        let status = page.status().as_u16();
        (status, page.text().await.unwrap(), begun.elapsed())
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        if let Some(hearing) = &self.hearing {
            hearing.abort();
        }
    }
}
