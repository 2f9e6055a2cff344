//! Content negotiation and the documents in request bodies.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderName, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use crate::api::error::{ApiResult, Refusal, too_large};
use crate::api::{error_code, note};
use crate::jsonapi::body::{Purpose, ResourceBody};
use crate::jsonapi::linkage::{self, NO_LIDS};
use crate::jsonapi::media_type::{
    ATOMIC, check_accept, check_content_type, check_parameters, requires_atomic,
};
use crate::jsonapi::resource_type::ResourceType;
use crate::kernel::actor::ChangeNote;
use crate::platform::state::AppState;

/// Only `atomic_path` supports the atomic-operations extension.
pub async fn negotiate(State(atomic_path): State<&'static str>, request: Request, next: Next) -> Response {
    let extensions: &[&str] = if request.uri().path() == atomic_path { &[ATOMIC] } else { &[] };
    let headers = request.headers();
    let checked = check_parameters(content_type(headers).as_deref(), extensions)
        .and_then(|()| check_accept(list_header(headers, header::ACCEPT).as_deref(), &[ATOMIC]));
    match checked {
        Ok(()) => next.run(request).await,
        Err(error) => Refusal::from(error).into_response(),
    }
}

/// Several lines of a list header are one list (RFC 9110 section 5.3).
fn list_header(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let lines: Vec<_> = headers.get_all(name).iter().filter_map(|line| line.to_str().ok()).collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}

fn content_type(headers: &HeaderMap) -> Option<String> {
    list_header(headers, header::CONTENT_TYPE)
}

pub struct Document(Bytes);

impl FromRequest<AppState> for Document {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &AppState) -> ApiResult<Self> {
        check_content_type(content_type(request.headers()).as_deref(), &[])?;
        Ok(Self(read_body(request, state).await?))
    }
}

impl Document {
    /// The resource object and the note of the document.
    pub fn resource(
        &self,
        resource_type: &'static ResourceType,
        purpose: Purpose<'_>,
    ) -> ApiResult<(ResourceBody<'static>, ChangeNote)> {
        let (data, note) = self.data()?;
        Ok((ResourceBody::read(data, resource_type, purpose, &NO_LIDS)?, note))
    }

    /// The members of `meta`, and the note among them, of a document that has `meta`.
    pub fn meta(&self) -> ApiResult<(Map<String, Value>, ChangeNote)> {
        let meta = linkage::meta(&self.0)?;
        let note = note::of_meta(Some(&meta))?;
        let Value::Object(members) = meta else { return Ok((Map::new(), note)) };
        Ok((members, note))
    }

    pub fn data(&self) -> ApiResult<(Value, ChangeNote)> {
        let (data, meta) = linkage::data_and_meta(&self.0)?;
        Ok((data, note::of_meta(meta.as_ref())?))
    }
}

pub struct AtomicDocument(pub Bytes);

impl FromRequest<AppState> for AtomicDocument {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &AppState) -> ApiResult<Self> {
        requires_atomic(content_type(request.headers()).as_deref())?;
        Ok(Self(read_body(request, state).await?))
    }
}

/// 413 for a body over the limit, 400 for one that is cut off.
pub async fn read_body(request: Request, state: &AppState) -> ApiResult<Bytes> {
    Bytes::from_request(request, state).await.map_err(|rejection| {
        let error = match rejection.into_response().status().as_u16() {
            413 => too_large(),
            _ => error_code::BAD_REQUEST.error("The body ended before it was complete."),
        };
        error.into()
    })
}
