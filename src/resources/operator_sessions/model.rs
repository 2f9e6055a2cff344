//! The words for sessions.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::id::SessionId;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorSession {
    pub id: SessionId,
    pub signed_in_at: DateTime<Utc>,
    /// Exact to some minutes.
    pub seen_at: DateTime<Utc>,
    /// As in `Firefox on Linux`.
    pub browser: String,
    pub address: Option<String>,
    /// Is it the one that asks?
    pub is_current: bool,
}
