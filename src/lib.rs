//! groupdesk: the admin desk for workspace groups.
//!
//! Start reading at [`resources`]: what the product is about, one folder a noun, every rule decided
//! there. Two faces show it: [`ui`] (pages and islands) and `api` (JSON:API, on top of `jsonapi`);
//! the command line (`cli`) is a third. Files with the log in them are made for two of them, in `export`. [`kernel`] holds the words they share, `platform` the
//! machinery. `routes` lists every URL, `server` puts the layers around them.
//!
//! Two builds come from this crate: the server (feature `ssr`) and what of it runs in a browser
//! (feature `hydrate`). Which module belongs to which is said here and on other module lines, never
//! in the middle of a function.

pub mod kernel;
pub mod ui;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod cli;
#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod jsonapi;
#[cfg(feature = "ssr")]
pub mod platform;
#[cfg(feature = "ssr")]
pub mod registry;
#[cfg(feature = "ssr")]
pub mod resources;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
pub mod server;

/// Brings the islands of the page to life.
#[cfg(feature = "hydrate")]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
