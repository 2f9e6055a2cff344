//! A signed-in browser with an open page that receives notifications.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::multipart::{Form, Part};
use reqwest::{Client as Http, RequestBuilder, Response};
use tokio::task::JoinHandle;

use crate::site::{EMAIL, PASSWORD};

pub struct Visitor {
    http: Http,
    events: Arc<Mutex<Vec<Instant>>>,
    subscription: Option<JoinHandle<()>>,
}

impl Visitor {
    /// Signs in at one server; the session works at every server of the database.
    pub async fn signed_in(base: &str) -> Self {
        let http = Http::builder().cookie_store(true).timeout(Duration::from_mins(1)).build().unwrap();
        let visitor = Self { http, events: Arc::default(), subscription: None };
        let sign_in = visitor.http.post(format!("{base}/api/fn/sign-in"));
        let page = visitor.send(sign_in.form(&[("email", EMAIL), ("password", PASSWORD)])).await;
        assert_eq!((page.status().as_u16(), page.url().path()), (200, "/"));
        visitor
    }

    /// Opens the event stream.
    pub async fn subscribe(&mut self, base: &str) {
        // The stream must not time out before the test ends.
        let request = self.http.get(format!("{base}/live?topic=groups")).timeout(Duration::from_mins(10));
        let mut answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let events = Arc::clone(&self.events);
        self.subscription = Some(tokio::spawn(async move {
            while let Some(piece) = answer.chunk().await.unwrap() {
                if piece.windows(6).any(|word| word == b"data: ") {
                    events.lock().unwrap().push(Instant::now());
                }
            }
        }));
    }

    /// Uploads a list for this group, and starts the import.
    pub async fn import(&self, base: &str, group: &str, list: String) {
        let form = Form::new().part("file", Part::text(list).file_name("list.csv"));
        let upload = self.http.post(format!("{base}/groups/{group}/bulk")).multipart(form);
        let preview = self.send(upload).await;
        assert_eq!(preview.status(), 200);
        let import = preview.url().path_segments().and_then(|mut path| path.next_back()).unwrap();
        assert_ne!(import, "bulk", "the import was refused");
        let start = self.http.post(format!("{base}/api/fn/import-start"));
        let started = self.send(start.form(&[("group", group), ("import", import)])).await;
        assert_eq!(started.status(), 200);
    }

    async fn send(&self, request: RequestBuilder) -> Response {
        let request = request.header("sec-fetch-site", "same-origin").header("accept", "text/html");
        request.send().await.unwrap()
    }

    pub fn was_notified_since(&self, moment: Instant) -> bool {
        self.events.lock().unwrap().iter().any(|received| *received > moment)
    }

    /// Status, text and duration.
    pub async fn open(&self, base: &str, path: &str) -> (u16, String, Duration) {
        let started = Instant::now();
        let page = self.http.get(format!("{base}{path}")).header("accept", "text/html").send().await.unwrap();
        let status = page.status().as_u16();
        (status, page.text().await.unwrap(), started.elapsed())
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        if let Some(subscription) = &self.subscription {
            subscription.abort();
        }
    }
}
