//! Answers in fewer bytes, where the client takes them so: `Accept-Encoding` (RFC 9110 section 12.5.3).
//!
//! The library compresses. What it does not know of is entity tags, of which a strong one stands for one sequence of
//! bytes (section 8.8.3). So the tag of an encoded answer ends with its encoding, as in `"Rk3x:zstd"`. A condition on
//! what a client has is asked of the tag without that end, if the client takes that encoding still; a condition on
//! what it saw (`If-Match`) is asked of the state, which is in all tags of a resource.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, NotForContentType, Predicate as _, SizeAbove};

use crate::jsonapi::etag::{Condition, encoded, without_encoding};

/// A smaller answer, in bytes, takes one packet either way.
const WORTHWHILE: u16 = 1024;
/// The quick end of each encoding's levels.
const LEVEL: CompressionLevel = CompressionLevel::Precise(1);

pub fn layer() -> CompressionLayer<And<SizeAbove, NotForContentType>> {
    CompressionLayer::new()
        .quality(LEVEL)
        .compress_when(SizeAbove::new(WORTHWHILE).and(NotForContentType::SSE))
}

/// Around [`layer`]: makes the tags that clients see of those that handlers know, and the other way round.
pub async fn tags(mut request: Request, next: Next) -> Response {
    let known = known(request.headers_mut());
    let mut response = next.run(request).await;
    let (status, headers) = (response.status(), response.headers_mut());
    let Some(tag) = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()) else { return response };
    let encoding = headers.get(header::CONTENT_ENCODING).and_then(|name| name.to_str().ok());
    let seen = match encoding {
        Some(encoding) => Some(encoded(tag, encoding)),
        None if status == StatusCode::NOT_MODIFIED => known.into_iter().find(|known| plain(known) == tag),
        None => None,
    };
    if let Some(seen) = seen.and_then(|seen| HeaderValue::try_from(seen).ok()) {
        headers.insert(header::ETAG, seen);
    }
    response
}

fn plain(tag: &str) -> String {
    without_encoding(tag).map_or_else(|| tag.to_owned(), |(plain, _)| plain)
}

/// The tags of `If-None-Match`, which from now on has those that stand for encoded answers without their end.
fn known(headers: &mut HeaderMap) -> Vec<String> {
    let condition: Vec<&str> =
        headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok()).collect();
    let tags: Vec<String> = Condition::new(condition.join(", ")).tags().map(str::to_owned).collect();
    let is_usable =
        |tag: &&String| without_encoding(tag).is_some_and(|(_, encoding)| takes(headers, encoding));
    let usable: Vec<String> = tags.iter().filter(is_usable).cloned().collect();
    if !usable.is_empty() {
        let asked = tags.iter().map(|tag| if usable.contains(tag) { plain(tag) } else { tag.clone() });
        if let Ok(asked) = HeaderValue::try_from(asked.collect::<Vec<_>>().join(", ")) {
            headers.insert(header::IF_NONE_MATCH, asked);
        }
    }
    usable
}

/// Does the client name this encoding among those that it takes?
fn takes(headers: &HeaderMap, encoding: &str) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|part| {
        let (name, weight) = part.split_once(';').unwrap_or((part, ""));
        let is_refused =
            weight.trim().strip_prefix("q=").is_some_and(|weight| weight.trim_matches(['0', '.']).is_empty());
        name.trim().eq_ignore_ascii_case(encoding) && !is_refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_taken_that_is_named_and_not_refused() {
        let takes = |accepted: &'static str, encoding: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted));
            takes(&headers, encoding)
        };
        assert!(takes("gzip, deflate, br", "br") && takes("BR;q=0.1", "br") && takes("gzip,br ; q=1", "br"));
        assert!(
            !takes("gzip", "br") && !takes("br;q=0", "br") && !takes("br; q=0.000", "br") && !takes("", "br")
        );
    }
}
