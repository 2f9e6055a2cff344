//! One page of a list, as pages show it. `ui/server/lists.rs` reads it.

use crate::kernel::text::cleaned;

/// Rows on a page of a list.
pub const ROWS: u16 = 50;

/// Items with the sealed cursors of the pages before and after them.
pub struct ListPage<T> {
    pub items: Vec<T>,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// The cleaned text of a search field; `None` if it has no visible character.
pub fn searched(text: &str) -> Option<String> {
    let text = cleaned(&text.replace('\0', ""));
    (!text.is_empty()).then_some(text)
}
