//! The addresses that follow from declarations: collections, resources, and for each relationship its
//! linkage and what is on its other end. `routes.rs` mounts the same; a test compares the two.

use serde_json::{Value, json};

use crate::jsonapi::media_type::{JSON_API, JSON_API_PAGED};
use crate::jsonapi::resource_type::{Access, ResourceType, ToMany, ToOne, Verb};
use crate::registry::openapi::operation::Operation;
use crate::registry::openapi::schemas::{declared, end_name};
use crate::registry::openapi::{
    bodies, capitalized, examples, parameters, pascal, reference, responses, special,
};
use crate::registry::types::TYPES;

pub fn of_types() -> Vec<Operation> {
    let mut all = Vec::new();
    for resource_type in TYPES {
        for &verb in resource_type.verbs {
            all.push(special::told(of_verb(resource_type, verb), resource_type, verb));
        }
        for end in resource_type.to_one {
            all.extend(of_relationship(resource_type, end));
        }
        for many in resource_type.to_many {
            all.extend(of_members(resource_type, many));
        }
    }
    all
}

/// The heading that a type's operations stand under.
pub fn tag(resource_type: &ResourceType) -> String {
    capitalized(resource_type.noun.1)
}

/// The beginning of an operation's name: `workspace_groups`.
fn plural(resource_type: &ResourceType) -> String {
    resource_type.base.trim_start_matches("/v1/").replace('-', "_")
}

/// `a workspace`, `an enrollment`.
fn one(resource_type: &ResourceType) -> String {
    let noun = resource_type.noun.0;
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}

fn schema(resource_type: &ResourceType, ending: &str) -> String {
    format!("{}{ending}", pascal(resource_type.kind))
}

/// The address of one resource.
fn item(resource_type: &ResourceType) -> String {
    format!("{}/{{id}}", resource_type.base)
}

/// An operation at the address of one resource, or below it.
pub fn at_item(resource_type: &ResourceType, method: &'static str, below: &str, name: &str) -> Operation {
    Operation::new(
        method,
        format!("{}{below}", item(resource_type)),
        format!("{}_{name}", plural(resource_type)),
    )
    .tagged(tag(resource_type))
    .taking(vec![parameters::id(resource_type)])
    .refused(404, &[resource_type.not_found])
}

fn of_verb(resource_type: &'static ResourceType, verb: Verb) -> Operation {
    match verb {
        Verb::List => list(resource_type),
        Verb::Create => create(resource_type),
        Verb::Retrieve => at_item(resource_type, "get", "", "retrieve")
            .told(format!("Retrieve {}", one(resource_type)), "")
            .taking(parameters::projection(resource_type))
            .read(
                &format!("The {}.", resource_type.noun.0),
                &schema(resource_type, "Document"),
                examples::single(resource_type, &examples::address(resource_type)),
            ),
        Verb::Update => update(resource_type),
        Verb::Delete => at_item(resource_type, "delete", "", "delete")
            .told(format!("Delete {}", one(resource_type)), "")
            .taking(vec![parameters::named("IfMatch")])
            .refused(412, &["PRECONDITION_FAILED"])
            .done("It is done."),
    }
}

fn list(resource_type: &'static ResourceType) -> Operation {
    let id = format!("{}_list", plural(resource_type));
    let operation = Operation::new("get", resource_type.base.to_owned(), id)
        .tagged(tag(resource_type))
        .told(format!("List {}", resource_type.noun.1), "")
        .taking(parameters::selection(resource_type))
        .taking(parameters::projection(resource_type));
    let example = examples::collection(resource_type, resource_type.base);
    paged(operation, &schema(resource_type, "Collection"), example)
}

/// With the parameters of a page, and a page for an answer.
fn paged(operation: Operation, schema: &str, example: Value) -> Operation {
    operation
        .taking(parameters::page())
        .refused(400, &["INVALID_CURSOR", "PAGE_SIZE_TOO_LARGE"])
        .answered(200, responses::document("A page of them.", JSON_API_PAGED, schema, example, &[]))
}

