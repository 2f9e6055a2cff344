//! Parses JSON as strictly as I-JSON (RFC 7493): UTF-8, and no repeated key in an object. The nesting is limited.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::error::{ErrorObject, validation};
use super::error_code;

pub const DEPTH_MAX: usize = 32;

fn parse(bytes: &[u8]) -> Result<Value, ErrorObject> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        error_code::INVALID_JSON
            .error(format!("The body is not valid UTF-8 at byte {}.", error.valid_up_to()))
    })?;
    let mut json = serde_json::Deserializer::from_str(text);
    let value = Strict(0).deserialize(&mut json).and_then(|value| json.end().map(|()| value));
    value.map_err(|error| error_code::INVALID_JSON.error(format!("The body is not valid JSON: {error}.")))
}

/// # Errors
/// `INVALID_JSON`, and `VALIDATION_ERROR` for another value than an object.
pub fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>, ErrorObject> {
    match parse(bytes)? {
        Value::Object(object) => Ok(object),
        _ => Err(validation("", "The document must be an object.")),
    }
}

/// Reads a value that is nested in this many arrays and objects.
#[derive(Clone, Copy)]
struct Strict(usize);

impl Strict {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.0 == DEPTH_MAX {
            return Err(E::custom(format!("nested deeper than {DEPTH_MAX} levels")));
        }
        Ok(Self(self.0 + 1))
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

macro_rules! scalars {
    ($($visit:ident: $type:ty),*) => {$(
        fn $visit<E>(self, value: $type) -> Result<Value, E> {
            Ok(value.into())
        }
    )*};
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    scalars!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str, visit_string: String);

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(inner)?;
            if object.contains_key(&name) {
                return Err(A::Error::custom(format!("the key \"{name}\" occurs twice in one object")));
            }
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_json_is_parsed_unchanged() {
        let text = r#"{"a":[1,-2,3.5,"x",null,true],"b":{}}"#;
        assert_eq!(parse(text.as_bytes()).unwrap().to_string(), text);
    }

    #[test]
    fn a_repeated_key_is_an_error_at_any_depth() {
        let error = parse(br#"{"a":[{"b":1,"b":2}]}"#).unwrap_err();
        assert!(error.detail.contains("\"b\" occurs twice"), "{}", error.detail);
    }

    #[test]
    fn thirty_two_levels_are_allowed() {
        let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse(nested(32).as_bytes()).is_ok());
        assert!(parse(nested(33).as_bytes()).is_err());
        let wide = format!("[{}]", vec![nested(31); 3].join(","));
        assert!(parse(wide.as_bytes()).is_ok());
    }

    #[test]
    fn invalid_json_and_invalid_utf8_are_errors() {
        for bad in [&b""[..], b"{", b"{} {}", b"\xff", b"NaN"] {
            assert_eq!(parse(bad).unwrap_err().code.code, "INVALID_JSON", "{bad:?}");
        }
    }
}
