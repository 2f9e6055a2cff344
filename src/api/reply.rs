//! Answers that went well.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::error::Refusal;
use crate::jsonapi::document::{Links, Resource, Single};
use crate::jsonapi::media_type::JSON_API;
use crate::platform::failure::Failure;

/// 200 with a document.
pub fn ok(document: &impl Serialize) -> Response {
    with_document(StatusCode::OK, document)
}

/// 200 with one resource, at its own address.
pub fn resource(resource: Resource, included: Option<Vec<Resource>>) -> Response {
    let this = resource.path();
    resource_at(this, Some(resource), included)
}

/// 200 with what a related-resource address leads to, or nothing.
pub fn resource_at(address: String, resource: Option<Resource>, included: Option<Vec<Resource>>) -> Response {
    ok(&Single { data: resource, included, links: Links { this: address } })
}

/// 201 with the new resource and where it is.
pub fn created(resource: Resource) -> Response {
    let this = resource.path();
    let location = HeaderValue::from_str(&this);
    let mut response = with_document(
        StatusCode::CREATED,
        &Single { data: Some(resource), included: None, links: Links { this } },
    );
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// 204.
pub fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

fn with_document(status: StatusCode, document: &impl Serialize) -> Response {
    match serde_json::to_vec(document) {
        Ok(body) => (status, [(header::CONTENT_TYPE, JSON_API)], body).into_response(),
        Err(error) => Refusal::Failure(Failure::fault(error)).into_response(),
    }
}
