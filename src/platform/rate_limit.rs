//! Rate limits per token and per address, in requests per second with a burst. Every process counts for itself.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use super::metrics;
use crate::kernel::id::TokenId;
use crate::kernel::network::network;

/// Only valid tokens are counted, so its table does not grow with what others send.
pub type TokenLimiter = Limiter<TokenId>;
/// Its table grows with the number of addresses; see [`Limiter::remove_idle`].
pub type AddressLimiter = Limiter<IpAddr>;

const TOKEN_BURST: NonZeroU32 = NonZeroU32::new(2).unwrap();
/// The burst of an address, behind which a whole office may open its pages at once.
const ADDRESS_BURST: NonZeroU32 = NonZeroU32::new(4).unwrap();

pub struct Limiter<K: Hash + Eq + Clone> {
    counts: RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>,
    /// What a client has that has not sent a request.
    full: Allowance,
}

#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    pub by: &'static str,
    pub burst: u32,
    pub per_second: u32,
    pub left: u32,
    /// The time until the next request is allowed; `None` if it is allowed now.
    pub wait: Option<Duration>,
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    fn new(by: &'static str, per_second: NonZeroU32, times: NonZeroU32) -> Self {
        let burst = per_second.saturating_mul(times);
        let quota = Quota::per_second(per_second).allow_burst(burst);
        let (per_second, burst) = (per_second.get(), burst.get());
        let full = Allowance { by, burst, per_second, left: burst, wait: None };
        Self { counts: RateLimiter::keyed(quota).with_middleware(), full }
    }

    pub fn count(&self, key: &K) -> Allowance {
        match self.counts.check_key(key) {
            Ok(state) => Allowance { left: state.remaining_burst_capacity(), ..self.full },
            Err(not_until) => {
                metrics::rate_limited(self.full.by);
                let wait = not_until.wait_time_from(self.counts.clock().now());
                Allowance { left: 0, wait: Some(wait), ..self.full }
            }
        }
    }

    /// Removes the clients whose allowance is complete again.
    pub fn remove_idle(&self) {
        self.counts.retain_recent();
        self.counts.shrink_to_fit();
    }
}

impl TokenLimiter {
    pub fn of_tokens(per_second: NonZeroU32) -> Self {
        Self::new("token", per_second, TOKEN_BURST)
    }
}

impl AddressLimiter {
    pub fn of_addresses(per_second: NonZeroU32) -> Self {
        Self::new("address", per_second, ADDRESS_BURST)
    }

    /// Counts a request by the network of its address, because an IPv6 client has at least 2^64 addresses.
    pub fn count_from(&self, address: IpAddr) -> Allowance {
        self.count(&network(address))
    }
}

impl Allowance {
    /// The whole seconds to wait, rounded up, because a client that returns early is refused again. `None`: no wait.
    pub fn retry_after(&self) -> Option<u64> {
        self.wait.map(whole_seconds)
    }

    /// Adds the headers of draft-ietf-httpapi-ratelimit-headers and, to a refusal, `Retry-After`.
    pub fn write_headers(&self, headers: &mut HeaderMap) {
        let Self { by, burst, per_second, left, .. } = *self;
        let refill = f64::from(burst - left.min(burst)) / f64::from(per_second);
        let full_in = whole_seconds(Duration::from_secs_f64(refill));
        let policy = format!("\"{by}\";q={burst};w={}", burst.div_ceil(per_second));
        let limit = format!("\"{by}\";r={left};t={full_in}");
        for (name, value) in [("ratelimit-policy", policy), ("ratelimit", limit)] {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
        if let Some(seconds) = self.retry_after() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
    }
}

fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn token_is_limited_after_a_burst_and_others_are_not() {
        let limiter = TokenLimiter::of_tokens(NonZeroU32::new(2).unwrap());
        let (busy, other) = (TokenId::new(Uuid::from_u128(1)), TokenId::new(Uuid::from_u128(2)));
        for left in [3, 2, 1, 0] {
            let allowance = limiter.count(&busy);
            assert_eq!((allowance.left, allowance.wait), (left, None));
        }
        assert!(limiter.count(&busy).wait.is_some());
        assert!(limiter.count(&other).wait.is_none());
    }

    #[test]
    fn ipv6_network_counts_as_one_address() {
        let limiter = AddressLimiter::of_addresses(NonZeroU32::MIN);
        let from = |address: &str| limiter.count_from(address.parse().unwrap()).left;
        assert_eq!(from("2001:db8:1:2::1"), 3);
        assert_eq!(from("2001:db8:1:2:ffff::9"), 2);
        assert_eq!(from("2001:db8:1:3::1"), 3);
        assert_eq!((from("192.0.2.7"), from("::ffff:192.0.2.7")), (3, 2));
    }

    #[test]
    fn busy_address_stays_limited_when_idle_ones_are_removed() {
        let limiter = AddressLimiter::of_addresses(NonZeroU32::MIN);
        let busy = "192.0.2.7".parse().unwrap();
        while limiter.count_from(busy).wait.is_none() {}
        limiter.remove_idle();
        assert!(limiter.count_from(busy).wait.is_some());
    }
}
