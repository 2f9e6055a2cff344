//! Examples: one resource of each type, made of the examples of its attributes, and documents that contain it.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::jsonapi::error::{ErrorObject, error_document};
use crate::jsonapi::error_code::ErrorCode;
use crate::jsonapi::media_type::{ATOMIC, CURSOR_PAGINATION};
use crate::jsonapi::resource_type::{Access, ResourceType, ToMany, ToOne};
use crate::resources::enrollments::api::ENROLLMENT;
use crate::resources::workspace_groups::api::WORKSPACE_GROUP;

const TRACE_ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CURSOR: &str = "kq3b0u5lq0mXh2wYd8fC1ltbeyJ0IjoxNzc5OTU5NzAwMDAwMDAwfV0";

/// The members of each error that vary between occurrences, by code.
static ERRORS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("error_examples.json")).unwrap_or_default());

fn id(type_name: &str) -> &'static str {
    match type_name {
        "workspace_group_workspace" => "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
        "workspace_group" => "f47ac10b-58cc-4372-a567-0e02b2c3d479",
        "workspace" => "c9bf9e57-1685-4c89-bafb-ff5af830be8a",
        "people" => "3fa85f64-5717-4562-b3fc-2c963f66afa6",
        _ => "0d4c2c1e-6b53-4d0e-9d0a-3f1f1b8f6a27",
    }
}

/// The URL of the example of this type.
pub fn address(resource_type: &ResourceType) -> String {
    format!("{}/{}", resource_type.base, id(resource_type.type_name))
}

pub fn identifier(type_name: &str) -> Value {
    json!({ "type": type_name, "id": id(type_name) })
}

fn resource(resource_type: &ResourceType) -> Value {
    let path = address(resource_type);
    let attributes = resource_type.attributes.iter().map(|attribute| {
        let example = if attribute.example.is_empty() { Value::Null } else { attribute.example.into() };
        (attribute.name.to_owned(), example)
    });
    let to_one = resource_type.to_one.iter().map(|one| (one.name.to_owned(), linkage(one, &path)));
    let to_many = resource_type
        .to_many
        .iter()
        .map(|many| (many.name.to_owned(), json!({ "links": links(&path, many.name) })));
    let mut resource = identifier(resource_type.type_name);
    resource["links"] = json!({ "self": path });
    resource["attributes"] = attributes.collect::<Map<_, _>>().into();
    let relationships: Map<String, Value> = to_one.chain(to_many).collect();
    if !relationships.is_empty() {
        resource["relationships"] = relationships.into();
    }
    resource
}

/// The document of one resource, at this URL.
pub fn single(resource_type: &ResourceType, address: &str) -> Value {
    json!({ "data": resource(resource_type), "links": { "self": address } })
}

/// The links of a relationship of the resource at this path.
fn links(path: &str, name: &str) -> Value {
    json!({ "self": format!("{path}/relationships/{name}"), "related": format!("{path}/{name}") })
}

/// The first of two pages, with the total.
fn page(address: &str, data: Value) -> Value {
    let this = format!("{address}?page%5Bsize%5D=1&page%5Btotal%5D=true");
    let next = format!("{this}&page%5Bafter%5D={CURSOR}");
    json!({
        "jsonapi": { "version": "1.1", "profile": [CURSOR_PAGINATION] },
        "data": [data],
        "links": { "self": this, "first": this, "prev": null, "next": next },
        "meta": { "page": { "total": 2 } },
    })
}

pub fn collection(resource_type: &ResourceType, address: &str) -> Value {
    page(address, resource(resource_type))
}

/// The linkage of a to-many relationship of the resource at this path.
pub fn identifiers(many: &ToMany, path: &str) -> Value {
    let links = links(path, many.name);
    let mut document = page(links["self"].as_str().unwrap_or_default(), identifier(many.type_name));
    document["links"]["related"] = links["related"].clone();
    document
}

/// The linkage of a to-one relationship of the resource at this path.
pub fn linkage(one: &ToOne, path: &str) -> Value {
    json!({ "data": identifier(one.type_name), "links": links(path, one.name) })
}

/// A request document with the writable attributes and these relationships.
fn request(mut data: Value, resource_type: &ResourceType, relationships: Map<String, Value>) -> Value {
    let attributes: Map<String, Value> = resource_type
        .attributes
        .iter()
        .filter(|attribute| attribute.access.is_writable() && !attribute.example.is_empty())
        .map(|attribute| (attribute.name.to_owned(), attribute.example.into()))
        .collect();
    for (name, members) in [("attributes", attributes), ("relationships", relationships)] {
        if !members.is_empty() {
            data[name] = members.into();
        }
    }
    json!({ "data": data })
}

/// The request that creates the example.
pub fn creation(resource_type: &ResourceType) -> Value {
    let required = resource_type.to_one.iter().filter(|one| one.access == Access::Required);
    let to_one = required.map(|one| (one.name.to_owned(), json!({ "data": identifier(one.type_name) })));
    let writable = resource_type.to_many.iter().filter(|many| many.writable);
    let to_many =
        writable.map(|many| (many.name.to_owned(), json!({ "data": [identifier(many.type_name)] })));
    request(json!({ "type": resource_type.type_name }), resource_type, to_one.chain(to_many).collect())
}

/// The request that updates the example.
pub fn change(resource_type: &ResourceType) -> Value {
    let updatable = resource_type.to_one.iter().filter(|one| one.updatable);
    let to_one = updatable.map(|one| (one.name.to_owned(), json!({ "data": identifier(one.type_name) })));
    request(identifier(resource_type.type_name), resource_type, to_one.collect())
}

/// Creates a group with a local id, enrolls a workspace in it, and removes another enrollment.
pub fn operations() -> Value {
    let group = WORKSPACE_GROUP.type_name;
    let mut enrollment = creation(&ENROLLMENT)["data"].take();
    enrollment["relationships"][group]["data"] = json!({ "type": group, "lid": "emea" });
    json!({
        "atomic:operations": [
            { "op": "add", "data": { "type": group, "lid": "emea", "attributes": { "name": "EMEA" } } },
            { "op": "add", "data": enrollment },
            { "op": "remove", "ref": identifier(ENROLLMENT.type_name) },
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
    let mut document = error_document(&[ErrorObject::of(code, "")], TRACE_ID);
    let error = &mut document["errors"][0];
    if let Some(Value::Object(members)) = ERRORS.get(code.code) {
        for (name, value) in members {
            error[name] = value.clone();
        }
    }
    error["meta"]["trace_id"] = TRACE_ID.into();
    document
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::error_code;

    #[test]
    fn every_error_code_has_an_example() {
        let without: Vec<&str> = error_code::ALL
            .iter()
            .map(|code| code.code)
            .filter(|code| ERRORS[code]["detail"].as_str().is_none_or(str::is_empty))
            .collect();
        assert_eq!(without, Vec::<&str>::new());
    }

    #[test]
    fn the_link_of_an_example_leads_to_the_example() {
        let code = &error_code::WORKSPACE_GROUP_WORKSPACE_ALREADY_EXISTS;
        assert_eq!(error(code)["errors"][0]["links"]["about"], address(&ENROLLMENT).as_str());
    }
}
