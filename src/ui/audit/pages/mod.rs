//! The audit pages.

pub mod as_of;
pub mod comparison;
pub mod events;
