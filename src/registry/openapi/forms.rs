//! What a declared value looks like, as a JSON schema: as it is taken, and as it is shown.
//!
//! The patterns say exactly what `kernel::text` takes, no more and no less: a client that validates
//! before it sends is neither refused nor kept from anything. `\s` will not do for that, since every
//! dialect of regular expressions means something else by it.

use serde_json::{Value, json};

use crate::jsonapi::resource_type::{Attribute, ValueType};
use crate::kernel::text::EMAIL_MAX;

/// White space as Unicode has it, and what is shown as a gap like it.
const BLANK: &str =
    r"\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u2800\u3000\u3164\uffa0";
/// What is shown as nothing (`Default_Ignorable_Code_Point`), but for what is a blank. Those beyond U+FFFF stand for
/// themselves: no escape of theirs is understood by every dialect.
const UNSEEN: &str = "\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e\
    \\u2060-\\u206f\\ufe00-\\ufe0f\\ufeff\\ufff0-\\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}";
/// Control characters, and what ends a line or a paragraph.
const BREAK: &str = r"\u0000-\u001f\u007f-\u009f\u2028\u2029";
/// Control characters but for tabs and the ends of lines.
const CONTROL_IN_PROSE: &str = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f";
/// All control characters.
const CONTROL: &str = r"\u0000-\u001f\u007f-\u009f";

/// RFC 3339 in UTC with milliseconds.
const TIME: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$";

/// What is cut off at both ends.
fn outer() -> String {
    format!("[{BLANK}{UNSEEN}]*")
}

/// A sign that can be seen.
fn seen() -> String {
    format!("[^{BLANK}{UNSEEN}{CONTROL}]")
}

/// One line that is not blank.
fn line() -> String {
    let (outer, seen) = (outer(), seen());
    format!("^{outer}{seen}([^{BREAK}]*{seen})?{outer}$")
}

/// The same, or nothing.
fn part() -> String {
    let (outer, seen) = (outer(), seen());
    format!("^{outer}({seen}([^{BREAK}]*{seen})?)?{outer}$")
}

/// Lines, or nothing.
fn prose() -> String {
    let (outer, seen) = (outer(), seen());
    format!("^{outer}({seen}([^{CONTROL_IN_PROSE}]*{seen})?)?{outer}$")
}

/// The wide @ of East Asian keyboards is one.
fn email() -> String {
    let (outer, at) = (outer(), r"@\uff20");
    let seen = format!("[^{BLANK}{UNSEEN}{CONTROL}{at}]");
    let any = format!("[^{BLANK}{CONTROL}{at}]*");
    format!("^{outer}{seen}{any}[{at}][{UNSEEN}]*{seen}{any}{outer}$")
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
        ValueType::Prose { max } => {
            json!({ "type": "string", "maxLength": max, "pattern": prose() })
        }
        ValueType::Text { max } => {
            json!({ "type": "string", "minLength": 1, "maxLength": max, "pattern": line() })
        }
        ValueType::Part { max } => json!({ "type": "string", "maxLength": max, "pattern": part() }),
        ValueType::Email => {
            json!({ "type": "string", "minLength": 3, "maxLength": EMAIL_MAX, "pattern": email() })
        }
        ValueType::Time => moment(),
        ValueType::ShortText(words) => json!({ "type": "string", "enum": words }),
    };
    described(attribute, schema)
}

/// An attribute as it is shown. Texts have no bounds here: what older systems wrote is shown as it is.
pub fn shown(attribute: &Attribute) -> Value {
    let schema = match attribute.form {
        ValueType::Text { .. } | ValueType::Part { .. } | ValueType::Prose { .. } | ValueType::Email => {
            json!({ "type": "string" })
        }
        ValueType::Time => json!({ "type": "string", "format": "date-time", "pattern": TIME }),
        ValueType::ShortText(words) => json!({ "type": "string", "enum": words }),
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
    use crate::kernel::text::{Description, Email, Name, NamePart};

    fn validator(pattern: String) -> jsonschema::Validator {
        jsonschema::validator_for(&json!({ "type": "string", "pattern": pattern })).unwrap()
    }

    struct Patterns {
        line: jsonschema::Validator,
        part: jsonschema::Validator,
        prose: jsonschema::Validator,
        email: jsonschema::Validator,
    }

    impl Patterns {
        fn check(&self, text: &str) {
            let value = Value::String(text.to_owned());
            assert_eq!(self.line.is_valid(&value), Name::parse(text).is_ok(), "{text:?}");
            assert_eq!(self.part.is_valid(&value), NamePart::parse(text).is_ok(), "{text:?}");
            assert_eq!(self.prose.is_valid(&value), Description::parse(text).is_ok(), "{text:?}");
            assert_eq!(self.email.is_valid(&value), Email::parse(text).is_ok(), "{text:?}");
        }
    }

    fn patterns() -> Patterns {
        Patterns {
            line: validator(line()),
            part: validator(part()),
            prose: validator(prose()),
            email: validator(email()),
        }
    }

    #[test]
    fn a_pattern_takes_what_the_server_takes_and_nothing_else() {
        let patterns = patterns();
        let pieces = [
            "", " ", "\t", "\n", "\u{b}", "\u{1c}", "\u{85}", "\u{a0}", "\u{feff}", "\u{200d}", "\u{2028}",
            "\u{2800}", "\0", "@", "\u{ff20}", "é",
        ];
        let mut texts = vec![String::new()];
        for _ in 0..3 {
            texts = texts.iter().flat_map(|text| pieces.map(|piece| format!("{text}{piece}"))).collect();
        }
        for text in &texts {
            patterns.check(text);
        }
    }

    /// Where Unicode has anything that is no plain letter or sign.
    #[test]
    fn so_it_does_of_every_character() {
        let patterns = patterns();
        let ranges = [
            '\0'..'\u{3400}',
            '\u{f900}'..'\u{10000}',
            '\u{1bc90}'..'\u{1bcb0}',
            '\u{1d160}'..'\u{1d190}',
            '\u{dfff0}'..'\u{e1010}',
        ];
        for sign in ranges.into_iter().flatten() {
            patterns.check(&sign.to_string());
            patterns.check(&format!("a{sign}a@{sign}b"));
        }
    }
}
