//! The viewer's account as its page shows it.

use chrono::{DateTime, Utc};

use crate::resources::operator_sessions::model::OperatorSession;
use crate::resources::operators::model::Operator;

pub struct Account {
    pub operator: Operator,
    /// The last used first.
    pub sessions: Vec<OperatorSession>,
    /// `None` if the operator is not linked to the identity provider, or if there is none.
    pub linked_at: Option<DateTime<Utc>>,
    pub preferences: Preferences,
}

/// The possible choices, and those that were made.
pub struct Preferences {
    /// Names of time zones, as in `Europe/Lisbon`.
    pub zones: Vec<String>,
    /// Empty: the browser's.
    pub zone: String,
    /// Codes of regions, each with a moment and a number as they are written there.
    pub regions: Vec<(String, String)>,
    /// Empty: that of the browser's languages.
    pub region: String,
}
