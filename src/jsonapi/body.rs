//! Documents that come in (JSON:API section "Creating, Updating and Deleting Resources"), read
//! with a pointer to each mistake. What an address takes is a [`ResourceType`].
//!
//! Pointers begin at `/data`; where the resource stands deeper in a document, `atomic` moves them.

use std::str::FromStr;

use serde_json::{Map, Value};

use super::error::{ERRORS_MAX, ErrorObject};
use super::lid::Lids;
use super::linkage::{self, identifier, identifiers, said};
use crate::jsonapi::resource_type::{Access, ResourceType};
use crate::kernel::patch::Patch;

/// A resource object that a client sent. Asking for its parts collects what is wrong with them;
/// [`Self::finish`] tells all of it.
pub struct ResourceBody<'a> {
    resource_type: &'static ResourceType,
    lids: &'a Lids,
    attributes: Map<String, Value>,
    relationships: Map<String, Value>,
    /// Where what is missing among them would stand: the member itself, or its parent.
    attributes_at: &'static str,
    relationships_at: &'static str,
    errors: Vec<ErrorObject>,
}

/// What a document is sent for.
#[derive(Debug, Clone, Copy)]
pub enum Purpose<'a> {
    Create,
    /// Of the resource with this id.
    Update(&'a str),
}

impl<'a> ResourceBody<'a> {
    /// Reads the `data` of a document.
    ///
    /// # Errors
    /// Where it is no resource object.
    pub fn read(
        data: Value,
        resource_type: &'static ResourceType,
        purpose: Purpose<'_>,
        lids: &'a Lids,
    ) -> Result<Self, Vec<ErrorObject>> {
        let Value::Object(mut data) = data else {
            return Err(vec![ErrorObject::validation("/data", "data has to be one resource object.")]);
        };
        let mut errors = Vec::new();
        check_identity(&data, resource_type, purpose, lids, &mut errors);
        let attributes_at = if data.contains_key("attributes") { "/data/attributes" } else { "/data" };
        let relationships_at =
            if data.contains_key("relationships") { "/data/relationships" } else { "/data" };
        let attributes = take_object(&mut data, "attributes", &mut errors);
        let relationships = take_object(&mut data, "relationships", &mut errors);
        let mut body =
            Self { resource_type, lids, attributes, relationships, attributes_at, relationships_at, errors };
        body.check_attributes();
        body.check_relationships(purpose);
        Ok(body)
    }

    /// Refuses what is not there to be written. Names that begin with `@` are ignored, as the
    /// standard demands ("@-Members").
    fn check_attributes(&mut self) {
        for name in self.attributes.keys().filter(|name| !name.starts_with('@')) {
            let pointer = format!("/data/attributes/{}", escape(name));
            match self.resource_type.attribute(name).map(|attribute| attribute.access) {
                Some(Access::Required | Access::Optional) => {}
                Some(Access::Computed) => self.errors.push(
                    ErrorObject::new(
                        403,
                        "SYSTEM_FIELD_READ_ONLY",
                        "System field is read-only",
                        format!("{name} is computed by the system and cannot be written."),
                    )
                    .pointer(pointer),
                ),
                None => {
                    let detail = format!("There is no attribute {name} in {}.", self.resource_type.kind);
                    self.errors.push(ErrorObject::validation(pointer, detail));
                }
            }
        }
    }

    fn check_relationships(&mut self, purpose: Purpose<'_>) {
        let resource_type = self.resource_type;
        for name in self.relationships.keys().filter(|name| !name.starts_with('@')) {
            let pointer = format!("/data/relationships/{}", escape(name));
            let error = match (resource_type.to_one(name), resource_type.to_many(name), purpose) {
                (Some(one), _, Purpose::Create) if one.access.is_writable() => continue,
                (Some(one), _, Purpose::Update(_)) if one.updatable => continue,
                (Some(one), _, Purpose::Create | Purpose::Update(_)) => read_only(name, one.about),
                (None, Some(many), Purpose::Create) if many.writable => continue,
                (None, Some(many), Purpose::Update(_)) if many.writable => full_replacement(name),
                (None, Some(many), Purpose::Create | Purpose::Update(_)) => read_only(name, many.about),
                (None, None, _) => {
                    let detail = format!("There is no relationship {name} in {}.", resource_type.kind);
                    ErrorObject::validation("", detail)
                }
            };
            self.errors.push(error.pointer(pointer));
        }
    }

