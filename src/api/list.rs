//! Pages of lists: the parameters that request one, and its document (profile "Cursor Pagination").

use crate::api::error::error_objects;
use crate::api::{ApiResult, Caller, Loaded, error_code};
use crate::jsonapi::document::{
    Collection, Identifier, Implementation, PageLinks, Resource, included, page_meta,
};
use crate::jsonapi::error::{ErrorObject, invalid_parameter};
use crate::jsonapi::projection::Projection;
use crate::jsonapi::query::Query;
use crate::kernel::page::{PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, Page, PageRequest, Position, Start};
use crate::platform::failure::Outcome;
use crate::platform::signed::CursorKey;

const MAX_SIZE_EXCEEDED: &str =
    "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/max-size-exceeded";
const RANGE_UNSUPPORTED: &str =
    "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/range-pagination-not-supported";

pub struct ListRequest<'a> {
    query: Query,
    path: String,
    /// The path and the order. A cursor is valid only for the list that created it.
    list: String,
    key: &'a CursorKey,
    pub page: PageRequest,
    pub projection: Projection,
    wants_total: bool,
}

impl<'a> ListRequest<'a> {
    /// Parses `page`, `include` and `fields`, and reports all mistakes in the query. `order` distinguishes the orders
    /// of a path.
    pub async fn parse(caller: &'a Caller, mut query: Query, path: String, order: &str) -> ApiResult<Self> {
        let key = caller.cursor_key().await?;
        let list = format!("{path}?{order}");
        let projection = query.projection(caller.types);
        let page = page_request(&mut query, &list, key);
        let wants_total = wants_total(&mut query);
        query.finish()?;
        Ok(Self { query, path, list, key, page, projection, wants_total })
    }

    pub async fn total(&self, count: impl Future<Output = Outcome<i64>>) -> Outcome<Option<i64>> {
        Ok(if self.wants_total { Some(count.await?) } else { None })
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
                self.query.link(&self.path, Some((name, &cursor)))
            })
        };
        PageLinks {
            this: self.query.this(&self.path),
            related,
            first: self.query.link(&self.path, None),
            prev: page.has_previous.then(|| link("page[before]", page.items.first())).flatten(),
            next: page.has_next.then(|| link("page[after]", page.items.last())).flatten(),
        }
    }

    pub fn resources<T, R: Into<Option<Loaded>>>(
        &self,
        page: Page<T>,
        total: Option<i64>,
        position: impl Fn(&T) -> Position,
        resource: impl Fn(T) -> R,
    ) -> Collection<Resource> {
        let links = self.links(&page, position, None);
        let mut data = Vec::with_capacity(page.items.len());
        let mut related = Vec::new();
        for mut loaded in page.items.into_iter().filter_map(|item| resource(item).into()) {
            related.append(&mut loaded.related);
            data.push(loaded.resource);
        }
        let included = included(&self.projection, &data, related);
        for resource in &mut data {
            self.projection.trim(resource);
        }
        Collection { jsonapi: Implementation::PAGED, data, included, links, meta: total.map(page_meta) }
    }

    /// A page of resource identifiers. `related` is the URL of the resources themselves.
    pub fn identifiers<T>(
        &self,
        page: &Page<T>,
        total: Option<i64>,
        position: impl Fn(&T) -> Position,
        identifier: impl Fn(&T) -> Option<Identifier>,
        related: String,
    ) -> Collection<Identifier> {
        Collection {
            jsonapi: Implementation::PAGED,
            links: self.links(page, position, Some(related)),
            data: page.items.iter().filter_map(identifier).collect(),
            included: None,
            meta: total.map(page_meta),
        }
    }
}

fn page_request(query: &mut Query, list: &str, key: &CursorKey) -> PageRequest {
    let size = query.get("page[size]").map_or(Ok(PAGE_SIZE_DEFAULT), page_size).unwrap_or_else(|error| {
        query.reject(error);
        PAGE_SIZE_DEFAULT
    });
    let after = open(query, "page[after]", list, key);
    let before = open(query, "page[before]", list, key);
    if query.get("page[after]").is_some() && query.get("page[before]").is_some() {
        let detail = "Range pagination is not supported: use page[after] or page[before], not both.";
        query.reject(invalid_parameter("page[before]", detail).type_uri(RANGE_UNSUPPORTED));
    }
    let start = match (after, before) {
        (Some(position), _) => Start::After(position),
        (None, Some(position)) => Start::Before(position),
        (None, None) => Start::Beginning,
    };
    PageRequest { size, start }
}

fn open(query: &mut Query, name: &'static str, list: &str, key: &CursorKey) -> Option<Position> {
    let opened = key.open(list, query.get(name)?);
    let reject =
        |problem| error_objects(&problem).into_iter().for_each(|error| query.reject(error.parameter(name)));
    opened.map_err(reject).ok()
}

fn page_size(text: &str) -> Result<u16, ErrorObject> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<u16>() {
        Ok(size @ 1..=PAGE_SIZE_MAX) if is_number => Ok(size),
        Ok(1..) | Err(_) if is_number && !text.trim_start_matches('0').is_empty() => {
            Err(error_code::PAGE_SIZE_TOO_LARGE
                .error(format!("A page has at most {PAGE_SIZE_MAX} items."))
                .parameter("page[size]")
                .meta("page", serde_json::json!({ "maxSize": PAGE_SIZE_MAX }))
                .type_uri(MAX_SIZE_EXCEEDED))
        }
        Ok(_) | Err(_) => Err(invalid_parameter("page[size]", "page[size] must be a positive integer.")),
    }
}

fn wants_total(query: &mut Query) -> bool {
    match query.get("page[total]") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => {
            query.reject(invalid_parameter("page[total]", "page[total] must be true or false."));
            false
        }
    }
}
