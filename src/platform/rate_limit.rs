//! How many requests there may be: of a token, and from an address. So many a second, some times as many at
//! once. Per process: behind several of them one may make as many times that.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use super::metrics;
use crate::kernel::id::TokenId;
use crate::kernel::network::network;

/// Tokens are few, and known to work before they are counted here, so the table does not grow with what
/// strangers send.
pub type TokenLimiter = Limiter<TokenId>;
/// Strangers are as many as they like: forget those who are gone, now and then.
pub type AddressLimiter = Limiter<IpAddr>;

/// How many times a second's requests a token may make at once.
const TOKEN_BURST: NonZeroU32 = NonZeroU32::new(2).unwrap();
/// The same from an address, behind which an office opens its pages of the morning.
const ADDRESS_BURST: NonZeroU32 = NonZeroU32::new(4).unwrap();

pub struct Limiter<K: Hash + Eq + Clone> {
    counts: RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>,
    clock: DefaultClock,
    /// By what is counted: "token", "address".
    by: &'static str,
    per_second: u32,
    burst: u32,
}

/// What is left to whom was counted.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    pub by: &'static str,
    pub burst: u32,
    pub per_second: u32,
    pub left: u32,
    /// Until the next request may be made; nothing if it may be now.
    pub wait: Option<Duration>,
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    fn new(by: &'static str, per_second: NonZeroU32, times: NonZeroU32) -> Self {
        let burst = per_second.saturating_mul(times);
        let quota = Quota::per_second(per_second).allow_burst(burst);
        Self {
            counts: RateLimiter::keyed(quota).with_middleware(),
            clock: DefaultClock::default(),
            by,
            per_second: per_second.get(),
            burst: burst.get(),
        }
    }

    /// Counts a request.
    pub fn count(&self, key: &K) -> Allowance {
        let (left, wait) = match self.counts.check_key(key) {
            Ok(state) => (state.remaining_burst_capacity(), None),
            Err(not_until) => {
                metrics::rate_limited(self.by);
                (0, Some(not_until.wait_time_from(self.clock.now())))
            }
        };
        Allowance { by: self.by, burst: self.burst, per_second: self.per_second, left, wait }
    }

    /// Forgets who has all of it left again.
    pub fn forget(&self) {
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

    /// Counts a request from there. Who has one address of version 6 has at least 2^64 of them.
    pub fn count_from(&self, address: IpAddr) -> Allowance {
        self.count(&network(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_token_may_burst_and_is_then_refused_alone() {
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
    fn a_network_of_version_6_is_one_address() {
        let limiter = AddressLimiter::of_addresses(NonZeroU32::MIN);
        let from = |address: &str| limiter.count_from(address.parse().unwrap()).left;
        assert_eq!(from("2001:db8:1:2::1"), 3);
        assert_eq!(from("2001:db8:1:2:ffff::9"), 2);
        assert_eq!(from("2001:db8:1:3::1"), 3);
        assert_eq!((from("192.0.2.7"), from("::ffff:192.0.2.7")), (3, 2));
    }

    #[test]
    fn who_is_gone_is_forgotten_and_who_is_busy_is_not() {
        let limiter = AddressLimiter::of_addresses(NonZeroU32::MIN);
        let busy = "192.0.2.7".parse().unwrap();
        while limiter.count_from(busy).wait.is_none() {}
        limiter.forget();
        assert!(limiter.count_from(busy).wait.is_some());
    }
}