    /// An attribute as it was sent.
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        self.attributes.get(name)
    }

    /// Where an attribute that is missing would stand: the member itself, or its parent.
    pub const fn attributes_at(&self) -> &'static str {
        self.attributes_at
    }

    pub fn reject(&mut self, error: ErrorObject) {
        self.errors.push(error);
    }

    /// The text of an attribute: null where it may be, absent where it is not there or, with an error
    /// noted, something else.
    pub fn text(&mut self, name: &str) -> Patch<String> {
        let nullable = self.resource_type.attribute(name).is_some_and(|attribute| attribute.nullable);
        match self.attributes.get(name) {
            None => return Patch::Absent,
            Some(Value::String(text)) => return Patch::Set(text.clone()),
            Some(Value::Null) if nullable => return Patch::Null,
            Some(_) => {}
        }
        let or_null = if nullable { " or null" } else { "" };
        self.errors.push(ErrorObject::validation(
            format!("/data/attributes/{name}"),
            format!("{name} has to be a string{or_null}."),
        ));
        Patch::Absent
    }

    /// The text of an attribute that has to be there.
    pub fn required_text(&mut self, name: &str) -> Option<String> {
        if !self.attributes.contains_key(name) {
            self.errors.push(ErrorObject::validation(self.attributes_at, format!("{name} is required.")));
        }
        match self.text(name) {
            Patch::Set(text) => Some(text),
            Patch::Absent | Patch::Null => None,
        }
    }

    /// The id on the other end of a to-one relationship that has to be there.
    pub fn required_to_one(&mut self, name: &str) -> Option<String> {
        if self.relationships.contains_key(name) {
            return match self.to_one(name) {
                Patch::Set(id) => Some(id),
                Patch::Absent | Patch::Null => None,
            };
        }
        let detail = format!("The relationship {name} is required.");
        self.errors.push(ErrorObject::validation(self.relationships_at, detail));
        None
    }

    /// The id on the other end, null for nobody; absent where the relationship is not there or, with
    /// an error noted, not right.
    pub fn to_one(&mut self, name: &str) -> Patch<String> {
        let (Some(relationship), Some(value)) =
            (self.resource_type.to_one(name), self.relationships.get(name))
        else {
            return Patch::Absent;
        };
        let pointer = format!("/data/relationships/{name}");
        let error = match value.get("data") {
            None => ErrorObject::validation(pointer, format!("The relationship {name} has no data.")),
            Some(Value::Null) if relationship.nullable => return Patch::Null,
            Some(data) => match identifier(data, relationship.kind, &format!("{pointer}/data"), self.lids) {
                Ok(id) => return Patch::Set(id),
                Err(error) => error,
            },
        };
        self.errors.push(error);
        Patch::Absent
    }

    /// The ids of a to-many relationship, none where it is not there.
    pub fn to_many(&mut self, name: &str) -> Vec<String> {
        let (Some(relationship), Some(value)) =
            (self.resource_type.to_many(name), self.relationships.get(name))
        else {
            return Vec::new();
        };
        let pointer = format!("/data/relationships/{name}");
        let Some(data) = value.get("data") else {
            self.errors
                .push(ErrorObject::validation(pointer, format!("The relationship {name} has no data.")));
            return Vec::new();
        };
        let (ids, errors) = identifiers(data, relationship.kind, &format!("{pointer}/data"), self.lids);
        self.errors.extend(errors);
        ids
    }

    /// An id on the other end of a relationship as our own type. A text that is no id is one that
    /// nobody has: the code says that it was not found.
    pub fn id<T: FromStr>(&mut self, pointer: &str, text: &str, code: &'static str) -> Option<T> {
        let id = text.parse().ok();
        if id.is_none() {
            self.errors.push(nothing_with(text, code).pointer(pointer));
        }
        id
    }

    /// [`Self::id`] of an end that may be absent or nobody.
    pub fn patch_id<T: FromStr>(
        &mut self,
        pointer: &str,
        end: Patch<String>,
        code: &'static str,
    ) -> Patch<T> {
        match end {
            Patch::Absent => Patch::Absent,
            Patch::Null => Patch::Null,
            Patch::Set(text) => self.id(pointer, &text, code).map_or(Patch::Absent, Patch::Set),
        }
    }

    /// What was read, which is there wherever nothing was wrong.
    ///
    /// # Errors
    /// All that was found wrong.
    pub fn finish<T>(mut self, value: Option<T>) -> Result<T, Vec<ErrorObject>> {
        self.errors.truncate(ERRORS_MAX);
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            None if self.errors.is_empty() => {
                Err(vec![ErrorObject::validation("/data", "Something is missing.")])
            }
            Some(_) | None => Err(self.errors),
        }
    }
}

/// There is nothing with this id.
pub fn nothing_with(id: &str, code: &'static str) -> ErrorObject {
    ErrorObject::new(404, code, "Not found", format!("There is nothing with the id {id}."))
}

