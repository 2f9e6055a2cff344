//! How the viewer reads numbers and times.
//!
//! The distance in time is in both builds; all else runs on the server alone.

pub mod distance;

#[cfg(feature = "ssr")]
pub mod formats;
#[cfg(feature = "ssr")]
pub mod viewer_locale;
