//! The desk in a browser: pages rendered by the server, islands that make them quicker, server
//! functions that do the changes. Everything works without JavaScript.

pub mod actions;
pub mod address;
pub mod app;
pub mod audit;
pub mod faults;
pub mod flash;
pub mod formats;
pub mod islands;
pub mod message;
pub mod pages;
pub mod parts;
pub mod paths;
pub mod trouble;
pub mod viewer;

#[cfg(feature = "ssr")]
pub mod import_files;
#[cfg(feature = "ssr")]
pub mod jumps;
#[cfg(feature = "ssr")]
pub mod listing;
#[cfg(feature = "ssr")]
pub mod live;
#[cfg(feature = "ssr")]
pub mod oidc;
#[cfg(feature = "ssr")]
pub mod place;
#[cfg(feature = "ssr")]
pub mod session;
#[cfg(feature = "ssr")]
pub mod tidy;
