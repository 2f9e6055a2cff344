//! Operators as pages show them.

use crate::kernel::actor::Role;

/// What an operator with this role may do.
pub const fn role_summary(role: Role) -> &'static str {
    match role {
        Role::Support => "Reads everything, searches the audit log, exports.",
        Role::Admin => "Reads and changes everything, including tokens and operators.",
    }
}
