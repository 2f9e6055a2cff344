//! What requests are asked with: query parameters, the ids in paths, and headers.

use serde_json::{Map, Value, json};

use crate::jsonapi::resource_type::{Filter, FilterForm, ResourceType};
use crate::kernel::page::{PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX};
use crate::registry::openapi::{forms, pascal, reference, schemas};
use crate::registry::types::TYPES;

/// Those that more than one address has.
pub fn all() -> Map<String, Value> {
    let mut all: Map<String, Value> = shared().into_iter().collect();
    for resource_type in TYPES {
        let name = pascal(resource_type.kind);
        all.insert(format!("{name}Id"), path_id("id", resource_type));
        all.insert(format!("{name}Fields"), fields(resource_type));
        if !resource_type.includes.is_empty() {
            all.insert(format!("{name}Include"), include(resource_type));
        }
    }
    all
}

fn shared() -> [(String, Value); 7] {
    let cursor = json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]+$" });
    let tags = json!({ "type": "string" });
    [
        (
            "PageSize",
            query(
                "page[size]",
                "How many items the page has at most.",
                json!({
                    "type": "integer",
                    "minimum": 1,
                    "maximum": PAGE_SIZE_MAX,
                    "default": PAGE_SIZE_DEFAULT,
                }),
            ),
        ),
        (
            "PageAfter",
            query(
                "page[after]",
                "The page that begins after this cursor, as `links.next` has it.",
                cursor.clone(),
            ),
        ),
        (
            "PageBefore",
            query(
                "page[before]",
                "The page that ends before this cursor, as `links.prev` has it; not together with \
                 `page[after]`.",
                cursor,
            ),
        ),
        (
            "PageTotal",
            query(
                "page[total]",
                "Whether to count all items, as `meta.page.total`; that costs more the more there are.",
                json!({ "type": "boolean", "default": false }),
            ),
        ),
        (
            "IfMatch",
            header("If-Match", "Change the resource only if its `ETag` is still this one.", tags.clone()),
        ),
        ("IfNoneMatch", header("If-None-Match", "Answer 304 if the `ETag` is still this one.", tags)),
        (
            "IdempotencyKey",
            header(
                "Idempotency-Key",
                "The same request with the same key is performed once, and answered the same each time. A \
                 key is the token's own.",
                json!({ "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" }),
            ),
        ),
    ]
    .map(|(name, parameter)| (name.to_owned(), parameter))
}

fn query(name: &str, about: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "query", "description": about, "schema": schema })
}

fn header(name: &str, about: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "header", "description": about, "schema": schema })
}

/// Several values with commas between.
fn listed(name: &str, about: &str, schema: Value) -> Value {
    let mut parameter = query(name, about, schema);
    parameter["style"] = "form".into();
    parameter["explode"] = false.into();
    parameter
}

/// The id of a resource of this type, in a path.
pub fn path_id(name: &str, resource_type: &ResourceType) -> Value {
    json!({
        "name": name,
        "in": "path",
        "required": true,
        "description": format!("The id of the {}.", resource_type.noun.0),
        "schema": forms::uuid(),
    })
}

fn fields(resource_type: &ResourceType) -> Value {
    let attributes = resource_type.attributes.iter().map(|attribute| attribute.name);
    let to_one = resource_type.to_one.iter().map(|one| one.name);
    let to_many = resource_type.to_many.iter().map(|many| many.name);
    let names: Vec<&str> = attributes.chain(to_one).chain(to_many).collect();
    listed(
        &format!("fields[{}]", resource_type.kind),
        &format!("Only these attributes and relationships of {}.", resource_type.noun.1),
        json!({ "type": "array", "items": { "type": "string", "enum": names } }),
    )
}

fn include(resource_type: &ResourceType) -> Value {
    listed(
        "include",
        "Which related resources to answer with, beside the primary data.",
        json!({ "type": "array", "items": { "type": "string", "enum": resource_type.includes } }),
    )
}

pub fn named(name: &str) -> Value {
    reference("parameters", name)
}

pub fn id(resource_type: &ResourceType) -> Value {
    named(&format!("{}Id", pascal(resource_type.kind)))
}

/// What of the resources of an answer is shown, and what beside them.
pub fn projection(resource_type: &ResourceType) -> Vec<Value> {
    let fields = |kind: &str| named(&format!("{}Fields", pascal(kind)));
    let mut all = Vec::new();
    if !resource_type.includes.is_empty() {
        all.push(named(&format!("{}Include", pascal(resource_type.kind))));
    }
    all.push(fields(resource_type.kind));
    let others =
        schemas::includable(resource_type).into_iter().filter(|found| found.kind != resource_type.kind);
    all.extend(others.map(|found| fields(found.kind)));
    all
}

pub fn page() -> Vec<Value> {
    ["PageSize", "PageAfter", "PageBefore", "PageTotal"].map(named).into()
}

/// Which resources, and in which order.
pub fn selection(resource_type: &ResourceType) -> Vec<Value> {
    let mut all: Vec<Value> = resource_type.filters.iter().flat_map(filter).collect();
    all.push(sort(resource_type));
    all
}

fn filter(filter: &Filter) -> Vec<Value> {
    let name = format!("filter[{}]", filter.name);
    let several = |items: Value| json!({ "type": "array", "minItems": 1, "items": items });
    let one = match filter.form {
        FilterForm::Ids => listed(&name, filter.about, several(forms::uuid())),
        FilterForm::IdsOrNone => {
            let none = json!({ "type": "string", "const": "none" });
            listed(&name, filter.about, json!({ "oneOf": [several(forms::uuid()), none] }))
        }
        FilterForm::Words(words) => {
            listed(&name, filter.about, several(json!({ "type": "string", "enum": words })))
        }
        FilterForm::ShortText(words) => {
            query(&name, filter.about, json!({ "type": "string", "enum": words }))
        }
        FilterForm::Text => query(&name, filter.about, forms::search()),
        FilterForm::Time => query(&name, filter.about, forms::moment()),
        FilterForm::TimeRange => {
            let end = |end: &str, words: &str| {
                query(&format!("{name}[{end}]"), &format!("{} {words}", filter.about), forms::moment())
            };
            return vec![end("gte", "From this moment on."), end("lt", "Before this moment.")];
        }
    };
    vec![one]
}

/// Each key once, in one direction.
fn sort(resource_type: &ResourceType) -> Value {
    let words: Vec<String> =
        resource_type.sorts.iter().flat_map(|word| [(*word).to_owned(), format!("-{word}")]).collect();
    let one_direction: Vec<Value> = resource_type
        .sorts
        .iter()
        .map(|word| {
            let has = |word: String| json!({ "contains": { "const": word } });
            json!({ "not": { "allOf": [has((*word).to_owned()), has(format!("-{word}"))] } })
        })
        .collect();
    listed(
        "sort",
        "In which order, the first key first; a minus sign stands before what descends. What is level in all of \
         them is ordered by id, but for entries of a log: they keep the order in which they were written.",
        json!({
            "type": "array",
            "minItems": 1,
            "uniqueItems": true,
            "items": { "type": "string", "enum": words },
            "allOf": one_direction,
            "default": [resource_type.sort_default],
        }),
    )
}
