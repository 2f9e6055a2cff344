//! Examples: one resource of each type, made of the examples of its attributes, and the documents
//! around it.

use serde_json::{Map, Value, json};

use crate::jsonapi::media_type::{ATOMIC, CURSOR_PAGINATION};
use crate::jsonapi::resource_type::{Access, ResourceType, ToMany, ToOne};
use crate::kernel::page::PAGE_SIZE_MAX;
use crate::registry::openapi::codes::ErrorCode;
use crate::resources::enrollments::api::ENROLLMENT;
use crate::resources::workspace_groups::api::WORKSPACE_GROUP;

const TRACE_ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CURSOR: &str = "kq3b0u5lq0mXh2wYd8fC1ltbeyJ0IjoxNzc5OTU5NzAwMDAwMDAwfV0";

fn id(kind: &str) -> &'static str {
    match kind {
        "workspace_group_workspace" => "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
        "workspace_group" => "f47ac10b-58cc-4372-a567-0e02b2c3d479",
        "workspace" => "c9bf9e57-1685-4c89-bafb-ff5af830be8a",
        "people" => "3fa85f64-5717-4562-b3fc-2c963f66afa6",
        _ => "0d4c2c1e-6b53-4d0e-9d0a-3f1f1b8f6a27",
    }
}

/// The address of the example of this type.
pub fn address(resource_type: &ResourceType) -> String {
    format!("{}/{}", resource_type.base, id(resource_type.kind))
}

pub fn identifier(kind: &str) -> Value {
    json!({ "type": kind, "id": id(kind) })
}

fn text(example: &str) -> Value {
    if example.is_empty() { Value::Null } else { example.into() }
}

/// A resource with all that it has.
pub fn resource(resource_type: &ResourceType) -> Value {
    let path = address(resource_type);
    let attributes: Map<String, Value> = resource_type
        .attributes
        .iter()
        .map(|attribute| (attribute.name.to_owned(), text(attribute.example)))
        .collect();
    let links = |name: &str| links(&path, name);
    let to_one = resource_type
        .to_one
        .iter()
        .map(|one| (one.name.to_owned(), json!({ "data": identifier(one.kind), "links": links(one.name) })));
    let to_many =
        resource_type.to_many.iter().map(|many| (many.name.to_owned(), json!({ "links": links(many.name) })));
    let relationships: Map<String, Value> = to_one.chain(to_many).collect();
    let mut resource = json!({
        "type": resource_type.kind,
        "id": id(resource_type.kind),
        "attributes": attributes,
        "links": { "self": path },
    });
    if !relationships.is_empty() {
        resource["relationships"] = relationships.into();
    }
    resource
}

/// The document of one resource, at this address.
pub fn single(resource_type: &ResourceType, address: &str) -> Value {
    json!({ "data": resource(resource_type), "links": { "self": address } })
}

/// Of a relationship of the resource at this path.
fn links(path: &str, name: &str) -> Value {
    json!({ "self": format!("{path}/relationships/{name}"), "related": format!("{path}/{name}") })
}

/// The first of two pages, counted.
fn page(address: &str, data: Value) -> Value {
    let asked = format!("{address}?page%5Bsize%5D=1&page%5Btotal%5D=true");
    let next = format!("{asked}&page%5Bafter%5D={CURSOR}");
    json!({
        "jsonapi": { "version": "1.1", "profile": [CURSOR_PAGINATION] },
        "data": [data],
        "links": { "self": asked, "first": asked, "prev": null, "next": next },
        "meta": { "page": { "total": 2 } },
    })
}

pub fn collection(resource_type: &ResourceType, address: &str) -> Value {
    page(address, resource(resource_type))
}

/// The linkage of a relationship to many of the resource at this path.
pub fn identifiers(many: &ToMany, path: &str) -> Value {
    let mut document = page(&format!("{path}/relationships/{}", many.name), identifier(many.kind));
    document["links"]["related"] = format!("{path}/{}", many.name).into();
    document
}

