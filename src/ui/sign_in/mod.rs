//! Signing in and out.

pub mod actions;
pub mod oidc;
pub mod pages;
