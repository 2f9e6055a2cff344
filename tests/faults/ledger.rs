//! What clients were told, and what therefore has to be there.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How one request went.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    /// The server's.
    pub port: u16,
    pub begun: Instant,
    pub took: Duration,
    /// `None`: there was no answer.
    pub status: Option<u16>,
}

impl Told {
    pub fn is_acknowledged(&self) -> bool {
        self.status.is_some_and(|status| status < 300)
    }

    /// Whether anything came of it nobody was told.
    pub fn is_unknown(&self) -> bool {
        self.status.is_none_or(|status| status >= 500)
    }
}

/// A pair of which one client alone makes something, and of which it knows what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pair {
    /// Acknowledged enrollments.
    pub rows: i64,
    pub is_live: bool,
}

/// One change that nobody was told the end of: it is there, or it is not.
#[derive(Debug, Clone)]
pub struct Doubt {
    pub group: String,
    /// The workspaces that it would enroll or remove, as they were before.
    pub workspaces: Vec<(String, Pair)>,
}

/// A request with an `Idempotency-Key`, and its first answer.
#[derive(Debug, Clone)]
pub struct Keyed {
    pub path: String,
    pub body: String,
    pub key: String,
    pub status: u16,
    pub answer: Value,
    /// Had it to be sent more than once?
    pub was_in_doubt: bool,
}

/// Rows of pairs that all clients fight over: what was said of each.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fought {
    pub removal_was_asked: bool,
    pub removal_was_acknowledged: bool,
}

#[derive(Debug, Default)]
pub struct Ledger {
    pub told: Vec<Told>,
    /// By group and workspace.
    pub pairs: BTreeMap<(String, String), Pair>,
    pub doubts: Vec<Doubt>,
    pub keyed: Vec<Keyed>,
    /// By the id of the enrollment.
    pub fought: BTreeMap<String, Fought>,
}

impl Ledger {
    pub fn merge(&mut self, other: Self) {
        self.told.extend(other.told);
        self.pairs.extend(other.pairs);
        self.doubts.extend(other.doubts);
        self.keyed.extend(other.keyed);
        for (id, other) in other.fought {
            let fought = self.fought.entry(id).or_default();
            fought.removal_was_asked |= other.removal_was_asked;
            fought.removal_was_acknowledged |= other.removal_was_acknowledged;
        }
    }

    pub fn acknowledged(&self) -> usize {
        self.told.iter().filter(|told| told.is_acknowledged()).count()
    }

    pub fn unknown(&self) -> usize {
        self.told.iter().filter(|told| told.is_unknown()).count()
    }

    pub fn longest(&self) -> Duration {
        self.told.iter().map(|told| told.took).max().unwrap_or_default()
    }

    /// How long after this moment the first change was acknowledged that was asked for after it.
    pub fn back_after(&self, moment: Instant) -> Option<Duration> {
        let after = self.told.iter().filter(|told| told.begun >= moment && told.is_acknowledged());
        after.map(|told| told.begun + told.took - moment).min()
    }

    /// How long after this moment, at most until another one, the last request failed.
    pub fn calm_after(&self, moment: Instant, until: Instant) -> Duration {
        let failed = self.told.iter().filter(|told| told.is_unknown() && told.begun < until);
        let ends = failed.map(|told| told.begun + told.took);
        ends.filter(|end| *end > moment).map(|end| end - moment).max().unwrap_or_default()
    }
}
