//! Documents that come in (JSON:API section "Creating, Updating and Deleting Resources"), read
//! with a pointer to each mistake. What an address takes is a [`Declaration`].

use std::str::FromStr;

use serde_json::{Map, Value};

use super::declare::Declaration;
use super::error::{ERRORS_MAX, ErrorObject};
use super::strict_json;
use crate::kernel::patch::Patch;

/// A resource object that a client sent. Asking for its parts collects what is wrong with them;
/// [`Self::finish`] tells all of it.
pub struct ResourceBody {
    declaration: &'static Declaration,
    attributes: Map<String, Value>,
    relationships: Map<String, Value>,
    errors: Vec<ErrorObject>,
}

/// What a document is sent for.
pub enum Purpose<'a> {
    Create,
    /// Of the resource with this id.
    Update(&'a str),
}

impl ResourceBody {
    /// # Errors
    /// Where there is no resource object of the right type to read.
    pub fn parse(
        bytes: &[u8],
        declaration: &'static Declaration,
        purpose: &Purpose<'_>,
    ) -> Result<Self, Vec<ErrorObject>> {
        let document = strict_json::parse(bytes).map_err(|error| vec![error])?;
        let Value::Object(mut document) = document else {
            return Err(vec![ErrorObject::validation("", "The document has to be an object.")]);
        };
        let mut data = match document.remove("data") {
            Some(Value::Object(data)) => data,
            Some(_) => {
                return Err(vec![ErrorObject::validation("/data", "data has to be one resource object.")]);
            }
            None => return Err(vec![ErrorObject::validation("", "The document has no data.")]),
        };
        let mut errors = Vec::new();
        check_identity(&data, declaration, purpose, &mut errors);
        let attributes = take_object(&mut data, "attributes", &mut errors);
        let relationships = take_object(&mut data, "relationships", &mut errors);
        let mut body = Self { declaration, attributes, relationships, errors };
        body.check_names();
        Ok(body)
    }

    /// Refuses what is not there to be written. Names that begin with `@` are ignored, as the
    /// standard demands ("@-Members").
    fn check_names(&mut self) {
        let declaration = self.declaration;
        for name in self.attributes.keys().filter(|name| !name.starts_with('@')) {
            let pointer = format!("/data/attributes/{}", escape(name));
            if declaration.computed.contains(&name.as_str()) {
                self.errors.push(read_only(pointer, name));
            } else if !declaration.writable.contains(&name.as_str()) {
                let detail = format!("There is no attribute {name} in {}.", declaration.kind);
                self.errors.push(ErrorObject::validation(pointer, detail));
            }
        }
        for name in self.relationships.keys().filter(|name| !name.starts_with('@')) {
            if !declaration.has_relationship(name) {
                let pointer = format!("/data/relationships/{}", escape(name));
                let detail = format!("There is no relationship {name} in {}.", declaration.kind);
                self.errors.push(ErrorObject::validation(pointer, detail));
            }
        }
    }

    pub fn has_relationship(&self, name: &str) -> bool {
        self.relationships.contains_key(name)
    }

    pub fn reject(&mut self, error: ErrorObject) {
        self.errors.push(error);
    }

    /// The text of an attribute; `None`, and an error noted, where it is missing or something else.
    pub fn text(&mut self, name: &str) -> Option<String> {
        match self.attributes.get(name) {
            Some(Value::String(text)) => return Some(text.clone()),
            Some(_) => self.errors.push(ErrorObject::validation(
                format!("/data/attributes/{name}"),
                format!("{name} has to be a string."),
            )),
            None => self.errors.push(ErrorObject::validation(
                if self.attributes.is_empty() { "/data" } else { "/data/attributes" },
                format!("{name} is required."),
            )),
        }
        None
    }

    /// The id on the other end of a to-one relationship that has to be there.
    pub fn required_to_one(&mut self, name: &str) -> Option<String> {
        if self.relationships.contains_key(name) {
            return match self.to_one(name) {
                Patch::Set(id) => Some(id),
                Patch::Absent | Patch::Null => None,
            };
        }
        let parent = if self.relationships.is_empty() { "/data" } else { "/data/relationships" };
        self.errors.push(ErrorObject::validation(parent, format!("The relationship {name} is required.")));
        None
    }

