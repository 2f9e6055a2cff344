//! Successful responses.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::api::error::Refusal;
use crate::api::preconditions::Preconditions;
use crate::jsonapi::document::{Links, Resource, Single, included};
use crate::jsonapi::etag::StateTag;
use crate::jsonapi::media_type::{JSON_API, JSON_API_ATOMIC, JSON_API_PAGED};
use crate::jsonapi::projection::Projection;
use crate::platform::failure::Failure;

/// A resource with the related resources that were loaded.
pub struct Loaded {
    pub resource: Resource,
    pub related: Vec<Resource>,
}

impl Loaded {
    pub const fn without_related(resource: Resource) -> Self {
        Self { resource, related: Vec::new() }
    }
}

/// 200 with one resource, or 304 if the client has this version.
pub fn resource(loaded: Loaded, projection: &Projection, preconditions: &Preconditions) -> Response {
    let path = loaded.resource.path();
    resource_at(&path, Some(loaded), projection, preconditions)
}

/// [`resource()`] for the URL of a related resource, which may be null.
pub fn resource_at(
    path: &str,
    loaded: Option<Loaded>,
    projection: &Projection,
    preconditions: &Preconditions,
) -> Response {
    let links = Links { this: projection.link(path) };
    let Some(loaded) = loaded else {
        return ok(&Single { data: None, included: included(projection, [].iter(), []), links });
    };
    let (tag, body) = match render(links, loaded, projection) {
        Ok(rendered) => rendered,
        Err(refusal) => return refusal.into_response(),
    };
    if preconditions.if_none_match.as_ref().is_some_and(|condition| condition.contains(&tag)) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    (StatusCode::OK, [(header::CONTENT_TYPE, JSON_API.to_owned()), (header::ETAG, tag)], body).into_response()
}

/// 201 with the new resource and its URL in `Location`.
pub fn created(loaded: Loaded, projection: &Projection) -> Response {
    let address = loaded.resource.path();
    match render(Links { this: address.clone() }, loaded, projection) {
        Ok((tag, body)) => (
            StatusCode::CREATED,
            [(header::CONTENT_TYPE, JSON_API.to_owned()), (header::ETAG, tag), (header::LOCATION, address)],
            body,
        )
            .into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// The entity tag and the document of one resource.
fn render(
    links: Links<String>,
    loaded: Loaded,
    projection: &Projection,
) -> Result<(String, Vec<u8>), Refusal> {
    let state = StateTag::of(&loaded.resource);
    let body = serialize(&single(links, loaded, projection), 2 * 1024)?;
    let tag = if projection.is_plain() { state.plain() } else { state.shaped(&body) };
    Ok((tag, body))
}

fn single(links: Links<String>, loaded: Loaded, projection: &Projection) -> Single {
    let mut resource = loaded.resource;
    let included = included(projection, std::iter::once(&resource), loaded.related);
    projection.trim(&mut resource);
    Single { data: Some(resource), included, links }
}

/// The document of [`resource()`] without a query, indented.
pub fn to_pretty_json(loaded: Loaded) -> String {
    let links = Links { this: loaded.resource.path() };
    // Cannot fail: all keys are strings, and the output is memory.
    serde_json::to_string_pretty(&single(links, loaded, &Projection::default())).unwrap_or_default()
}

/// 200 with any document.
pub fn ok(document: &impl Serialize) -> Response {
    with_document(document, JSON_API)
}

/// 200 with a page of a list.
pub fn page(document: &impl Serialize) -> Response {
    with_document(document, JSON_API_PAGED)
}

/// 200 with the results of atomic operations.
pub fn results(document: &impl Serialize) -> Response {
    with_document(document, JSON_API_ATOMIC)
}

pub fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

fn with_document(document: &impl Serialize, media_type: &'static str) -> Response {
    match serialize(document, 16 * 1024) {
        Ok(body) => ([(header::CONTENT_TYPE, HeaderValue::from_static(media_type))], body).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

fn serialize(document: &impl Serialize, capacity: usize) -> Result<Vec<u8>, Refusal> {
    let mut body = Vec::with_capacity(capacity);
    serde_json::to_writer(&mut body, document).map_err(|error| Refusal::Failure(Failure::fault(error)))?;
    Ok(body)
}
