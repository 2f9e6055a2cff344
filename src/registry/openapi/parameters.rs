//! The parameters of requests.

use serde_json::{Map, Value, json};

use crate::jsonapi::resource_type::{Filter, FilterType, ResourceType, SEARCH_MAX};
use crate::registry::openapi::value_schemas::{array, constant, one_of, time, uuid};
use crate::registry::openapi::{pascal, reference, schemas};
use crate::registry::types::TYPES;

pub fn all() -> Map<String, Value> {
    let mut all = Map::new();
    for resource_type in TYPES {
        let name = pascal(resource_type.type_name);
        all.insert(format!("{name}Id"), path_id("id", resource_type));
        all.insert(format!("{name}Fields"), fields(resource_type));
        if !resource_type.includes.is_empty() {
            let about = "The related resources to add to the response.";
            let schema = array(one_of(resource_type.includes));
            all.insert(format!("{name}Include"), list("include", about, schema));
        }
    }
    all
}

fn parameter(location: &str, name: &str, about: &str, schema: Value) -> Value {
    json!({ "name": name, "in": location, "description": about, "schema": schema })
}

fn query(name: &str, about: &str, schema: Value) -> Value {
    parameter("query", name, about, schema)
}

fn list(name: &str, about: &str, schema: Value) -> Value {
    let mut parameter = query(name, about, schema);
    parameter["style"] = "form".into();
    parameter["explode"] = false.into();
    parameter
}

pub fn path_id(name: &str, resource_type: &ResourceType) -> Value {
    let mut parameter = parameter("path", name, &format!("The id of the {}.", resource_type.noun.0), uuid());
    parameter["required"] = true.into();
    parameter
}

fn fields(resource_type: &ResourceType) -> Value {
    let attributes = resource_type.attributes.iter().map(|attribute| attribute.name);
    let relationships = resource_type.relationships.iter().map(|end| end.name);
    let names: Vec<&str> = attributes.chain(relationships).collect();
    list(
        &format!("fields[{}]", resource_type.type_name),
        &format!("The attributes and relationships of {} to return.", resource_type.noun.1),
        array(one_of(&names)),
    )
}

pub fn named(name: &str) -> Value {
    reference("parameters", name)
}

pub fn id(resource_type: &ResourceType) -> Value {
    named(&format!("{}Id", pascal(resource_type.type_name)))
}

/// `include`, and `fields` for each type that the response may contain.
pub fn projection(resource_type: &'static ResourceType) -> Vec<Value> {
    let parameter = |of: &ResourceType, suffix| named(&(pascal(of.type_name) + suffix));
    let include = (!resource_type.includes.is_empty()).then(|| parameter(resource_type, "Include"));
    let mut types = schemas::includable(resource_type);
    types.retain(|included| included.type_name != resource_type.type_name);
    types.insert(0, resource_type);
    include.into_iter().chain(types.into_iter().map(|of| parameter(of, "Fields"))).collect()
}

pub fn page() -> Vec<Value> {
    ["PageSize", "PageAfter", "PageBefore", "PageTotal"].map(named).into()
}

pub fn selection(resource_type: &ResourceType) -> Vec<Value> {
    let mut all: Vec<Value> = resource_type.filters.iter().flat_map(filter).collect();
    all.push(sort(resource_type));
    all
}

fn filter(filter: &Filter) -> Vec<Value> {
    let (name, about) = (format!("filter[{}]", filter.name), filter.about);
    let several = |items: Value| json!({ "type": "array", "minItems": 1, "items": items });
    vec![match filter.accepts {
        FilterType::Id => query(&name, about, uuid()),
        FilterType::Ids => list(&name, about, several(uuid())),
        FilterType::IdsOrNone => list(&name, about, json!({ "oneOf": [several(uuid()), constant("none")] })),
        FilterType::SomeOf(words) => list(&name, about, several(one_of(words))),
        FilterType::OneOf(words) => query(&name, about, one_of(words)),
        // Postgres text cannot contain a NUL character.
        FilterType::Text => query(&name, about, json!({ "type": "string", "pattern": r"^[^\u0000]*$" })),
        FilterType::Search => {
            let schema = json!({
                "type": "string", "minLength": 1, "maxLength": SEARCH_MAX, "pattern": r"^[^\u0000]*$",
            });
            query(&name, about, schema)
        }
        FilterType::Time => query(&name, about, time()),
        FilterType::TimeRange => {
            let end = |end: &str, words: &str| {
                query(&format!("{name}[{end}]"), &format!("{about} {words}"), time())
            };
            return vec![end("gte", "At or after this time."), end("lt", "Before this time.")];
        }
    }]
}

/// Each key at most once, in one direction.
fn sort(resource_type: &ResourceType) -> Value {
    let directions = |word: &str| [word.to_owned(), format!("-{word}")];
    let words: Vec<String> = resource_type.sorts.iter().flat_map(|word| directions(word)).collect();
    let one_direction = |word: &&str| {
        let both = directions(word).map(|word| json!({ "contains": { "const": word } }));
        json!({ "not": { "allOf": both } })
    };
    list(
        "sort",
        "The order: the most significant key first, descending keys with a minus sign. Ties are broken by id, but \
         entries of a log keep the order in which they were written.",
        json!({
            "type": "array",
            "minItems": 1,
            "uniqueItems": true,
            "items": one_of(&words),
            "allOf": resource_type.sorts.iter().map(one_direction).collect::<Vec<_>>(),
            "default": [resource_type.sort_default],
        }),
    )
}
