//! The administrative log.

#[cfg(feature = "ssr")]
pub mod http;
pub mod pages;
pub mod queries;
