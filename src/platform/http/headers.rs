//! Security headers. Pages set their own Content-Security-Policy with a nonce (`routes.rs`).

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;

pub const ON_EVERYTHING: Headers = &[
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("cross-origin-opener-policy", "same-origin"),
];
/// For everything that requires a sign-in, and the sign-in itself. In answers that are not pages nothing runs or is
/// framed. No proxy may store pages, nor a browser show them again after a sign-out.
pub const ON_PAGES: Headers = &[
    (
        "content-security-policy",
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("cache-control", "no-store"),
];

/// Https only, for two years (RFC 6797). Subdomains are excluded: groupdesk does not control what runs there.
pub const STRICT_TRANSPORT: Headers = &[("strict-transport-security", "max-age=63072000")];

type Headers = &'static [(&'static str, &'static str)];

/// Adds the headers that the response does not have.
pub async fn with(State(headers): State<Headers>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for &(name, value) in headers {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
