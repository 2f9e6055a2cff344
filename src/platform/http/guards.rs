//! Refuses requests of other sites and to other hosts, and adds security headers to answers.

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::platform::call::RequestId;
use crate::platform::http::{connection, header_text};
use crate::platform::origin::Origin;

pub async fn same_origin(State(origin): State<Origin>, request: Request, next: Next) -> Response {
    if request.method().is_safe() || is_same_origin(request.headers(), &origin) {
        return next.run(request).await;
    }
    (StatusCode::FORBIDDEN, "This request did not come from this site's own pages.\n").into_response()
}

fn is_same_origin(headers: &HeaderMap, origin: &Origin) -> bool {
    if let Some(site) = header_text(headers, "sec-fetch-site") {
        return site == "same-origin";
    }
    let Some(from) = header_text(headers, header::ORIGIN) else { return false };
    let host = from.split_once("://").map(|(_, host)| host);
    from == origin.as_str() || (host.is_some() && host == header_text(headers, header::HOST))
}

pub async fn require_host(request: Request, next: Next) -> Response {
    // `CONNECT host:80` and `OPTIONS *` have no path; they are for proxies.
    let has_path = request.uri().path().starts_with('/');
    if has_path && is_for_one_host(request.version(), request.headers()) {
        return next.run(request).await;
    }
    connection::misdirected(request.uri().path(), &RequestId::of(request.extensions()))
}

fn is_for_one_host(version: Version, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().is_ok_and(is_host),
        (Some(_), Some(_)) => false,
        // HTTP/1.0 does not require the header, and HTTP/2 has the host in the target.
        (None, _) => version != Version::HTTP_11,
    }
}

fn is_host(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    text.bytes().all(is_allowed) && text.parse::<Authority>().is_ok()
}

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

pub async fn add_headers(State(headers): State<Headers>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for &(name, value) in headers {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse::<header::HeaderName>().unwrap(), value.parse().unwrap()))
            .collect();
        is_same_origin(&headers, &Origin::public("https://desk.example.com"))
    }

    #[test]
    fn only_pages_of_this_site_may_change_anything() {
        assert!(allowed(&[("sec-fetch-site", "same-origin")]));
        assert!(allowed(&[("origin", "http://localhost:3000"), ("host", "localhost:3000")]));
        assert!(allowed(&[("origin", "https://desk.example.com"), ("host", "10.0.0.7:3000")]));
        assert!(!allowed(&[("sec-fetch-site", "cross-site")]));
        assert!(!allowed(&[("sec-fetch-site", "same-site")]));
        assert!(!allowed(&[("sec-fetch-site", "cross-site"), ("origin", "https://desk.example.com")]));
        assert!(!allowed(&[("origin", "https://evil.example"), ("host", "localhost:3000")]));
        assert!(!allowed(&[("origin", "null"), ("host", "localhost:3000")]));
        assert!(!allowed(&[]));
    }

    #[test]
    fn host_is_a_name_with_an_optional_port() {
        for host in ["desk", "desk.example.com:3000", "127.0.0.1:3000", "[::1]:3000", "desk_1"] {
            assert!(is_host(host), "{host}");
        }
        for host in
            ["", "a b", "a/b", "user@desk", "http://desk", "a,b", "desk?x", "desk#x", "[::1", "d%65sk"]
        {
            assert!(!is_host(host), "{host}");
        }
    }

    #[test]
    fn host_is_required_exactly_once_since_http_1_1() {
        let with = |version, hosts: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(header::HOST, host.parse().unwrap());
            }
            is_for_one_host(version, &headers)
        };
        assert!(
            with(Version::HTTP_11, &["desk"]) && with(Version::HTTP_10, &[]) && with(Version::HTTP_2, &[])
        );
        assert!(!with(Version::HTTP_11, &[]) && !with(Version::HTTP_11, &["desk", "desk"]));
        assert!(!with(Version::HTTP_10, &["desk", "other"]) && !with(Version::HTTP_2, &["a b"]));
    }
}
