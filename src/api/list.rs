//! Lists: the page that was asked for, the ids of a filter, the links of the answer.

use std::str::FromStr;

use super::error::{Answer, Refusal};
use crate::api::error::error_objects;
use crate::jsonapi::declare::Declaration;
use crate::jsonapi::document::{Collection, PageLinks, Resource};
use crate::jsonapi::error::ErrorObject;
use crate::jsonapi::query::Query;
use crate::kernel::id::MalformedId;
use crate::kernel::page::{PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, Page, PageRequest, Position, Start};
use crate::platform::cursor::CursorKey;

/// The profile's names for two kinds of error.
const MAX_SIZE_EXCEEDED: &str =
    "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/max-size-exceeded";
const RANGE_UNSUPPORTED: &str =
    "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/range-pagination-not-supported";

/// Reads `page[size]`, `page[after]`, `page[before]` (profile "Cursor-Based Pagination").
pub fn page_request(query: &Query, declaration: &Declaration, key: &CursorKey) -> Answer<PageRequest> {
    let mut errors = Vec::new();
    let size = query.get("page[size]").map_or(PAGE_SIZE_DEFAULT, |text| {
        page_size(text).unwrap_or_else(|error| {
            errors.push(error);
            PAGE_SIZE_DEFAULT
        })
    });
    let mut open = |name: &str| {
        let position = key.open(declaration.base, query.get(name)?);
        position
            .map_err(|problem| errors.extend(error_objects(&problem).into_iter().map(|e| e.parameter(name))))
            .ok()
    };
    let (after, before) = (open("page[after]"), open("page[before]"));
    if query.get("page[after]").is_some() && query.get("page[before]").is_some() {
        errors.push(
            ErrorObject::invalid_parameter(
                "page[before]",
                "Range pagination is not supported: name page[after] or page[before], not both.",
            )
            .kind(RANGE_UNSUPPORTED),
        );
    }
    if !errors.is_empty() {
        return Err(Refusal::Errors(errors));
    }
    let start = match (after, before) {
        (Some(position), _) => Start::After(position),
        (None, Some(position)) => Start::Before(position),
        (None, None) => Start::Beginning,
    };
    Ok(PageRequest { size, start })
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

/// The document of a page; `position` is where an item stands.
pub fn collection<T>(
    page: Page<T>,
    query: &Query,
    declaration: &'static Declaration,
    key: &CursorKey,
    position: impl Fn(&T) -> Position,
    resource: impl Fn(&T) -> Resource,
) -> Collection {
    let cursor = |item: &T| key.seal(declaration.base, &position(item));
    let link = |name: &str, item: Option<&T>| {
        item.map(|item| query.link(declaration.base, Some((name, &cursor(item)))))
    };
    let prev = page.has_previous.then(|| link("page[before]", page.items.first())).flatten();
    let next = page.has_next.then(|| link("page[after]", page.items.last())).flatten();
    Collection {
        data: page.items.iter().map(resource).collect(),
        included: None,
        links: PageLinks { this: query.link(declaration.base, None), prev, next },
    }
}

/// One id or several with commas between.
pub fn filter_ids<T: FromStr<Err = MalformedId>>(query: &Query, name: &str) -> Answer<Vec<T>> {
    let Some(text) = query.filter(name) else {
        return Ok(Vec::new());
    };
    text.split(',').map(|id| id.parse().map_err(|_| malformed_id(name, id).into())).collect()
}

fn malformed_id(name: &str, id: &str) -> ErrorObject {
    ErrorObject::invalid_parameter(&format!("filter[{name}]"), format!("\"{id}\" is not an id."))
}
