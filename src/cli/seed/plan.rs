//! Generates enrollments and their events. Pure and repeatable: the same plan always yields the same rows.

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use fake::rand::rngs::StdRng;
use fake::rand::{RngExt, SeedableRng};

use super::Size;

const SPAN: TimeDelta = TimeDelta::days(730);
/// How many enrollments are removed, and how many of those are re-added.
const REMOVED_PERCENT: u32 = 20;
const READDED_PERCENT: u32 = 40;
/// The percentage of all events that have no actor.
const SYSTEM_PERCENT: u32 = 5;

pub(super) struct Plan {
    pub(super) size: Size,
    pub(super) seed: u64,
    pub(super) until: DateTime<Utc>,
    rows: Vec<u32>,
}

/// An enrollment. Groups, workspaces and people are numbered from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SeedRow {
    pub(super) id: u128,
    pub(super) group: u32,
    pub(super) workspace: u32,
    pub(super) enrolled: Event,
    pub(super) removed: Option<Event>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) id: u128,
    pub(super) at: DateTime<Utc>,
    pub(super) person: Option<u32>,
    pub(super) source: &'static str,
    pub(super) request: u128,
}

impl Plan {
    pub(super) fn new(size: Size, seed: u64, until: DateTime<Utc>) -> Result<Self, String> {
        let capacity = u64::from(size.groups) * u64::from(size.workspaces);
        if u64::from(size.enrollments) > capacity {
            return Err(format!(
                "{} groups and {} workspaces make {capacity} pairs, too few for {} enrollments",
                size.groups, size.workspaces, size.enrollments
            ));
        }
        Ok(Self { size, seed, until: until.trunc_subsecs(3), rows: shares(size) })
    }

    pub(super) fn begin(&self) -> DateTime<Utc> {
        self.until - SPAN
    }

    /// A separate random generator for each part, so that no part depends on the length of another.
    pub(super) fn rng(&self, part: u64) -> StdRng {
        StdRng::seed_from_u64(self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(part))
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = SeedRow> + '_ {
        self.rows.iter().zip(0..).flat_map(move |(&rows, group)| self.group_rows(group, rows))
    }

    fn group_rows(&self, group: u32, count: u32) -> impl Iterator<Item = SeedRow> + use<'_> {
        let mut rng = self.rng(1_000 + u64::from(group));
        let mut next_workspace = distinct(self.size.workspaces, &mut rng);
        let mut left = count;
        let mut again: Option<(u32, DateTime<Utc>)> = None;
        std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let (workspace, since) = again.take().unwrap_or_else(|| (next_workspace(), self.begin()));
            let enrolled = self.event(&mut rng, since);
            let is_removed = rng.random_ratio(REMOVED_PERCENT, 100);
            let removed = is_removed.then(|| self.event(&mut rng, enrolled.at));
            let id = rng.random();
            let before = removed.filter(|_| rng.random_ratio(READDED_PERCENT, 100));
            again = before.map(|removed| (workspace, removed.at));
            Some(SeedRow { id, group, workspace, enrolled, removed })
        })
    }

    fn event(&self, rng: &mut StdRng, after: DateTime<Utc>) -> Event {
        let room = (self.until - after).num_milliseconds().max(2);
        let (source, by_system) = match rng.random_range(0..100_u32) {
            0..70 => ("web", false),
            70..90 => ("api", rng.random_ratio(SYSTEM_PERCENT * 5, 100)),
            _ => ("import", false),
        };
        Event {
            id: rng.random(),
            at: after + TimeDelta::milliseconds(rng.random_range(1..room)),
            person: (!by_system).then(|| rng.random_range(0..self.size.people)),
            source,
            request: rng.random(),
        }
    }
}

/// A few groups have many rows, but none more than there are workspaces: each row may need another workspace.
fn shares(size: Size) -> Vec<u32> {
    let weights: Vec<f64> = (1..=size.groups).map(|rank| f64::from(rank).powf(-0.7)).collect();
    let total: f64 = weights.iter().sum();
    let share = |weight: &f64| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a u32")]
        let share = (f64::from(size.enrollments) * weight / total) as u32;
        share.min(size.workspaces)
    };
    let mut shares: Vec<u32> = weights.iter().map(share).collect();
    let mut missing = size.enrollments - shares.iter().sum::<u32>();
    for share in &mut shares {
        let more = missing.min(size.workspaces - *share);
        *share += more;
        missing -= more;
    }
    shares
}

/// Numbers below a bound, each once, in an order that looks random: steps whose length is coprime to the bound.
fn distinct(bound: u32, rng: &mut StdRng) -> impl FnMut() -> u32 + use<> {
    let bound = u64::from(bound);
    let mut step = rng.random_range(1..=bound);
    while gcd(step, bound) != 1 {
        step = step % bound + 1;
    }
    let mut at = rng.random_range(0..bound);
    move || {
        at = (at + step) % bound;
        u32::try_from(at).unwrap_or_default()
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    fn moment() -> DateTime<Utc> {
        "2026-11-01T00:00:00Z".parse().unwrap()
    }

    fn plan(seed: u64) -> Plan {
        let size = Size { groups: 30, workspaces: 200, people: 10, enrollments: 2_000 };
        Plan::new(size, seed, moment()).unwrap()
    }

    #[test]
    fn plan_depends_only_on_its_seed() {
        assert!(plan(1).rows().eq(plan(1).rows()));
        assert!(!plan(1).rows().eq(plan(2).rows()));
    }

    #[test]
    fn plan_has_the_requested_rows_with_unique_ids() {
        let ids: HashSet<u128> = plan(1).rows().map(|row| row.id).collect();
        assert_eq!(ids.len(), 2_000);
    }

    #[test]
    fn pair_has_at_most_one_live_row_and_rows_do_not_overlap() {
        let plan = plan(1);
        let mut pairs: HashMap<(u32, u32), Vec<SeedRow>> = HashMap::new();
        for row in plan.rows() {
            pairs.entry((row.group, row.workspace)).or_default().push(row);
        }
        assert!(pairs.values().any(|rows| rows.len() > 1), "no pair was re-added");
        for rows in pairs.values() {
            for pair in rows.windows(2) {
                assert!(pair[0].removed.is_some_and(|removed| removed.at < pair[1].enrolled.at));
            }
            for row in rows {
                assert!(plan.begin() < row.enrolled.at);
                assert!(row.removed.is_none_or(|removed| row.enrolled.at < removed.at));
            }
        }
    }

    #[test]
    fn plan_refuses_more_enrollments_than_pairs() {
        let size = Size { groups: 2, workspaces: 3, people: 1, enrollments: 7 };
        assert!(Plan::new(size, 1, moment()).is_err());
        let full = Size { enrollments: 6, ..size };
        assert_eq!(Plan::new(full, 1, moment()).unwrap().rows().count(), 6);
    }
}
