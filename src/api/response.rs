//! Successful responses, and the conditions on them.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::api::error::ApiResult;
use crate::api::error_code;
use crate::jsonapi::document::{Links, Resource, Single, included};
use crate::jsonapi::error::Source;
use crate::jsonapi::etag::{Condition, StateTag};
use crate::jsonapi::media_type::{JSON_API, JSON_API_PAGED};
use crate::jsonapi::projection::Projection;
use crate::platform::failure::Failure;

/// `If-Match` and `If-None-Match` (RFC 9110 section 13.1).
#[derive(Clone, Default)]
pub struct Preconditions {
    pub if_none_match: Option<Condition>,
    pub if_match: Option<Condition>,
}

impl Preconditions {
    pub fn of(headers: &HeaderMap) -> Self {
        let condition = |name: HeaderName| {
            // A value that is not UTF-8 matches no tag, but it is still a condition.
            let lines = headers.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
            let lines: Vec<_> = lines.collect();
            (!lines.is_empty()).then(|| Condition(lines.join(", ")))
        };
        let (if_none_match, if_match) = (condition(header::IF_NONE_MATCH), condition(header::IF_MATCH));
        Self { if_none_match, if_match }
    }

    pub const fn is_empty(&self) -> bool {
        self.if_match.is_none() && self.if_none_match.is_none()
    }

    /// `current` locks and reads the resource; it is polled only if there is a condition.
    pub async fn check_unchanged(&self, current: impl Future<Output = ApiResult<Resource>>) -> ApiResult<()> {
        if self.is_empty() {
            return Ok(());
        }
        let state = StateTag::of(&current.await?);
        let refused_by = if self.if_match.as_ref().is_some_and(|condition| !condition.matches(&state)) {
            "If-Match"
        } else if self.if_none_match.as_ref().is_some_and(|condition| condition.contains(&state.plain())) {
            "If-None-Match"
        } else {
            return Ok(());
        };
        Err(error_code::PRECONDITION_FAILED
            .error("The resource has changed since you read it. Fetch it again and retry.")
            .at(Source::Header(refused_by))
            .into())
    }
}

pub struct Loaded {
    pub resource: Resource,
    pub related: Vec<Resource>,
}

impl Loaded {
    pub fn new<const N: usize>(resource: Resource, related: [Option<Resource>; N]) -> Self {
        Self { resource, related: related.into_iter().flatten().collect() }
    }

    /// The related resource of a to-one relationship, with the others as its related resources.
    pub fn into_related(self, name: &str) -> Option<Self> {
        let identifier = self.resource.related(name)?;
        let (mut named, related): (Vec<_>, Vec<_>) =
            self.related.into_iter().partition(|related| related.identifier() == identifier);
        Some(Self { resource: named.pop()?, related })
    }
}

/// 200 with one resource, or 304 if the client has this version.
pub fn resource(loaded: Loaded, projection: &Projection, preconditions: &Preconditions) -> ApiResult {
    let path = loaded.resource.path();
    resource_at(&path, Some(loaded), projection, preconditions)
}

/// [`resource()`] for the URL of a related resource, which may be null.
pub fn resource_at(
    path: &str,
    loaded: Option<Loaded>,
    projection: &Projection,
    preconditions: &Preconditions,
) -> ApiResult {
    let links = Links { this: projection.link(path) };
    let Some(loaded) = loaded else {
        let included = included(projection, &[], Vec::new());
        return document(&Single { data: None, included, links }, JSON_API);
    };
    let (tag, body) = render(links, loaded, projection)?;
    if preconditions.if_none_match.as_ref().is_some_and(|condition| condition.contains(&tag)) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    Ok(([(header::CONTENT_TYPE, JSON_API.to_owned()), (header::ETAG, tag)], body).into_response())
}

/// 201 with the new resource and its URL in `Location`.
pub fn created(loaded: Loaded, projection: &Projection) -> ApiResult {
    let path = loaded.resource.path();
    let (tag, body) = render(Links { this: path.clone() }, loaded, projection)?;
    let headers =
        [(header::CONTENT_TYPE, JSON_API.to_owned()), (header::ETAG, tag), (header::LOCATION, path)];
    Ok((StatusCode::CREATED, headers, body).into_response())
}

fn render(links: Links<String>, loaded: Loaded, projection: &Projection) -> ApiResult<(String, Vec<u8>)> {
    let state = StateTag::of(&loaded.resource);
    let body = serialize(&single(links, loaded, projection), 2 * 1024)?;
    let tag = if projection.is_plain() { state.plain() } else { state.shaped(&body) };
    Ok((tag, body))
}

fn single(links: Links<String>, loaded: Loaded, projection: &Projection) -> Single {
    let mut resource = loaded.resource;
    let included = included(projection, std::slice::from_ref(&resource), loaded.related);
    projection.trim(&mut resource);
    Single { data: Some(resource), included, links }
}

/// The document of [`resource()`] without a query, indented.
pub fn to_pretty_json(loaded: Loaded) -> String {
    let links = Links { this: loaded.resource.path() };
    // Cannot fail: all keys are strings, and the output is memory.
    serde_json::to_string_pretty(&single(links, loaded, &Projection::default())).unwrap_or_default()
}

pub fn page(page: &impl Serialize) -> ApiResult {
    document(page, JSON_API_PAGED)
}

pub fn document(document: &impl Serialize, media_type: &'static str) -> ApiResult {
    let body = serialize(document, 16 * 1024)?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(media_type))], body).into_response())
}

pub fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

fn serialize(document: &impl Serialize, capacity: usize) -> ApiResult<Vec<u8>> {
    let mut body = Vec::with_capacity(capacity);
    serde_json::to_writer(&mut body, document).map_err(Failure::fault)?;
    Ok(body)
}