/// The linkage of a relationship to one of the resource at this path.
pub fn linkage(one: &ToOne, path: &str) -> Value {
    json!({ "data": identifier(one.kind), "links": links(path, one.name) })
}

fn attributes(resource_type: &ResourceType) -> Map<String, Value> {
    resource_type
        .attributes
        .iter()
        .filter(|attribute| attribute.access.is_writable() && !attribute.example.is_empty())
        .map(|attribute| (attribute.name.to_owned(), attribute.example.into()))
        .collect()
}

/// A resource object with those of its parts that say something.
fn written(mut data: Value, attributes: Map<String, Value>, relationships: Map<String, Value>) -> Value {
    if !attributes.is_empty() {
        data["attributes"] = attributes.into();
    }
    if !relationships.is_empty() {
        data["relationships"] = relationships.into();
    }
    json!({ "data": data })
}

/// The document that asks for a resource like the example.
pub fn creation(resource_type: &ResourceType) -> Value {
    let to_one = resource_type
        .to_one
        .iter()
        .filter(|one| one.access == Access::Required)
        .map(|one| (one.name.to_owned(), json!({ "data": identifier(one.kind) })));
    let to_many = resource_type
        .to_many
        .iter()
        .filter(|many| many.writable)
        .map(|many| (many.name.to_owned(), json!({ "data": [identifier(many.kind)] })));
    let data = json!({ "type": resource_type.kind });
    written(data, attributes(resource_type), to_one.chain(to_many).collect())
}

/// The document that asks for the example to be as it is.
pub fn change(resource_type: &ResourceType) -> Value {
    let to_one = resource_type
        .to_one
        .iter()
        .filter(|one| one.updatable)
        .map(|one| (one.name.to_owned(), json!({ "data": identifier(one.kind) })));
    written(identifier(resource_type.kind), attributes(resource_type), to_one.collect())
}

/// A group is made with a local id, a workspace enrolled in it, and taken out of where it was.
pub fn operations() -> Value {
    let group = WORKSPACE_GROUP.kind;
    let mut enrolled = creation(&ENROLLMENT)["data"].take();
    enrolled["relationships"][group]["data"] = json!({ "type": group, "lid": "emea" });
    json!({
        "atomic:operations": [
            { "op": "add", "data": { "type": group, "lid": "emea", "attributes": { "name": "EMEA" } } },
            { "op": "add", "data": enrolled },
            { "op": "remove", "ref": identifier(ENROLLMENT.kind) },
        ],
    })
}

pub fn results() -> Value {
    json!({
        "jsonapi": { "version": "1.1", "ext": [ATOMIC] },
        "atomic:results": [{ "data": resource(&WORKSPACE_GROUP) }, { "data": resource(&ENROLLMENT) }, {}],
    })
}

/// A document with one error of this code.
pub fn error(code: &ErrorCode) -> Value {
    let mut error = json!({
        "id": format!("{TRACE_ID}-1"),
        "status": code.status.to_string(),
        "code": code.code,
        "title": code.title,
        "detail": code.detail,
        "meta": { "trace_id": TRACE_ID },
    });
    if let Some((member, value)) = code.source {
        error["source"] = json!({ (member): value });
    }
    match code.code {
        "WORKSPACE_GROUP_WORKSPACE_ALREADY_EXISTS" => {
            error["links"] = json!({ "about": address(&ENROLLMENT) });
        }
        "GROUP_HAS_LIVE_ENROLLMENTS" | "WORKSPACE_HAS_LIVE_ENROLLMENTS" => {
            error["meta"]["live_enrollments"] = json!(3);
        }
        "PAGE_SIZE_TOO_LARGE" => {
            error["links"] = json!({ "type": format!("{CURSOR_PAGINATION}/max-size-exceeded") });
            error["meta"]["page"] = json!({ "maxSize": PAGE_SIZE_MAX });
        }
        _ => {}
    }
    json!({ "errors": [error] })
}
