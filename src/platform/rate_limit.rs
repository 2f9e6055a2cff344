//! Rate limits per token and per address, in requests per second with a burst. Each of several processes counts for itself
//! and accepts its share of the rate and of the burst, at least one request at a time: a request takes as much of the
//! allowance as there are processes, so that what clients have used stays when the number changes.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use super::instances::Instances;
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
    by: &'static str,
    per_second: NonZeroU32,
    burst: NonZeroU32,
    instances: Instances,
}

#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    pub by: &'static str,
    pub burst: u32,
    pub per_second: f64,
    pub left: u32,
    /// The time until the next request is allowed; `None` if it is allowed now.
    pub wait: Option<Duration>,
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    fn new(by: &'static str, per_second: NonZeroU32, times: NonZeroU32, instances: &Instances) -> Self {
        let burst = per_second.saturating_mul(times);
        let quota = Quota::per_second(per_second).allow_burst(burst);
        let counts = RateLimiter::keyed(quota).with_middleware();
        Self { counts, by, per_second, burst, instances: instances.clone() }
    }

    pub fn count(&self, key: &K) -> Allowance {
        let cost = self.instances.number().min(self.burst);
        let (by, burst) = (self.by, self.burst.get() / cost);
        let per_second = f64::from(self.per_second.get()) / f64::from(cost.get());
        let (left, wait) = match self.counts.check_key_n(key, cost) {
            Ok(Ok(state)) => (state.remaining_burst_capacity() / cost, None),
            Ok(Err(not_until)) => (0, Some(not_until.wait_time_from(self.counts.clock().now()))),
            // It never costs more than a burst.
            Err(_) => (0, Some(Duration::from_secs(1))),
        };
        if wait.is_some() {
            metrics::rate_limited(by);
        }
        Allowance { by, burst, per_second, left, wait }
    }

    /// Removes the clients whose allowance is complete again.
    pub fn remove_idle(&self) {
        self.counts.retain_recent();
        self.counts.shrink_to_fit();
    }
}

impl TokenLimiter {
    pub fn of_tokens(per_second: NonZeroU32, instances: &Instances) -> Self {
        Self::new("token", per_second, TOKEN_BURST, instances)
    }
}

impl AddressLimiter {
    pub fn of_addresses(per_second: NonZeroU32, instances: &Instances) -> Self {
        Self::new("address", per_second, ADDRESS_BURST, instances)
    }

    /// Counts a request by the network of its address, because an IPv6 client has at least 2^64 addresses.
    pub fn count_from(&self, address: IpAddr) -> Allowance {
        self.count(&network(address))
    }
}

impl Allowance {
    /// The whole seconds to wait, rounded up, because a client that returns early is refused again, and at least one: the
    /// time may have passed since the refusal. `None`: no wait.
    pub fn retry_after(&self) -> Option<u64> {
        self.wait.map(|wait| whole_seconds(wait).max(1))
    }

    /// Adds the headers of draft-ietf-httpapi-ratelimit-headers and, to a refusal, `Retry-After`.
    pub fn write_headers(&self, headers: &mut HeaderMap) {
        let Self { by, burst, per_second, left, .. } = *self;
        let time_for =
            |requests: u32| whole_seconds(Duration::from_secs_f64(f64::from(requests) / per_second));
        let full_in = time_for(burst - left.min(burst));
        let policy = format!("\"{by}\";q={burst};w={}", time_for(burst));
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
        let limiter = TokenLimiter::of_tokens(NonZeroU32::new(2).unwrap(), &Instances::default());
        let (busy, other) = (TokenId::new(Uuid::from_u128(1)), TokenId::new(Uuid::from_u128(2)));
        for left in [3, 2, 1, 0] {
            let allowance = limiter.count(&busy);
            assert_eq!((allowance.left, allowance.wait), (left, None));
        }
        assert!(limiter.count(&busy).wait.is_some());
        assert!(limiter.count(&other).wait.is_none());
    }

    #[test]
    fn each_instance_accepts_its_share() {
        let instances = Instances::default();
        let limiter = TokenLimiter::of_tokens(NonZeroU32::new(100).unwrap(), &instances);
        let accepted = |token: u128| {
            let token = TokenId::new(Uuid::from_u128(token));
            (0..300).filter(|_| limiter.count(&token).wait.is_none()).count()
        };
        for (number, share) in [(1, 200), (2, 100), (3, 66), (1000, 1)] {
            instances.set(number);
            let accepted = accepted(number.into());
            assert!((share..share + 10).contains(&accepted), "{accepted} of {share} by one of {number}");
        }
        instances.set(2);
        let busy = TokenId::new(Uuid::from_u128(9));
        let first = limiter.count(&busy);
        assert_eq!((first.burst, first.left, first.per_second.to_string()), (100, 99, "50".to_owned()));
        // What the token has used is not given back when an instance ends.
        while limiter.count(&busy).wait.is_none() {}
        instances.set(1);
        assert!(limiter.count(&busy).left < 10);
    }

    #[test]
    fn ipv6_network_counts_as_one_address() {
        let limiter = AddressLimiter::of_addresses(NonZeroU32::MIN, &Instances::default());
        let from = |address: &str| limiter.count_from(address.parse().unwrap()).left;
        assert_eq!(from("2001:db8:1:2::1"), 3);
        assert_eq!(from("2001:db8:1:2:ffff::9"), 2);
        assert_eq!(from("2001:db8:1:3::1"), 3);
        assert_eq!((from("192.0.2.7"), from("::ffff:192.0.2.7")), (3, 2));
    }

    #[test]
    fn busy_address_stays_limited_when_idle_ones_are_removed() {
        let limiter = AddressLimiter::of_addresses(NonZeroU32::MIN, &Instances::default());
        let busy = "192.0.2.7".parse().unwrap();
        while limiter.count_from(busy).wait.is_none() {}
        limiter.remove_idle();
        assert!(limiter.count_from(busy).wait.is_some());
    }
}
