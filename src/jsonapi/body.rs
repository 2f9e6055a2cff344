//! Reads the resource objects that clients send (JSON:API section "Creating, Updating and Deleting Resources") and
//! reports every mistake with a JSON Pointer. A [`ResourceType`] declares what a resource accepts.
//!
//! Pointers begin at `/data`; `atomic` prefixes them where the resource is part of a larger document.

use std::str::FromStr;

use serde_json::{Map, Value};

use super::error::{ERRORS_MAX, ErrorObject};
use super::lid::Lids;
use super::linkage::{self, identifier, identifiers, non_null, parse_id};
use crate::jsonapi::error_code::{self, ErrorCode};
use crate::jsonapi::resource_type::{Access, ResourceType};
use crate::kernel::patch::Patch;

/// A resource object that a client sent. Its readers collect mistakes, and [`Self::finish`] reports all of them.
pub struct ResourceBody<'a> {
    resource_type: &'static ResourceType,
    lids: &'a Lids,
    attributes: Map<String, Value>,
    relationships: Map<String, Value>,
    /// The pointer for a missing attribute: the member `attributes`, or its parent where that is missing too.
    attributes_pointer: &'static str,
    relationships_pointer: &'static str,
    errors: Vec<ErrorObject>,
}

#[derive(Debug, Clone, Copy)]
pub enum Purpose<'a> {
    Create,
    /// Update the resource with this id.
    Update(&'a str),
}

impl<'a> ResourceBody<'a> {
    /// Reads the `data` of a document.
    ///
    /// # Errors
    /// `data` is not an object. All other mistakes are reported by [`Self::finish`].
    pub fn read(
        data: Value,
        resource_type: &'static ResourceType,
        purpose: Purpose<'_>,
        lids: &'a Lids,
    ) -> Result<Self, Vec<ErrorObject>> {
        let Value::Object(mut data) = data else {
            return Err(vec![ErrorObject::validation("/data", "data must be one resource object.")]);
        };
        let mut errors = Vec::new();
        errors.extend(type_error(&data, resource_type));
        errors.extend(id_error(&data, resource_type, purpose, lids));
        let attributes_pointer = if data.contains_key("attributes") { "/data/attributes" } else { "/data" };
        let relationships_pointer =
            if data.contains_key("relationships") { "/data/relationships" } else { "/data" };
        let attributes = take_object(&mut data, "attributes", &mut errors);
        let relationships = take_object(&mut data, "relationships", &mut errors);
        let mut body = Self {
            resource_type,
            lids,
            attributes,
            relationships,
            attributes_pointer,
            relationships_pointer,
            errors,
        };
        body.check_attributes();
        body.check_relationships(purpose);
        Ok(body)
    }

    /// Names that begin with `@` are ignored (JSON:API section "@-Members").
    fn check_attributes(&mut self) {
        for name in self.attributes.keys().filter(|name| !name.starts_with('@')) {
            let error = match self.resource_type.attribute(name).map(|attribute| attribute.access) {
                Some(Access::Required | Access::Optional) => continue,
                Some(Access::Computed) => ErrorObject::of(
                    &error_code::SYSTEM_FIELD_READ_ONLY,
                    format!("{name} is computed by the system and cannot be written."),
                ),
                None => {
                    let detail = format!("{} has no attribute {name}.", self.resource_type.kind);
                    ErrorObject::validation("", detail)
                }
            };
            self.errors.push(error.pointer(format!("/data/attributes/{}", escape(name))));
        }
    }

    fn check_relationships(&mut self, purpose: Purpose<'_>) {
        let resource_type = self.resource_type;
        let is_update = matches!(purpose, Purpose::Update(_));
        for name in self.relationships.keys().filter(|name| !name.starts_with('@')) {
            let is_writable = match (resource_type.to_one(name), resource_type.to_many(name)) {
                (Some(one), _) if is_update => one.updatable,
                (Some(one), _) => one.access.is_writable(),
                (None, Some(many)) => many.writable && !is_update,
                (None, None) => false,
            };
            if is_writable {
                continue;
            }
            let error = if resource_type.has_relationship(name) {
                not_writable(resource_type, name, is_update)
            } else {
                ErrorObject::validation("", format!("{} has no relationship {name}.", resource_type.kind))
            };
            self.errors.push(error.pointer(format!("/data/relationships/{}", escape(name))));
        }
    }

