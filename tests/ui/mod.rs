//! The pages and their server functions, as a browser without JavaScript uses them.

mod account;
mod admin_log;
mod as_of;
mod audit;
mod bulk;
mod comparison;
mod csrf;
mod enrolling;
mod enrollment;
mod exports;
mod fields;
mod focus;
mod group_changes;
mod groups;
mod history;
mod invitations;
mod kept;
mod live;
mod live_regions;
mod meanwhile;
mod names;
mod oidc;
mod operators;
mod overview;
mod pages;
mod people;
mod preferences;
mod roles;
mod search;
mod selections;
mod sessions;
mod signing_in;
mod throttle;
mod tokens;
mod workspaces;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::TimeDelta;
use groupdesk::kernel::clock::Clock;
use groupdesk::platform::clock;
use reqwest::header::{HeaderMap, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};

use crate::support::Desk;

/// A clock, and how many minutes it is ahead.
fn clock_ahead() -> (Arc<AtomicI64>, Clock) {
    let ahead = Arc::new(AtomicI64::new(0));
    let minutes = Arc::clone(&ahead);
    let real = clock::system();
    let clock = Clock::new(move || real.now() + TimeDelta::minutes(minutes.load(Ordering::SeqCst)));
    (ahead, clock)
}

/// One answer, with no redirect followed.
struct Reply {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Reply {
    async fn read(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The whole line that sets the session's cookie.
    fn cookie_line(&self) -> Option<&str> {
        let lines = self.headers.get_all(SET_COOKIE);
        lines.iter().filter_map(|line| line.to_str().ok()).find(|line| line.starts_with("groupdesk_session="))
    }

    /// As the browser sends it back.
    fn cookie(&self) -> String {
        let line = self.cookie_line().expect("a session cookie");
        line.split(';').next().unwrap().to_owned()
    }
}

fn client() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

async fn get(desk: &Desk, path: &str, cookie: &str) -> Reply {
    Reply::read(client().get(desk.url(path)).header("accept", "text/html").header("cookie", cookie)).await
}

async fn post(desk: &Desk, function: &str, cookie: &str, fields: &[(&str, &str)]) -> Reply {
    let request = client()
        .post(desk.url(&format!("/api/fn/{function}")))
        .header("accept", "text/html")
        .header("sec-fetch-site", "same-origin")
        .header("cookie", cookie)
        .form(fields);
    Reply::read(request).await
}
