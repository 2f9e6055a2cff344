//! The addresses that follow from declarations: collections, resources, and for each relationship its
//! linkage and what is on its other end. `routes.rs` mounts the same; a test compares the two.

use serde_json::{Value, json};

use super::operation::Operation;
use super::schemas::{declared, end_name};
use super::{bodies, capitalized, examples, parameters, pascal, reference, responses, special};
use crate::api::types::TYPES;
use crate::jsonapi::declare::{Access, Declaration, ToMany, ToOne, Verb};
use crate::jsonapi::media_type::{JSON_API, JSON_API_PAGED};

pub fn of_types() -> Vec<Operation> {
    let mut all = Vec::new();
    for declaration in TYPES {
        for &verb in declaration.verbs {
            all.push(special::told(of_verb(declaration, verb), declaration, verb));
        }
        for end in declaration.to_one {
            all.extend(of_relationship(declaration, end));
        }
        for many in declaration.to_many {
            all.extend(of_members(declaration, many));
        }
    }
    all
}

/// The heading that a type's operations stand under.
pub fn tag(declaration: &Declaration) -> String {
    capitalized(declaration.noun.1)
}

/// The beginning of an operation's name: `workspace_groups`.
fn plural(declaration: &Declaration) -> String {
    declaration.base.trim_start_matches("/v1/").replace('-', "_")
}

/// `a workspace`, `an enrollment`.
fn one(declaration: &Declaration) -> String {
    let noun = declaration.noun.0;
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}

fn schema(declaration: &Declaration, ending: &str) -> String {
    format!("{}{ending}", pascal(declaration.kind))
}

/// The address of one resource.
fn item(declaration: &Declaration) -> String {
    format!("{}/{{id}}", declaration.base)
}

/// An operation at the address of one resource, or below it.
pub fn at_item(declaration: &Declaration, method: &'static str, below: &str, name: &str) -> Operation {
    Operation::new(method, format!("{}{below}", item(declaration)), format!("{}_{name}", plural(declaration)))
        .tagged(tag(declaration))
        .taking(vec![parameters::id(declaration)])
        .refused(404, &[declaration.not_found])
}

fn of_verb(declaration: &'static Declaration, verb: Verb) -> Operation {
    match verb {
        Verb::List => list(declaration),
        Verb::Create => create(declaration),
        Verb::Retrieve => at_item(declaration, "get", "", "retrieve")
            .told(format!("Retrieve {}", one(declaration)), "")
            .taking(parameters::view(declaration))
            .read(
                &format!("The {}.", declaration.noun.0),
                &schema(declaration, "Document"),
                examples::single(declaration, &examples::address(declaration)),
            ),
        Verb::Update => update(declaration),
        Verb::Delete => at_item(declaration, "delete", "", "delete")
            .told(format!("Delete {}", one(declaration)), "")
            .taking(vec![parameters::named("IfMatch")])
            .refused(412, &["PRECONDITION_FAILED"])
            .done("It is done."),
    }
}

fn list(declaration: &'static Declaration) -> Operation {
    let id = format!("{}_list", plural(declaration));
    let operation = Operation::new("get", declaration.base.to_owned(), id)
        .tagged(tag(declaration))
        .told(format!("List {}", declaration.noun.1), "")
        .taking(parameters::selection(declaration))
        .taking(parameters::view(declaration));
    let example = examples::collection(declaration, declaration.base);
    paged(operation, &schema(declaration, "Collection"), example)
}

/// With the parameters of a page, and a page for an answer.
fn paged(operation: Operation, schema: &str, example: Value) -> Operation {
    operation
        .taking(parameters::page())
        .refused(400, &["INVALID_CURSOR", "PAGE_SIZE_TOO_LARGE"])
        .answered(200, responses::document("A page of them.", JSON_API_PAGED, schema, example, &[]))
}

fn create(declaration: &'static Declaration) -> Operation {
    let id = format!("{}_create", plural(declaration));
    let one_ends = declaration.to_one.iter().filter(|end| end.access.is_writable()).map(|end| end.kind);
    let many_ends = declaration.to_many.iter().filter(|end| end.writable).map(|end| end.kind);
    let is_partly_read_only = declaration.to_one.iter().any(|end| !end.access.is_writable())
        || declaration.to_many.iter().any(|end| !end.writable);
    Operation::new("post", declaration.base.to_owned(), id)
        .tagged(tag(declaration))
        .told(format!("Create {}", one(declaration)), "")
        .taking(parameters::view(declaration))
        .with_document(reference("schemas", &schema(declaration, "Create")), examples::creation(declaration))
        .created(
            &format!("The new {}.", declaration.noun.0),
            &schema(declaration, "Document"),
            examples::single(declaration, &examples::address(declaration)),
        )
        .refused(403, computed(declaration))
        .refused(403, only(is_partly_read_only, &["RELATIONSHIP_READ_ONLY"]))
        .refused(403, &["CLIENT_ID_UNSUPPORTED"])
        .refused(404, &not_found(one_ends.chain(many_ends)))
        .refused(409, &["TYPE_MISMATCH"])
}

fn update(declaration: &'static Declaration) -> Operation {
    let ends = declaration.to_one.iter().filter(|end| end.updatable).map(|end| end.kind);
    let is_partly_read_only = declaration.to_one.iter().any(|end| !end.updatable)
        || declaration.to_many.iter().any(|end| !end.writable);
    let has_members = declaration.to_many.iter().any(|end| end.writable);
    at_item(declaration, "patch", "", "update")
        .told(format!("Update {}", one(declaration)), "")
        .taking(parameters::view(declaration))
        .taking(vec![parameters::named("IfMatch")])
        .with_document(reference("schemas", &schema(declaration, "Update")), examples::change(declaration))
        .changed(
            &format!("The {} as it is now.", declaration.noun.0),
            &schema(declaration, "Document"),
            examples::single(declaration, &examples::address(declaration)),
        )
        .refused(403, computed(declaration))
        .refused(403, only(is_partly_read_only, &["RELATIONSHIP_READ_ONLY"]))
        .refused(403, only(has_members, &["FULL_REPLACEMENT_UNSUPPORTED"]))
        .refused(404, &not_found(ends))
        .refused(409, &["TYPE_MISMATCH", "ID_MISMATCH"])
        .refused(412, &["PRECONDITION_FAILED"])
}