    /// An attribute as it was sent.
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        self.attributes.get(name)
    }

    /// The pointer for a missing attribute.
    pub const fn attributes_pointer(&self) -> &'static str {
        self.attributes_pointer
    }

    pub fn reject(&mut self, error: ErrorObject) {
        self.errors.push(error);
    }

    /// The text of an attribute. It is absent where the attribute is missing or has a value of another type, which is
    /// an error.
    pub fn text(&mut self, name: &str) -> Patch<String> {
        let nullable = self.resource_type.attribute(name).is_some_and(|attribute| attribute.nullable);
        match self.attributes.get(name) {
            None => return Patch::Absent,
            Some(Value::String(text)) => return Patch::Set(text.clone()),
            Some(Value::Null) if nullable => return Patch::Null,
            Some(_) => {}
        }
        let or_null = if nullable { " or null" } else { "" };
        let detail = format!("{name} must be a string{or_null}.");
        self.reject(ErrorObject::validation(format!("/data/attributes/{name}"), detail));
        Patch::Absent
    }

    pub fn required_text(&mut self, name: &str) -> Option<String> {
        if !self.attributes.contains_key(name) {
            self.reject(ErrorObject::validation(self.attributes_pointer, format!("{name} is required.")));
        }
        match self.text(name) {
            Patch::Set(text) => Some(text),
            Patch::Absent | Patch::Null => None,
        }
    }

    /// The id in a to-one relationship that is required; `not_found` is the code for a malformed id.
    pub fn required_to_one<T: FromStr>(&mut self, name: &str, not_found: &'static ErrorCode) -> Option<T> {
        if !self.relationships.contains_key(name) {
            let detail = format!("The relationship {name} is required.");
            self.reject(ErrorObject::validation(self.relationships_pointer, detail));
        }
        match self.to_one(name, not_found) {
            Patch::Set(id) => Some(id),
            Patch::Absent | Patch::Null => None,
        }
    }

    /// The id in a to-one relationship. It is absent where the relationship is missing or has an error.
    pub fn to_one<T: FromStr>(&mut self, name: &str, not_found: &'static ErrorCode) -> Patch<T> {
        let (Some(relationship), Some(value)) =
            (self.resource_type.to_one(name), self.relationships.get(name))
        else {
            return Patch::Absent;
        };
        let pointer = format!("/data/relationships/{name}");
        let found = match value.get("data") {
            None => Err(ErrorObject::validation(pointer, format!("The relationship {name} has no data."))),
            Some(Value::Null) if relationship.nullable => return Patch::Null,
            Some(data) => {
                let pointer = format!("{pointer}/data");
                identifier(data, relationship.kind, &pointer, self.lids)
                    .and_then(|id| parse_id(&id, &pointer, not_found))
            }
        };
        found.map_err(|error| self.reject(error)).map_or(Patch::Absent, Patch::Set)
    }

    /// The ids in a to-many relationship; none where it is missing.
    pub fn to_many<T: FromStr>(&mut self, name: &str, not_found: &'static ErrorCode) -> Vec<T> {
        let (Some(relationship), Some(value)) =
            (self.resource_type.to_many(name), self.relationships.get(name))
        else {
            return Vec::new();
        };
        let pointer = format!("/data/relationships/{name}");
        let Some(data) = value.get("data") else {
            self.reject(ErrorObject::validation(pointer, format!("The relationship {name} has no data.")));
            return Vec::new();
        };
        let ids =
            identifiers(data, relationship.kind, &format!("{pointer}/data"), self.lids, |id, pointer| {
                parse_id(&id, pointer, not_found)
            });
        ids.map_err(|errors| self.errors.extend(errors)).unwrap_or_default()
    }

    /// The value that was read; it may be `None` only where an error was reported.
    ///
    /// # Errors
    /// All mistakes, up to [`ERRORS_MAX`].
    pub fn finish<T>(mut self, value: Option<T>) -> Result<T, Vec<ErrorObject>> {
        self.errors.truncate(ERRORS_MAX);
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            None if self.errors.is_empty() => {
                Err(vec![ErrorObject::validation("/data", "A required member is missing.")])
            }
            Some(_) | None => Err(self.errors),
        }
    }
}

