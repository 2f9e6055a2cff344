//! A client of the event stream `/live`, like an open page.

use std::time::Duration;

use reqwest::Response;

use super::{Browser, TestApp};

pub struct SseClient {
    answer: Response,
    read: String,
}

impl SseClient {
    /// Subscribes with the browser's session. `query` is for example `topic=groups&topic=people`.
    pub async fn open(app: &TestApp, browser: &Browser, query: &str) -> Self {
        let answer = browser.http.get(app.url(&format!("/live?{query}"))).send().await.unwrap();
        Self::from_response(answer)
    }

    pub fn from_response(answer: Response) -> Self {
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self { answer, read: String::new() }
    }

    /// The topics of the next event, in their order; `None` when the stream has ended.
    pub async fn next(&mut self) -> Option<Vec<String>> {
        loop {
            while let Some(end) = self.read.find("\n\n") {
                let event: String = self.read.drain(..end + 2).collect();
                let data = event.lines().find_map(|line| line.strip_prefix("data: ").map(str::to_owned));
                if let Some(data) = data {
                    let mut topics: Vec<String> = data.split(' ').map(str::to_owned).collect();
                    topics.sort();
                    return Some(topics);
                }
            }
            let chunk = self.answer.chunk().await.unwrap()?;
            self.read.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// Like [`Self::next`], and panics if nothing arrives within this time.
    pub async fn next_within(&mut self, seconds: f64) -> Option<Vec<String>> {
        tokio::time::timeout(Duration::from_secs_f64(seconds), self.next())
            .await
            .expect("an event or the end of the stream")
    }

    /// True if no event arrives within a second.
    pub async fn is_quiet(&mut self) -> bool {
        tokio::time::timeout(Duration::from_secs(1), self.next()).await.is_err()
    }
}
