//! How many requests a token may make: so many a second, twice as many at once.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use crate::kernel::id::TokenId;

/// Per process. Tokens are few, and known to work before they are counted here, so the table does not
/// grow with what strangers send.
pub struct TokenLimiter {
    limiter: RateLimiter<TokenId, DefaultKeyedStateStore<TokenId>, DefaultClock, StateInformationMiddleware>,
    clock: DefaultClock,
    per_second: u32,
    burst: u32,
}

/// What a token has left.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    pub burst: u32,
    pub per_second: u32,
    pub left: u32,
    /// Until the next request may be made; nothing if it may be now.
    pub wait: Option<Duration>,
}

impl TokenLimiter {
    pub fn new(per_second: NonZeroU32) -> Self {
        let burst = per_second.saturating_mul(NonZeroU32::MIN.saturating_add(1));
        let quota = Quota::per_second(per_second).allow_burst(burst);
        Self {
            limiter: RateLimiter::keyed(quota).with_middleware(),
            clock: DefaultClock::default(),
            per_second: per_second.get(),
            burst: burst.get(),
        }
    }

    /// Counts a request.
    pub fn count(&self, token: TokenId) -> Allowance {
        let (left, wait) = match self.limiter.check_key(&token) {
            Ok(state) => (state.remaining_burst_capacity(), None),
            Err(not_until) => (0, Some(not_until.wait_time_from(self.clock.now()))),
        };
        Allowance { burst: self.burst, per_second: self.per_second, left, wait }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_token_may_burst_and_is_then_refused_alone() {
        let limiter = TokenLimiter::new(NonZeroU32::new(2).unwrap());
        let (busy, other) = (TokenId::new(Uuid::from_u128(1)), TokenId::new(Uuid::from_u128(2)));
        for left in [3, 2, 1, 0] {
            let allowance = limiter.count(busy);
            assert_eq!((allowance.left, allowance.wait), (left, None));
        }
        assert!(limiter.count(busy).wait.is_some());
        assert!(limiter.count(other).wait.is_none());
    }
}