/// A relationship that cannot be written here; `about` says what to do instead.
pub fn read_only(name: &str, about: &str) -> ErrorObject {
    let detail = format!("The relationship {name} cannot be written here. {about}");
    ErrorObject::new(403, "RELATIONSHIP_READ_ONLY", "Relationship is read-only", detail.trim_end())
}

/// To say what all the members of a to-many relationship are is refused: who says so has not seen
/// those that others added meanwhile.
pub fn full_replacement(name: &str) -> ErrorObject {
    ErrorObject::new(
        403,
        "FULL_REPLACEMENT_UNSUPPORTED",
        "Full replacement is not supported",
        format!("The members of {name} are added and removed, never replaced as a whole."),
    )
}

fn check_identity(
    data: &Map<String, Value>,
    resource_type: &ResourceType,
    purpose: Purpose<'_>,
    lids: &Lids,
    errors: &mut Vec<ErrorObject>,
) {
    match data.get("type") {
        Some(Value::String(kind)) if kind == resource_type.kind => {}
        Some(Value::String(kind)) => errors.push(
            ErrorObject::new(
                409,
                "TYPE_MISMATCH",
                "Type mismatch",
                format!("Here are resources of type {}, not {kind}.", resource_type.kind),
            )
            .pointer("/data/type"),
        ),
        Some(_) => errors.push(ErrorObject::validation("/data/type", "type has to be a string.")),
        None => errors.push(ErrorObject::validation("/data", "type is required.")),
    }
    errors.extend(match (purpose, said(data, "id"), said(data, "lid")) {
        (Purpose::Create, Some(_), _) => Some(
            ErrorObject::new(
                403,
                "CLIENT_ID_UNSUPPORTED",
                "Client-generated id",
                "Ids are made by the system; leave id out.",
            )
            .pointer("/data/id"),
        ),
        (Purpose::Create, None, None | Some(Value::String(_))) => None,
        (Purpose::Create, None, Some(_)) => {
            Some(ErrorObject::validation("/data/lid", "lid has to be a string."))
        }
        (Purpose::Update(expected), Some(Value::String(id)), _) => mismatch(id, expected, "/data/id"),
        (Purpose::Update(_), Some(_), _) => {
            Some(ErrorObject::validation("/data/id", "id has to be a string."))
        }
        (Purpose::Update(expected), None, Some(lid)) => {
            match linkage::local(lid, resource_type.kind, "/data/lid", lids) {
                Ok(id) => mismatch(&id, expected, "/data/lid"),
                Err(error) => Some(error),
            }
        }
        (Purpose::Update(_), None, None) => {
            let place = if data.contains_key("id") { "/data/id" } else { "/data" };
            Some(ErrorObject::validation(place, "id is required."))
        }
    });
}

fn mismatch(id: &str, expected: &str, pointer: &str) -> Option<ErrorObject> {
    if id.eq_ignore_ascii_case(expected) {
        return None;
    }
    let detail = "The id is not that of the addressed resource.";
    Some(ErrorObject::new(409, "ID_MISMATCH", "Id mismatch", detail).pointer(pointer))
}

/// The object in this member. Null is none, as [`said`] has it.
fn take_object(
    data: &mut Map<String, Value>,
    name: &str,
    errors: &mut Vec<ErrorObject>,
) -> Map<String, Value> {
    match data.remove(name) {
        Some(Value::Object(object)) => object,
        None | Some(Value::Null) => Map::new(),
        Some(_) => {
            errors.push(ErrorObject::validation(
                format!("/data/{name}"),
                format!("{name} has to be an object."),
            ));
            Map::new()
        }
    }
}

