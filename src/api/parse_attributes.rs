//! Parses attributes of a body into kernel types.

use crate::api::error::invalid;
use crate::jsonapi::body::ResourceBody;
use crate::kernel::patch::Patch;
use crate::kernel::problem::{Field, InvalidField};
use crate::kernel::text::TextFault;

type Parse<T> = fn(&str) -> Result<T, TextFault>;

pub fn required<T>(body: &mut ResourceBody<'_>, field: Field, parse: Parse<T>) -> Option<T> {
    let text = body.required_text(field.into_str())?;
    parsed(body, field, &text, parse)
}

pub fn or_default<T: Default>(body: &mut ResourceBody<'_>, field: Field, parse: Parse<T>) -> Option<T> {
    match body.attribute(field.into_str()) {
        None => Some(T::default()),
        Some(_) => match optional(body, field, parse) {
            Patch::Set(value) => Some(value),
            Patch::Absent | Patch::Null => None,
        },
    }
}

/// Reports a mistake in several fields at the first that is present, or at their parent.
pub fn at_first(body: &mut ResourceBody<'_>, fields: &[Field], fault: TextFault) {
    let is_present = |field: &&Field| body.attribute(field.into_str()).is_some();
    let Some(&field) = fields.iter().find(is_present).or(fields.first()) else { return };
    let error = invalid(&InvalidField { field, fault });
    let is_missing = body.attribute(field.into_str()).is_none();
    let error = if is_missing { error.pointer(body.attributes_pointer) } else { error };
    body.reject(error);
}

pub fn optional<T>(body: &mut ResourceBody<'_>, field: Field, parse: Parse<T>) -> Patch<T> {
    match body.text(field.into_str()) {
        Patch::Absent => Patch::Absent,
        Patch::Null => Patch::Null,
        Patch::Set(text) => parsed(body, field, &text, parse).map_or(Patch::Absent, Patch::Set),
    }
}

fn parsed<T>(body: &mut ResourceBody<'_>, field: Field, text: &str, parse: Parse<T>) -> Option<T> {
    parse(text).map_err(|fault| body.reject(invalid(&InvalidField { field, fault }))).ok()
}
