//! JSON:API 1.1 (<https://jsonapi.org/format/1.1/>), and nothing of workspaces: media types,
//! documents out, documents in, query parameters, error objects. The API's resources declare
//! themselves to it (`declare`).

pub mod atomic;
pub mod body;
pub mod document;
pub mod error;
pub mod etag;
pub mod lid;
pub mod linkage;
pub mod media_type;
pub mod projection;
pub mod query;
pub mod resource_type;
pub mod strict_json;
