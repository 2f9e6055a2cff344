//! Attributes of a body as values of ours: each is parsed, and refused, in its place.

use super::error::invalid;
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
