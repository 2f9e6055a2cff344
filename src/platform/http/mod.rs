//! What surrounds every request.

pub mod body;
pub mod client;
pub mod completion;
pub mod connection;
pub mod cookie;
pub mod csrf;
pub mod headers;
pub mod host;
mod protocol_errors;
pub mod timeouts;
pub mod trace;

use axum::http::HeaderMap;
use axum::http::header::AsHeaderName;

pub const BODY_MAX: usize = 1024 * 1024;

pub fn header_text(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
