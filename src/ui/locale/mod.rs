//! The viewer's conventions for numbers and times.
//!
//! `distance` is in both builds; the rest runs on the server only.

pub mod distance;

#[cfg(feature = "ssr")]
pub mod days;
#[cfg(feature = "ssr")]
pub mod formats;
#[cfg(feature = "ssr")]
pub mod viewer_locale;
