//! Answers in the stead of whatever waits for a database that is away.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::platform::db::availability::Connections;
use crate::platform::http::trace::FaultNote;

/// The bare status: whoever stands further out has the words for it, in a document or on a page.
pub async fn within_reach(State(connections): State<Connections>, request: Request, next: Next) -> Response {
    connections.for_request(next.run(request)).await.unwrap_or_else(|_| {
        let mut response = StatusCode::SERVICE_UNAVAILABLE.into_response();
        response.extensions_mut().insert(FaultNote("the database is away".to_owned()));
        response
    })
}
