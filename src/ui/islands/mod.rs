//! What runs in the browser. Each says why it cannot be a form.

pub mod ask;
pub mod combobox;
pub mod everywhere;
pub mod live;
pub mod palette;
pub mod picker;
pub mod selection;

mod dom;