/// The 403 for a relationship that cannot be written in this way. Replacing all members of a to-many relationship is
/// refused because a client would drop members that others added after it read them.
pub fn not_writable(resource_type: &ResourceType, name: &str, is_replacement: bool) -> ErrorObject {
    let many = resource_type.to_many(name);
    if is_replacement && many.is_some_and(|many| many.writable) {
        return ErrorObject::of(
            &error_code::FULL_REPLACEMENT_UNSUPPORTED,
            format!("The members of {name} can be added and removed, but not replaced as a whole."),
        );
    }
    let about = resource_type.to_one(name).map(|one| one.about).or(many.map(|many| many.about));
    let detail = format!("The relationship {name} cannot be written here. {}", about.unwrap_or_default());
    ErrorObject::of(&error_code::RELATIONSHIP_READ_ONLY, detail.trim_end())
}

fn type_error(data: &Map<String, Value>, resource_type: &ResourceType) -> Option<ErrorObject> {
    match data.get("type") {
        Some(Value::String(kind)) if kind == resource_type.kind => None,
        Some(Value::String(kind)) => {
            let detail = format!("Expected the type {}, got {kind}.", resource_type.kind);
            Some(ErrorObject::of(&error_code::TYPE_MISMATCH, detail).pointer("/data/type"))
        }
        Some(_) => Some(ErrorObject::validation("/data/type", "type must be a string.")),
        None => Some(ErrorObject::validation("/data", "type is required.")),
    }
}

fn id_error(
    data: &Map<String, Value>,
    resource_type: &ResourceType,
    purpose: Purpose<'_>,
    lids: &Lids,
) -> Option<ErrorObject> {
    match (purpose, non_null(data, "id"), non_null(data, "lid")) {
        (Purpose::Create, None, None | Some(Value::String(_))) => None,
        (Purpose::Create, None, Some(_)) => {
            Some(ErrorObject::validation("/data/lid", "lid must be a string."))
        }
        (Purpose::Create, Some(_), _) => {
            let detail = "The system generates ids; leave id out.";
            let error = ErrorObject::of(&error_code::CLIENT_ID_UNSUPPORTED, detail);
            Some(error.pointer("/data/id"))
        }
        (Purpose::Update(expected), Some(Value::String(id)), _) => mismatch(id, expected, "/data/id"),
        (Purpose::Update(_), Some(_), _) => Some(ErrorObject::validation("/data/id", "id must be a string.")),
        (Purpose::Update(expected), None, Some(lid)) => {
            match linkage::local(lid, resource_type.kind, "/data/lid", lids) {
                Ok(id) => mismatch(&id, expected, "/data/lid"),
                Err(error) => Some(error),
            }
        }
        (Purpose::Update(_), None, None) => {
            let pointer = if data.contains_key("id") { "/data/id" } else { "/data" };
            Some(ErrorObject::validation(pointer, "id is required."))
        }
    }
}

fn mismatch(id: &str, expected: &str, pointer: &str) -> Option<ErrorObject> {
    let detail = "The id is not the id of the addressed resource.";
    (!id.eq_ignore_ascii_case(expected))
        .then(|| ErrorObject::of(&error_code::ID_MISMATCH, detail).pointer(pointer))
}

