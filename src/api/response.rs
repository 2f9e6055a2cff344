//! Answers that went well.

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

/// A resource and what relates to it, as far as that was read.
pub struct Loaded {
    pub resource: Resource,
    pub related: Vec<Resource>,
}

impl Loaded {
    pub const fn alone(resource: Resource) -> Self {
        Self { resource, related: Vec::new() }
    }
}

/// 200 with one resource, or 304 where the client has it.
pub fn resource(found: Loaded, projection: &Projection, preconditions: &Preconditions) -> Response {
    let path = found.resource.path();
    resource_at(&path, Some(found), projection, preconditions)
}

/// 200 with what a related-resource address leads to, or null.
pub fn resource_at(
    path: &str,
    found: Option<Loaded>,
    projection: &Projection,
    preconditions: &Preconditions,
) -> Response {
    let links = Links { this: projection.link(path) };
    let Some(found) = found else {
        return ok(&Single { data: None, included: included(projection, [].iter(), []), links });
    };
    let (tag, body) = match shown(links, found, projection) {
        Ok(shown) => shown,
        Err(refusal) => return refusal.into_response(),
    };
    if preconditions.if_none_match.as_ref().is_some_and(|condition| condition.names(&tag)) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    (StatusCode::OK, [(header::CONTENT_TYPE, JSON_API.to_owned()), (header::ETAG, tag)], body).into_response()
}

/// 200 with a resource that was changed.
pub fn changed(found: Loaded, projection: &Projection) -> Response {
    resource(found, projection, &Preconditions::default())
}

/// 201 with the new resource and where it is.
pub fn created(found: Loaded, projection: &Projection) -> Response {
    let address = found.resource.path();
    match shown(Links { this: address.clone() }, found, projection) {
        Ok((tag, body)) => (
            StatusCode::CREATED,
            [(header::CONTENT_TYPE, JSON_API.to_owned()), (header::ETAG, tag), (header::LOCATION, address)],
            body,
        )
            .into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// The document of one resource, and its entity tag.
fn shown(links: Links, found: Loaded, projection: &Projection) -> Result<(String, Vec<u8>), Refusal> {
    let state = StateTag::of(&found.resource);
    let body = written(&single(links, found, projection), 2 * 1024)?;
    let tag = if projection.is_plain() { state.plain() } else { state.shaped(&body) };
    Ok((tag, body))
}

fn single(links: Links, found: Loaded, projection: &Projection) -> Single {
    let mut resource = found.resource;
    let included = included(projection, std::iter::once(&resource), found.related);
    projection.trim(&mut resource);
    Single { data: Some(resource), included, links }
}

/// The document that [`resource()`] answers with where nothing was asked for but the resource, in lines
/// that people read.
pub fn readable(found: Loaded) -> String {
    let links = Links { this: found.resource.path() };
    // Text in memory, of a document whose members are all text: nothing of it can fail.
    serde_json::to_string_pretty(&single(links, found, &Projection::default())).unwrap_or_default()
}

/// 200 with a document.
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

/// 204.
pub fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

fn with_document(document: &impl Serialize, media_type: &'static str) -> Response {
    match written(document, 16 * 1024) {
        Ok(body) => ([(header::CONTENT_TYPE, HeaderValue::from_static(media_type))], body).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// The document as bytes; `expected` is about how many there will be.
fn written(document: &impl Serialize, expected: usize) -> Result<Vec<u8>, Refusal> {
    let mut body = Vec::with_capacity(expected);
    serde_json::to_writer(&mut body, document).map_err(|error| Refusal::Failure(Failure::fault(error)))?;
    Ok(body)
}
