//! The headers that every page carries. The Content-Security-Policy is set where the page is
//! made (`ui/app.rs`), since it holds the page's nonce.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// Where cookies travel by TLS alone, so does everything else: a browser that was here once comes back by no
/// other way (RFC 6797). Two years, as the lists of browsers ask for.
pub async fn strict_transport(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(
        header::STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static("max-age=63072000; includeSubDomains"),
    );
    response
}

pub async fn on_pages(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut add = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    // Pages show whose workspaces are where: neither a proxy nor a back button after sign-out may.
    add(header::CACHE_CONTROL, "no-store");
    add(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    add(header::REFERRER_POLICY, "same-origin");
    add(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    );
    add(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    response
}
