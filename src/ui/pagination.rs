//! Lists for pages: which page a link asks for, and the places from which the next links go on.

use crate::kernel::page::{Page, PageRequest, Position, Start};
use crate::kernel::problem::Problem;
use crate::kernel::text::cleaned;
use crate::platform::cursor::CursorKey;
use crate::ui::components::pager::ListPage;

/// As many rows as a person reads at a glance and a small page carries.
pub const ROWS: u16 = 50;

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

/// What a search field holds, if anything can be seen of it.
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