fn create(resource_type: &'static ResourceType) -> Operation {
    let id = format!("{}_create", plural(resource_type));
    let one_ends = resource_type.to_one.iter().filter(|end| end.access.is_writable()).map(|end| end.kind);
    let many_ends = resource_type.to_many.iter().filter(|end| end.writable).map(|end| end.kind);
    let is_partly_read_only = resource_type.to_one.iter().any(|end| !end.access.is_writable())
        || resource_type.to_many.iter().any(|end| !end.writable);
    Operation::new("post", resource_type.base.to_owned(), id)
        .tagged(tag(resource_type))
        .told(format!("Create {}", one(resource_type)), "")
        .taking(parameters::projection(resource_type))
        .with_document(
            reference("schemas", &schema(resource_type, "Create")),
            examples::creation(resource_type),
        )
        .created(
            &format!("The new {}.", resource_type.noun.0),
            &schema(resource_type, "Document"),
            examples::single(resource_type, &examples::address(resource_type)),
        )
        .refused(403, computed(resource_type))
        .refused(403, only(is_partly_read_only, &["RELATIONSHIP_READ_ONLY"]))
        .refused(403, &["CLIENT_ID_UNSUPPORTED"])
        .refused(404, &not_found(one_ends.chain(many_ends)))
        .refused(409, &["TYPE_MISMATCH"])
}

fn update(resource_type: &'static ResourceType) -> Operation {
    let ends = resource_type.to_one.iter().filter(|end| end.updatable).map(|end| end.kind);
    let is_partly_read_only = resource_type.to_one.iter().any(|end| !end.updatable)
        || resource_type.to_many.iter().any(|end| !end.writable);
    let has_members = resource_type.to_many.iter().any(|end| end.writable);
    at_item(resource_type, "patch", "", "update")
        .told(format!("Update {}", one(resource_type)), "")
        .taking(parameters::projection(resource_type))
        .taking(vec![parameters::named("IfMatch")])
        .with_document(
            reference("schemas", &schema(resource_type, "Update")),
            examples::change(resource_type),
        )
        .changed(
            &format!("The {} as it is now.", resource_type.noun.0),
            &schema(resource_type, "Document"),
            examples::single(resource_type, &examples::address(resource_type)),
        )
        .refused(403, computed(resource_type))
        .refused(403, only(is_partly_read_only, &["RELATIONSHIP_READ_ONLY"]))
        .refused(403, only(has_members, &["FULL_REPLACEMENT_UNSUPPORTED"]))
        .refused(404, &not_found(ends))
        .refused(409, &["TYPE_MISMATCH", "ID_MISMATCH"])
        .refused(412, &["PRECONDITION_FAILED"])
}

fn computed(resource_type: &ResourceType) -> &'static [&'static str] {
    let has_computed = resource_type.attributes.iter().any(|attribute| attribute.access == Access::Computed);
    only(has_computed, &["SYSTEM_FIELD_READ_ONLY"])
}

/// These codes if it is so, else none.
fn only(is_so: bool, codes: &'static [&'static str]) -> &'static [&'static str] {
    if is_so { codes } else { &[] }
}

/// What is told of an end that is not there.
fn not_found(kinds: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    kinds.filter_map(declared).map(|target| target.not_found).collect()
}

/// Where linkage is written at all, whatever of it may be: elsewhere there is no such method.
fn has_writes(resource_type: &ResourceType) -> bool {
    resource_type.verbs.contains(&Verb::Update)
}

fn of_relationship(resource_type: &'static ResourceType, end: &'static ToOne) -> Vec<Operation> {
    let path = examples::address(resource_type);
    let related = at_item(resource_type, "get", &format!("/{}", end.name), &format!("related_{}", end.name))
        .told(format!("Retrieve {} of {}", end.name, one(resource_type)), "")
        .taking(declared(end.kind).map(parameters::projection).unwrap_or_default())
        .read(
            if end.nullable { "What is on the other end, or null." } else { "What is on the other end." },
            &end_name(end, "Document"),
            declared(end.kind)
                .map_or(Value::Null, |target| examples::single(target, &format!("{path}/{}", end.name))),
        );
    let linkage = linkage(resource_type, end.name, "get", "")
        .told(format!("Retrieve the linkage {} of {}", end.name, one(resource_type)), end.about)
        .answered(
            200,
            responses::document(
                "The identifier on the other end.",
                JSON_API,
                &end_name(end, "Linkage"),
                examples::linkage(end, &path),
                &[],
            ),
        );
    let mut all = vec![related, linkage];
    if has_writes(resource_type) {
        all.push(set(resource_type, end));
    }
    all
}

