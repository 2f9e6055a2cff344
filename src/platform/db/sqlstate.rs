//! The SQLSTATE of an error (PostgreSQL documentation, appendix A).

use std::borrow::Cow;

use sqlx::error::DatabaseError;

pub fn code(error: &sqlx::Error) -> Option<Cow<'_, str>> {
    error.as_database_error().and_then(DatabaseError::code)
}

pub fn has_code(error: &sqlx::Error, codes: &[&str]) -> bool {
    code(error).is_some_and(|code| codes.contains(&&*code))
}
