//! Refuses a message that does not say, or says twice, which host it is for (RFC 9112 section 3.2). Whoever
//! stands in front and reads the one name, and we who read the other, would take it for two requests.

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

pub async fn is_named(request: Request, next: Next) -> Response {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    let is_known = match request.version() {
        // There it stands in the target, where the library reads it.
        Version::HTTP_2 | Version::HTTP_3 => true,
        // Before 1.1 it need not be told.
        Version::HTTP_09 | Version::HTTP_10 if hosts == 0 => true,
        _ => hosts == 1 && is_valid(request.headers()),
    };
    if is_known {
        return next.run(request).await;
    }
    (StatusCode::BAD_REQUEST, "This request does not name one host.\n").into_response()
}

fn is_valid(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    // A name and perhaps a port; before an @ would be a user's.
    host.is_some_and(|host| host.parse::<Authority>().is_ok() && !host.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_and_perhaps_a_port() {
        let valid = |host: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            is_valid(&headers)
        };
        for host in ["desk", "desk.example.com:3000", "127.0.0.1:3000", "[::1]:3000"] {
            assert!(valid(host), "{host}");
        }
        for host in ["", "a b", "a/b", "user@desk", "http://desk", "a,b", "desk?x", "[::1"] {
            assert!(!valid(host), "{host}");
        }
    }
}
