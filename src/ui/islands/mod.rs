//! What runs in the browser. Each says why it cannot be a form.

pub mod ask;
pub mod combobox;
pub mod live;
pub mod page_enhancements;
pub mod palette;
pub mod picker;
pub mod selection;

mod dom;
