//! When tokens were last used, until this is written. A request that only reads must not write: it would fail on a
//! read-only server and wait for locks. Instead, one statement every few seconds writes the times of many requests. A
//! crash loses a few seconds of a time that is only shown to people.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};

use super::sync::lock;
use crate::kernel::id::TokenId;

pub type LastUse = (TokenId, DateTime<Utc>);

#[derive(Debug, Clone, Default)]
pub struct LastUses(Arc<Mutex<HashMap<TokenId, DateTime<Utc>>>>);

impl LastUses {
    pub fn note(&self, token: TokenId, at: DateTime<Utc>) {
        let mut uses = lock(&self.0);
        let last = uses.entry(token).or_insert(at);
        *last = at.max(*last);
    }

    pub fn take(&self) -> Vec<LastUse> {
        lock(&self.0).drain().collect()
    }

    pub fn put_back(&self, uses: Vec<LastUse>) {
        for (token, at) in uses {
            self.note(token, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn latest_use_of_each_token_survives_a_failed_write() {
        let (one, other) = (TokenId::new(Uuid::from_u128(1)), TokenId::new(Uuid::from_u128(2)));
        let at = |minute: i64| DateTime::from_timestamp(minute * 60, 0).unwrap();
        let uses = LastUses::default();
        uses.note(one, at(1));
        uses.note(other, at(1));
        let taken = uses.take();
        assert_eq!(taken.len(), 2);
        assert_eq!(uses.take(), []);

        uses.note(one, at(3));
        uses.put_back(taken);
        let mut restored = uses.take();
        restored.sort_unstable();
        assert_eq!(restored, [(one, at(3)), (other, at(1))]);
    }
}
