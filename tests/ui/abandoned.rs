//! Pages whose client disconnects before they are rendered.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, mpsc};
use std::task::Poll;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::middleware::from_fn;
use axum::routing::get;
use futures::poll;
use groupdesk::platform::http::timeouts;
use groupdesk::ui::app::App;
use leptos::prelude::*;
use leptos_axum::{generate_route_list, render_app_async_with_context};
use tokio::sync::mpsc as events;
use tower::ServiceExt as _;

#[derive(Clone)]
struct Provided;

/// Leptos runs the code of a page a second time, in a task of its own. By then the request may have been
/// dropped.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn abandoned_page_keeps_its_context_until_rendered() {
    // This call starts the executor that pages use.
    generate_route_list(App);
    let (started, mut has_started) = events::unbounded_channel();
    let (drop_request, is_dropped) = mpsc::channel();
    let is_dropped = Arc::new(Mutex::new(is_dropped));
    let (rendered, mut has_context) = events::unbounded_channel();
    let page = move || {
        let (started, is_dropped, rendered) = (started.clone(), is_dropped.clone(), rendered.clone());
        let mut is_second = false;
        let content = poll_fn(move |_| {
            if !std::mem::replace(&mut is_second, true) {
                return Poll::Pending;
            }
            started.send(()).unwrap();
            is_dropped.lock().unwrap().recv().unwrap();
            rendered.send(use_context::<Provided>().is_some()).unwrap();
            Poll::Ready(())
        });
        view! { <Suspense>{Suspend::new(content)}</Suspense> }
    };
    let render = render_app_async_with_context(|| provide_context(Provided), page);
    let app = Router::new().route("/", get(render)).layer(from_fn(timeouts::render_to_end));

    let mut answer = Box::pin(app.oneshot(Request::new(Body::empty())));
    assert!(poll!(&mut answer).is_pending());
    has_started.recv().await.unwrap();
    drop(answer);
    drop_request.send(()).unwrap();

    assert_eq!(has_context.recv().await, Some(true));
}
