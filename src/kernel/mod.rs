//! The words that every part and both builds share. No I/O, no clock, no HTTP, no prose.

pub mod actor;
pub mod clock;
pub mod id;
pub mod network;
pub mod page;
pub mod patch;
pub mod problem;
pub mod text;
pub mod topic;
pub mod version;
