//! Refuses a change that another site's page asked a browser for.
//!
//! A browser says where a request comes from (`Sec-Fetch-Site`, and before that `Origin`) and no
//! page can make it lie. So no token in every form is needed: a request that changes something
//! must prove that it comes from our own pages, and one that proves nothing is refused.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::platform::origin::Origin;

pub async fn same_origin(State(origin): State<Origin>, request: Request, next: Next) -> Response {
    if request.method().is_safe() || is_same_origin(request.headers(), &origin) {
        return next.run(request).await;
    }
    (StatusCode::FORBIDDEN, "This request did not come from this site's own pages.\n").into_response()
}

fn is_same_origin(headers: &HeaderMap, origin: &Origin) -> bool {
    let text = |name| headers.get(name).and_then(|value: &axum::http::HeaderValue| value.to_str().ok());
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    let Some(from) = text(header::ORIGIN) else {
        return false;
    };
    let host = from.split_once("://").map(|(_, host)| host);
    from == origin.as_str() || (host.is_some() && host == text(header::HOST))
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
    fn only_our_own_pages_may_change_anything() {
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
}
