//! Where a request comes from.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Once;

use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, header};
use serde::Deserialize;

use crate::platform::config::NumberOrKeyword;

/// How many proxies stand in front of the server, each of which appends to `X-Forwarded-For` whom it
/// was called by. With none, the header is anybody's invention and is not read.
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

/// The address of whoever called: the connection's other end or, behind proxies, the one that the first
/// of them was called from. `None` where not even the connection is known.
pub fn address(request: &Request, proxies: Proxies) -> Option<IpAddr> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    if proxies == Proxies::default()
        && request.headers().contains_key(FORWARDED_FOR)
        && peer.is_some_and(is_near)
    {
        warn_of_proxy();
    }
    forwarded(request.headers(), proxies).or(peer)
}

/// Could a proxy of ours be there?
fn is_near(peer: IpAddr) -> bool {
    match peer.to_canonical() {
        IpAddr::V4(peer) => peer.is_loopback() || peer.is_private(),
        IpAddr::V6(peer) => peer.is_loopback() || peer.is_unique_local(),
    }
}

/// Once. Without the setting all people behind the proxy share one allowance, which is noticed only when it is
/// used up.
fn warn_of_proxy() {
    static WARNED: Once = Once::new();
    WARNED.call_once(|| {
        tracing::warn!(
            "requests come with X-Forwarded-For, and trusted_proxies is off: if a proxy stands in front of the \
             desk, all requests count as its own"
        );
    });
}

/// Counted from the right: what is further left came with the request and may say anything. Where the
/// header is shorter than that, a proxy was gone around, and nothing in it can be trusted.
fn forwarded(headers: &HeaderMap, Proxies(count): Proxies) -> Option<IpAddr> {
    let back = usize::from(count).checked_sub(1)?;
    let lines = headers.get_all(FORWARDED_FOR);
    let addresses: Vec<&str> =
        lines.iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).collect();
    parse(addresses.iter().rev().nth(back)?.trim())
}

const FORWARDED_FOR: header::HeaderName = header::HeaderName::from_static("x-forwarded-for");

/// Some proxies write the port too.
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
    fn without_trusted_proxies_the_connection_tells() {
        assert_eq!(from(0, &["192.0.2.7"]), "10.0.0.1");
        assert_eq!(from(1, &[]), "10.0.0.1");
    }

    #[test]
    fn each_proxy_is_one_step_from_the_right() {
        assert_eq!(from(1, &["198.51.100.9, 192.0.2.7"]), "192.0.2.7");
        assert_eq!(from(1, &["198.51.100.9", "192.0.2.7:5123"]), "192.0.2.7");
        assert_eq!(from(2, &["198.51.100.9, 192.0.2.7, 10.0.0.2"]), "192.0.2.7");
        assert_eq!(from(1, &["[2001:db8::1]:443"]), "2001:db8::1");
    }

    #[test]
    fn what_cannot_be_trusted_is_not_read() {
        assert_eq!(from(2, &["192.0.2.7"]), "10.0.0.1");
        assert_eq!(from(1, &["192.0.2.7, unknown"]), "10.0.0.1");
    }

    #[test]
    fn the_setting_is_a_number_or_off() {
        assert_eq!("off".parse(), Ok(Proxies(0)));
        assert_eq!("2".parse(), Ok(Proxies(2)));
        for text in ["0", "10", "-1", "on", ""] {
            assert!(text.parse::<Proxies>().is_err(), "{text}");
        }
    }
}
