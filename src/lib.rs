//! groupdesk manages which workspaces belong to which workspace groups.
//!
//! Start reading at `resources`, in which every rule is decided. Three faces present the resources: [`ui`], `api` with
//! `registry` and `jsonapi`, and `cli`. `docs/architecture.md` explains the parts. This crate has two builds: the
//! server (feature `ssr`) and the islands in a browser (feature `hydrate`). Features are selected only before modules
//! and `hydrate()`, never inside a function.

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

#[cfg(feature = "hydrate")]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
