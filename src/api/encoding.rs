//! Compresses responses if the client accepts that (`Accept-Encoding`, RFC 9110 section 12.5.3).
//!
//! The compression layer does not change entity tags, but a strong tag stands for one sequence of bytes (section
//! 8.8.3). So [`tags`] appends the encoding to the tag of a compressed response, as in `"Rk3x:zstd"`, and removes it
//! from the tags in `If-None-Match` if the client still accepts that encoding. `If-Match` needs no change, because all
//! tags of a resource contain its state.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, NotForContentType, Predicate as _, SizeAbove};

use crate::jsonapi::etag::{Condition, encoded, without_encoding};

/// In bytes. A smaller response fits in one packet even without compression.
const MIN_SIZE: u16 = 1024;
const LEVEL: CompressionLevel = CompressionLevel::Precise(1);

pub fn layer() -> CompressionLayer<And<SizeAbove, NotForContentType>> {
    CompressionLayer::new().quality(LEVEL).compress_when(SizeAbove::new(MIN_SIZE).and(NotForContentType::SSE))
}

pub async fn tags(mut request: Request, next: Next) -> Response {
    let stripped = strip_encodings(request.headers_mut());
    let mut response = next.run(request).await;
    let (status, headers) = (response.status(), response.headers_mut());
    let Some(tag) = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()) else { return response };
    let encoding = headers.get(header::CONTENT_ENCODING).and_then(|name| name.to_str().ok());
    let client_tag = match encoding {
        Some(encoding) => Some(encoded(tag, encoding)),
        None if status == StatusCode::NOT_MODIFIED => {
            stripped.into_iter().find(|original| plain(original) == tag)
        }
        None => None,
    };
    if let Some(tag) = client_tag.and_then(|tag| HeaderValue::try_from(tag).ok()) {
        headers.insert(header::ETAG, tag);
    }
    response
}

fn plain(tag: &str) -> String {
    without_encoding(tag).map_or_else(|| tag.to_owned(), |(plain, _)| plain)
}

/// Removes the encodings from the tags in `If-None-Match`, and returns the original tags that had an accepted one.
fn strip_encodings(headers: &mut HeaderMap) -> Vec<String> {
    let condition: Vec<&str> =
        headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok()).collect();
    let tags: Vec<String> = Condition(condition.join(", ")).tags().map(str::to_owned).collect();
    let is_usable =
        |tag: &&String| without_encoding(tag).is_some_and(|(_, encoding)| accepts(headers, encoding));
    let usable: Vec<String> = tags.iter().filter(is_usable).cloned().collect();
    if !usable.is_empty() {
        let plain_tags = tags.iter().map(|tag| if usable.contains(tag) { plain(tag) } else { tag.clone() });
        if let Ok(value) = HeaderValue::try_from(plain_tags.collect::<Vec<_>>().join(", ")) {
            headers.insert(header::IF_NONE_MATCH, value);
        }
    }
    usable
}

fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|part| {
        let (name, weight) = part.split_once(';').unwrap_or((part, ""));
        let is_excluded =
            weight.trim().strip_prefix("q=").is_some_and(|weight| weight.trim_matches(['0', '.']).is_empty());
        name.trim().eq_ignore_ascii_case(encoding) && !is_excluded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_accepted_if_it_is_named_with_a_quality_above_zero() {
        let accepts = |accepted: &'static str, encoding: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted));
            accepts(&headers, encoding)
        };
        assert!(
            accepts("gzip, deflate, br", "br") && accepts("BR;q=0.1", "br") && accepts("gzip,br ; q=1", "br")
        );
        assert!(
            !accepts("gzip", "br")
                && !accepts("br;q=0", "br")
                && !accepts("br; q=0.000", "br")
                && !accepts("", "br")
        );
    }
}
