//! What runs in the browser. Each says why it cannot be a form.

pub mod everywhere;
pub mod picker;
pub mod selection;

mod dom;
