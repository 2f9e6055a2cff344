//! The parameters of requests: in the query, in paths, and in headers.

use serde_json::{Map, Value, json};

use crate::jsonapi::resource_type::{Filter, FilterType, ResourceType};
use crate::registry::openapi::value_schemas::{array, constant, one_of_words, search, time, uuid};
use crate::registry::openapi::{pascal, reference, schemas};
use crate::registry::types::TYPES;

/// The parameters of each type that several URLs share.
pub fn all() -> Map<String, Value> {
    let mut all = Map::new();
    for resource_type in TYPES {
        let name = pascal(resource_type.type_name);
        all.insert(format!("{name}Id"), path_id("id", resource_type));
        all.insert(format!("{name}Fields"), fields(resource_type));
        if !resource_type.includes.is_empty() {
            let about = "The related resources to add to the response.";
            let schema = array(one_of_words(resource_type.includes));
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

/// Values separated by commas.
fn list(name: &str, about: &str, schema: Value) -> Value {
    let mut parameter = query(name, about, schema);
    parameter["style"] = "form".into();
    parameter["explode"] = false.into();
    parameter
}

/// The id of a resource of this type in a path.
pub fn path_id(name: &str, resource_type: &ResourceType) -> Value {
    let mut parameter = parameter("path", name, &format!("The id of the {}.", resource_type.noun.0), uuid());
    parameter["required"] = true.into();
    parameter
}

fn fields(resource_type: &ResourceType) -> Value {
    let attributes = resource_type.attributes.iter().map(|attribute| attribute.name);
    let to_one = resource_type.to_one.iter().map(|one| one.name);
    let to_many = resource_type.to_many.iter().map(|many| many.name);
    let names: Vec<&str> = attributes.chain(to_one).chain(to_many).collect();
    list(
        &format!("fields[{}]", resource_type.type_name),
        &format!("The attributes and relationships of {} to return.", resource_type.noun.1),
        array(one_of_words(&names)),
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
    let fields = |type_name: &str| named(&format!("{}Fields", pascal(type_name)));
    let include = (!resource_type.includes.is_empty())
        .then(|| named(&format!("{}Include", pascal(resource_type.type_name))));
    let others = schemas::includable(resource_type)
        .into_iter()
        .filter(|found| found.type_name != resource_type.type_name);
    let kinds = std::iter::once(resource_type.type_name).chain(others.map(|found| found.type_name));
    include.into_iter().chain(kinds.map(fields)).collect()
}

pub fn page() -> Vec<Value> {
    ["PageSize", "PageAfter", "PageBefore", "PageTotal"].map(named).into()
}

/// The filters and the order of a list.
pub fn selection(resource_type: &ResourceType) -> Vec<Value> {
    let mut all: Vec<Value> = resource_type.filters.iter().flat_map(filter).collect();
    all.push(sort(resource_type));
    all
}

fn filter(filter: &Filter) -> Vec<Value> {
    let (name, about) = (format!("filter[{}]", filter.name), filter.about);
    let several = |items: Value| json!({ "type": "array", "minItems": 1, "items": items });
    vec![match filter.accepts {
        FilterType::Ids => list(&name, about, several(uuid())),
        FilterType::IdsOrNone => list(&name, about, json!({ "oneOf": [several(uuid()), constant("none")] })),
        FilterType::Words(words) => list(&name, about, several(one_of_words(words))),
        FilterType::ShortText(words) => query(&name, about, one_of_words(words)),
        FilterType::Text => query(&name, about, search()),
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
            "items": one_of_words(&words),
            "allOf": resource_type.sorts.iter().map(one_direction).collect::<Vec<_>>(),
            "default": [resource_type.sort_default],
        }),
    )
}
