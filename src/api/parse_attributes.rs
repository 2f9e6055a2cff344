//! Attributes of a body as values of ours: each is parsed, and refused, in its place.

use crate::api::error::invalid;
use crate::jsonapi::body::ResourceBody;
use crate::kernel::patch::Patch;
use crate::kernel::problem::{Field, InvalidField};
use crate::kernel::text::TextFault;

type Parse<T> = fn(&str) -> Result<T, TextFault>;

/// Of a creation: has to be there.
pub fn required<T>(body: &mut ResourceBody<'_>, field: Field, parse: Parse<T>) -> Option<T> {
    let text = body.required_text(field.word())?;
    parsed(body, field, &text, parse)
}

/// Where it is absent, it is what such a value is by default.
pub fn read_or_default<T: Default>(body: &mut ResourceBody<'_>, field: Field, parse: Parse<T>) -> Option<T> {
    match body.attribute(field.word()) {
        None => Some(T::default()),
        Some(_) => match optional(body, field, parse) {
            Patch::Set(value) => Some(value),
            Patch::Absent | Patch::Null => None,
        },
    }
}

/// Refuses the first of these fields that is there, or the place where they would stand.
pub fn refuse(body: &mut ResourceBody<'_>, fields: &[Field], fault: TextFault) {
    let is_there = |field: &&Field| body.attribute(field.word()).is_some();
    let Some(&field) = fields.iter().find(is_there).or(fields.first()) else { return };
    let error = invalid(&InvalidField { field, fault });
    let is_missing = body.attribute(field.word()).is_none();
    let error = if is_missing { error.pointer(body.attributes_at()) } else { error };
    body.reject(error);
}

/// May be absent, and null where the declaration says so.
pub fn optional<T>(body: &mut ResourceBody<'_>, field: Field, parse: Parse<T>) -> Patch<T> {
    match body.text(field.word()) {
        Patch::Absent => Patch::Absent,
        Patch::Null => Patch::Null,
        Patch::Set(text) => parsed(body, field, &text, parse).map_or(Patch::Absent, Patch::Set),
    }
}

fn parsed<T>(body: &mut ResourceBody<'_>, field: Field, text: &str, parse: Parse<T>) -> Option<T> {
    parse(text).map_err(|fault| body.reject(invalid(&InvalidField { field, fault }))).ok()
}
