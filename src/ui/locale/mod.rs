//! The viewer's conventions for numbers and times. `distance` is in both builds.

pub mod distance;

#[cfg(feature = "ssr")]
pub mod formats;
#[cfg(feature = "ssr")]
pub mod viewer_locale;
