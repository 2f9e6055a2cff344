//! `GET /live?topic=…&topic=…`: tells an open page, over server-sent events, when what it shows has changed.
//! What it came to the page then reads as always, with the rights of who is signed in.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use futures::stream::{self, Stream, StreamExt};
use tokio::time::{Instant, Interval, interval_at};

use crate::kernel::topic::Topic;
use crate::platform::metrics::{self, GaugeGuard};
use crate::platform::notifications::{LimitReached, Watcher};
use crate::ui::server::session::RequestContext;

const TOPICS: usize = 20;
/// How long somebody who is signed out or disabled may go on hearing that something changed.
const CHECK: Duration = Duration::from_secs(15);
/// After that the page comes in again, through the door.
const LONGEST: Duration = Duration::from_hours(1);

/// How long a page waits before it comes back, in milliseconds: not all at once when a server goes away.
fn retry() -> Duration {
    Duration::from_millis(1000 + rand::random::<u64>() % 2000)
}

struct Asked {
    topics: Vec<Topic>,
    /// When the page was made.
    since: Option<DateTime<Utc>>,
}

impl Asked {
    /// `None`: something in it is not as it should be.
    fn read(query: &str) -> Option<Self> {
        let mut asked = Self { topics: Vec::new(), since: None };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "topic" => asked.topics.push(value.parse().ok()?),
                "since" => asked.since = Some(moment(&value)?),
                _ => return None,
            }
        }
        (1..=TOPICS).contains(&asked.topics.len()).then_some(asked)
    }
}

/// Milliseconds since 1970.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(text.parse().ok()?)
}

pub async fn news(Extension(visit): Extension<RequestContext>, uri: Uri, headers: HeaderMap) -> Response {
    let Some(asked) = Asked::read(uri.query().unwrap_or_default()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let Ok(operator) = visit.operator() else { return StatusCode::UNAUTHORIZED.into_response() };
    if !asked.topics.iter().all(|topic| topic.is_for(operator.role)) {
        return StatusCode::FORBIDDEN.into_response();
    }
    // A browser that comes back says up to where it has heard.
    let last = headers.get("last-event-id").and_then(|value| moment(value.to_str().ok()?));
    let watcher = match visit.state.live.watch(operator.person.id, asked.topics, last.or(asked.since)) {
        Ok(watcher) => watcher,
        Err(full) => {
            let status = match full {
                LimitReached::Process => StatusCode::SERVICE_UNAVAILABLE,
                LimitReached::Person => StatusCode::TOO_MANY_REQUESTS,
            };
            return (status, [("retry-after", "10")]).into_response();
        }
    };
    let greeting = stream::once(async { Ok(Event::default().retry(retry())) });
    let answer = Sse::new(greeting.chain(events(watcher, visit))).keep_alive(KeepAlive::default());
    // Proxies that gather answers would gather this one for ever.
    ([("x-accel-buffering", "no"), ("cache-control", "no-store")], answer).into_response()
}

struct Connection {
    watcher: Watcher,
    _counted: GaugeGuard,
    visit: RequestContext,
    check: Interval,
    ends: Instant,
}

fn events(watcher: Watcher, visit: RequestContext) -> impl Stream<Item = Result<Event, Infallible>> {
    let now = Instant::now();
    let connection = Connection {
        watcher,
        _counted: metrics::watching(),
        visit,
        check: interval_at(now + CHECK, CHECK),
        ends: now + LONGEST,
    };
    stream::unfold(connection, |mut connection| async {
        let event = connection.next().await?;
        Some((Ok(event), connection))
    })
}

impl Connection {
    async fn next(&mut self) -> Option<Event> {
        loop {
            tokio::select! {
                topics = self.watcher.next() => {
                    let topics: Vec<String> = topics?.iter().map(ToString::to_string).collect();
                    let id = self.visit.state.clock.now().timestamp_millis().to_string();
                    return Some(Event::default().id(id).data(topics.join(" ")));
                }
                _ = self.check.tick() => {
                    // While the database is away nobody can be asked; nor does anything change.
                    let asked = self.visit.state.pool.cancel_if_unavailable(self.visit.is_still_signed_in()).await;
                    let is_welcome = asked.flatten().unwrap_or(true);
                    if !is_welcome || Instant::now() > self.ends {
                        return None;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_read_strictly() {
        let asked = Asked::read("topic=groups&topic=people&since=1779959700000").unwrap();
        assert_eq!(asked.topics, [Topic::GROUPS, Topic::PEOPLE]);
        assert_eq!(asked.since.unwrap().to_rfc3339(), "2026-05-28T09:15:00+00:00");
        let many = "topic=groups&".repeat(21);
        for bad in ["", "topic=", "topic=weather", "topic=groups&since=now", "topic=groups&x=1", &many] {
            assert!(Asked::read(bad).is_none(), "{bad}");
        }
    }
}
