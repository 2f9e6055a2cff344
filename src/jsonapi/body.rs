//! Reads the resource objects that clients send (JSON:API section "Creating, Updating and Deleting Resources"), and
//! collects every mistake with a JSON Pointer. `atomic` prefixes the pointers in a larger document.

use std::str::FromStr;

use serde_json::{Map, Value};

use super::error::{ErrorObject, validation};
use super::linkage::{self, Handle, Lids, identifier, identifiers, non_null, parse_id};
use crate::jsonapi::error_code::{self, ErrorCode};
use crate::jsonapi::resource_type::{Access, Relationship, ResourceType};
use crate::kernel::patch::Patch;

pub struct ResourceBody<'a> {
    resource_type: &'static ResourceType,
    lids: &'a Lids,
    attributes: Map<String, Value>,
    relationships: Map<String, Value>,
    /// The pointer for a missing attribute: the member `attributes`, or its parent where that is missing too.
    pub(crate) attributes_pointer: &'static str,
    relationships_pointer: &'static str,
    errors: Vec<ErrorObject>,
}

#[derive(Debug, Clone, Copy)]
pub enum Purpose<'a> {
    Create,
    Update(&'a str),
}

impl<'a> ResourceBody<'a> {
    /// Fails only if `data` is not an object. [`Self::finish`] reports all other mistakes.
    pub fn read(
        data: Value,
        resource_type: &'static ResourceType,
        purpose: Purpose<'_>,
        lids: &'a Lids,
    ) -> Result<Self, ErrorObject> {
        let Value::Object(mut data) = data else {
            return Err(validation("/data", "data must be one resource object."));
        };
        let mut errors = Vec::new();
        errors.extend(check_type(&data, resource_type).err());
        errors.extend(check_id(&data, resource_type, purpose, lids).err());
        let mut take = |name: &str, pointer| {
            let pointer = if data.contains_key(name) { pointer } else { "/data" };
            match data.remove(name) {
                Some(Value::Object(object)) => (object, pointer),
                None | Some(Value::Null) => (Map::new(), pointer),
                Some(_) => {
                    errors.push(validation(pointer, format!("{name} must be an object.")));
                    (Map::new(), pointer)
                }
            }
        };
        let (attributes, attributes_pointer) = take("attributes", "/data/attributes");
        let (relationships, relationships_pointer) = take("relationships", "/data/relationships");
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
                Some(Access::Computed) => error_code::SYSTEM_FIELD_READ_ONLY
                    .error(format!("{name} is set by the system and cannot be written.")),
                None => validation("", format!("{} has no attribute {name}.", self.resource_type.type_name)),
            };
            self.errors.push(error.pointer(format!("/data/attributes/{}", escape(name))));
        }
    }

    fn check_relationships(&mut self, purpose: Purpose<'_>) {
        let is_update = matches!(purpose, Purpose::Update(_));
        for name in self.relationships.keys().filter(|name| !name.starts_with('@')) {
            let error = match self.resource_type.relationship(name) {
                Some(relationship) if is_update && relationship.updatable && !relationship.is_many => {
                    continue;
                }
                Some(relationship) if !is_update && relationship.access.is_writable() => continue,
                Some(_) => not_writable(self.resource_type, name, is_update),
                None => {
                    validation("", format!("{} has no relationship {name}.", self.resource_type.type_name))
                }
            };
            self.errors.push(error.pointer(format!("/data/relationships/{}", escape(name))));
        }
    }

    pub fn attribute(&self, name: &str) -> Option<&Value> {
        self.attributes.get(name)
    }

    pub fn reject(&mut self, error: ErrorObject) {
        self.errors.push(error);
    }

    /// It is absent if the attribute is missing, or if its value has another type, which is an error.
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
        self.reject(validation(format!("/data/attributes/{name}"), detail));
        Patch::Absent
    }

    pub fn required_text(&mut self, name: &str) -> Option<String> {
        if !self.attributes.contains_key(name) {
            self.reject(validation(self.attributes_pointer, format!("{name} is required.")));
        }
        self.text(name).apply_to(None)
    }

    /// `not_found` is the code for a malformed id.
    pub fn required_to_one<T: FromStr>(&mut self, name: &str, not_found: &'static ErrorCode) -> Option<T> {
        if !self.relationships.contains_key(name) {
            let detail = format!("The relationship {name} is required.");
            self.reject(validation(self.relationships_pointer, detail));
        }
        self.to_one(name, not_found).apply_to(None)
    }

    /// It is absent if the relationship is missing or has an error.
    pub fn to_one<T: FromStr>(&mut self, name: &str, not_found: &'static ErrorCode) -> Patch<T> {
        let Some((relationship, data, pointer)) = self.take_linkage(name) else { return Patch::Absent };
        if data.is_null() && relationship.nullable {
            return Patch::Null;
        }
        identifier(&data, relationship.type_name, &pointer, self.lids)
            .and_then(|id| parse_id(&id, &pointer, not_found))
            .map_err(|error| self.reject(error))
            .map_or(Patch::Absent, Patch::Set)
    }

    /// The list is empty if the relationship is missing.
    pub fn to_many<T: FromStr>(&mut self, name: &str, not_found: &'static ErrorCode) -> Vec<T> {
        let Some((relationship, data, pointer)) = self.take_linkage(name) else { return Vec::new() };
        let parse = |id: String, pointer: &str| parse_id(&id, pointer, not_found);
        identifiers(&data, relationship.type_name, &pointer, self.lids, parse)
            .map_err(|errors| self.errors.extend(errors))
            .unwrap_or_default()
    }

    /// The declaration of a relationship that the body contains, its `data`, and the pointer to it.
    fn take_linkage(&mut self, name: &str) -> Option<(&'static Relationship, Value, String)> {
        let relationship = self.resource_type.relationship(name)?;
        let data = self.relationships.get_mut(name)?.get_mut("data").map(Value::take);
        let pointer = format!("/data/relationships/{name}");
        if data.is_none() {
            self.reject(validation(pointer.as_str(), format!("The relationship {name} has no data.")));
        }
        Some((relationship, data?, pointer + "/data"))
    }

    /// Returns `value`, which may be `None` only if an error was reported, or all mistakes.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Vec<ErrorObject>> {
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            None if self.errors.is_empty() => Err(vec![validation("/data", "A required member is missing.")]),
            Some(_) | None => Err(self.errors),
        }
    }
}

