//! What a declared value looks like, as a JSON schema: as it is taken, and as it is shown.
//!
//! The patterns say exactly what `kernel::text` takes, no more and no less: a client that validates
//! before it sends is neither refused nor kept from anything. `\s` will not do for that, since every
//! dialect of regular expressions means something else by it.

use serde_json::{Value, json};

use crate::jsonapi::declare::{Attribute, Form};
use crate::kernel::text::EMAIL_MAX;

/// White space as Unicode has it: what is trimmed from a text before it is looked at.
const SPACE: &str = r"\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";
const CONTROL: &str = r"\u0000-\u001f\u007f-\u009f";
/// The same but for tabs and the ends of lines.
const CONTROL_IN_PROSE: &str = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f";
/// White space and control characters: what a trimmed text neither begins nor ends with.
const OUTER: &str = r"\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";

/// RFC 3339 in UTC with milliseconds.
const TIME: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$";

/// One line that is not blank.
fn line() -> String {
    format!("^[{SPACE}]*[^{OUTER}]([^{CONTROL}]*[^{OUTER}])?[{SPACE}]*$")
}

/// Lines, or nothing.
fn prose() -> String {
    format!("^[{SPACE}]*([^{OUTER}]([^{CONTROL_IN_PROSE}]*[^{OUTER}])?)?[{SPACE}]*$")
}

fn email() -> String {
    format!("^[{SPACE}]*[^{OUTER}@]+@[^{OUTER}@]+[{SPACE}]*$")
}

pub fn uuid() -> Value {
    json!({ "type": "string", "format": "uuid" })
}

/// A moment that a client names: any offset will do.
pub fn moment() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

/// Text to search for. A NUL character is no text to the database.
pub fn search() -> Value {
    json!({ "type": "string", "pattern": r"^[^\u0000]*$" })
}

/// An attribute as a client may write it.
pub fn taken(attribute: &Attribute) -> Value {
    let schema = match attribute.form {
        Form::Prose { max } => {
            json!({ "type": "string", "maxLength": max, "pattern": prose() })
        }
        Form::Text { max } => {
            json!({ "type": "string", "minLength": 1, "maxLength": max, "pattern": line() })
        }
        Form::Email => {
            json!({ "type": "string", "minLength": 3, "maxLength": EMAIL_MAX, "pattern": email() })
        }
        Form::Time => moment(),
        Form::Word(words) => json!({ "type": "string", "enum": words }),
    };
    described(attribute, schema)
}

/// An attribute as it is shown. Texts have no bounds here: what older systems wrote is shown as it is.
pub fn shown(attribute: &Attribute) -> Value {
    let schema = match attribute.form {
        Form::Text { .. } | Form::Prose { .. } | Form::Email => json!({ "type": "string" }),
        Form::Time => json!({ "type": "string", "format": "date-time", "pattern": TIME }),
        Form::Word(words) => json!({ "type": "string", "enum": words }),
    };
    described(attribute, schema)
}

fn described(attribute: &Attribute, mut schema: Value) -> Value {
    if attribute.nullable {
        schema["type"] = json!(["string", "null"]);
        if let Some(Value::Array(words)) = schema.get_mut("enum") {
            words.push(Value::Null);
        }
    }
    schema["description"] = attribute.about.into();
    if !attribute.example.is_empty() {
        schema["examples"] = json!([attribute.example]);
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::text::{Description, Email, Name};

    fn validator(pattern: String) -> jsonschema::Validator {
        jsonschema::validator_for(&json!({ "type": "string", "pattern": pattern })).unwrap()
    }

    #[test]
    fn a_pattern_takes_what_the_server_takes_and_nothing_else() {
        let (line, prose, email) = (validator(line()), validator(prose()), validator(email()));
        let pieces = ["", " ", "\t", "\n", "\u{b}", "\u{1c}", "\u{85}", "\u{a0}", "\u{feff}", "\0", "@", "é"];
        let mut texts = vec![String::new()];
        for _ in 0..3 {
            texts = texts.iter().flat_map(|text| pieces.map(|piece| format!("{text}{piece}"))).collect();
        }
        for text in texts {
            let value = Value::String(text.clone());
            assert_eq!(line.is_valid(&value), Name::parse(&text).is_ok(), "{text:?}");
            assert_eq!(prose.is_valid(&value), Description::parse(&text).is_ok(), "{text:?}");
            assert_eq!(email.is_valid(&value), Email::parse(&text).is_ok(), "{text:?}");
        }
    }
}
