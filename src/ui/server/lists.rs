//! Reads one page of a list.

use crate::kernel::page::{Position, Start};
use crate::resources::enrollment_events::model::{
    EnrollmentEvent, EventFilter, EventInclude, event_position,
};
use crate::resources::enrollment_events::ops::event_list;
use crate::ui::pagination::{COUNT, ROWS};
use crate::ui::server::prelude::*;

/// Reads the page of a list that the `after` or `before` of the current address asks for. `list` names the list and its
/// order: a cursor of one list is refused by any other. `position` is where an item is in that order.
pub async fn paged<T>(
    list: &str,
    load: impl AsyncFnOnce(&mut Connection, &PageRequest) -> Outcome<Page<T>> + Clone,
    position: impl Fn(&T) -> Position + Clone,
) -> Result<ListPage<T>, UiError> {
    read(async |connection, context| list_page(connection, context, list, load, position).await).await
}

/// The page of a list, with the length of the list if that is known without counting or if the address asks for it.
pub async fn with_total<T>(
    page: ListPage<T>,
    count: impl AsyncFnOnce(&mut Connection) -> Outcome<i64> + Clone,
) -> Result<(ListPage<T>, Option<i64>), UiError> {
    let is_whole = page.before.is_none() && page.after.is_none();
    let total = if is_whole {
        i64::try_from(page.items.len()).ok()
    } else if Viewer::current().query(COUNT).is_some() {
        Some(read(async |connection, _| count(connection).await).await?)
    } else {
        None
    };
    Ok((page, total))
}

/// [`paged`] as a part of a longer read, or of one for admins.
pub async fn list_page<T>(
    connection: &mut Connection,
    context: &RequestContext,
    list: &str,
    load: impl AsyncFnOnce(&mut Connection, &PageRequest) -> Outcome<Page<T>>,
    position: impl Fn(&T) -> Position,
) -> Outcome<ListPage<T>> {
    let key = context.state.cursor_key(connection).await?;
    let start = match (context.viewer.query("after"), context.viewer.query("before")) {
        (Some(text), _) => Start::After(key.open(list, &text)?),
        (None, Some(text)) => Start::Before(key.open(list, &text)?),
        (None, None) => Start::Beginning,
    };
    let page = load(connection, &PageRequest { size: ROWS, start }).await?;
    let seal = |item: &T| key.seal(list, &position(item));
    let before = page.items.first().filter(|_| page.has_previous).map(&seal);
    let after = page.items.last().filter(|_| page.has_next).map(&seal);
    Ok(ListPage { items: page.items, before, after })
}

pub async fn event_page(
    connection: &mut Connection,
    context: &RequestContext,
    list: &str,
    filter: &EventFilter,
) -> Outcome<ListPage<EnrollmentEvent>> {
    let sort = Sort::descending(EventSortKey::OccurredAt);
    let load = async |connection: &mut Connection, request: &PageRequest| {
        let page = event_list(connection, filter, &sort, request, EventInclude::default()).await?;
        Ok(page.map(|with| with.event))
    };
    list_page(connection, context, list, load, |event| event_position(&sort, event)).await
}
