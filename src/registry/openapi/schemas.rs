//! The documents that the API answers with, as JSON schemas.
//!
//! They are closed: a member that is not declared makes an answer invalid, so a check of the server
//! against this document finds what should not have been told. No attribute and no relationship is
//! required, because `fields` may leave any of them out.

use serde_json::{Map, Value, json};

use crate::jsonapi::error::ERRORS_MAX;
use crate::jsonapi::media_type::CURSOR_PAGINATION;
use crate::jsonapi::resource_type::{ResourceType, ToOne, Verb};
use crate::kernel::page::PAGE_SIZE_MAX;
use crate::registry::openapi::codes::CODES;
use crate::registry::openapi::{atomic, bodies, forms, pascal, reference};
use crate::registry::types::TYPES;

pub fn all() -> Map<String, Value> {
    let mut all = Map::new();
    for resource_type in TYPES {
        of_type(resource_type, &mut all);
        for one in resource_type.to_one {
            of_end(one, &mut all);
        }
        for many in resource_type.to_many {
            let (name, end) = (pascal(many.kind), bodies::end(many.kind, bodies::Naming::Id));
            all.insert(format!("{name}Identifier"), identifier(many.kind));
            all.insert(format!("{name}Identifiers"), page(&end, "RelationshipPageLinks", None));
        }
    }
    all.extend(links());
    all.extend(errors());
    all.extend(atomic::schemas());
    all
}

pub fn declared(kind: &str) -> Option<&'static ResourceType> {
    TYPES.into_iter().find(|resource_type| resource_type.kind == kind)
}

/// The types that can stand in `included` beside resources of this one.
pub fn includable(resource_type: &ResourceType) -> Vec<&'static ResourceType> {
    let reached = |path: &str| {
        let mut names = path.split('.');
        let first =
            names.next().and_then(|name| resource_type.to_one(name)).and_then(|one| declared(one.kind));
        names.fold(first, |at, name| at.and_then(|at| at.to_one(name)).and_then(|one| declared(one.kind)))
    };
    let kinds: Vec<&str> =
        resource_type.includes.iter().filter_map(|path| reached(path)).map(|found| found.kind).collect();
    TYPES.into_iter().filter(|resource_type| kinds.contains(&resource_type.kind)).collect()
}

fn of_type(resource_type: &'static ResourceType, all: &mut Map<String, Value>) {
    let name = pascal(resource_type.kind);
    let mut add = |ending: &str, schema: Value| {
        all.insert(format!("{name}{ending}"), schema);
    };
    add("", resource(resource_type));
    add("Document", single(resource_type, reference("schemas", &name)));
    add("Collection", collection(resource_type));
    if resource_type.verbs.contains(&Verb::Create) {
        add("Create", bodies::document(bodies::creation(resource_type, bodies::Naming::Id)));
    }
    if resource_type.verbs.contains(&Verb::Update) {
        add("Update", bodies::document(bodies::change(resource_type, bodies::Naming::Id)));
    }
}

/// What is on the other end of a relationship to one.
fn of_end(one: &ToOne, all: &mut Map<String, Value>) {
    let data = bodies::linkage(one.kind, one.nullable, bodies::Naming::Id);
    let links = reference("schemas", "RelationshipLinks");
    let linkage = object(&["data", "links"], json!({ "data": data, "links": links }));
    all.insert(end_name(one, "Linkage"), linkage);
    all.insert(format!("{}Identifier", pascal(one.kind)), identifier(one.kind));
    if let (true, Some(target)) = (one.nullable, declared(one.kind)) {
        let data = or_null(&reference("schemas", &pascal(one.kind)));
        all.insert(end_name(one, "Document"), single(target, data));
    }
}

/// The name of a schema of what is on the other end: `WorkspaceDocument`, `PeopleOrNullDocument`.
pub fn end_name(one: &ToOne, ending: &str) -> String {
    format!("{}{}{ending}", pascal(one.kind), if one.nullable { "OrNull" } else { "" })
}

pub fn or_null(schema: &Value) -> Value {
    json!({ "oneOf": [schema, { "type": "null" }] })
}

/// An object with these members and no others.
fn object(required: &[&str], properties: Value) -> Value {
    json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false })
}

fn resource(resource_type: &ResourceType) -> Value {
    let attributes: Map<String, Value> = resource_type
        .attributes
        .iter()
        .map(|attribute| (attribute.name.to_owned(), forms::shown(attribute)))
        .collect();
    let to_one = resource_type.to_one.iter().map(|one| {
        let mut linkage = reference("schemas", &end_name(one, "Linkage"));
        linkage["description"] = one.about.into();
        (one.name.to_owned(), linkage)
    });
    let to_many = resource_type.to_many.iter().map(|many| {
        let mut links = reference("schemas", "ToManyLinks");
        links["description"] = many.about.into();
        (many.name.to_owned(), links)
    });
    let relationships: Map<String, Value> = to_one.chain(to_many).collect();
    let mut properties = json!({
        "type": { "type": "string", "const": resource_type.kind },
        "id": forms::uuid(),
        "attributes": object(&[], attributes.into()),
        "links": reference("schemas", "SelfLink"),
    });
    if !relationships.is_empty() {
        properties["relationships"] = object(&[], relationships.into());
    }
    let mut resource = object(&["type", "id", "links"], properties);
    resource["description"] = resource_type.about.into();
    resource
}

