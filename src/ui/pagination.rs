//! One page of a list, as pages show it. `ui/server/lists.rs` reads it.

use serde::{Deserialize, Serialize};

use crate::kernel::page::{Page, PageRequest, Position, Start};
use crate::kernel::problem::Problem;
use crate::kernel::text::cleaned;
use crate::platform::cursor::CursorKey;

/// Rows on a page of a list.
pub const ROWS: u16 = 50;

/// Items with the sealed cursors of the pages before and after them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ListPage<T> {
    pub items: Vec<T>,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// `list` names the list, as where its places were sealed.
pub fn list_request(
    key: &CursorKey,
    list: &str,
    after: Option<&str>,
    before: Option<&str>,
) -> Result<PageRequest, Problem> {
    let start = match (after, before) {
        (Some(text), _) => Start::After(key.open(list, text)?),
        (None, Some(text)) => Start::Before(key.open(list, text)?),
        (None, None) => Start::Beginning,
    };
    Ok(PageRequest { size: ROWS, start })
}

/// The cleaned text of a search field; `None` if it has no visible character.
pub fn searched(text: &str) -> Option<String> {
    let text = cleaned(&text.replace('\0', ""));
    (!text.is_empty()).then_some(text)
}

pub fn list_page<T>(
    page: Page<T>,
    key: &CursorKey,
    list: &str,
    position: impl Fn(&T) -> Position,
) -> ListPage<T> {
    let seal = |item: &T| key.seal(list, &position(item));
    let before = page.items.first().filter(|_| page.has_previous).map(&seal);
    let after = page.items.last().filter(|_| page.has_next).map(&seal);
    ListPage { items: page.items, before, after }
}
