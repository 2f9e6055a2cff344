//! Security headers. Pages set their own Content-Security-Policy with a nonce (`routes.rs`).

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

const ON_EVERYTHING: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("cross-origin-opener-policy", "same-origin"),
];
/// The policy is for answers that are not pages: nothing in them runs or is framed. No proxy may store pages, nor a
/// browser show them again after a sign-out.
const ON_PAGES: [(&str, &str); 2] = [
    (
        "content-security-policy",
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("cache-control", "no-store"),
];

/// Browsers use only https for two years (RFC 6797). Subdomains are excluded: groupdesk does not control what runs
/// there.
pub async fn strict_transport(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let value = HeaderValue::from_static("max-age=63072000");
    response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, value);
    response
}

pub async fn on_everything(request: Request, next: Next) -> Response {
    with_defaults(next.run(request).await, &ON_EVERYTHING)
}

/// For everything that requires a sign-in, and the sign-in itself.
pub async fn on_pages(request: Request, next: Next) -> Response {
    with_defaults(next.run(request).await, &ON_PAGES)
}

fn with_defaults(mut response: Response, defaults: &[(&'static str, &'static str)]) -> Response {
    for &(name, value) in defaults {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
