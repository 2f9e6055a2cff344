//! The log of acknowledged changes, which must be there after a fault.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;

/// The timing and result of one request.
#[derive(Debug, Clone, Copy)]
pub struct Exchange {
    /// The port of the server.
    pub port: u16,
    pub started: Instant,
    pub duration: Duration,
    /// `None`: there was no response.
    pub status: Option<u16>,
}

impl Exchange {
    pub fn is_acknowledged(&self) -> bool {
        self.status.is_some_and(|status| status < 300)
    }

    /// Whether it is unknown if the request changed anything.
    pub fn is_unknown(&self) -> bool {
        self.status.is_none_or(|status| status >= 500)
    }
}

/// A pair that only one client changes, so that its state is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pair {
    /// Acknowledged enrollments.
    pub rows: i64,
    pub is_live: bool,
}

/// A change with an unknown result: it is either complete or absent.
#[derive(Debug, Clone)]
pub struct UnknownChange {
    pub group: String,
    /// The workspaces that it enrolls or removes, with their previous state.
    pub workspaces: Vec<(String, Pair)>,
}

/// A request with an `Idempotency-Key`, and its first response.
#[derive(Debug, Clone)]
pub struct Keyed {
    pub path: String,
    pub body: String,
    pub key: String,
    pub status: u16,
    pub answer: Value,
    /// Whether it had to be sent more than once.
    pub was_retried: bool,
}

/// The acknowledgements for a row of a pair that all clients change.
#[derive(Debug, Clone, Copy, Default)]
pub struct Contested {
    pub removal_was_requested: bool,
    pub removal_was_acknowledged: bool,
}

#[derive(Debug, Default)]
pub struct AckLog {
    pub exchanges: Vec<Exchange>,
    /// By group and workspace.
    pub pairs: BTreeMap<(String, String), Pair>,
    pub unknown_changes: Vec<UnknownChange>,
    pub keyed: Vec<Keyed>,
    /// By the id of the enrollment.
    pub contested: BTreeMap<String, Contested>,
}

impl AckLog {
    pub fn merge(&mut self, other: Self) {
        self.exchanges.extend(other.exchanges);
        self.pairs.extend(other.pairs);
        self.unknown_changes.extend(other.unknown_changes);
        self.keyed.extend(other.keyed);
        for (id, other) in other.contested {
            let contested = self.contested.entry(id).or_default();
            contested.removal_was_requested |= other.removal_was_requested;
            contested.removal_was_acknowledged |= other.removal_was_acknowledged;
        }
    }

    pub fn acknowledged(&self) -> usize {
        self.exchanges.iter().filter(|exchange| exchange.is_acknowledged()).count()
    }

    pub fn unknown(&self) -> usize {
        self.exchanges.iter().filter(|exchange| exchange.is_unknown()).count()
    }

    pub fn longest(&self) -> Duration {
        self.exchanges.iter().map(|exchange| exchange.duration).max().unwrap_or_default()
    }

    /// The time from this moment to the first acknowledgement of a change that was requested after it.
    pub fn first_success_after(&self, moment: Instant) -> Option<Duration> {
        let after =
            self.exchanges.iter().filter(|exchange| exchange.started >= moment && exchange.is_acknowledged());
        after.map(|exchange| exchange.started + exchange.duration - moment).min()
    }

    /// The time from this moment to the last failure, for requests that were sent before `until`.
    pub fn last_failure_after(&self, moment: Instant, until: Instant) -> Duration {
        let failed =
            self.exchanges.iter().filter(|exchange| exchange.is_unknown() && exchange.started < until);
        let ends = failed.map(|exchange| exchange.started + exchange.duration);
        ends.filter(|end| *end > moment).map(|end| end - moment).max().unwrap_or_default()
    }

    /// The longest time without an acknowledgement between these moments.
    pub fn longest_pause(&self, from: Instant, until: Instant) -> Duration {
        let acknowledged = self.exchanges.iter().filter(|exchange| exchange.is_acknowledged());
        let mut moments: Vec<Instant> =
            acknowledged.map(|exchange| exchange.started + exchange.duration).collect();
        moments.extend([from, until]);
        moments.retain(|moment| (from..=until).contains(moment));
        moments.sort_unstable();
        moments.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
    }
}