/// Both ways: an answer names an end so, and a request does.
fn identifier(kind: &str) -> Value {
    json!({
        "type": "object",
        "required": ["type", "id"],
        "properties": { "type": { "type": "string", "const": kind }, "id": forms::uuid() },
    })
}

fn single(resource_type: &ResourceType, data: Value) -> Value {
    object(
        &["data", "links"],
        json!({ "data": data, "included": included(resource_type), "links": reference("schemas", "SelfLink") }),
    )
}

fn collection(resource_type: &ResourceType) -> Value {
    let resource = reference("schemas", &pascal(resource_type.kind));
    page(&resource, "PageLinks", Some(included(resource_type)))
}

fn page(items: &Value, links: &str, included: Option<Value>) -> Value {
    let mut properties = json!({
        "jsonapi": {
            "type": "object",
            "const": { "version": "1.1", "profile": [CURSOR_PAGINATION] },
        },
        "data": { "type": "array", "maxItems": PAGE_SIZE_MAX, "items": items },
        "links": reference("schemas", links),
        "meta": reference("schemas", "PageMeta"),
    });
    if let Some(included) = included {
        properties["included"] = included;
    }
    object(&["jsonapi", "data", "links"], properties)
}

/// `included`, which is there wherever `include` is.
fn included(resource_type: &ResourceType) -> Value {
    let names: Vec<(&str, String)> =
        includable(resource_type).iter().map(|found| (found.kind, pascal(found.kind))).collect();
    if names.is_empty() {
        return json!({ "type": "array", "maxItems": 0, "description": "Nothing can be included here." });
    }
    let one_of: Vec<Value> = names.iter().map(|(_, name)| reference("schemas", name)).collect();
    let mapping: Map<String, Value> = names
        .iter()
        .map(|(kind, name)| ((*kind).to_owned(), format!("#/components/schemas/{name}").into()))
        .collect();
    json!({
        "type": "array",
        "description": "What `include` asked for, each resource once.",
        "items": { "oneOf": one_of, "discriminator": { "propertyName": "type", "mapping": mapping } },
    })
}

fn links() -> [(String, Value); 6] {
    let link = || json!({ "type": "string", "format": "uri-reference" });
    let link_or_null = || json!({ "type": ["string", "null"], "format": "uri-reference" });
    let relationship = object(&["self", "related"], json!({ "self": link(), "related": link() }));
    let page = |related: bool| {
        let mut links = object(
            &["self", "first", "prev", "next"],
            json!({ "self": link(), "first": link(), "prev": link_or_null(), "next": link_or_null() }),
        );
        if related {
            links["properties"]["related"] = link();
            links["required"] = json!(["self", "related", "first", "prev", "next"]);
        }
        links["description"] = "`prev` and `next` are null at the ends.".into();
        links
    };
    let total = object(&["total"], json!({ "total": { "type": "integer", "minimum": 0 } }));
    let mut meta = object(&["page"], json!({ "page": total }));
    meta["description"] = "How many there are on all pages, where `page[total]=true` asked for that.".into();
    [
        ("SelfLink", object(&["self"], json!({ "self": link() }))),
        ("RelationshipLinks", relationship),
        ("ToManyLinks", object(&["links"], json!({ "links": reference("schemas", "RelationshipLinks") }))),
        ("PageLinks", page(false)),
        ("RelationshipPageLinks", page(true)),
        ("PageMeta", meta),
    ]
    .map(|(name, schema)| (name.to_owned(), schema))
}

fn errors() -> [(String, Value); 3] {
    let listed: Vec<String> =
        CODES.iter().map(|code| format!("- `{}` ({}): {}", code.code, code.status, code.about)).collect();
    let codes: Vec<&str> = CODES.iter().map(|code| code.code).collect();
    let document = object(
        &["errors"],
        json!({
            "errors": {
                "type": "array",
                "minItems": 1,
                "maxItems": ERRORS_MAX,
                "items": reference("schemas", "Error"),
            },
        }),
    );
    [
        ("Errors", document),
        ("Error", error()),
        ("ErrorCode", json!({ "type": "string", "enum": codes, "description": listed.join("\n") })),
    ]
    .map(|(name, schema)| (name.to_owned(), schema))
}

fn error() -> Value {
    let source = |name: &str, about: &str| object(&[name], json!({ name: text(about) }));
    let links = json!({
        "about": text("Where to read more of it: the live enrollment that stands in the way."),
        "type": text("A profile's name for this kind of error."),
    });
    let maximum = object(&["maxSize"], json!({ "maxSize": { "type": "integer" } }));
    let meta = json!({
        "trace_id": text("The request's id, as in the header X-Request-Id and in the log."),
        "live_enrollments": { "type": "integer", "minimum": 1 },
        "page": maximum,
    });
    object(
        &["id", "status", "code", "title", "detail", "meta"],
        json!({
            "id": { "type": "string", "pattern": "^[0-9a-f]{32}-[0-9]+$" },
            "status": { "type": "string", "pattern": "^[45][0-9]{2}$" },
            "code": reference("schemas", "ErrorCode"),
            "title": { "type": "string" },
            "detail": { "type": "string" },
            "source": {
                "oneOf": [
                    source("pointer", "A JSON Pointer to a value that is in the body."),
                    source("parameter", "The query parameter."),
                    source("header", "The request's header."),
                ],
            },
            "links": object(&[], links),
            "meta": object(&["trace_id"], meta),
        }),
    )
}

fn text(about: &str) -> Value {
    json!({ "type": "string", "description": about })
}
