//! The headers that tell a browser what not to do with an answer. The Content-Security-Policy of a page is
//! set where the page is made (`routes.rs`), since it holds the page's nonce.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// Of what is no page: a redirect, a file, a sentence. Whatever is in it, nothing of it runs or is framed.
const POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

fn add(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}

/// Where people are known to come by https, a browser that was here once comes back in no other way for two
/// years (RFC 6797). This host alone: what runs on its subdomains is not ours to decide.
pub async fn strict_transport(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000"));
    response
}

/// Whatever it is that is answered.
pub async fn on_everything(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    add(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    add(headers, header::REFERRER_POLICY, "same-origin");
    add(
        headers,
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    );
    add(headers, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    response
}

/// What stands behind the sign-in, and the sign-in.
pub async fn on_pages(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    // Pages show whose workspaces are where: neither a proxy nor a back button after sign-out may.
    add(headers, header::CACHE_CONTROL, "no-store");
    add(headers, header::CONTENT_SECURITY_POLICY, POLICY);
    response
}
