//! The time limits of a request. A client that does not send the body it announced gets 408 (RFC 9110 section 15.5.9),
//! which raises no alarm. Anything else that takes too long is 503. Neither has a body; outer layers add it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::future::BoxFuture;
use futures::stream::poll_fn;
use futures::{FutureExt as _, StreamExt as _};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::trace::FaultNote;
use crate::platform::db::availability::Database;

pub async fn within(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    let waits_for_body = Arc::new(AtomicBool::new(false));
    let request = observed(request, Arc::clone(&waits_for_body));
    match timeout(limit, next.run(request)).await {
        Ok(response) => response,
        // The connection is closed, because the rest of this body must not be read as the next request.
        Err(_) if waits_for_body.load(Ordering::Relaxed) => {
            (StatusCode::REQUEST_TIMEOUT, [(header::CONNECTION, "close")]).into_response()
        }
        Err(_) => FaultNote::unavailable(format!("not answered within {} s", limit.as_secs())),
    }
}

pub async fn require_database(State(database): State<Database>, request: Request, next: Next) -> Response {
    let response = database.run_request(next.run(request)).await;
    response.unwrap_or_else(|_| FaultNote::unavailable("the database is unavailable"))
}

fn observed(request: Request, waits_for_body: Arc<AtomicBool>) -> Request {
    request.map(|body| {
        if body.is_end_stream() {
            return body;
        }
        let mut chunks = body.into_data_stream();
        Body::from_stream(poll_fn(move |context| {
            let polled = chunks.poll_next_unpin(context);
            waits_for_body.store(polled.is_pending(), Ordering::Relaxed);
            polled
        }))
    })
}

/// How long a page may take after its client is gone. By then, each of its statements has ended.
const MAX_REMAINING: Duration = Duration::from_secs(40);

/// Renders a page to the end. Requests that change data are dropped as usual, which rolls back an uncommitted change.
pub async fn render_to_end(request: Request, next: Next) -> Response {
    let is_page = matches!(*request.method(), Method::GET | Method::HEAD);
    let rendering = next.run(request);
    if is_page { Completing(Some(rendering.boxed())).await } else { rendering.await }
}

/// Continues in the background when it is dropped before it is ready.
struct Completing(Option<BoxFuture<'static, Response>>);

impl Future for Completing {
    type Output = Response;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Response> {
        // A future that panics must not be polled again, so it is put back only while it is pending.
        let Some(mut rendering) = self.0.take() else { return Poll::Pending };
        let state = rendering.poll_unpin(context);
        if state.is_pending() {
            self.0 = Some(rendering);
        }
        state
    }
}

impl Drop for Completing {
    fn drop(&mut self) {
        if let (Some(rendering), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(timeout(MAX_REMAINING, rendering));
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use axum::handler::Handler as _;
    use axum::middleware::from_fn_with_state;
    use tower::ServiceExt as _;

    use super::*;

    /// The status of a handler that reads the body and then takes this long.
    async fn status(body: Body, work: Duration) -> StatusCode {
        let limit = Duration::from_millis(200);
        let work = move |_: Bytes| async move { tokio::time::sleep(work).await };
        let service = work.layer(from_fn_with_state(limit, within)).with_state(());
        service.oneshot(Request::post("/").body(body).unwrap()).await.unwrap().status()
    }

    fn chunks() -> impl futures::Stream<Item = Result<Bytes, std::io::Error>> + Send {
        futures::stream::iter([Ok(Bytes::from_static(b"one")), Ok(Bytes::from_static(b"two"))])
    }

    #[tokio::test]
    async fn status_tells_whether_the_client_or_the_server_was_slow() {
        let (quick, endless) = (Duration::ZERO, Duration::from_hours(1));
        assert_eq!(status(Body::from_stream(chunks()), quick).await, StatusCode::OK);
        assert_eq!(status(Body::empty(), endless).await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(status(Body::from_stream(chunks()), endless).await, StatusCode::SERVICE_UNAVAILABLE);
        let unfinished = Body::from_stream(chunks().chain(futures::stream::pending()));
        assert_eq!(status(unfinished, quick).await, StatusCode::REQUEST_TIMEOUT);
        let never_begun = Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>());
        assert_eq!(status(never_begun, quick).await, StatusCode::REQUEST_TIMEOUT);
    }
}