/// A name as a token of a JSON Pointer (RFC 6901 section 3).
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::super::resource_type::{Attribute, ToMany, ToOne, ValueType};
    use super::*;

    const fn attribute(name: &'static str, access: Access) -> Attribute {
        Attribute { name, form: ValueType::Text { max: 9 }, nullable: false, access, about: "", example: "" }
    }

    static THINGS: ResourceType = ResourceType {
        kind: "thing",
        base: "/v1/things",
        noun: ("thing", "things"),
        about: "",
        verbs: &[],
        attributes: &[attribute("name", Access::Required), attribute("created_at", Access::Computed)],
        to_one: &[ToOne {
            name: "maker",
            kind: "people",
            nullable: true,
            access: Access::Optional,
            updatable: false,
            about: "",
        }],
        to_many: &[ToMany { name: "parts", kind: "part", writable: true, about: "" }],
        filters: &[],
        sorts: &[],
        sort_default: "",
        includes: &[],
        not_found: "NOT_FOUND",
    };

    fn problems(
        text: &str,
        purpose: Purpose<'_>,
        read: impl Fn(&mut ResourceBody<'_>),
    ) -> Vec<(&'static str, String)> {
        let lids = Lids::default();
        let read_all = |data| {
            let mut body = ResourceBody::read(data, &THINGS, purpose, &lids)?;
            read(&mut body);
            body.finish(Some(()))
        };
        let errors = linkage::data(text.as_bytes()).and_then(read_all).err().unwrap_or_default();
        let pointer = |error: &ErrorObject| match &error.source {
            Some(super::super::error::Source::Pointer(pointer)) => pointer.clone(),
            other => panic!("{other:?}"),
        };
        errors.iter().map(|error| (error.code, pointer(error))).collect()
    }

    fn told<const N: usize>(expected: [(&'static str, &str); N]) -> Vec<(&'static str, String)> {
        expected.map(|(code, pointer)| (code, pointer.to_owned())).to_vec()
    }

    #[test]
    fn every_mistake_is_told_with_its_place() {
        let text = r#"{"data":{"type":"other","id":"1","attributes":{"created_at":"x","a/b":1,"name":7,"@note":1},
            "relationships":{"maker":{"data":{"type":"robot","id":"1"}},"parts":{"data":[{"type":"part"}]},"owner":{}}}}"#;
        let found = problems(text, Purpose::Create, |body| {
            body.required_text("name");
            body.to_one("maker");
            body.to_many("parts");
        });
        let expected = told([
            ("TYPE_MISMATCH", "/data/type"),
            ("CLIENT_ID_UNSUPPORTED", "/data/id"),
            ("VALIDATION_ERROR", "/data/attributes/a~1b"),
            ("SYSTEM_FIELD_READ_ONLY", "/data/attributes/created_at"),
            ("VALIDATION_ERROR", "/data/relationships/owner"),
            ("VALIDATION_ERROR", "/data/attributes/name"),
            ("VALIDATION_ERROR", "/data/relationships/maker/data/type"),
            ("VALIDATION_ERROR", "/data/relationships/parts/data/0"),
        ]);
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_null_is_not_said() {
        let text = r#"{"data":{"type":"thing","id":null,"lid":null,"attributes":{"name":"x"},"relationships":null}}"#;
        assert_eq!(problems(text, Purpose::Create, |_| ()), told([]));
        let text = r#"{"data":{"type":"thing","id":null,"lid":"t","attributes":null}}"#;
        assert_eq!(problems(text, Purpose::Create, |_| ()), told([]));
        let missing = told([("VALIDATION_ERROR", "/data/id")]);
        assert_eq!(problems(r#"{"data":{"type":"thing","id":null}}"#, Purpose::Update("7"), |_| ()), missing);
        let end = r#"{"data":{"type":"thing","relationships":{"maker":{"data":{"type":"people","id":null,"lid":null}}}}}"#;
        let expected = told([("VALIDATION_ERROR", "/data/relationships/maker/data/id")]);
        let found = problems(end, Purpose::Create, |body| {
            body.to_one("maker");
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn an_update_leaves_relationships_alone_that_it_may_not_write() {
        let text = r#"{"data":{"type":"thing","id":"7","relationships":{"maker":{"data":null},"parts":{"data":[]}}}}"#;
        let expected = told([
            ("RELATIONSHIP_READ_ONLY", "/data/relationships/maker"),
            ("FULL_REPLACEMENT_UNSUPPORTED", "/data/relationships/parts"),
        ]);
        assert_eq!(problems(text, Purpose::Update("7"), |_| ()), expected);
    }

    #[test]
    fn a_pointer_to_what_is_missing_names_its_nearest_parent() {
        let found = problems(r#"{"data":{"type":"thing"}}"#, Purpose::Create, |body| {
            body.required_text("name");
            body.required_to_one("maker");
        });
        assert_eq!(found, told([("VALIDATION_ERROR", "/data"), ("VALIDATION_ERROR", "/data")]));
        assert_eq!(problems("{}", Purpose::Create, |_| ()), told([("VALIDATION_ERROR", "")]));
        assert_eq!(
            problems(r#"{"data":null}"#, Purpose::Create, |_| ()),
            told([("VALIDATION_ERROR", "/data")])
        );
    }

    #[test]
    fn nobody_is_an_end_where_it_may_be() {
        let data = serde_json::json!({"type":"thing","relationships":{"maker":{"data":null}}});
        let lids = Lids::default();
        let mut body = ResourceBody::read(data, &THINGS, Purpose::Create, &lids).unwrap();
        assert_eq!(body.to_one("maker"), Patch::Null);
        assert!(body.finish(Some(())).is_ok());
    }
}
