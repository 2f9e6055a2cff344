//! The atomic-operations extension (<https://jsonapi.org/ext/atomic>): parses a document of operations.

use std::collections::HashMap;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::error::{ErrorObject, Source, validation};
use super::linkage::{self, Handle, non_null};
use super::{error_code, strict_json};
use crate::jsonapi::resource_type::ResourceType;

pub const OPERATIONS_MAX: usize = 1000;

type Types<'a> = &'a [&'static ResourceType];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    Add,
    Update,
    Remove,
}

#[derive(Debug, Clone)]
pub enum Target {
    Collection(&'static ResourceType),
    Resource(&'static ResourceType, Handle),
    Relationship(&'static ResourceType, Handle, String),
}

#[derive(Debug, Clone)]
pub struct Operation {
    pub code: Code,
    pub target: Target,
    pub data: Option<Value>,
    pub meta: Option<Value>,
}

/// The operations of a document, and its `meta`.
#[derive(Debug, Clone)]
pub struct Document {
    pub operations: Vec<Operation>,
    pub meta: Option<Value>,
}

pub fn pointer(index: usize) -> String {
    format!("/atomic:operations/{index}")
}

/// Where `data` names a resource by a local id, an error about its id points to the local id instead.
pub fn at_local_id(mut error: ErrorObject, data: &Value) -> ErrorObject {
    if let Some(Source::Pointer(pointer)) = &mut error.source
        && let Some(parent) = pointer.strip_prefix("/data").and_then(|rest| rest.strip_suffix("/id"))
        && data.pointer(&format!("{parent}/id")).is_none_or(Value::is_null)
        && data.pointer(&format!("{parent}/lid")).is_some()
    {
        *pointer = format!("/data{parent}/lid");
    }
    error
}

/// The resources that the operations of a document have created, or given a unique value, with the index of the
/// operation. All of it is rolled back if a later operation fails.
#[derive(Debug, Default)]
pub struct Made(HashMap<Uuid, usize>);

impl Made {
    pub fn add(&mut self, index: usize, ids: impl IntoIterator<Item = Uuid>) {
        self.0.extend(ids.into_iter().map(|id| (id, index)));
    }

    /// Replaces a link to one of these resources by a reference to the operation: after the rollback the resource
    /// does not exist or does not have the value.
    pub fn without_lost_link(&self, mut error: ErrorObject) -> ErrorObject {
        let id = error.about.as_deref().and_then(|link| link.rsplit('/').next()?.parse::<Uuid>().ok());
        if let Some(index) = id.and_then(|id| self.0.get(&id)) {
            error.about = None;
            error.detail =
                format!("{} The operation {} of this document causes this.", error.detail, pointer(*index));
        }
        error
    }
}

/// Prefixes the pointer of an error in one operation with the pointer to the operation.
pub fn moved(mut error: ErrorObject, index: usize) -> ErrorObject {
    error.source = match error.source {
        Some(Source::Pointer(inner)) => Some(Source::Pointer(pointer(index) + &inner)),
        None => Some(Source::Pointer(pointer(index))),
        other @ Some(Source::Parameter(_) | Source::Header(_)) => other,
    };
    error
}

/// `data` is checked when the operations are performed.
pub fn parse(bytes: &[u8], types: Types<'_>) -> Result<Document, Vec<ErrorObject>> {
    let (mut operations, mut errors) = (Vec::new(), Vec::new());
    let mut document = strict_json::parse_object(bytes).map_err(|error| vec![error])?;
    for (index, value) in
        operation_values(&mut document).map_err(|error| vec![error])?.into_iter().enumerate()
    {
        match operation(value, types) {
            Ok(operation) => operations.push(operation),
            Err(error) => errors.push(moved(error, index)),
        }
    }
    if errors.is_empty() { Ok(Document { operations, meta: document.remove("meta") }) } else { Err(errors) }
}

fn operation_values(document: &mut Map<String, Value>) -> Result<Vec<Value>, ErrorObject> {
    match document.remove("atomic:operations") {
        Some(Value::Array(operations)) if operations.len() > OPERATIONS_MAX => {
            Err(error_code::PAYLOAD_TOO_LARGE
                .error(format!("A document may have {OPERATIONS_MAX} operations, not {}.", operations.len())))
        }
        Some(Value::Array(operations)) if !operations.is_empty() => Ok(operations),
        Some(_) => {
            let detail = "atomic:operations must be an array with at least one operation.";
            Err(validation("/atomic:operations", detail))
        }
        None => Err(validation("", "The document has no atomic:operations.")),
    }
}

fn operation(value: Value, types: Types<'_>) -> Result<Operation, ErrorObject> {
    let Value::Object(mut object) = value else {
        return Err(validation("", "An operation must be an object."));
    };
    let code = match object.get("op").map(Value::as_str) {
        Some(Some("add")) => Code::Add,
        Some(Some("update")) => Code::Update,
        Some(Some("remove")) => Code::Remove,
        Some(_) => return Err(validation("/op", "op must be add, update or remove.")),
        None => return Err(validation("", "op is required.")),
    };
    let (data, meta) = (object.remove("data"), object.remove("meta"));
    let target = match (non_null(&object, "ref"), non_null(&object, "href")) {
        (Some(_), Some(_)) => Err(validation("/href", "ref and href exclude each other.")),
        (Some(Value::Object(reference)), None) => reference_target(reference, types),
        (Some(_), None) => Err(validation("/ref", "ref must be an object.")),
        (None, Some(Value::String(href))) => href_target(href, types),
        (None, Some(_)) => Err(validation("/href", "href must be a string.")),
        (None, None) => data_target(code, data.as_ref(), types),
    }?;
    let is_data_required = code != Code::Remove || matches!(target, Target::Relationship(..));
    match (code, &target) {
        (Code::Update | Code::Remove, Target::Collection(_)) => {
            Err(validation("", "This operation requires the id of its target."))
        }
        (Code::Add, Target::Resource(..)) => {
            Err(validation("", "A resource that is added has no id yet; leave it out of the target."))
        }
        _ if is_data_required && data.is_none() => Err(validation("", "data is required.")),
        _ => Ok(Operation { code, target, data, meta }),
    }
}

fn type_of(
    object: &Map<String, Value>,
    pointer: &str,
    types: Types<'_>,
) -> Result<&'static ResourceType, ErrorObject> {
    let type_name = linkage::type_name(object, pointer)?;
    let known = types.iter().copied().find(|resource_type| resource_type.type_name == type_name);
    let unknown = || validation(format!("{pointer}/type"), format!("The type {type_name} does not exist."));
    known.ok_or_else(unknown)
}

fn reference_target(reference: &Map<String, Value>, types: Types<'_>) -> Result<Target, ErrorObject> {
    let resource_type = type_of(reference, "/ref", types)?;
    match (Handle::read(reference, "/ref")?, non_null(reference, "relationship")) {
        (Some(handle), None) => Ok(Target::Resource(resource_type, handle)),
        (Some(handle), Some(Value::String(name))) if resource_type.relationship(name).is_some() => {
            Ok(Target::Relationship(resource_type, handle, name.clone()))
        }
        (Some(_), Some(_)) => {
            let detail = format!("{} has no such relationship.", resource_type.type_name);
            Err(validation("/ref/relationship", detail))
        }
        (None, Some(_)) => Err(validation("/ref", "A relationship requires the id of its resource.")),
        (None, None) => Ok(Target::Collection(resource_type)),
    }
}

fn href_target(href: &str, types: Types<'_>) -> Result<Target, ErrorObject> {
    let target = types.iter().copied().find_map(|resource_type| {
        let parts: Vec<&str> = href.strip_prefix(resource_type.base)?.split('/').collect();
        match parts[..] {
            [""] => Some(Target::Collection(resource_type)),
            ["", id] if !id.is_empty() => Some(Target::Resource(resource_type, Handle::Id(id.to_owned()))),
            ["", id, "relationships", name] if !id.is_empty() => {
                resource_type.relationship(name)?;
                Some(Target::Relationship(resource_type, Handle::Id(id.to_owned()), name.to_owned()))
            }
            _ => None,
        }
    });
    target.ok_or_else(|| validation("/href", "href is not a URL that can be written to."))
}

/// Without `ref` and `href` the resource in `data` is the target.
fn data_target(code: Code, data: Option<&Value>, types: Types<'_>) -> Result<Target, ErrorObject> {
    let Some(Value::Object(object)) = data else {
        return Err(validation("", "The operation has no target: ref, href or data is required."));
    };
    let resource_type = type_of(object, "/data", types)?;
    match (code, Handle::read(object, "/data")?) {
        (Code::Add, _) => Ok(Target::Collection(resource_type)),
        (Code::Update | Code::Remove, Some(handle)) => Ok(Target::Resource(resource_type, handle)),
        (Code::Update | Code::Remove, None) => Err(validation("/data", "id is required.")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::resource_type::{Access, Relationship};
    use super::*;

    static GROUPS: ResourceType = ResourceType {
        type_name: "group",
        base: "/v1/groups",
        noun: ("group", "groups"),
        about: "",
        verbs: &[],
        attributes: &[],
        relationships: &[Relationship {
            name: "members",
            type_name: "member",
            is_many: true,
            nullable: false,
            access: Access::Optional,
            updatable: true,
            about: "",
        }],
        filters: &[],
        sorts: &[],
        sort_default: "",
        includes: &[],
        read_by: &[],
        not_found: &error_code::NOT_FOUND,
    };

    fn read(operation: &str) -> Result<String, (u16, String)> {
        let document = format!(r#"{{"atomic:operations":[{operation}]}}"#);
        match parse(document.as_bytes(), &[&GROUPS]) {
            Ok(read) => Ok(match &read.operations[0].target {
                Target::Collection(_) => "collection".to_owned(),
                Target::Resource(_, handle) => format!("resource {handle:?}"),
                Target::Relationship(_, handle, name) => format!("{name} of {handle:?}"),
            }),
            Err(errors) => match &errors[0].source {
                Some(Source::Pointer(pointer)) => Err((errors[0].code.status, pointer.clone())),
                other => panic!("{other:?}"),
            },
        }
    }

    #[test]
    fn a_target_is_named_by_ref_by_href_or_by_data() {
        let add = r#"{"op":"add","data":{"type":"group","lid":"g"}}"#;
        assert_eq!(read(add).unwrap(), "collection");
        let by_href = r#"{"op":"remove","href":"/v1/groups/7"}"#;
        assert_eq!(read(by_href).unwrap(), r#"resource Id("7")"#);
        let members = r#"{"op":"add","ref":{"type":"group","lid":"g","relationship":"members"},"data":[]}"#;
        assert_eq!(read(members).unwrap(), r#"members of Lid(String("g"), "/ref/lid")"#);
        let by_href = r#"{"op":"remove","href":"/v1/groups/7/relationships/members","data":[]}"#;
        assert_eq!(read(by_href).unwrap(), r#"members of Id("7")"#);
        let by_data = r#"{"op":"add","ref":null,"href":null,"data":{"type":"group","id":null,"lid":"g"}}"#;
        assert_eq!(read(by_data).unwrap(), "collection");
        let by_reference =
            r#"{"op":"remove","ref":{"type":"group","id":null,"lid":"g","relationship":null}}"#;
        assert_eq!(read(by_reference).unwrap(), r#"resource Lid(String("g"), "/ref/lid")"#);
        let by_data = r#"{"op":"update","data":{"type":"group","id":"7"}}"#;
        assert_eq!(read(by_data).unwrap(), r#"resource Id("7")"#);
    }

    #[test]
    fn each_mistake_has_its_pointer() {
        for (operation, pointer) in [
            ("7", ""),
            ("{}", ""),
            (r#"{"op":"upsert"}"#, "/op"),
            (r#"{"op":"add"}"#, ""),
            (r#"{"op":"add","data":{"type":"robot"}}"#, "/data/type"),
            (r#"{"op":"remove","ref":{"type":"group"}}"#, ""),
            (r#"{"op":"remove","ref":{"type":"group","id":null}}"#, ""),
            (r#"{"op":"remove","ref":null,"href":null}"#, ""),
            (r#"{"op":"remove","ref":{"type":"group","id":7}}"#, "/ref/id"),
            (r#"{"op":"remove","ref":{"type":"group","id":"7"},"href":"/v1/groups/7"}"#, "/href"),
            (r#"{"op":"remove","href":"/v1/groupsies/7"}"#, "/href"),
            (
                r#"{"op":"add","ref":{"type":"group","id":"7","relationship":"owner"},"data":[]}"#,
                "/ref/relationship",
            ),
            (r#"{"op":"update","ref":{"type":"group","id":"7"}}"#, ""),
        ] {
            assert_eq!(read(operation), Err((422, format!("/atomic:operations/0{pointer}"))), "{operation}");
        }
    }

    #[test]
    fn a_link_to_a_resource_of_the_same_document_is_left_out() {
        let (made, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let mut known = Made::default();
        known.add(3, [made]);
        let about = |id: Uuid| {
            let error = error_code::TYPE_MISMATCH.error("It is taken.").about(format!("/v1/groups/{id}"));
            known.without_lost_link(error)
        };
        assert_eq!(about(made).about, None);
        assert_eq!(
            about(made).detail,
            "It is taken. The operation /atomic:operations/3 of this document causes this."
        );
        assert_eq!(
            (about(other).about, about(other).detail),
            (Some(format!("/v1/groups/{other}")), "It is taken.".to_owned())
        );
    }

    #[test]
    fn a_document_may_have_a_thousand_operations() {
        let document = |count: usize| {
            let one = r#"{"op":"remove","href":"/v1/groups/7"}"#;
            format!(r#"{{"atomic:operations":[{}]}}"#, vec![one; count].join(","))
        };
        assert_eq!(parse(document(1000).as_bytes(), &[&GROUPS]).unwrap().operations.len(), 1000);
        assert_eq!(parse(document(1001).as_bytes(), &[&GROUPS]).unwrap_err()[0].code.status, 413);
    }
}
