//! Refuses changes that a page of another site makes a browser send. Browsers send where a request comes from
//! (`Sec-Fetch-Site`, and older ones `Origin`), and no page can forge it, so forms need no token.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::header_text;
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
    let Some(from) = header_text(headers, header::ORIGIN) else {
        return false;
    };
    let host = from.split_once("://").map(|(_, host)| host);
    from == origin.as_str() || (host.is_some() && host == header_text(headers, header::HOST))
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
}
