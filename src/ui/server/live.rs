//! `GET /live?topic=…&topic=…`: notifies an open page of changes by server-sent events. The page then loads its content
//! again, with the permissions of its operator.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use futures::stream::{self, Stream, StreamExt};
use tokio::time::{Instant, interval_at};

use crate::kernel::topic::Topic;
use crate::platform::metrics::{GaugeGuard, WATCHERS};
use crate::platform::notifications::{LimitReached, Watcher};
use crate::ui::server::session::RequestContext;

const TOPICS_MAX: usize = 20;
/// How long notifications continue after the operator is signed out or disabled.
const SESSION_CHECK_INTERVAL: Duration = Duration::from_secs(15);
/// The page then connects again and is authenticated again.
const MAX_STREAM_AGE: Duration = Duration::from_hours(1);

/// The topics of the address, and the time at which the page was rendered.
fn subscription(query: &str) -> Option<(Vec<Topic>, Option<DateTime<Utc>>)> {
    let (mut topics, mut since) = (Vec::new(), None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "topic" => topics.push(value.parse().ok()?),
            "since" => since = Some(moment(&value)?),
            _ => return None,
        }
    }
    (1..=TOPICS_MAX).contains(&topics.len()).then_some((topics, since))
}

/// Milliseconds since 1970.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(text.parse().ok()?)
}

pub async fn notifications(
    Extension(context): Extension<RequestContext>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let Some((topics, since)) = subscription(uri.query().unwrap_or_default()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let Ok(operator) = context.operator() else { return StatusCode::UNAUTHORIZED.into_response() };
    if !topics.iter().all(|topic| topic.is_for(operator.role)) {
        return StatusCode::FORBIDDEN.into_response();
    }
    // Browsers send the id of the last event when they connect again.
    let last = headers.get("last-event-id").and_then(|value| moment(value.to_str().ok()?));
    let watcher = match context.state.notifier.watch(operator.person.id, topics, last.or(since)) {
        Ok(watcher) => watcher,
        Err(full) => {
            let status = match full {
                LimitReached::Process => StatusCode::SERVICE_UNAVAILABLE,
                LimitReached::Person => StatusCode::TOO_MANY_REQUESTS,
            };
            return (status, [("retry-after", "10")]).into_response();
        }
    };
    // The pages of all operators connect again at random times, so that they do not return at once.
    // Within two seconds, after which pages say that the connection is lost (`islands/live.rs`).
    let retry = Duration::from_millis(500 + rand::random::<u64>() % 1500);
    let greeting = stream::once(async move { Ok(Event::default().retry(retry)) });
    let answer = Sse::new(greeting.chain(events(watcher, context))).keep_alive(KeepAlive::default());
    // Buffering proxies would never forward anything.
    ([("x-accel-buffering", "no"), ("cache-control", "no-store")], answer).into_response()
}

fn events(watcher: Watcher, context: RequestContext) -> impl Stream<Item = Result<Event, Infallible>> {
    let now = Instant::now();
    let ends = now + MAX_STREAM_AGE;
    let check = interval_at(now + SESSION_CHECK_INTERVAL, SESSION_CHECK_INTERVAL);
    let connection = (watcher, context, check, GaugeGuard::of(WATCHERS));
    stream::unfold(connection, move |mut connection| async move {
        let (watcher, context, check, _) = &mut connection;
        let event = loop {
            tokio::select! {
                topics = watcher.next() => {
                    let topics: Vec<String> = topics?.iter().map(ToString::to_string).collect();
                    let id = context.state.clock.now().timestamp_millis().to_string();
                    break Event::default().id(id).data(topics.join(" "));
                }
                _ = check.tick() => {
                    // While the database is unavailable, nothing changes either.
                    let checked = context.state.pool.cancel_if_unavailable(context.is_still_signed_in()).await;
                    let is_signed_in = checked.flatten().unwrap_or(true);
                    if !is_signed_in || Instant::now() > ends {
                        return None;
                    }
                }
            }
        };
        Some((Ok(event), connection))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_query_is_refused() {
        let (topics, since) = subscription("topic=groups&topic=people&since=1779959700000").unwrap();
        assert_eq!(topics, [Topic::GROUPS, Topic::PEOPLE]);
        assert_eq!(since.unwrap().to_rfc3339(), "2026-05-28T09:15:00+00:00");
        let many = "topic=groups&".repeat(21);
        for bad in ["", "topic=", "topic=weather", "topic=groups&since=now", "topic=groups&x=1", &many] {
            assert!(subscription(bad).is_none(), "{bad}");
        }
    }
}