/// An operation at the address of a relationship.
fn linkage(resource_type: &'static ResourceType, name: &str, method: &'static str, verb: &str) -> Operation {
    at_item(resource_type, method, &format!("/relationships/{name}"), &format!("linkage_{name}{verb}"))
}

fn set(resource_type: &'static ResourceType, end: &'static ToOne) -> Operation {
    let operation = linkage(resource_type, end.name, "patch", "_update");
    if !end.updatable {
        return never(operation, "Change", end.name, resource_type, end.about)
            .refused(403, &["RELATIONSHIP_READ_ONLY"]);
    }
    let data = bodies::linkage(end.kind, end.nullable, bodies::Naming::Id);
    let example = json!({ "data": examples::identifier(end.kind) });
    let operation = operation
        .told(format!("Change {} of {}", end.name, one(resource_type)), end.about)
        .with_document(bodies::document(data), example)
        .done("It is done, or was so before.")
        .refused(404, &not_found(std::iter::once(end.kind)));
    special::told_of_linkage(operation, resource_type)
}

/// What the standard defines and this API refuses: the address has the method, so that a client is told
/// why.
fn never(
    operation: Operation,
    verb: &str,
    name: &str,
    resource_type: &ResourceType,
    about: &str,
) -> Operation {
    let reason = format!("It is always refused. {about}");
    operation.told(format!("{verb} {name} of {} (refused)", one(resource_type)), reason.trim_end())
}

fn of_members(resource_type: &'static ResourceType, many: &'static ToMany) -> Vec<Operation> {
    let path = examples::address(resource_type);
    let target = declared(many.kind);
    let related =
        at_item(resource_type, "get", &format!("/{}", many.name), &format!("related_{}", many.name))
            .told(format!("List {} of {}", many.name, one(resource_type)), many.about)
            .taking(target.map(parameters::projection).unwrap_or_default());
    let example =
        target.map_or(Value::Null, |target| examples::collection(target, &format!("{path}/{}", many.name)));
    let related = paged(related, &format!("{}Collection", pascal(many.kind)), example);
    let linkage = linkage(resource_type, many.name, "get", "")
        .told(format!("List the linkage {} of {}", many.name, one(resource_type)), many.about);
    let linkage =
        paged(linkage, &format!("{}Identifiers", pascal(many.kind)), examples::identifiers(many, &path));
    let mut all = vec![related, linkage];
    if has_writes(resource_type) {
        all.extend(changes(resource_type, many));
    }
    all
}

/// Adding, replacing, removing.
fn changes(resource_type: &'static ResourceType, many: &'static ToMany) -> [Operation; 3] {
    let at = |method, verb| linkage(resource_type, many.name, method, verb);
    let (add, replace, remove) = (at("post", "_add"), at("patch", "_replace"), at("delete", "_remove"));
    if !many.writable {
        let refused = |operation, verb| {
            never(operation, verb, many.name, resource_type, many.about)
                .refused(403, &["RELATIONSHIP_READ_ONLY"])
        };
        return [refused(add, "Add to"), refused(replace, "Replace"), refused(remove, "Remove from")];
    }
    let example = json!({ "data": [examples::identifier(many.kind)] });
    let members = bodies::members(many.kind, bodies::Naming::Id);
    let absent = json!({ "type": "array", "items": bodies::absent(many.kind, bodies::Naming::Id) });
    let summary = |verb: &str| format!("{verb} {} of {}", many.name, one(resource_type));
    [
        add.told(summary("Add to"), "All of them or none; what is in already is no error.")
            .with_document(bodies::document(members), example.clone())
            .done("They are in.")
            .refused(404, &not_found(std::iter::once(many.kind))),
        never(replace, "Replace", many.name, resource_type, "Add and remove members instead.")
            .refused(403, &["FULL_REPLACEMENT_UNSUPPORTED"]),
        remove
            .told(summary("Remove from"), "All of them or none; what is out already is no error.")
            .with_document(bodies::document(absent), example)
            .done("They are out."),
    ]
}
