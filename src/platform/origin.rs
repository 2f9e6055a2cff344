//! The address of the desk: as it is set, or as a browser shows that it reached it.

use std::sync::Arc;

use axum::http::{HeaderMap, Uri, header};

/// An origin as in `https://desk.example.com`.
#[derive(Clone)]
pub struct Origin {
    address: Arc<str>,
    /// Did somebody set it? Otherwise it is where the server listens, which may be nobody's address.
    is_public: bool,
}

impl Origin {
    /// The address that people type.
    pub fn public(address: &str) -> Self {
        Self { address: address.into(), is_public: true }
    }

    /// Where the server listens: all that is known of the address without `public_url`.
    #[must_use]
    pub fn assumed(self) -> Self {
        Self { is_public: false, ..self }
    }

    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// Is it the address that people type?
    pub const fn is_public(&self) -> bool {
        self.is_public
    }

    /// The address at which the browser that sent this request reaches the desk. Without `public_url` the
    /// browser tells it: the links that a page shows are for people who come the same way. Nobody but the
    /// reader of the page is affected by what their browser says.
    pub fn seen_by(&self, headers: &HeaderMap) -> String {
        let host = text(headers, header::HOST).filter(|_| !self.is_public);
        let Some(host) = host else { return self.address.to_string() };
        let origin = text(headers, header::ORIGIN).filter(|origin| host_of(origin) == Some(host));
        origin.map_or_else(|| format!("http://{host}"), str::to_owned)
    }

    /// What a cookie of this desk is called. Browsers keep the cookies of a host together, whatever the port:
    /// two desks on one host would replace each other's (RFC 6265 section 8.5). The name is the same for all
    /// servers behind one address.
    pub fn cookie(&self, name: &str, headers: &HeaderMap) -> String {
        match self.port(headers) {
            Some(port) => format!("{name}_{port}"),
            None => name.to_owned(),
        }
    }

    /// Does the address name a port? What a browser keeps for a host, such as that it is to be reached by https alone,
    /// holds for all its ports (RFC 6797 section 8.3).
    pub fn has_port(&self) -> bool {
        let port = host_of(&self.address).and_then(|host| host.parse::<Uri>().ok()?.port_u16());
        port.is_some_and(|port| port != 443)
    }

    /// Is the browser at another host than the one where the server listens? Where an address is set that people type,
    /// it is right: a proxy may have put another name into the request.
    pub fn is_elsewhere(&self, headers: &HeaderMap) -> bool {
        let name = |host: &str| host.parse::<Uri>().ok()?.host().map(str::to_owned);
        let here = host_of(&self.address).and_then(name);
        let there = text(headers, header::HOST).and_then(name);
        !self.is_public && there.is_some() && there != here
    }

    fn port(&self, headers: &HeaderMap) -> Option<u16> {
        let host = if self.is_public { host_of(&self.address) } else { text(headers, header::HOST) };
        host?.parse::<Uri>().ok()?.port_u16()
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn host_of(origin: &str) -> Option<&str> {
    origin.split_once("://").map(|(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn an_address_that_is_set_counts_whatever_a_browser_says() {
        let origin = Origin::public("https://desk.example.com");
        let headers = headers(&[(header::HOST, "10.0.0.7:3000"), (header::ORIGIN, "http://10.0.0.7:3000")]);
        assert_eq!(origin.seen_by(&headers), "https://desk.example.com");
        assert_eq!(origin.cookie("c", &headers), "c");
        assert_eq!(Origin::public("http://localhost:3001").cookie("c", &headers), "c_3001");
    }

    #[test]
    fn the_usual_port_is_none() {
        assert!(!Origin::public("https://desk.example.com").has_port());
        assert!(!Origin::public("https://desk.example.com:443").has_port());
        assert!(Origin::public("https://desk.example.com:8443").has_port());
        assert!(Origin::public("https://[::1]:8443").has_port());
    }

    #[test]
    fn a_browser_is_elsewhere_by_the_name_of_the_host() {
        let origin = Origin::public("http://127.0.0.1:3000").assumed();
        assert!(origin.is_elsewhere(&headers(&[(header::HOST, "localhost:3000")])));
        assert!(!origin.is_elsewhere(&headers(&[(header::HOST, "127.0.0.1:3001")])));
        assert!(!origin.is_elsewhere(&headers(&[])));
        let set = Origin::public("https://desk.example.com");
        assert!(!set.is_elsewhere(&headers(&[(header::HOST, "127.0.0.1:3000")])));
    }

    #[test]
    fn otherwise_it_is_where_the_browser_is() {
        let origin = Origin::public("http://localhost:3000").assumed();
        let seen = |pairs: &[(header::HeaderName, &'static str)]| {
            let headers = headers(pairs);
            (origin.seen_by(&headers), origin.cookie("c", &headers))
        };
        let told = |address: &str, name: &str| (address.to_owned(), name.to_owned());
        assert_eq!(seen(&[(header::HOST, "10.0.0.7:3000")]), told("http://10.0.0.7:3000", "c_3000"));
        assert_eq!(
            seen(&[(header::HOST, "desk.example.com"), (header::ORIGIN, "https://desk.example.com")]),
            told("https://desk.example.com", "c")
        );
        assert_eq!(
            seen(&[(header::HOST, "[::1]:3001"), (header::ORIGIN, "https://evil.example")]),
            told("http://[::1]:3001", "c_3001")
        );
        assert_eq!(seen(&[]), told("http://localhost:3000", "c"));
    }
}
