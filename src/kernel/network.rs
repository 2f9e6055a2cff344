//! Whom an address on the network stands for.

use std::net::{IpAddr, Ipv6Addr};

/// An IPv4 address, or the /64 that a subscriber gets of IPv6 and chooses among freely.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}
