//! Lists: the page that was asked for, and the document of it.

use super::Connection;
use super::error::{Answer, error_objects};
use crate::api::auth::Caller;
use crate::api::response::Loaded;
use crate::jsonapi::document::{
    Collection, Identifier, Implementation, PageLinks, PageMeta, Resource, included,
};
use crate::jsonapi::error::ErrorObject;
use crate::jsonapi::projection::Projection;
use crate::jsonapi::query::Query;
use crate::kernel::page::{PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, Page, PageRequest, Position, Start};
use crate::platform::cursor::CursorKey;
use crate::platform::failure::Outcome;
use crate::registry::types::TYPES;

/// The profile's names for two kinds of error.
const MAX_SIZE_EXCEEDED: &str =
    "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/max-size-exceeded";
const RANGE_UNSUPPORTED: &str =
    "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/range-pagination-not-supported";

/// A list that was asked for: at which address, in which order, which page, what of each item.
pub struct Asked<'a> {
    query: &'a mut Query,
    address: String,
    /// What a cursor is good for: this address in this order.
    list: String,
    key: &'a CursorKey,
    pub page: PageRequest,
    pub projection: Projection,
    is_counted: bool,
}

impl<'a> Asked<'a> {
    /// Reads what is left of the query: `page`, `include`, `fields`. `order` tells apart the orders of
    /// one address.
    ///
    /// # Errors
    /// All that is wrong with the query.
    pub async fn read(
        caller: &'a Caller,
        query: &'a mut Query,
        address: String,
        order: &str,
    ) -> Answer<Self> {
        let key = caller.cursor_key().await?;
        let list = format!("{address}?{order}");
        let projection = query.projection(&TYPES);
        let page = page_request(query, &list, key);
        let is_counted = wants_total(query);
        query.finish()?;
        Ok(Self { query, address, list, key, page, projection, is_counted })
    }

    /// How many there are in all, where that was asked for.
    pub async fn total(
        &self,
        connection: &mut Connection,
        count: impl AsyncFnOnce(&mut Connection) -> Outcome<i64>,
    ) -> Answer<Option<i64>> {
        Ok(if self.is_counted { Some(count(connection).await?) } else { None })
    }

    fn links<T>(
        &self,
        page: &Page<T>,
        position: impl Fn(&T) -> Position,
        related: Option<String>,
    ) -> PageLinks {
        let link = |name: &str, item: Option<&T>| {
            item.map(|item| {
                let cursor = self.key.seal(&self.list, &position(item));
                self.query.link(&self.address, Some((name, &cursor)))
            })
        };
        PageLinks {
            this: self.query.link(&self.address, None),
            related,
            first: self.query.first(&self.address),
            prev: page.has_previous.then(|| link("page[before]", page.items.first())).flatten(),
            next: page.has_next.then(|| link("page[after]", page.items.last())).flatten(),
        }
    }

    /// The document of a page of resources; `position` is where an item stands, `item` what is shown of
    /// it.
    pub fn resources<T, R: Into<Option<Loaded>>>(
        &self,
        page: Page<T>,
        total: Option<i64>,
        position: impl Fn(&T) -> Position,
        item: impl Fn(T) -> R,
    ) -> Collection<Resource> {
        let links = self.links(&page, position, None);
        let mut data = Vec::with_capacity(page.items.len());
        let mut related = Vec::new();
        for mut found in page.items.into_iter().filter_map(|row| item(row).into()) {
            related.append(&mut found.related);
            data.push(found.resource);
        }
        let included = included(&self.projection, data.iter(), related);
        for resource in &mut data {
            self.projection.trim(resource);
        }
        Collection { jsonapi: Implementation::PAGED, data, included, links, meta: total.map(PageMeta::total) }
    }

    /// The document of a page of a relationship's identifiers; `related` is where their resources are.
    pub fn identifiers<T>(
        &self,
        page: &Page<T>,
        total: Option<i64>,
        position: impl Fn(&T) -> Position,
        identifier: impl Fn(&T) -> Identifier,
        related: String,
    ) -> Collection<Identifier> {
        Collection {
            jsonapi: Implementation::PAGED,
            links: self.links(page, position, Some(related)),
            data: page.items.iter().map(identifier).collect(),
            included: None,
            meta: total.map(PageMeta::total),
        }
    }
}

/// Reads `page[size]`, `page[after]`, `page[before]` (profile "Query Parameters").
fn page_request(query: &mut Query, list: &str, key: &CursorKey) -> PageRequest {
    let size = match query.get("page[size]").map(page_size) {
        None => PAGE_SIZE_DEFAULT,
        Some(Ok(size)) => size,
        Some(Err(error)) => {
            query.reject(error);
            PAGE_SIZE_DEFAULT
        }
    };
    let after = open(query, "page[after]", list, key);
    let before = open(query, "page[before]", list, key);
    if query.get("page[after]").is_some() && query.get("page[before]").is_some() {
        let detail = "Range pagination is not supported: name page[after] or page[before], not both.";
        query.reject(ErrorObject::invalid_parameter("page[before]", detail).kind(RANGE_UNSUPPORTED));
    }
    let start = match (after, before) {
        (Some(position), _) => Start::After(position),
        (None, Some(position)) => Start::Before(position),
        (None, None) => Start::Beginning,
    };
    PageRequest { size, start }
}

fn open(query: &mut Query, name: &'static str, list: &str, key: &CursorKey) -> Option<Position> {
    match key.open(list, query.get(name)?) {
        Ok(position) => Some(position),
        Err(problem) => {
            for error in error_objects(&problem) {
                query.reject(error.parameter(name));
            }
            None
        }
    }
}

fn page_size(text: &str) -> Result<u16, ErrorObject> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || text.bytes().all(|byte| byte == b'0') {
        let detail = "page[size] has to be a positive whole number.";
        return Err(ErrorObject::invalid_parameter("page[size]", detail));
    }
    match text.parse::<u16>() {
        Ok(size) if size <= PAGE_SIZE_MAX => Ok(size),
        Ok(_) | Err(_) => Err(ErrorObject::new(
            400,
            "PAGE_SIZE_TOO_LARGE",
            "Page size too large",
            format!("A page has at most {PAGE_SIZE_MAX} items."),
        )
        .parameter("page[size]")
        .meta("page", serde_json::json!({ "maxSize": PAGE_SIZE_MAX }))
        .kind(MAX_SIZE_EXCEEDED)),
    }
}

fn wants_total(query: &mut Query) -> bool {
    match query.get("page[total]") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => {
            query.reject(ErrorObject::invalid_parameter("page[total]", "page[total] is true or false."));
            false
        }
    }
}
