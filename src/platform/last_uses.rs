//! When tokens were last used, until that is written.
//!
//! A request that only reads must not write: it would fail on a server that only reads, and wait where a write
//! has to wait. So it leaves the moment here, and one statement now and then writes what many requests left.
//! What is lost with the process is a minute of a time that is shown to people.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use crate::kernel::id::TokenId;

/// One token, and the latest moment at which it was used.
pub type LastUse = (TokenId, DateTime<Utc>);

/// At most one entry for each token that there is.
#[derive(Debug, Clone, Default)]
pub struct LastUses(Arc<Mutex<HashMap<TokenId, DateTime<Utc>>>>);

impl LastUses {
    pub fn note(&self, token: TokenId, at: DateTime<Utc>) {
        let mut uses = self.uses();
        let last = uses.entry(token).or_insert(at);
        *last = at.max(*last);
    }

    /// All that was noted, which is forgotten here.
    pub fn take(&self) -> Vec<LastUse> {
        self.uses().drain().collect()
    }

    /// After they could not be written: what was noted meanwhile is later, and stays.
    pub fn put_back(&self, uses: Vec<LastUse>) {
        for (token, at) in uses {
            self.note(token, at);
        }
    }

    /// Whoever panicked while holding it left nothing half done.
    fn uses(&self) -> MutexGuard<'_, HashMap<TokenId, DateTime<Utc>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_latest_use_of_each_token_is_kept_until_it_is_written() {
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
        let mut kept = uses.take();
        kept.sort_unstable();
        assert_eq!(kept, [(one, at(3)), (other, at(1))]);
    }
}
