//! How long a request may take, and whose fault it is when that is not enough.
//!
//! A client that does not send the body it announced gets 408 (RFC 9110 section 15.5.9): no alarm of ours goes off
//! for it. Anything else that takes too long is 503. The bare status: layers further out have the words for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::StreamExt as _;
use futures::stream::poll_fn;

use super::trace::FaultNote;

/// Whether somebody waits for more of a request's body at the moment.
#[derive(Clone, Default)]
struct Awaited(Arc<AtomicBool>);

pub async fn within(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    let awaited = Awaited::default();
    let request = watched(request, &awaited);
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) if awaited.0.load(Ordering::Relaxed) => unfinished(),
        Err(_) => overdue(limit),
    }
}

fn watched(request: Request, awaited: &Awaited) -> Request {
    let (parts, body) = request.into_parts();
    if axum::body::HttpBody::is_end_stream(&body) {
        return Request::from_parts(parts, body);
    }
    let (mut chunks, awaited) = (body.into_data_stream(), awaited.clone());
    let body = Body::from_stream(poll_fn(move |context| {
        let polled = chunks.poll_next_unpin(context);
        awaited.0.store(polled.is_pending(), Ordering::Relaxed);
        polled
    }));
    Request::from_parts(parts, body)
}

/// The connection ends with it: whatever else comes is the rest of this request, and not the next one.
fn unfinished() -> Response {
    (StatusCode::REQUEST_TIMEOUT, [(header::CONNECTION, "close")]).into_response()
}

fn overdue(limit: Duration) -> Response {
    let mut response = StatusCode::SERVICE_UNAVAILABLE.into_response();
    response.extensions_mut().insert(FaultNote(format!("not answered within {} s", limit.as_secs())));
    response
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use axum::handler::Handler as _;
    use axum::middleware::from_fn_with_state;
    use tower::ServiceExt as _;

    use super::*;

    /// The status of what reads the body and then takes so long.
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
    async fn whose_fault_it_is_is_told_by_the_status() {
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
