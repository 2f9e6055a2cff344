//! The reason and the reference of a change: the members `reason` and `reference` of `meta`, in a document or in one of its
//! operations, or headers, for requests without a document.

use axum::http::HeaderMap;
use percent_encoding::percent_decode;
use serde_json::Value;

use crate::api::ApiResult;
use crate::api::error::text_fault;
use crate::jsonapi::error::{ErrorObject, Source, validation};
use crate::kernel::actor::ChangeNote;
use crate::kernel::problem::{Field, Problem};

pub const REASON: &str = "Groupdesk-Reason";
pub const REFERENCE: &str = "Groupdesk-Reference";

const fn name(field: Field) -> &'static str {
    match field {
        Field::Reference => REFERENCE,
        _ => REASON,
    }
}

/// The headers are UTF-8, percent-encoded (RFC 3986 section 2.1), because a header may contain ASCII only.
pub fn of_headers(headers: &HeaderMap) -> ApiResult<ChangeNote> {
    let (reason, reference) = (header(headers, Field::Reason)?, header(headers, Field::Reference)?);
    checked(&reason, &reference, |field, detail| {
        validation("", format!("{} {detail}.", name(field))).at(Source::Header(name(field)))
    })
}

fn header(headers: &HeaderMap, field: Field) -> ApiResult<String> {
    let Some(value) = headers.get(name(field)) else { return Ok(String::new()) };
    let text = percent_decode(value.as_bytes()).decode_utf8();
    let malformed = |_| {
        validation("", format!("{} must be UTF-8, percent-encoded.", name(field)))
            .at(Source::Header(name(field)))
    };
    Ok(text.map(Into::into).map_err(malformed)?)
}

/// `meta`: that of a document, or of an operation, in which pointers are relative to the operation.
pub fn of_meta(meta: Option<&Value>) -> ApiResult<ChangeNote> {
    let Some(meta) = meta.filter(|meta| !meta.is_null()) else { return Ok(ChangeNote::default()) };
    let Value::Object(members) = meta else {
        return Err(validation("/meta", "meta must be an object.").into());
    };
    let text = |field: Field| match members.get(field.into_str()) {
        None | Some(Value::Null) => Ok(""),
        Some(Value::String(text)) => Ok(text.as_str()),
        Some(_) => {
            let name = field.into_str();
            Err(validation(format!("/meta/{name}"), format!("{name} must be a string or null.")))
        }
    };
    checked(text(Field::Reason)?, text(Field::Reference)?, |field, detail| {
        let name = field.into_str();
        validation(format!("/meta/{name}"), format!("{name} {detail}."))
    })
}

fn checked(
    reason: &str,
    reference: &str,
    error: impl Fn(Field, String) -> ErrorObject,
) -> ApiResult<ChangeNote> {
    ChangeNote::parse(reason, reference).map_err(|problem| {
        let fields = match problem {
            Problem::Invalid(fields) => fields,
            _ => Vec::new(),
        };
        let errors = fields.iter().map(|invalid| error(invalid.field, text_fault(invalid.fault)));
        errors.collect::<Vec<_>>().into()
    })
}
