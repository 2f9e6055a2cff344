//! JSON:API 1.1 (<https://jsonapi.org/format/1.1/>): media types, documents, query parameters and error objects. This
//! module knows no resource; a resource describes itself with a `resource_type::ResourceType`.

pub mod atomic;
pub mod body;
pub mod document;
pub mod error;
pub mod error_code;
pub mod etag;
pub mod linkage;
pub mod media_type;
pub mod projection;
pub mod query;
pub mod resource_type;
pub mod strict_json;
