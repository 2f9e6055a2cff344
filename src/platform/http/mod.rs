//! What surrounds every request.

pub mod availability;
pub mod client;
pub mod completion;
pub mod connection;
pub mod cookie;
pub mod csrf;
pub mod headers;
pub mod host;
pub mod limit;
pub mod patience;
mod refused;
pub mod trace;

/// The largest body that is read, in bytes.
pub const BODY_MAX: usize = 1024 * 1024;
