//! Validates every document that tests receive against the JSON schema of the standard, with the additions
//! of version 1.1 (`schema/document.json` lists them).

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::JSON_API;

const ATOMIC: &str = "application/vnd.api+json;ext=\"https://jsonapi.org/ext/atomic\"";
const PROFILE: &str = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination";

static DOCUMENT: LazyLock<Validator> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(include_str!("schema/document.json")).unwrap();
    jsonschema::validator_for(&schema).unwrap()
});

/// Panics if the document does not conform to its media type.
pub fn check(media_type: &str, document: &Value) {
    if media_type == ATOMIC {
        assert_eq!(
            document["jsonapi"],
            json!({ "version": "1.1", "ext": ["https://jsonapi.org/ext/atomic"] })
        );
        for result in document["atomic:results"].as_array().expect("results") {
            if result.get("data").is_some() {
                is_valid(result);
            }
        }
        return;
    }
    is_valid(document);
    let profiled = format!("{JSON_API};profile=\"{PROFILE}\"");
    let applies = document["jsonapi"]["profile"] == json!([PROFILE])
        || document.pointer("/errors").is_some_and(|errors| errors.to_string().contains(PROFILE));
    assert_eq!(media_type, if applies { profiled.as_str() } else { JSON_API }, "{document}");
}

fn is_valid(document: &Value) {
    let errors: Vec<String> =
        DOCUMENT.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?} in {document:#}");
}
