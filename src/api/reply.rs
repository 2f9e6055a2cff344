//! Answers that went well.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::conditions::Conditions;
use super::error::Refusal;
use crate::jsonapi::document::{Links, Resource, Single, included};
use crate::jsonapi::etag::StateTag;
use crate::jsonapi::media_type::{JSON_API, JSON_API_ATOMIC, JSON_API_PAGED};
use crate::jsonapi::view::View;
use crate::platform::failure::Failure;

/// A resource and what relates to it, as far as that was read.
pub struct Found {
    pub resource: Resource,
    pub related: Vec<Resource>,
}

impl Found {
    pub const fn alone(resource: Resource) -> Self {
        Self { resource, related: Vec::new() }
    }
}

/// 200 with one resource, or 304 where the client has it.
pub fn resource(found: Found, view: &View, conditions: &Conditions) -> Response {
    let path = found.resource.path();
    resource_at(&path, Some(found), view, conditions)
}

/// 200 with what a related-resource address leads to, or null.
pub fn resource_at(path: &str, found: Option<Found>, view: &View, conditions: &Conditions) -> Response {
    let links = Links { this: view.link(path) };
    let Some(found) = found else {
        return ok(&Single { data: None, included: included(view, [].iter(), []), links });
    };
    let (tag, body) = match shown(links, found, view) {
        Ok(shown) => shown,
        Err(refusal) => return refusal.into_response(),
    };
    if conditions.if_none_match.as_ref().is_some_and(|condition| condition.names(&tag)) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    (StatusCode::OK, [(header::CONTENT_TYPE, JSON_API.to_owned()), (header::ETAG, tag)], body).into_response()
}

/// 200 with a resource that was changed.
pub fn changed(found: Found, view: &View) -> Response {
    resource(found, view, &Conditions::default())
}

/// 201 with the new resource and where it is.
pub fn created(found: Found, view: &View) -> Response {
    let address = found.resource.path();
    match shown(Links { this: address.clone() }, found, view) {
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
fn shown(links: Links, found: Found, view: &View) -> Result<(String, Vec<u8>), Refusal> {
    let state = StateTag::of(&found.resource);
    let body = written(&single(links, found, view), 2 * 1024)?;
    let tag = if view.is_plain() { state.plain() } else { state.shaped(&body) };
    Ok((tag, body))
}

fn single(links: Links, found: Found, view: &View) -> Single {
    let mut resource = found.resource;
    let included = included(view, std::iter::once(&resource), found.related);
    view.trim(&mut resource);
    Single { data: Some(resource), included, links }
}

/// The document that [`resource()`] answers with where nothing was asked for but the resource, in lines
/// that people read.
pub fn readable(found: Found) -> String {
    let links = Links { this: found.resource.path() };
    // Text in memory, of a document whose members are all text: nothing of it can fail.
    serde_json::to_string_pretty(&single(links, found, &View::default())).unwrap_or_default()
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
