//! The cookies of a request.

use axum::http::{HeaderMap, header};
use tower_sessions::cookie::Cookie;

pub fn value(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE);
    let cookies = lines.iter().filter_map(|line| line.to_str().ok()).flat_map(Cookie::split_parse);
    cookies.flatten().find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
}
