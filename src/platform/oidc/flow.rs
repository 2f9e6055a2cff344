//! A sign-in that has started: what the session stores until the browser returns.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::kernel::recency::is_recent;
use crate::platform::secret;

/// How long somebody may take to sign in at the provider.
pub const FLOW_MINUTES: i64 = 10;
/// The most concurrent sign-ins in one browser, such as in several tabs.
const FLOWS_MAX: usize = 8;

/// The secrets are only for the session, so there is no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Flow {
    /// Identifies the sign-in that an answer belongs to.
    pub state: String,
    /// Identifies the sign-in that an ID token belongs to.
    pub nonce: String,
    /// Proves to the provider that the client with the code has started the sign-in (PKCE).
    pub verifier: String,
    /// The path to continue at.
    pub next: String,
    pub at: DateTime<Utc>,
}

impl Flow {
    pub(super) fn begin(next: &str, now: DateTime<Utc>) -> Self {
        Self {
            state: secret::random_text(),
            nonce: secret::random_text(),
            verifier: secret::random_text(),
            next: next.to_owned(),
            at: now,
        }
    }

    fn is_over(&self, now: DateTime<Utc>) -> bool {
        !is_recent(self.at, TimeDelta::minutes(FLOW_MINUTES), now)
    }
}

/// Adds a flow to those of a browser, and drops the expired ones and, if there are too many, the oldest.
pub fn flow_store(mut flows: Vec<Flow>, flow: Flow, now: DateTime<Utc>) -> Vec<Flow> {
    flows.retain(|other| !other.is_over(now));
    flows.push(flow);
    let surplus = flows.len().saturating_sub(FLOWS_MAX);
    flows.drain(..surplus);
    flows
}

/// Removes the flow with this state and returns it unless it has expired.
pub fn flow_take(flows: &mut Vec<Flow>, state: &str, now: DateTime<Utc>) -> Option<Flow> {
    let at = flows.iter().position(|flow| bool::from(flow.state.as_bytes().ct_eq(state.as_bytes())))?;
    let flow = flows.remove(at);
    (!flow.is_over(now)).then_some(flow)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(minute: i64) -> DateTime<Utc> {
        let start: DateTime<Utc> = "2026-05-28T09:00:00Z".parse().unwrap();
        start + TimeDelta::minutes(minute)
    }

    #[test]
    fn flow_is_used_once() {
        let (one, other) = (Flow::begin("/groups", time(0)), Flow::begin("/", time(1)));
        let (state, other_state) = (one.state.clone(), other.state.clone());
        let mut flows = flow_store(flow_store(Vec::new(), one, time(0)), other, time(1));
        assert!(flow_take(&mut flows, "another", time(2)).is_none());
        assert_eq!(flow_take(&mut flows, &state, time(2)).map(|flow| flow.next).as_deref(), Some("/groups"));
        assert!(flow_take(&mut flows, &state, time(2)).is_none());
        assert!(flow_take(&mut flows, &other_state, time(2)).is_some());
    }

    #[test]
    fn flow_expires() {
        let flow = Flow::begin("/", time(0));
        let state = flow.state.clone();
        let mut flows = vec![flow.clone()];
        assert!(flow_take(&mut flows, &state, time(FLOW_MINUTES)).is_none());
        assert!(flows.is_empty());
        let kept = flow_store(vec![flow], Flow::begin("/", time(10)), time(10));
        assert_eq!(kept.len(), 1);
        // A flow of a wrong clock has expired, too.
        let kept = flow_store(vec![Flow::begin("/", time(72_000))], Flow::begin("/", time(10)), time(10));
        assert_eq!(kept.len(), 1);
    }

    #[test]
    fn oldest_flow_is_dropped() {
        let mut flows = Vec::new();
        for minute in 0..9 {
            flows = flow_store(flows, Flow::begin(&format!("/{minute}"), time(minute)), time(minute));
        }
        let next: Vec<&str> = flows.iter().map(|flow| flow.next.as_str()).collect();
        assert_eq!(next, ["/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8"]);
    }
}
