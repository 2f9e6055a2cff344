//! The address that a request comes from.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Once;

use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, HeaderName};
use serde::Deserialize;

use crate::platform::number_or_keyword::NumberOrKeyword;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The number of trusted proxies in front of the server, each of which appends its client to `X-Forwarded-For`. With
/// none, the header is ignored, because anyone can send it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "NumberOrKeyword")]
pub struct Proxies(pub u8);

impl FromStr for Proxies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse::<u8>() {
            Ok(number @ 1..=9) => Ok(Self(number)),
            Err(_) if text == "off" => Ok(Self(0)),
            Ok(_) | Err(_) => Err("a whole number from 1 to 9, or off".to_owned()),
        }
    }
}

impl TryFrom<NumberOrKeyword> for Proxies {
    type Error = String;

    fn try_from(written: NumberOrKeyword) -> Result<Self, String> {
        written.text().parse()
    }
}

/// The address of the client: the other end of the connection or, behind proxies, the client of the first proxy.
/// `None` if the connection is unknown.
pub fn address(request: &Request, proxies: Proxies) -> Option<IpAddr> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let has_untrusted_header = proxies == Proxies::default() && request.headers().contains_key(FORWARDED_FOR);
    if has_untrusted_header && peer.is_some_and(is_private) {
        warn_of_proxy();
    }
    forwarded(request.headers(), proxies).or(peer)
}

/// Could a proxy of the operator have this address?
fn is_private(peer: IpAddr) -> bool {
    match peer.to_canonical() {
        IpAddr::V4(peer) => peer.is_loopback() || peer.is_private(),
        IpAddr::V6(peer) => peer.is_loopback() || peer.is_unique_local(),
    }
}

/// Warns once. Without the setting everyone behind the proxy shares one rate limit, which is noticed only when it is
/// used up.
fn warn_of_proxy() {
    static WARNED: Once = Once::new();
    WARNED.call_once(|| {
        tracing::warn!(
            "requests have X-Forwarded-For, and trusted_proxies is off: if there is a proxy in front of groupdesk, \
             all requests count as its own"
        );
    });
}

/// Counts from the right, because everything further left came with the request and cannot be trusted. A shorter header
/// means that a proxy was bypassed, so nothing in it can be trusted.
fn forwarded(headers: &HeaderMap, Proxies(count): Proxies) -> Option<IpAddr> {
    let back = usize::from(count).checked_sub(1)?;
    let lines = headers.get_all(FORWARDED_FOR);
    let addresses: Vec<&str> =
        lines.iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).collect();
    parse(addresses.iter().rev().nth(back)?.trim())
}

/// Some proxies add the port.
fn parse(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(proxies: u8, forwarded: &[&str]) -> String {
        let mut request = Request::new(axum::body::Body::empty());
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 4000))));
        for line in forwarded {
            request.headers_mut().append(FORWARDED_FOR, line.parse().unwrap());
        }
        address(&request, Proxies(proxies)).unwrap().to_string()
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

    #[test]
    fn setting_is_a_number_or_off() {
        assert_eq!("off".parse(), Ok(Proxies(0)));
        assert_eq!("2".parse(), Ok(Proxies(2)));
        for text in ["0", "10", "-1", "on", ""] {
            assert!(text.parse::<Proxies>().is_err(), "{text}");
        }
    }
}
