//! The address of the server, as configured or as a browser sees it.

use std::sync::Arc;

use axum::http::{HeaderMap, Uri, header};

use super::http::header_text;

#[derive(Clone)]
pub struct Origin {
    address: Arc<str>,
    /// Is it configured? Otherwise it is the address where the server listens, which is all that is known without
    /// `public_url`, and which browsers may not use.
    pub is_public: bool,
}

impl Origin {
    pub fn public(address: &str) -> Self {
        Self { address: address.into(), is_public: true }
    }

    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// The address at which the browser reaches the server. Without `public_url` it is taken from the request; a forged
    /// one affects only the links on the forger's own page.
    pub fn seen_by(&self, headers: &HeaderMap) -> String {
        let host = header_text(headers, header::HOST).filter(|_| !self.is_public);
        let Some(host) = host else { return self.address.to_string() };
        let origin = header_text(headers, header::ORIGIN).filter(|origin| host_of(origin) == Some(host));
        origin.map_or_else(|| format!("http://{host}"), str::to_owned)
    }

    /// The name of a cookie. Browsers share cookies between all ports of a host (RFC 6265 section 8.5), so two
    /// instances on one host need different names. All servers behind one address use the same name.
    pub fn cookie(&self, name: &str, headers: &HeaderMap) -> String {
        let host = if self.is_public { host_of(&self.address) } else { header_text(headers, header::HOST) };
        match host.and_then(port) {
            Some(port) => format!("{name}_{port}"),
            None => name.to_owned(),
        }
    }

    /// Does the address name a port? That a host requires https applies to all its ports (RFC 6797 section 8.3).
    pub fn has_port(&self) -> bool {
        host_of(&self.address).and_then(port).is_some_and(|port| port != 443)
    }

    /// Does the browser use another host than the server listens on? A configured address is right, because of proxies.
    pub fn is_elsewhere(&self, headers: &HeaderMap) -> bool {
        let name = |host: &str| host.parse::<Uri>().ok()?.host().map(str::to_owned);
        let here = host_of(&self.address).and_then(name);
        let there = header_text(headers, header::HOST).and_then(name);
        !self.is_public && there.is_some() && there != here
    }
}

fn port(host: &str) -> Option<u16> {
    host.parse::<Uri>().ok()?.port_u16()
}

fn host_of(origin: &str) -> Option<&str> {
    origin.split_once("://").map(|(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assumed(address: &str) -> Origin {
        Origin { is_public: false, ..Origin::public(address) }
    }

    fn headers(pairs: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn configured_address_overrides_the_request() {
        let origin = Origin::public("https://desk.example.com");
        let headers = headers(&[(header::HOST, "10.0.0.7:3000"), (header::ORIGIN, "http://10.0.0.7:3000")]);
        assert_eq!(origin.seen_by(&headers), "https://desk.example.com");
        assert_eq!(origin.cookie("c", &headers), "c");
        assert_eq!(Origin::public("http://localhost:3001").cookie("c", &headers), "c_3001");
    }

    #[test]
    fn default_port_does_not_count() {
        assert!(!Origin::public("https://desk.example.com").has_port());
        assert!(!Origin::public("https://desk.example.com:443").has_port());
        assert!(Origin::public("https://desk.example.com:8443").has_port());
        assert!(Origin::public("https://[::1]:8443").has_port());
    }

    #[test]
    fn browser_is_elsewhere_if_the_host_name_differs() {
        let origin = assumed("http://127.0.0.1:3000");
        assert!(origin.is_elsewhere(&headers(&[(header::HOST, "localhost:3000")])));
        assert!(!origin.is_elsewhere(&headers(&[(header::HOST, "127.0.0.1:3001")])));
        assert!(!origin.is_elsewhere(&headers(&[])));
        let set = Origin::public("https://desk.example.com");
        assert!(!set.is_elsewhere(&headers(&[(header::HOST, "127.0.0.1:3000")])));
    }

    #[test]
    fn assumed_address_follows_the_browser() {
        let origin = assumed("http://localhost:3000");
        let seen = |pairs: &[(header::HeaderName, &'static str)]| {
            let headers = headers(pairs);
            (origin.seen_by(&headers), origin.cookie("c", &headers))
        };
        let pair = |address: &str, name: &str| (address.to_owned(), name.to_owned());
        assert_eq!(seen(&[(header::HOST, "10.0.0.7:3000")]), pair("http://10.0.0.7:3000", "c_3000"));
        assert_eq!(
            seen(&[(header::HOST, "desk.example.com"), (header::ORIGIN, "https://desk.example.com")]),
            pair("https://desk.example.com", "c")
        );
        assert_eq!(
            seen(&[(header::HOST, "[::1]:3001"), (header::ORIGIN, "https://evil.example")]),
            pair("http://[::1]:3001", "c_3001")
        );
        assert_eq!(seen(&[]), pair("http://localhost:3000", "c"));
    }
}
