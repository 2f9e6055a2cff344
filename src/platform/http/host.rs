//! Refuses a message that does not say, or says twice, which host it is for (RFC 9112 section 3.2), and one
//! whose target is no path. Whoever stands in front and reads the one, and we who read the other, would take
//! it for two requests.

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Version, header};
use axum::middleware::Next;
use axum::response::Response;

use super::refused;
use crate::platform::call::RequestId;

pub async fn is_named(request: Request, next: Next) -> Response {
    // As in `CONNECT host:80` and `OPTIONS *`, which are for proxies.
    let has_path = request.uri().path().starts_with('/');
    if has_path && is_for_one_host(request.version(), request.headers()) {
        return next.run(request).await;
    }
    refused::misdirected(request.uri().path(), &RequestId::of(request.extensions()))
}

fn is_for_one_host(version: Version, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().is_ok_and(is_host),
        (Some(_), Some(_)) => false,
        // Before 1.1 it need not be told, and after it stands in the target, which the library reads.
        (None, _) => version != Version::HTTP_11,
    }
}

/// A name or an address, and perhaps a port.
fn is_host(text: &str) -> bool {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    text.bytes().all(is_sign) && text.parse::<Authority>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_and_perhaps_a_port() {
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
    fn from_1_1_on_it_is_told_once() {
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
