//! The server's side of pages and server functions: sessions, forms, lists, live updates.

pub mod download;
pub mod forms;
pub mod html_fixup;
pub mod lists;
pub mod live;
pub mod session;
