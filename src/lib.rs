//! groupdesk manages which workspaces belong to which workspace groups.
//!
//! Start reading at `resources`: one folder for each noun, in which every rule is decided. Three faces present the
//! resources: [`ui`] (pages and islands), `api` with `registry` (JSON:API, based on `jsonapi`) and `cli` (the command
//! line). `export` writes files for the pages and the command line. [`kernel`] contains the types that all parts share,
//! `platform` the infrastructure. `routes` lists the URLs, and `server` runs everything. `docs/architecture.md` states
//! which part may import which.
//!
//! This crate has two builds: the server (feature `ssr`) and the islands in a browser (feature `hydrate`). Features are
//! selected only before modules and `hydrate()`, never inside a function.

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
