//! An open page that hears of changes.

use std::time::Duration;

use reqwest::Response;

use super::{Browser, Desk};

pub struct Hearing {
    answer: Response,
    read: String,
}

impl Hearing {
    /// Opens what a page of this browser would: `topic=groups&topic=people`.
    pub async fn open(desk: &Desk, browser: &Browser, query: &str) -> Self {
        let answer = browser.http.get(desk.url(&format!("/live?{query}"))).send().await.unwrap();
        Self::of(answer)
    }

    pub fn of(answer: Response) -> Self {
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self { answer, read: String::new() }
    }

    /// The topics of the next event, in their order; `None`: it has ended.
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

    /// [`Self::next`] within a time.
    pub async fn within(&mut self, seconds: f64) -> Option<Vec<String>> {
        tokio::time::timeout(Duration::from_secs_f64(seconds), self.next()).await.expect("news, or the end")
    }

    /// For a while there is nothing to hear.
    pub async fn is_quiet(&mut self) -> bool {
        tokio::time::timeout(Duration::from_secs(1), self.next()).await.is_err()
    }
}