/// The 403 for a relationship that cannot be written in this way. Replacing all members of a to-many relationship is
/// refused because a client would drop members that others added after it read them.
pub fn not_writable(resource_type: &ResourceType, name: &str, is_replacement: bool) -> ErrorObject {
    let relationship = resource_type.relationship(name);
    if is_replacement && relationship.is_some_and(|many| many.is_many && many.updatable) {
        let detail = format!("The members of {name} can be added and removed, but not replaced as a whole.");
        return error_code::FULL_REPLACEMENT_UNSUPPORTED.error(detail);
    }
    let about = relationship.map_or("", |relationship| relationship.about);
    let detail = format!("The relationship {name} cannot be written here. {about}");
    error_code::RELATIONSHIP_READ_ONLY.error(detail.trim_end())
}

fn check_type(data: &Map<String, Value>, resource_type: &ResourceType) -> Result<(), ErrorObject> {
    let type_name = linkage::type_name(data, "/data")?;
    if type_name == resource_type.type_name {
        return Ok(());
    }
    let detail = format!("Expected the type {}, got {type_name}.", resource_type.type_name);
    Err(error_code::TYPE_MISMATCH.error(detail).pointer("/data/type"))
}

fn check_id(
    data: &Map<String, Value>,
    resource_type: &ResourceType,
    purpose: Purpose<'_>,
    lids: &Lids,
) -> Result<(), ErrorObject> {
    let error = match purpose {
        Purpose::Create => match (non_null(data, "id"), non_null(data, "lid")) {
            (None, None | Some(Value::String(_))) => return Ok(()),
            (None, Some(_)) => validation("/data/lid", "lid must be a string."),
            (Some(_), _) => {
                let detail = "The system generates ids; leave id out.";
                error_code::CLIENT_ID_UNSUPPORTED.error(detail).pointer("/data/id")
            }
        },
        Purpose::Update(expected) => {
            let handle = Handle::require(data, "/data")?;
            let pointer = if matches!(handle, Handle::Id(_)) { "/data/id" } else { "/data/lid" };
            if handle.resolve(resource_type.type_name, lids)?.eq_ignore_ascii_case(expected) {
                return Ok(());
            }
            error_code::ID_MISMATCH.error("The id is not the id of the addressed resource.").pointer(pointer)
        }
    };
    Err(error)
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::super::resource_type::{Attribute, ValueType};
    use super::*;

    const fn attribute(name: &'static str, access: Access) -> Attribute {
        Attribute { name, value_type: ValueType::Text(9), nullable: false, access, about: "", example: "" }
    }

    static THINGS: ResourceType = ResourceType {
        type_name: "thing",
        base: "/v1/things",
        noun: ("thing", "things"),
        about: "",
        verbs: &[],
        attributes: &[attribute("name", Access::Required), attribute("created_at", Access::Computed)],
        relationships: &[
            Relationship {
                name: "maker",
                type_name: "people",
                is_many: false,
                nullable: true,
                access: Access::Optional,
                updatable: false,
                about: "",
            },
            Relationship {
                name: "parts",
                type_name: "part",
                is_many: true,
                nullable: false,
                access: Access::Optional,
                updatable: true,
                about: "",
            },
        ],
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
        let body = linkage::data_and_meta(text.as_bytes())
            .and_then(|(data, _)| ResourceBody::read(data, &THINGS, purpose, &lids));
        let errors = match body {
            Ok(mut body) => {
                read(&mut body);
                body.finish(Some(())).err().unwrap_or_default()
            }
            Err(error) => vec![error],
        };
        let pointer = |error: &ErrorObject| match &error.source {
            Some(super::super::error::Source::Pointer(pointer)) => pointer.clone(),
            other => panic!("{other:?}"),
        };
        errors.iter().map(|error| (error.code.code, pointer(error))).collect()
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
