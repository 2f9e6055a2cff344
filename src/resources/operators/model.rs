//! The words for operators.

use serde::{Deserialize, Serialize};

use crate::kernel::actor::{PersonRef, Role};
use crate::kernel::id::OperatorId;

/// How long a one-time link may be used.
pub const LINK_VALID_HOURS: i64 = 72;
/// The fewest characters of a password (NIST SP 800-63B section 3.1.1.2 asks for 8 beside another
/// factor and 15 alone; 12 is the bargain that we strike).
pub const PASSWORD_MIN: usize = 12;
/// The most: hashing an endless password is work that a stranger could ask for.
pub const PASSWORD_MAX: usize = 1024;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    pub id: OperatorId,
    pub email: String,
    pub role: Role,
    pub person: PersonRef,
}