    /// The id on the other end, null for nobody; absent where the relationship is not there or, with
    /// an error noted, not right.
    pub fn to_one(&mut self, name: &str) -> Patch<String> {
        let declared = self.declaration.to_one.iter().find(|relationship| relationship.name == name);
        let (Some(relationship), Some(value)) = (declared, self.relationships.get(name)) else {
            return Patch::Absent;
        };
        let pointer = format!("/data/relationships/{name}");
        let error = match value.get("data") {
            None => ErrorObject::validation(pointer, format!("The relationship {name} has no data.")),
            Some(Value::Null) if relationship.nullable => return Patch::Null,
            Some(data) => match identifier(data, relationship.kind, &format!("{pointer}/data")) {
                Ok(id) => return Patch::Set(id),
                Err(error) => error,
            },
        };
        self.errors.push(error);
        Patch::Absent
    }

    /// The ids of a to-many relationship, none where it is not there.
    pub fn to_many(&mut self, name: &str) -> Vec<String> {
        let Some(relationship) =
            self.declaration.to_many.iter().find(|relationship| relationship.name == name)
        else {
            return Vec::new();
        };
        let Some(value) = self.relationships.get(name) else {
            return Vec::new();
        };
        let pointer = format!("/data/relationships/{name}");
        match value.get("data") {
            Some(Value::Array(items)) => {
                let mut ids = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    match identifier(item, relationship.kind, &format!("{pointer}/data/{index}")) {
                        Ok(id) => ids.push(id),
                        Err(error) => self.errors.push(error),
                    }
                }
                ids
            }
            Some(_) => {
                self.errors
                    .push(ErrorObject::validation(format!("{pointer}/data"), "data has to be an array."));
                Vec::new()
            }
            None => {
                self.errors
                    .push(ErrorObject::validation(pointer, format!("The relationship {name} has no data.")));
                Vec::new()
            }
        }
    }

    /// An id on the other end of a relationship as our own type. A text that is no id is one that
    /// nobody has: the code says that it was not found.
    pub fn id<T: FromStr>(&mut self, pointer: &str, text: &str, code: &'static str) -> Option<T> {
        let id = text.parse().ok();
        if id.is_none() {
            let detail = format!("There is nothing with the id {text}.");
            self.errors.push(ErrorObject::new(404, code, "Not found", detail).pointer(pointer));
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

/// A relationship that is there to be read only.
pub fn relationship_read_only(name: &str, why: impl Into<String>) -> ErrorObject {
    ErrorObject::new(403, "RELATIONSHIP_READ_ONLY", "Relationship is read-only", why)
        .pointer(format!("/data/relationships/{name}"))
}

fn read_only(pointer: String, name: &str) -> ErrorObject {
    ErrorObject::new(
        403,
        "SYSTEM_FIELD_READ_ONLY",
        "System field is read-only",
        format!("{name} is computed by the system and cannot be written."),
    )
    .pointer(pointer)
}

fn check_identity(
    data: &Map<String, Value>,
    declaration: &Declaration,
    purpose: &Purpose<'_>,
    errors: &mut Vec<ErrorObject>,
) {
    match data.get("type") {
        Some(Value::String(kind)) if kind == declaration.kind => {}
        Some(Value::String(kind)) => errors.push(
            ErrorObject::new(
                409,
                "TYPE_MISMATCH",
                "Type mismatch",
                format!("Here are resources of type {}, not {kind}.", declaration.kind),
            )
            .pointer("/data/type"),
        ),
        Some(_) => errors.push(ErrorObject::validation("/data/type", "type has to be a string.")),
        None => errors.push(ErrorObject::validation("/data", "type is required.")),
    }
    match (purpose, data.get("id")) {
        (Purpose::Create, Some(_)) => errors.push(
            ErrorObject::new(
                403,
                "CLIENT_ID_UNSUPPORTED",
                "Client-generated id",
                "Ids are made by the system; leave id out.",
            )
            .pointer("/data/id"),
        ),
        (Purpose::Create, None) => {}
        (Purpose::Update(expected), Some(Value::String(id))) if id.eq_ignore_ascii_case(expected) => {}
        (Purpose::Update(_), Some(Value::String(_))) => errors.push(
            ErrorObject::new(
                409,
                "ID_MISMATCH",
                "Id mismatch",
                "The id is not that of the addressed resource.",
            )
            .pointer("/data/id"),
        ),
        (Purpose::Update(_), Some(_)) => {
            errors.push(ErrorObject::validation("/data/id", "id has to be a string."));
        }
        (Purpose::Update(_), None) => errors.push(ErrorObject::validation("/data", "id is required.")),
    }
}

fn take_object(
    data: &mut Map<String, Value>,
    name: &str,
    errors: &mut Vec<ErrorObject>,
) -> Map<String, Value> {
    match data.remove(name) {
        Some(Value::Object(object)) => object,
        Some(_) => {
            errors.push(ErrorObject::validation(
                format!("/data/{name}"),
                format!("{name} has to be an object."),
            ));
            Map::new()
        }
        None => Map::new(),
    }
}

/// The id in a resource identifier object of this type.
fn identifier(value: &Value, kind: &str, pointer: &str) -> Result<String, ErrorObject> {
    let Value::Object(object) = value else {
        return Err(ErrorObject::validation(
            pointer,
            format!("A resource identifier of type {kind} is required."),
        ));
    };
    match object.get("type") {
        Some(Value::String(found)) if found == kind => {}
        Some(_) => {
            return Err(ErrorObject::validation(
                format!("{pointer}/type"),
                format!("The type has to be {kind}."),
            ));
        }
        None => return Err(ErrorObject::validation(pointer, "type is required.")),
    }
    match object.get("id") {
        Some(Value::String(id)) => Ok(id.clone()),
        Some(_) => Err(ErrorObject::validation(format!("{pointer}/id"), "id has to be a string.")),
        None => Err(ErrorObject::validation(pointer, "id is required.")),
    }
}

/// A name as a token of a JSON Pointer (RFC 6901 section 3).
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::super::declare::{ToMany, ToOne};
    use super::*;

    static THINGS: Declaration = Declaration {
        kind: "thing",
        base: "/v1/things",
        writable: &["name"],
        computed: &["created_at"],
        to_one: &[ToOne { name: "maker", kind: "people", nullable: true }],
        to_many: &[ToMany { name: "parts", kind: "part" }],
        filters: &[],
        includes: &[],
    };

    fn problems(text: &str, read: impl Fn(&mut ResourceBody)) -> Vec<(&'static str, String)> {
        let errors = match ResourceBody::parse(text.as_bytes(), &THINGS, &Purpose::Create) {
            Ok(mut body) => {
                read(&mut body);
                body.finish(Some(())).err().unwrap_or_default()
            }
            Err(errors) => errors,
        };
        let pointer = |error: &ErrorObject| match &error.source {
            Some(super::super::error::Source::Pointer(pointer)) => pointer.clone(),
            other => panic!("{other:?}"),
        };
        errors.iter().map(|error| (error.code, pointer(error))).collect()
    }

    #[test]
    fn every_mistake_is_told_with_its_place() {
        let text = r#"{"data":{"type":"other","id":"1","attributes":{"created_at":"x","a/b":1,"name":7,"@note":1},
            "relationships":{"maker":{"data":{"type":"robot","id":"1"}},"parts":{"data":[{"type":"part"}]},"owner":{}}}}"#;
        let told = problems(text, |body| {
            body.text("name");
            body.to_one("maker");
            body.to_many("parts");
        });
        let expected = [
            ("TYPE_MISMATCH", "/data/type"),
            ("CLIENT_ID_UNSUPPORTED", "/data/id"),
            ("VALIDATION_ERROR", "/data/attributes/a~1b"),
            ("SYSTEM_FIELD_READ_ONLY", "/data/attributes/created_at"),
            ("VALIDATION_ERROR", "/data/relationships/owner"),
            ("VALIDATION_ERROR", "/data/attributes/name"),
            ("VALIDATION_ERROR", "/data/relationships/maker/data/type"),
            ("VALIDATION_ERROR", "/data/relationships/parts/data/0"),
        ];
        assert_eq!(told, expected.map(|(code, pointer)| (code, pointer.to_owned())));
    }

    #[test]
    fn a_pointer_to_what_is_missing_names_its_nearest_parent() {
        let told = problems(r#"{"data":{"type":"thing"}}"#, |body| {
            body.text("name");
            body.required_to_one("maker");
        });
        assert_eq!(
            told,
            [("VALIDATION_ERROR", "/data".to_owned()), ("VALIDATION_ERROR", "/data".to_owned())]
        );
        assert_eq!(problems("{}", |_| ()), [("VALIDATION_ERROR", String::new())]);
        assert_eq!(problems(r#"{"data":null}"#, |_| ()), [("VALIDATION_ERROR", "/data".to_owned())]);
    }

    #[test]
    fn nobody_is_an_end_where_it_may_be() {
        let mut body = ResourceBody::parse(
            br#"{"data":{"type":"thing","relationships":{"maker":{"data":null}}}}"#,
            &THINGS,
            &Purpose::Create,
        )
        .unwrap();
        assert_eq!(body.to_one("maker"), Patch::Null);
        assert!(body.finish(Some(())).is_ok());
    }
}
