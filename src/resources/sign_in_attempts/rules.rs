//! What an attempt is charged to, and whether there is enough left.

use chrono::{DateTime, TimeDelta, Utc};

use super::model::{Allowance, Attempt, Bucket};
use crate::kernel::network::network;
use crate::kernel::recency::is_from_the_future;

/// One who mistypes hardly notices, and a cookie that was stolen guesses 288 passwords a day.
const DEVICE: Allowance = Allowance { at_once: 10, every: TimeDelta::minutes(5) };
/// One address with one account.
const PAIR: Allowance = Allowance { at_once: 10, every: TimeDelta::minutes(1) };
/// One address with all accounts: a whole office may be behind it.
const ADDRESS: Allowance = Allowance { at_once: 50, every: TimeDelta::seconds(30) };
/// One account from everywhere: NIST SP 800-63B section 3.2.2 allows no more than 100 in a row.
const ACCOUNT: Allowance = Allowance { at_once: 100, every: TimeDelta::minutes(15) };

/// What an attempt is charged to.
pub(super) fn buckets(attempt: &Attempt) -> Vec<Bucket> {
    let bucket = |key: String, allowance| Bucket { key, allowance };
    match attempt {
        Attempt::Known { device } => vec![bucket(format!("device {device}"), DEVICE)],
        Attempt::Again { operator } => vec![bucket(format!("again {operator}"), DEVICE)],
        Attempt::Stranger { account, address } => {
            let address =
                address.map_or_else(|| "unknown".to_owned(), |address| network(address).to_string());
            vec![
                bucket(format!("address {address}"), ADDRESS),
                bucket(format!("pair {address} {account}"), PAIR),
                bucket(format!("account {account}"), ACCOUNT),
            ]
        }
    }
}

/// No allowance, used up now, has come back later than this.
pub(super) fn latest(now: DateTime<Utc>) -> DateTime<Utc> {
    [DEVICE, PAIR, ADDRESS, ACCOUNT].iter().map(|allowance| used_up(*allowance, now)).fold(now, DateTime::max)
}

/// When an allowance that is used up now will have come back.
fn used_up(allowance: Allowance, now: DateTime<Utc>) -> DateTime<Utc> {
    now + allowance.every * allowance.at_once
}

/// When all will have come back once one more is taken; or how long it is until one may be. A time that is
/// later than any attempt can make it was written while a clock was wrong, and counts as none: otherwise a
/// clock that was weeks ahead for a minute would lock everybody out for weeks.
pub(super) fn charge(
    settled_at: DateTime<Utc>,
    allowance: Allowance,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, TimeDelta> {
    let used_up = used_up(allowance, now);
    let settled_at = if is_from_the_future(settled_at, used_up) { now } else { settled_at.max(now) };
    let charged = settled_at + allowance.every;
    let wait = charged - used_up;
    if wait > TimeDelta::zero() { Err(wait) } else { Ok(charged) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: Allowance = Allowance { at_once: 2, every: TimeDelta::seconds(60) };

    fn now() -> DateTime<Utc> {
        "2026-05-28T09:15:00Z".parse().unwrap()
    }

    #[test]
    fn an_allowance_is_used_up_and_comes_back_evenly() {
        let one = charge(now() - TimeDelta::days(9), TWO, now()).unwrap();
        let both = charge(one, TWO, now()).unwrap();
        assert_eq!(charge(both, TWO, now()), Err(TimeDelta::seconds(60)));
        let later = now() + TimeDelta::seconds(59);
        assert_eq!(charge(both, TWO, later), Err(TimeDelta::seconds(1)));
        let later = now() + TimeDelta::seconds(60);
        let third = charge(both, TWO, later).unwrap();
        assert_eq!(charge(third, TWO, later), Err(TimeDelta::seconds(60)));
        assert!(charge(third, TWO, later + TimeDelta::days(1)).is_ok());
    }

    #[test]
    fn a_clock_that_was_ahead_locks_nobody_out() {
        let ahead = now() + TimeDelta::days(50);
        let both = charge(charge(ahead, TWO, ahead).unwrap(), TWO, ahead).unwrap();
        assert_eq!(charge(both, TWO, now()), Ok(now() + TWO.every));
        // By less than clocks differ, somebody waits for that much longer and no more.
        let soon = now() + TimeDelta::minutes(5);
        let both = charge(charge(soon, TWO, soon).unwrap(), TWO, soon).unwrap();
        assert_eq!(charge(both, TWO, now()), Err(TimeDelta::minutes(6)));
    }

    #[test]
    fn what_comes_back_the_latest_is_an_account() {
        assert_eq!(latest(now()), now() + TimeDelta::hours(25));
    }

    fn keys(account: &str, address: &str) -> Vec<String> {
        let attempt =
            Attempt::Stranger { account: account.to_owned(), address: Some(address.parse().unwrap()) };
        buckets(&attempt).into_iter().map(|bucket| bucket.key).collect()
    }

    #[test]
    fn a_stranger_is_counted_by_address_by_account_and_by_both() {
        assert_eq!(
            keys("ana@example.com", "192.0.2.7"),
            ["address 192.0.2.7", "pair 192.0.2.7 ana@example.com", "account ana@example.com"]
        );
    }

    #[test]
    fn who_has_a_whole_network_is_counted_as_one() {
        assert_eq!(keys("a", "2001:db8:1:2:3:4:5:6"), keys("a", "2001:db8:1:2::9"));
        assert_ne!(keys("a", "2001:db8:1:3::9"), keys("a", "2001:db8:1:2::9"));
        assert_eq!(keys("a", "::ffff:192.0.2.7"), keys("a", "192.0.2.7"));
    }

    #[test]
    fn a_known_browser_shares_its_allowance_with_nobody() {
        let known = buckets(&Attempt::Known { device: "mark".to_owned() });
        assert_eq!(known, [Bucket { key: "device mark".to_owned(), allowance: DEVICE }]);
    }
}
