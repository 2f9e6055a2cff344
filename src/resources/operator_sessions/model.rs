//! The types for sessions.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::id::SessionId;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorSession {
    pub id: SessionId,
    pub signed_in_at: DateTime<Utc>,
    /// The last use, exact to a few minutes.
    pub seen_at: DateTime<Utc>,
    /// For example `Firefox on Linux`.
    pub browser: String,
    pub address: Option<String>,
    /// Whether the request comes from this session.
    pub is_current: bool,
}
