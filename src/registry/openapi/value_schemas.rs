//! The JSON schemas of values. The patterns accept exactly what `kernel::text` accepts, so that a client that validates
//! before it sends gets the same result. `\s` is not used, because its meaning differs between dialects of regular
//! expressions.

use serde_json::{Value, json};

use crate::jsonapi::resource_type::{Attribute, ValueType};
use crate::kernel::text::EMAIL_MAX;

/// White space, and other characters that are displayed as a gap.
const BLANK: &str =
    r"\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u2800\u3000\u3164\uffa0";
/// Invisible characters (`Default_Ignorable_Code_Point`) that are not in `BLANK`. Those beyond U+FFFF are literal,
/// because no escape for them works in every dialect.
const INVISIBLE: &str = "\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e\
    \\u2060-\\u206f\\ufe00-\\ufe0f\\ufeff\\ufff0-\\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}";
const CONTROL: &str = r"\u0000-\u001f\u007f-\u009f";
const CONTROL_OR_BREAK: &str = r"\u0000-\u001f\u007f-\u009f\u2028\u2029";
const CONTROL_IN_PROSE: &str = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f";

const TIME: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$";

/// Text that begins and ends with a visible character, after the blanks and invisible characters around it are trimmed.
fn trimmed(excluded: &str, may_be_empty: bool) -> String {
    let outer = format!("[{BLANK}{INVISIBLE}]*");
    let visible = format!("[^{BLANK}{INVISIBLE}{CONTROL}]");
    let text = format!("{visible}([^{excluded}]*{visible})?");
    let text = if may_be_empty { format!("({text})?") } else { text };
    format!("^{outer}{text}{outer}$")
}

/// The full-width `@` of East Asian keyboards counts as `@`.
fn email() -> String {
    let (outer, at) = (format!("[{BLANK}{INVISIBLE}]*"), r"@\uff20");
    let visible = format!("[^{BLANK}{INVISIBLE}{CONTROL}{at}]");
    let any = format!("[^{BLANK}{CONTROL}{at}]*");
    format!("^{outer}{visible}{any}[{at}][{INVISIBLE}]*{visible}{any}{outer}$")
}

pub fn object(required: &[&str], properties: Value) -> Value {
    json!({ "type": "object", "required": required, "properties": properties })
}

pub fn closed_object(required: &[&str], properties: Value) -> Value {
    let mut schema = object(required, properties);
    schema["additionalProperties"] = false.into();
    schema
}

pub fn array(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

pub fn string() -> Value {
    json!({ "type": "string" })
}

pub fn constant(word: &str) -> Value {
    json!({ "type": "string", "const": word })
}

pub fn one_of<T: AsRef<str>>(words: &[T]) -> Value {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    json!({ "type": "string", "enum": words })
}

pub fn nullable(schema: &Value) -> Value {
    json!({ "oneOf": [schema, { "type": "null" }] })
}

pub fn described(mut schema: Value, about: &str) -> Value {
    schema["description"] = about.into();
    schema
}

pub fn uuid() -> Value {
    json!({ "type": "string", "format": "uuid" })
}

pub fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

pub fn request(attribute: &Attribute) -> Value {
    let text = |min: usize, max: usize, pattern: String| {
        let mut schema = json!({ "type": "string", "maxLength": max, "pattern": pattern });
        if min > 0 {
            schema["minLength"] = min.into();
        }
        schema
    };
    let schema = match attribute.value_type {
        ValueType::Prose(max) => text(0, max, trimmed(CONTROL_IN_PROSE, true)),
        ValueType::Text(max) => text(1, max, trimmed(CONTROL_OR_BREAK, false)),
        ValueType::Part(max) => text(0, max, trimmed(CONTROL_OR_BREAK, true)),
        ValueType::Email => text(3, EMAIL_MAX, email()),
        ValueType::Time => time(),
        ValueType::OneOf(words) => one_of(words),
        ValueType::Count => count(),
    };
    documented(attribute, schema)
}

fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

/// Texts have no limits here, because older systems wrote rows that exceed them.
pub fn response(attribute: &Attribute) -> Value {
    let schema = match attribute.value_type {
        ValueType::Text(_) | ValueType::Part(_) | ValueType::Prose(_) | ValueType::Email => string(),
        ValueType::Time => json!({ "type": "string", "format": "date-time", "pattern": TIME }),
        ValueType::OneOf(words) => one_of(words),
        ValueType::Count => count(),
    };
    documented(attribute, schema)
}

fn documented(attribute: &Attribute, mut schema: Value) -> Value {
    if attribute.nullable {
        schema["type"] = json!(["string", "null"]);
        if let Some(Value::Array(words)) = schema.get_mut("enum") {
            words.push(Value::Null);
        }
    }
    if !attribute.example.is_empty() {
        let text = || Value::from(attribute.example);
        let is_number = attribute.value_type == ValueType::Count;
        let example = if is_number { attribute.example.parse().unwrap_or_else(|_| text()) } else { text() };
        schema["examples"] = json!([example]);
    }
    described(schema, attribute.about)
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
            line: validator(trimmed(CONTROL_OR_BREAK, false)),
            part: validator(trimmed(CONTROL_OR_BREAK, true)),
            prose: validator(trimmed(CONTROL_IN_PROSE, true)),
            email: validator(email()),
        }
    }

    #[test]
    fn patterns_agree_with_the_server_on_short_texts() {
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

    /// The ranges contain every special character of Unicode.
    #[test]
    fn patterns_agree_with_the_server_on_every_character() {
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
