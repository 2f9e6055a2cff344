//! Refuses requests that do not name exactly one host (RFC 9112 section 3.2) or whose target is not a path. A proxy
//! that reads another host than this server could be made to treat one request as two.

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Version, header};
use axum::middleware::Next;
use axum::response::Response;

use super::protocol_errors;
use crate::platform::call::RequestId;

pub async fn require_host(request: Request, next: Next) -> Response {
    // `CONNECT host:80` and `OPTIONS *` have no path; they are for proxies.
    let has_path = request.uri().path().starts_with('/');
    if has_path && is_for_one_host(request.version(), request.headers()) {
        return next.run(request).await;
    }
    protocol_errors::misdirected(request.uri().path(), &RequestId::of(request.extensions()))
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

#[cfg(test)]
mod tests {
    use super::*;

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
