//! The OpenAPI 3.1 document. It is generated from the declarations that the handlers use, so it cannot contradict them;
//! the files beside this one add what no declaration contains.

mod examples;
mod parameters;
mod paths;
mod schemas;
mod value_schemas;

use std::sync::LazyLock;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::api::error_code::{self as codes, ErrorCode};
use crate::jsonapi::atomic::OPERATIONS_MAX;
use crate::jsonapi::error::ERRORS_MAX;
use crate::jsonapi::media_type::{JSON_API, JSON_API_PAGED};
use crate::jsonapi::strict_json::DEPTH_MAX;
use crate::kernel::page::{PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX};
use crate::platform::http::BODY_MAX;
pub(super) use crate::registry::openapi::examples::error as error_example;
use crate::registry::openapi::paths::Operation;
use crate::registry::types::TYPES;
use crate::resources::idempotency_keys::model::VALID_FOR;

pub const PATH: &str = "/v1/openapi.json";
const MEDIA_TYPE: &str = "application/vnd.oai.openapi+json;version=3.1";

const STATIC: &str = include_str!("openapi/static.json");

static VALUE: LazyLock<Value> = LazyLock::new(build);
static TEXT: LazyLock<String> = LazyLock::new(|| format!("{:#}", *VALUE));

/// Indented, with its members sorted by name.
pub fn text() -> &'static str {
    &TEXT
}

pub fn value() -> &'static Value {
    &VALUE
}

/// `GET /v1/openapi.json`, which requires no token.
pub async fn document() -> Response {
    let headers = [(header::CONTENT_TYPE, MEDIA_TYPE), (header::CACHE_CONTROL, "public, max-age=300")];
    (headers, text()).into_response()
}

fn build() -> Value {
    let operations = paths::all();
    let mut document: Value = serde_json::from_str(STATIC).unwrap_or_default();
    document["info"]["version"] = env!("CARGO_PKG_VERSION").into();
    document["info"]["description"] = introduction().into();
    let nouns = TYPES.iter().map(
        |resource_type| json!({ "name": paths::tag(resource_type), "description": resource_type.about }),
    );
    if let Some(tags) = document["tags"].as_array_mut() {
        drop(tags.splice(0..0, nouns));
    }
    let components = &mut document["components"];
    extend(&mut components["schemas"], schemas::all());
    extend(&mut components["parameters"], parameters::all());
    components["schemas"]["Errors"]["properties"]["errors"]["maxItems"] = ERRORS_MAX.into();
    components["parameters"]["PageSize"]["schema"]["maximum"] = PAGE_SIZE_MAX.into();
    components["parameters"]["PageSize"]["schema"]["default"] = PAGE_SIZE_DEFAULT.into();
    let errors = operations.iter().flat_map(Operation::errors_by_status);
    let responses = errors.map(|errors| (response_name(&errors), error_response(&errors)));
    components["responses"] = responses.collect::<Map<_, _>>().into();
    for operation in operations {
        let (path, method) = (operation.path.clone(), operation.method);
        document["paths"][path][method] = operation.into_value();
    }
    document
}

fn extend(object: &mut Value, members: Map<String, Value>) {
    if let Value::Object(object) = object {
        object.extend(members);
    }
}

fn introduction() -> String {
    [
        ("PAGE_SIZE_DEFAULT", PAGE_SIZE_DEFAULT.to_string()),
        ("PAGE_SIZE_MAX", PAGE_SIZE_MAX.to_string()),
        ("IDEMPOTENCY_HOURS", VALID_FOR.num_hours().to_string()),
        ("BODY_MEBIBYTES", (BODY_MAX / (1024 * 1024)).to_string()),
        ("DEPTH_MAX", DEPTH_MAX.to_string()),
        ("OPERATIONS_MAX", OPERATIONS_MAX.to_string()),
    ]
    .iter()
    .fold(include_str!("openapi/introduction.md").trim_end().to_owned(), |text, (name, value)| {
        text.replace(name, value)
    })
}

fn reference(component: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{component}/{name}") })
}

fn pascal(type_name: &str) -> String {
    type_name.split('_').map(capitalized).collect()
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn response(about: &str, media_type: &str, schema: &str, example: Value, headers: &[&str]) -> Value {
    let mut response = empty_response(about, headers);
    response["content"] =
        json!({ (media_type): { "schema": reference("schemas", schema), "example": example } });
    response
}

/// The first headers are those of every response.
fn empty_response(about: &str, headers: &[&str]) -> Value {
    let headers = ["X-Request-Id", "RateLimit", "RateLimit-Policy"].iter().chain(headers);
    let headers: Map<String, Value> =
        headers.map(|name| ((*name).to_owned(), reference("headers", name))).collect();
    json!({ "description": about, "headers": headers })
}

/// The name of the status and, if the status has several codes, the codes.
fn response_name(errors: &[&ErrorCode]) -> String {
    let status = errors[0].status;
    let all: Vec<_> = codes::ALL.iter().filter(|code| code.status == status).collect();
    let base = match status {
        409 => "Conflict".to_owned(),
        422 => "Unprocessable".to_owned(),
        _ => pascal(&all[0].code.to_lowercase()),
    };
    if all.len() == 1 {
        return base;
    }
    let codes: Vec<&str> = errors.iter().map(|error| error.code).collect();
    format!("{base}.{}", codes.join("."))
}

fn error_response(errors: &[&'static ErrorCode]) -> Value {
    let status = errors[0].status;
    let mut lines: Vec<String> =
        errors.iter().map(|error| format!("- `{}`: {}", error.code, error.about)).collect();
    if status == 400 {
        lines.push("- any other code, if the errors have different statuses".to_owned());
    }
    let headers: &[&str] = match status {
        401 => &["WWW-Authenticate"],
        409 => &["Idempotency-Replayed", "Groupdesk-Position"],
        400 | 403 | 404 | 413 | 415 | 422 => &["Idempotency-Replayed"],
        429 | 503 => &["Retry-After"],
        _ => &[],
    };
    let mut response = response(&lines.join("\n"), JSON_API, "Errors", examples::error(errors[0]), headers);
    // This error is defined by the profile, so the profile applies to its document.
    if errors.contains(&&codes::PAGE_SIZE_TOO_LARGE) {
        response["content"][JSON_API_PAGED] = response["content"][JSON_API].clone();
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_description_and_conflict_belongs_to_an_operation() {
        let sections =
            include_str!("openapi/operations.md").lines().filter_map(|line| line.strip_prefix("## "));
        for id in sections.chain(paths::CONFLICTS.iter().map(|(id, _)| *id)) {
            assert!(text().contains(&format!("\"operationId\": \"{id}\"")), "{id}");
        }
    }

    #[test]
    fn the_introduction_has_no_placeholders_left() {
        let text = introduction();
        assert!(!text.contains("_MAX") && !text.contains("_DEFAULT"), "{text}");
        assert!(!text.contains("MEBIBYTES") && !text.contains("_HOURS"), "{text}");
    }
}