/// The object in this member; null counts as missing.
fn take_object(
    data: &mut Map<String, Value>,
    name: &str,
    errors: &mut Vec<ErrorObject>,
) -> Map<String, Value> {
    match data.remove(name) {
        Some(Value::Object(object)) => return object,
        None | Some(Value::Null) => {}
        Some(_) => {
            let detail = format!("{name} must be an object.");
            errors.push(ErrorObject::validation(format!("/data/{name}"), detail));
        }
    }
    Map::new()
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
        read_by: &[],
        not_found: &error_code::NOT_FOUND,
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

    fn expected_errors<const N: usize>(errors: [(&'static str, &str); N]) -> Vec<(&'static str, String)> {
        errors.map(|(code, pointer)| (code, pointer.to_owned())).to_vec()
    }

    #[test]
    fn every_mistake_is_reported_with_a_pointer() {
        let text = r#"{"data":{"type":"other","id":"1","attributes":{"created_at":"x","a/b":1,"name":7,"@note":1},
            "relationships":{"maker":{"data":{"type":"robot","id":"1"}},"parts":{"data":[{"type":"part"}]},"owner":{}}}}"#;
        let found = problems(text, Purpose::Create, |body| {
            body.required_text("name");
            body.to_one::<String>("maker", &error_code::NOT_FOUND);
            body.to_many::<String>("parts", &error_code::NOT_FOUND);
        });
        let expected = expected_errors([
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
    fn null_counts_as_missing() {
        let text = r#"{"data":{"type":"thing","id":null,"lid":null,"attributes":{"name":"x"},"relationships":null}}"#;
        assert_eq!(problems(text, Purpose::Create, |_| ()), expected_errors([]));
        let text = r#"{"data":{"type":"thing","id":null,"lid":"t","attributes":null}}"#;
        assert_eq!(problems(text, Purpose::Create, |_| ()), expected_errors([]));
        let missing = expected_errors([("VALIDATION_ERROR", "/data/id")]);
        assert_eq!(problems(r#"{"data":{"type":"thing","id":null}}"#, Purpose::Update("7"), |_| ()), missing);
        let end = r#"{"data":{"type":"thing","relationships":{"maker":{"data":{"type":"people","id":null,"lid":null}}}}}"#;
        let expected = expected_errors([("VALIDATION_ERROR", "/data/relationships/maker/data/id")]);
        let found = problems(end, Purpose::Create, |body| {
            body.to_one::<String>("maker", &error_code::NOT_FOUND);
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn an_update_cannot_write_read_only_relationships() {
        let text = r#"{"data":{"type":"thing","id":"7","relationships":{"maker":{"data":null},"parts":{"data":[]}}}}"#;
        let expected = expected_errors([
            ("RELATIONSHIP_READ_ONLY", "/data/relationships/maker"),
            ("FULL_REPLACEMENT_UNSUPPORTED", "/data/relationships/parts"),
        ]);
        assert_eq!(problems(text, Purpose::Update("7"), |_| ()), expected);
    }

    #[test]
    fn a_missing_member_is_reported_at_its_nearest_parent() {
        let found = problems(r#"{"data":{"type":"thing"}}"#, Purpose::Create, |body| {
            body.required_text("name");
            body.required_to_one::<String>("maker", &error_code::NOT_FOUND);
        });
        assert_eq!(found, expected_errors([("VALIDATION_ERROR", "/data"), ("VALIDATION_ERROR", "/data")]));
        assert_eq!(problems("{}", Purpose::Create, |_| ()), expected_errors([("VALIDATION_ERROR", "")]));
        assert_eq!(
            problems(r#"{"data":null}"#, Purpose::Create, |_| ()),
            expected_errors([("VALIDATION_ERROR", "/data")])
        );
    }

    #[test]
    fn a_nullable_relationship_accepts_null() {
        let data = serde_json::json!({"type":"thing","relationships":{"maker":{"data":null}}});
        let lids = Lids::default();
        let mut body = ResourceBody::read(data, &THINGS, Purpose::Create, &lids).unwrap();
        assert_eq!(body.to_one::<String>("maker", &error_code::NOT_FOUND), Patch::Null);
        assert!(body.finish(Some(())).is_ok());
    }
}
