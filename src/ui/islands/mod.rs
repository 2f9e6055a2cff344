//! The islands, which run in the browser. Each states why a form is not enough.

pub mod ask;
pub mod combobox;
pub mod live;
pub mod page_enhancements;
pub mod palette;
pub mod picker;
pub mod selection;
pub mod shortcuts;

mod dom;
