//! What surrounds every request.

pub mod connection;
pub mod guards;
pub mod timeouts;
pub mod trace;

use std::net::{IpAddr, SocketAddr};
use std::sync::Once;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request};
use axum::http::header::{self, AsHeaderName};
use axum::http::{HeaderMap, HeaderName};
use futures::{Stream, StreamExt as _};
use tower_sessions::cookie::Cookie;

use crate::platform::config::{NumberOrOff, Proxies};

pub const BODY_MAX: usize = 1024 * 1024;

pub fn header_text(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut cookies = lines.flat_map(Cookie::split_parse).flatten();
    cookies.find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
}

pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(20);

/// The value of `Content-Length`, which browsers always send.
pub fn content_length(headers: &HeaderMap) -> Option<usize> {
    header_text(headers, header::CONTENT_LENGTH)?.parse().ok()
}

/// Reads a body (or the field of a form) to its end, for at most 20 seconds and `max` bytes.
pub async fn drain<Bytes: AsRef<[u8]>, E>(body: impl Stream<Item = Result<Bytes, E>>, max: usize) {
    drain_into(body, max, |_| {}).await;
}

/// Like [`drain`], and passes on what it reads. Returns the number of bytes.
pub async fn drain_into<Bytes: AsRef<[u8]>, E>(
    body: impl Stream<Item = Result<Bytes, E>>,
    max: usize,
    mut take: impl FnMut(&[u8]),
) -> usize {
    let mut body = std::pin::pin!(body);
    let mut drained = 0;
    let draining = async {
        while let Some(Ok(bytes)) = body.next().await {
            drained += bytes.as_ref().len();
            if drained > max {
                return;
            }
            take(bytes.as_ref());
        }
    };
    let _ = tokio::time::timeout(DRAIN_TIMEOUT, draining).await;
    drained
}

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The other end of the connection or, behind proxies, the client of the first proxy. `None`: unknown connection.
pub fn client_address(request: &Request, proxies: Proxies) -> Option<IpAddr> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let has_untrusted_header = proxies == Proxies::default() && request.headers().contains_key(FORWARDED_FOR);
    if has_untrusted_header && peer.is_some_and(is_private) {
        // Without the setting everyone behind the proxy shares one rate limit, which is noticed late.
        static WARNED: Once = Once::new();
        WARNED.call_once(|| {
            tracing::warn!(
                "requests have X-Forwarded-For, and trusted_proxies is off: if there is a proxy in front of groupdesk, \
                 all requests count as its own"
            );
        });
    }
    forwarded(request.headers(), proxies).or(peer)
}

fn is_private(peer: IpAddr) -> bool {
    match peer.to_canonical() {
        IpAddr::V4(peer) => peer.is_loopback() || peer.is_private(),
        IpAddr::V6(peer) => peer.is_loopback() || peer.is_unique_local(),
    }
}

/// Counts from the right, because the rest came with the request. A shorter header means that a proxy was bypassed.
fn forwarded(headers: &HeaderMap, NumberOrOff(proxies): Proxies) -> Option<IpAddr> {
    let back = proxies?.get() as usize - 1;
    let lines = headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok());
    let addresses: Vec<&str> = lines.flat_map(|line| line.split(',')).collect();
    let address = addresses.iter().rev().nth(back)?.trim();
    let bare = address.trim_start_matches('[').trim_end_matches(']');
    // Some proxies add the port.
    bare.parse().ok().or_else(|| address.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn from(proxies: u32, forwarded: &[&str]) -> String {
        let mut request = Request::new(axum::body::Body::empty());
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 4000))));
        for line in forwarded {
            request.headers_mut().append(FORWARDED_FOR, line.parse().unwrap());
        }
        client_address(&request, NumberOrOff(NonZeroU32::new(proxies))).unwrap().to_string()
    }

    #[test]
    fn address_without_trusted_proxies_is_the_peer() {
        assert_eq!(from(0, &["192.0.2.7"]), "10.0.0.1");
        assert_eq!(from(1, &[]), "10.0.0.1");
    }

    #[test]
    fn address_is_counted_from_the_right() {
        assert_eq!(from(1, &["198.51.100.9, 192.0.2.7"]), "192.0.2.7");
        assert_eq!(from(1, &["198.51.100.9", "192.0.2.7:5123"]), "192.0.2.7");
        assert_eq!(from(2, &["198.51.100.9, 192.0.2.7, 10.0.0.2"]), "192.0.2.7");
        assert_eq!(from(1, &["[2001:db8::1]:443"]), "2001:db8::1");
    }

    #[test]
    fn untrusted_header_is_ignored() {
        assert_eq!(from(2, &["192.0.2.7"]), "10.0.0.1");
        assert_eq!(from(1, &["192.0.2.7, unknown"]), "10.0.0.1");
    }
}
