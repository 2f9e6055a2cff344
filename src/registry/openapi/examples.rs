//! Examples, made of the examples of attributes.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::jsonapi::error::error_document;
use crate::jsonapi::error_code::ErrorCode;
use crate::jsonapi::media_type::{ATOMIC, CURSOR_PAGINATION};
use crate::jsonapi::resource_type::{Access, Relationship, ResourceType};
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

pub fn path(resource_type: &ResourceType) -> String {
    format!("{}/{}", resource_type.base, id(resource_type.type_name))
}

pub fn identifier(type_name: &str) -> Value {
    json!({ "type": type_name, "id": id(type_name) })
}

fn resource(resource_type: &ResourceType) -> Value {
    let path = path(resource_type);
    let always = resource_type.attributes.iter().filter(|attribute| !attribute.is_on_request());
    let attributes = always.map(|attribute| {
        let example = Some(attribute.example).filter(|example| !example.is_empty());
        (attribute.name.to_owned(), example.into())
    });
    let relationships = resource_type.relationships.iter();
    let relationships: Map<String, Value> =
        relationships.map(|end| (end.name.to_owned(), relationship(end, &path))).collect();
    let mut resource = identifier(resource_type.type_name);
    resource["links"] = json!({ "self": path });
    resource["attributes"] = attributes.collect::<Map<_, _>>().into();
    if !relationships.is_empty() {
        resource["relationships"] = relationships.into();
    }
    resource
}

pub fn single(resource_type: &ResourceType, address: &str) -> Value {
    json!({ "data": resource(resource_type), "links": { "self": address } })
}

/// For a to-one relationship this is also the document of its linkage.
pub fn relationship(end: &Relationship, path: &str) -> Value {
    let mut relationship = json!({
        "links": { "self": format!("{path}/relationships/{}", end.name), "related": format!("{path}/{}", end.name) },
    });
    if !end.is_many {
        relationship["data"] = identifier(end.type_name);
    }
    relationship
}

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

pub fn identifiers(end: &Relationship, path: &str) -> Value {
    let mut document = page(&format!("{path}/relationships/{}", end.name), identifier(end.type_name));
    document["links"]["related"] = format!("{path}/{}", end.name).into();
    document
}

pub fn linkage(end: &Relationship) -> Value {
    let identifier = identifier(end.type_name);
    if end.is_many { json!({ "data": [identifier] }) } else { json!({ "data": identifier }) }
}

/// The request that creates or updates the example, with its writable attributes.
pub fn request(resource_type: &ResourceType, is_update: bool) -> Value {
    let attributes = resource_type.attributes.iter();
    let attributes: Map<String, Value> = attributes
        .filter(|attribute| attribute.access.is_writable() && !attribute.example.is_empty())
        .map(|attribute| (attribute.name.to_owned(), attribute.example.into()))
        .collect();
    let is_sent = |end: &&Relationship| match (is_update, end.is_many) {
        (false, true) => end.access.is_writable(),
        (false, false) => end.access == Access::Required,
        (true, is_many) => end.updatable && !is_many,
    };
    let relationships = resource_type.relationships.iter().filter(is_sent);
    let relationships: Map<String, Value> =
        relationships.map(|end| (end.name.to_owned(), linkage(end))).collect();
    let type_name = resource_type.type_name;
    let mut data = if is_update { identifier(type_name) } else { json!({ "type": type_name }) };
    for (name, members) in [("attributes", attributes), ("relationships", relationships)] {
        if !members.is_empty() {
            data[name] = members.into();
        }
    }
    json!({ "data": data })
}

/// Creates a group with a local id, enrolls a workspace in it, and removes another enrollment.
pub fn operations() -> Value {
    let group = WORKSPACE_GROUP.type_name;
    let mut enrollment = request(&ENROLLMENT, false)["data"].take();
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

pub fn error(code: &'static ErrorCode) -> Value {
    let mut document = error_document(&[code.error("")], TRACE_ID);
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
        assert_eq!(error(code)["errors"][0]["links"]["about"], path(&ENROLLMENT).as_str());
    }
}
