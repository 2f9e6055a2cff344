//! Signing in and out.

pub mod actions;
pub mod http;
pub mod pages;
pub mod queries;
