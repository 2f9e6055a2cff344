//! What surrounds every request.

pub mod body;
pub mod client;
pub mod completion;
pub mod connection;
pub mod csrf;
pub mod headers;
pub mod host;
mod protocol_errors;
pub mod timeouts;
pub mod trace;

use axum::http::HeaderMap;
use axum::http::header::{self, AsHeaderName};
use tower_sessions::cookie::Cookie;

pub const BODY_MAX: usize = 1024 * 1024;

pub fn header_text(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The value of the first cookie with this name.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut cookies = lines.flat_map(Cookie::split_parse).flatten();
    cookies.find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
}
