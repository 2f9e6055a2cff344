//! The allowances that an attempt is charged to, and whether they suffice.

use chrono::{DateTime, TimeDelta, Utc};

use super::model::{Allowance, Attempt};
use crate::kernel::network::network;
use crate::kernel::recency::is_from_the_future;

/// Rarely noticed after mistyping; a stolen cookie allows 288 guesses a day.
const DEVICE: Allowance = Allowance { at_once: 10, every: TimeDelta::minutes(5) };
const PAIR: Allowance = Allowance { at_once: 10, every: TimeDelta::minutes(1) };
/// For one address with all accounts; an office may share it.
const ADDRESS: Allowance = Allowance { at_once: 50, every: TimeDelta::seconds(30) };
/// For one account from all addresses. NIST SP 800-63B section 3.2.2 allows at most 100 consecutive failures.
const ACCOUNT: Allowance = Allowance { at_once: 100, every: TimeDelta::minutes(15) };

/// The allowances that the attempt is charged to, and their keys.
pub fn buckets(attempt: &Attempt) -> Vec<(String, Allowance)> {
    match attempt {
        Attempt::Known { device } => vec![(format!("device {device}"), DEVICE)],
        Attempt::Confirmation { operator } => vec![(format!("again {operator}"), DEVICE)],
        Attempt::Unknown { account, address } => {
            let address =
                address.map_or_else(|| "unknown".to_owned(), |address| network(address).to_string());
            vec![
                (format!("address {address}"), ADDRESS),
                (format!("pair {address} {account}"), PAIR),
                (format!("account {account}"), ACCOUNT),
            ]
        }
    }
}

/// The latest time at which an allowance that is used up now is restored.
pub fn latest(now: DateTime<Utc>) -> DateTime<Utc> {
    [DEVICE, PAIR, ADDRESS, ACCOUNT].iter().map(|allowance| used_up(*allowance, now)).fold(now, DateTime::max)
}

/// The time at which an allowance that is used up now is restored.
fn used_up(allowance: Allowance, now: DateTime<Utc>) -> DateTime<Utc> {
    now + allowance.every * allowance.at_once
}

/// Charges one attempt by the GCRA. `arrival_time` is the theoretical arrival time, at which the allowance is fully
/// restored. Returns the new one, or as an error the wait until an attempt is possible. An arrival time that no attempt
/// can have caused was written by a wrong clock and is ignored; otherwise a clock that was weeks ahead for a minute
/// would lock everyone out for weeks.
pub fn charge(
    arrival_time: DateTime<Utc>,
    allowance: Allowance,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, TimeDelta> {
    let used_up = used_up(allowance, now);
    let arrival_time = if is_from_the_future(arrival_time, used_up) { now } else { arrival_time.max(now) };
    let charged = arrival_time + allowance.every;
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
    fn allowance_is_restored_evenly() {
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
    fn clock_that_was_ahead_locks_nobody_out() {
        let ahead = now() + TimeDelta::days(50);
        let both = charge(charge(ahead, TWO, ahead).unwrap(), TWO, ahead).unwrap();
        assert_eq!(charge(both, TWO, now()), Ok(now() + TWO.every));
        // Within the tolerance the wait is only longer by the difference.
        let soon = now() + TimeDelta::minutes(5);
        let both = charge(charge(soon, TWO, soon).unwrap(), TWO, soon).unwrap();
        assert_eq!(charge(both, TWO, now()), Err(TimeDelta::minutes(6)));
    }

    #[test]
    fn account_allowance_is_restored_last() {
        assert_eq!(latest(now()), now() + TimeDelta::hours(25));
    }

    fn keys(account: &str, address: &str) -> Vec<String> {
        let attempt =
            Attempt::Unknown { account: account.to_owned(), address: Some(address.parse().unwrap()) };
        buckets(&attempt).into_iter().map(|(key, _)| key).collect()
    }

    #[test]
    fn unknown_browser_is_charged_by_address_account_and_both() {
        assert_eq!(
            keys("ana@example.com", "192.0.2.7"),
            ["address 192.0.2.7", "pair 192.0.2.7 ana@example.com", "account ana@example.com"]
        );
    }

    #[test]
    fn ipv6_network_counts_as_one_address() {
        assert_eq!(keys("a", "2001:db8:1:2:3:4:5:6"), keys("a", "2001:db8:1:2::9"));
        assert_ne!(keys("a", "2001:db8:1:3::9"), keys("a", "2001:db8:1:2::9"));
        assert_eq!(keys("a", "::ffff:192.0.2.7"), keys("a", "192.0.2.7"));
    }

    #[test]
    fn known_browser_has_its_own_allowance() {
        let known = buckets(&Attempt::Known { device: "mark".to_owned() });
        assert_eq!(known, [("device mark".to_owned(), DEVICE)]);
    }
}
