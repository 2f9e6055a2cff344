//! What server functions and pages stand on: sessions, forms, errors.

pub mod download;
pub mod forms;
pub mod html_fixup;
pub mod lists;
pub mod live;
pub mod session;
