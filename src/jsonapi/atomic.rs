//! The atomic-operations extension (<https://jsonapi.org/ext/atomic>): what a document asks for, in
//! its order, with a pointer to each mistake.

use std::collections::HashMap;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::error::{ERRORS_MAX, ErrorObject, Source};
use super::linkage::said;
use super::strict_json;
use crate::jsonapi::resource_type::ResourceType;

/// How many operations a document may have.
pub const OPERATIONS_MAX: usize = 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    Add,
    Update,
    Remove,
}

/// How an operation names a resource: by an id, or by a local id of an earlier operation.
#[derive(Debug, Clone, PartialEq)]
pub enum Handle {
    Id(String),
    /// With where in the operation it stands.
    Lid(Value, String),
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
}

/// Where the operation of this number stands.
pub fn pointer(index: usize) -> String {
    format!("/atomic:operations/{index}")
}

/// An error that speaks of the id of an end which `data` names by a local id speaks of that.
pub fn at_local_id(mut error: ErrorObject, data: &Value) -> ErrorObject {
    if let Some(Source::Pointer(pointer)) = &mut error.source
        && let Some(end) = pointer.strip_prefix("/data").and_then(|rest| rest.strip_suffix("/id"))
        && data.pointer(&format!("{end}/id")).is_none_or(Value::is_null)
        && data.pointer(&format!("{end}/lid")).is_some()
    {
        *pointer = format!("/data{end}/lid");
    }
    error
}

/// What the operations of a document have made so far, or given a value that one resource alone can have, and which
/// operation each. All of it is undone where a later operation is refused.
#[derive(Debug, Default)]
pub struct Made(HashMap<Uuid, usize>);

impl Made {
    /// The operation of this number made these, or gave them such a value.
    pub fn add(&mut self, index: usize, ids: impl IntoIterator<Item = Uuid>) {
        self.0.extend(ids.into_iter().map(|id| (id, index)));
    }

    /// An error that is about something of the document's own making links to nothing: once the document is refused
    /// there is no such thing, or it does not have the value. The error says instead which operation makes it so.
    pub fn without_lost_link(&self, mut error: ErrorObject) -> ErrorObject {
        let id = error.about.as_deref().and_then(|link| link.rsplit('/').next()?.parse::<Uuid>().ok());
        if let Some(index) = id.and_then(|id| self.0.get(&id)) {
            error.about = None;
            error.detail =
                format!("{} The operation {} of this document makes it so.", error.detail, pointer(*index));
        }
        error
    }
}

/// Moves an error that was found in one operation to where that stands in the document.
pub fn moved(mut error: ErrorObject, index: usize) -> ErrorObject {
    error.source = match error.source {
        Some(Source::Pointer(inner)) => Some(Source::Pointer(pointer(index) + &inner)),
        None => Some(Source::Pointer(pointer(index))),
        other @ Some(Source::Parameter(_) | Source::Header(_)) => other,
    };
    error
}

