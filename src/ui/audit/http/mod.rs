//! Requests beside the audit pages that are no pages.

pub mod canonical_url;
pub mod export;
