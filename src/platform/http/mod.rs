//! What surrounds every request.

pub mod csrf;
pub mod headers;
pub mod trace;