/// # Errors
/// All that is wrong with the form of the operations; what is in their `data` is looked at when they
/// are performed.
pub fn parse(bytes: &[u8], types: &[&'static ResourceType]) -> Result<Vec<Operation>, Vec<ErrorObject>> {
    let document = strict_json::parse(bytes).map_err(|error| vec![error])?;
    let operations = match document {
        Value::Object(mut document) => match document.remove("atomic:operations") {
            Some(Value::Array(operations)) if !operations.is_empty() => operations,
            Some(_) => {
                let detail = "atomic:operations has to be an array of at least one operation.";
                return Err(vec![ErrorObject::validation("/atomic:operations", detail)]);
            }
            None => return Err(vec![ErrorObject::validation("", "The document has no atomic:operations.")]),
        },
        _ => return Err(vec![ErrorObject::validation("", "The document has to be an object.")]),
    };
    if operations.len() > OPERATIONS_MAX {
        return Err(vec![ErrorObject::new(
            413,
            "PAYLOAD_TOO_LARGE",
            "Payload too large",
            format!("A document has at most {OPERATIONS_MAX} operations, not {}.", operations.len()),
        )]);
    }
    let mut read = Vec::with_capacity(operations.len());
    let mut errors = Vec::new();
    for (index, value) in operations.into_iter().enumerate() {
        match operation(value, types) {
            Ok(operation) => read.push(operation),
            Err(error) => errors.push(moved(error, index)),
        }
    }
    if errors.is_empty() {
        return Ok(read);
    }
    errors.truncate(ERRORS_MAX);
    Err(errors)
}

fn operation(value: Value, types: &[&'static ResourceType]) -> Result<Operation, ErrorObject> {
    let Value::Object(mut object) = value else {
        return Err(ErrorObject::validation("", "An operation has to be an object."));
    };
    let code = match object.get("op") {
        Some(Value::String(word)) if word == "add" => Code::Add,
        Some(Value::String(word)) if word == "update" => Code::Update,
        Some(Value::String(word)) if word == "remove" => Code::Remove,
        Some(_) => return Err(ErrorObject::validation("/op", "op is add, update or remove.")),
        None => return Err(ErrorObject::validation("", "op is required.")),
    };
    let data = object.remove("data");
    let target = match (said(&object, "ref"), said(&object, "href")) {
        (Some(_), Some(_)) => Err(ErrorObject::validation("/href", "ref and href exclude each other.")),
        (Some(Value::Object(reference)), None) => of_reference(reference, types),
        (Some(_), None) => Err(ErrorObject::validation("/ref", "ref has to be an object.")),
        (None, Some(Value::String(href))) => of_href(href, types),
        (None, Some(_)) => Err(ErrorObject::validation("/href", "href has to be a string.")),
        (None, None) => of_data(code, data.as_ref(), types),
    }?;
    check(code, &target, data.as_ref())?;
    Ok(Operation { code, target, data })
}

fn declared(
    kind: Option<&Value>,
    pointer: &str,
    types: &[&'static ResourceType],
) -> Result<&'static ResourceType, ErrorObject> {
    match kind {
        Some(Value::String(kind)) => {
            types.iter().find(|resource_type| resource_type.kind == kind).copied().ok_or_else(|| {
                ErrorObject::validation(format!("{pointer}/type"), format!("There is no type {kind}."))
            })
        }
        Some(_) => Err(ErrorObject::validation(format!("{pointer}/type"), "type has to be a string.")),
        None => Err(ErrorObject::validation(pointer, "type is required.")),
    }
}

fn handle(object: &Map<String, Value>, pointer: &str) -> Result<Option<Handle>, ErrorObject> {
    match (said(object, "id"), said(object, "lid")) {
        (Some(Value::String(id)), _) => Ok(Some(Handle::Id(id.clone()))),
        (Some(_), _) => Err(ErrorObject::validation(format!("{pointer}/id"), "id has to be a string.")),
        (None, Some(lid)) => Ok(Some(Handle::Lid(lid.clone(), format!("{pointer}/lid")))),
        (None, None) => Ok(None),
    }
}

fn of_reference(
    reference: &Map<String, Value>,
    types: &[&'static ResourceType],
) -> Result<Target, ErrorObject> {
    let resource_type = declared(reference.get("type"), "/ref", types)?;
    match (handle(reference, "/ref")?, said(reference, "relationship")) {
        (Some(handle), None) => Ok(Target::Resource(resource_type, handle)),
        (Some(handle), Some(Value::String(name))) if resource_type.has_relationship(name) => {
            Ok(Target::Relationship(resource_type, handle, name.clone()))
        }
        (Some(_), Some(_)) => {
            let detail = format!("There is no such relationship in {}.", resource_type.kind);
            Err(ErrorObject::validation("/ref/relationship", detail))
        }
        (None, Some(_)) => {
            Err(ErrorObject::validation("/ref", "A relationship needs the id of its resource."))
        }
        (None, None) => Ok(Target::Collection(resource_type)),
    }
}

/// The address of a collection, a resource or a relationship, as in links.
fn of_href(href: &str, types: &[&'static ResourceType]) -> Result<Target, ErrorObject> {
    let unknown = || ErrorObject::validation("/href", "href is not an address that can be written.");
    let (resource_type, rest) = types
        .iter()
        .filter_map(|resource_type| Some((*resource_type, href.strip_prefix(resource_type.base)?)))
        .find(|(_, rest)| rest.is_empty() || rest.starts_with('/'))
        .ok_or_else(unknown)?;
    let parts: Vec<&str> = rest.split('/').skip(1).collect();
    match parts[..] {
        [] => Ok(Target::Collection(resource_type)),
        [id] if !id.is_empty() => Ok(Target::Resource(resource_type, Handle::Id(id.to_owned()))),
        [id, "relationships", name] if !id.is_empty() && resource_type.has_relationship(name) => {
            Ok(Target::Relationship(resource_type, Handle::Id(id.to_owned()), name.to_owned()))
        }
        _ => Err(unknown()),
    }
}

/// Without `ref` and `href` the resource in `data` is the target.
fn of_data(code: Code, data: Option<&Value>, types: &[&'static ResourceType]) -> Result<Target, ErrorObject> {
    let Some(Value::Object(object)) = data else {
        return Err(ErrorObject::validation(
            "",
            "The operation names no target: ref, href or data is required.",
        ));
    };
    let resource_type = declared(object.get("type"), "/data", types)?;
    match (code, handle(object, "/data")?) {
        (Code::Add, _) => Ok(Target::Collection(resource_type)),
        (Code::Update | Code::Remove, Some(handle)) => Ok(Target::Resource(resource_type, handle)),
        (Code::Update | Code::Remove, None) => Err(ErrorObject::validation("/data", "id is required.")),
    }
}

fn check(code: Code, target: &Target, data: Option<&Value>) -> Result<(), ErrorObject> {
    match (code, target) {
        (Code::Update | Code::Remove, Target::Collection(_)) => {
            return Err(ErrorObject::validation("", "This operation needs the id of its target."));
        }
        (Code::Add, Target::Resource(..)) => {
            return Err(ErrorObject::validation(
                "",
                "What is added has no id yet; leave it out of the target.",
            ));
        }
        _ => {}
    }
    let needs_data = code != Code::Remove || matches!(target, Target::Relationship(..));
    if needs_data && data.is_none() {
        return Err(ErrorObject::validation("", "data is required."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::resource_type::ToMany;
    use super::*;

    static GROUPS: ResourceType = ResourceType {
        kind: "group",
        base: "/v1/groups",
        noun: ("group", "groups"),
        about: "",
        verbs: &[],
        attributes: &[],
        to_one: &[],
        to_many: &[ToMany { name: "members", kind: "member", writable: true, about: "" }],
        filters: &[],
        sorts: &[],
        sort_default: "",
        includes: &[],
        not_found: "NOT_FOUND",
    };

    fn read(operation: &str) -> Result<String, (u16, String)> {
        let document = format!(r#"{{"atomic:operations":[{operation}]}}"#);
        match parse(document.as_bytes(), &[&GROUPS]) {
            Ok(read) => Ok(match &read[0].target {
                Target::Collection(_) => "collection".to_owned(),
                Target::Resource(_, handle) => format!("resource {handle:?}"),
                Target::Relationship(_, handle, name) => format!("{name} of {handle:?}"),
            }),
            Err(errors) => match &errors[0].source {
                Some(Source::Pointer(pointer)) => Err((errors[0].status, pointer.clone())),
                other => panic!("{other:?}"),
            },
        }
    }

    #[test]
    fn a_target_is_named_by_reference_by_address_or_by_its_data() {
        let add = r#"{"op":"add","data":{"type":"group","lid":"g"}}"#;
        assert_eq!(read(add).unwrap(), "collection");
        let by_address = r#"{"op":"remove","href":"/v1/groups/7"}"#;
        assert_eq!(read(by_address).unwrap(), r#"resource Id("7")"#);
        let members = r#"{"op":"add","ref":{"type":"group","lid":"g","relationship":"members"},"data":[]}"#;
        assert_eq!(read(members).unwrap(), r#"members of Lid(String("g"), "/ref/lid")"#);
        let by_address = r#"{"op":"remove","href":"/v1/groups/7/relationships/members","data":[]}"#;
        assert_eq!(read(by_address).unwrap(), r#"members of Id("7")"#);
        let by_data = r#"{"op":"add","ref":null,"href":null,"data":{"type":"group","id":null,"lid":"g"}}"#;
        assert_eq!(read(by_data).unwrap(), "collection");
        let by_reference =
            r#"{"op":"remove","ref":{"type":"group","id":null,"lid":"g","relationship":null}}"#;
        assert_eq!(read(by_reference).unwrap(), r#"resource Lid(String("g"), "/ref/lid")"#);
        let by_data = r#"{"op":"update","data":{"type":"group","id":"7"}}"#;
        assert_eq!(read(by_data).unwrap(), r#"resource Id("7")"#);
    }

    #[test]
    fn each_mistake_has_its_place() {
        for (operation, place) in [
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
            assert_eq!(read(operation), Err((422, format!("/atomic:operations/0{place}"))), "{operation}");
        }
    }

    #[test]
    fn a_link_to_what_the_document_made_is_left_out() {
        let (made, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let mut known = Made::default();
        known.add(3, [made]);
        let about = |id: Uuid| {
            let error =
                ErrorObject::new(409, "TAKEN", "Taken", "It is taken.").about(format!("/v1/groups/{id}"));
            known.without_lost_link(error)
        };
        assert_eq!(about(made).about, None);
        assert_eq!(
            about(made).detail,
            "It is taken. The operation /atomic:operations/3 of this document makes it so."
        );
        assert_eq!(
            (about(other).about, about(other).detail),
            (Some(format!("/v1/groups/{other}")), "It is taken.".to_owned())
        );
    }

    #[test]
    fn a_thousand_operations_are_read_and_one_more_is_too_much() {
        let document = |count: usize| {
            let one = r#"{"op":"remove","href":"/v1/groups/7"}"#;
            format!(r#"{{"atomic:operations":[{}]}}"#, vec![one; count].join(","))
        };
        assert_eq!(parse(document(1000).as_bytes(), &[&GROUPS]).unwrap().len(), 1000);
        assert_eq!(parse(document(1001).as_bytes(), &[&GROUPS]).unwrap_err()[0].status, 413);
    }
}