fn computed(declaration: &Declaration) -> &'static [&'static str] {
    let has_computed = declaration.attributes.iter().any(|attribute| attribute.access == Access::Computed);
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
fn has_writes(declaration: &Declaration) -> bool {
    declaration.verbs.contains(&Verb::Update)
}

fn of_relationship(declaration: &'static Declaration, end: &'static ToOne) -> Vec<Operation> {
    let path = examples::address(declaration);
    let related = at_item(declaration, "get", &format!("/{}", end.name), &format!("related_{}", end.name))
        .told(format!("Retrieve {} of {}", end.name, one(declaration)), "")
        .taking(declared(end.kind).map(parameters::view).unwrap_or_default())
        .read(
            if end.nullable { "What is on the other end, or null." } else { "What is on the other end." },
            &end_name(end, "Document"),
            declared(end.kind)
                .map_or(Value::Null, |target| examples::single(target, &format!("{path}/{}", end.name))),
        );
    let linkage = linkage(declaration, end.name, "get", "")
        .told(format!("Retrieve the linkage {} of {}", end.name, one(declaration)), end.about)
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
    if has_writes(declaration) {
        all.push(set(declaration, end));
    }
    all
}

/// An operation at the address of a relationship.
fn linkage(declaration: &'static Declaration, name: &str, method: &'static str, verb: &str) -> Operation {
    at_item(declaration, method, &format!("/relationships/{name}"), &format!("linkage_{name}{verb}"))
}

fn set(declaration: &'static Declaration, end: &'static ToOne) -> Operation {
    let operation = linkage(declaration, end.name, "patch", "_update");
    if !end.updatable {
        return never(operation, "Change", end.name, declaration, end.about)
            .refused(403, &["RELATIONSHIP_READ_ONLY"]);
    }
    let data = bodies::linkage(end.kind, end.nullable, bodies::Naming::Id);
    let example = json!({ "data": examples::identifier(end.kind) });
    let operation = operation
        .told(format!("Change {} of {}", end.name, one(declaration)), end.about)
        .with_document(bodies::document(data), example)
        .done("It is done, or was so before.")
        .refused(404, &not_found(std::iter::once(end.kind)));
    special::told_of_linkage(operation, declaration)
}

/// What the standard defines and this API refuses: the address has the method, so that a client is told
/// why.
fn never(operation: Operation, verb: &str, name: &str, declaration: &Declaration, about: &str) -> Operation {
    let reason = format!("It is always refused. {about}");
    operation.told(format!("{verb} {name} of {} (refused)", one(declaration)), reason.trim_end())
}

fn of_members(declaration: &'static Declaration, many: &'static ToMany) -> Vec<Operation> {
    let path = examples::address(declaration);
    let target = declared(many.kind);
    let related = at_item(declaration, "get", &format!("/{}", many.name), &format!("related_{}", many.name))
        .told(format!("List {} of {}", many.name, one(declaration)), many.about)
        .taking(target.map(parameters::view).unwrap_or_default());
    let example =
        target.map_or(Value::Null, |target| examples::collection(target, &format!("{path}/{}", many.name)));
    let related = paged(related, &format!("{}Collection", pascal(many.kind)), example);
    let linkage = linkage(declaration, many.name, "get", "")
        .told(format!("List the linkage {} of {}", many.name, one(declaration)), many.about);
    let linkage =
        paged(linkage, &format!("{}Identifiers", pascal(many.kind)), examples::identifiers(many, &path));
    let mut all = vec![related, linkage];
    if has_writes(declaration) {
        all.extend(changes(declaration, many));
    }
    all
}

/// Adding, replacing, removing.
fn changes(declaration: &'static Declaration, many: &'static ToMany) -> [Operation; 3] {
    let at = |method, verb| linkage(declaration, many.name, method, verb);
    let (add, replace, remove) = (at("post", "_add"), at("patch", "_replace"), at("delete", "_remove"));
    if !many.writable {
        let refused = |operation, verb| {
            never(operation, verb, many.name, declaration, many.about)
                .refused(403, &["RELATIONSHIP_READ_ONLY"])
        };
        return [refused(add, "Add to"), refused(replace, "Replace"), refused(remove, "Remove from")];
    }
    let example = json!({ "data": [examples::identifier(many.kind)] });
    let members = bodies::members(many.kind, bodies::Naming::Id);
    let absent = json!({ "type": "array", "items": bodies::absent(many.kind, bodies::Naming::Id) });
    let summary = |verb: &str| format!("{verb} {} of {}", many.name, one(declaration));
    [
        add.told(summary("Add to"), "All of them or none; what is in already is no error.")
            .with_document(bodies::document(members), example.clone())
            .done("They are in.")
            .refused(404, &not_found(std::iter::once(many.kind))),
        never(replace, "Replace", many.name, declaration, "Add and remove members instead.")
            .refused(403, &["FULL_REPLACEMENT_UNSUPPORTED"]),
        remove
            .told(summary("Remove from"), "All of them or none; what is out already is no error.")
            .with_document(bodies::document(absent), example)
            .done("They are out."),
    ]
}
