//! Renders pages to the end even if the client disconnects. Leptos polls what a page waits for in separate tasks, which
//! outlive the request, and panic where they use a context that was dropped with it.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::Request;
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::time::timeout;

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
