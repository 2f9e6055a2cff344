//! The operations that follow from the declarations: on collections, resources, and for each relationship on its
//! linkage and the related resources. `routes.rs` mounts the same; a test compares the two.

use std::iter::once;

use serde_json::{Value, json};

use crate::api::error_code::{self as codes, ErrorCode};
use crate::jsonapi::media_type::{JSON_API, JSON_API_PAGED};
use crate::jsonapi::resource_type::{Access, ResourceType, ToMany, ToOne, Verb};
use crate::registry::openapi::operation::Operation;
use crate::registry::openapi::request_bodies::{self as bodies, Naming};
use crate::registry::openapi::schemas::{declared, related_name};
use crate::registry::openapi::{
    capitalized, custom_operations, examples, parameters, pascal, reference, responses,
};
use crate::registry::types::TYPES;
use crate::resources::api_tokens::model::Scope;
use crate::resources::enrollments::api::ENROLLMENT;

pub fn of_types() -> Vec<Operation> {
    let mut all = Vec::new();
    for resource_type in TYPES {
        all.extend(resource_type.verbs.iter().map(|&verb| of_verb(resource_type, verb)));
        all.extend(resource_type.to_one.iter().flat_map(|one| of_to_one(resource_type, one)));
        all.extend(resource_type.to_many.iter().flat_map(|many| of_to_many(resource_type, many)));
    }
    all
}

/// The tag of the operations of a type.
pub fn tag(resource_type: &ResourceType) -> String {
    capitalized(resource_type.noun.1)
}

/// The first part of an operation's id, such as `workspace_groups`.
fn plural(resource_type: &ResourceType) -> String {
    resource_type.base.trim_start_matches("/v1/").replace('-', "_")
}

/// The noun with its article, such as `an enrollment`.
fn one(resource_type: &ResourceType) -> String {
    let noun = resource_type.noun.0;
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}

fn schema(resource_type: &ResourceType, suffix: &str) -> String {
    format!("{}{suffix}", pascal(resource_type.kind))
}

fn at_collection(resource_type: &ResourceType, method: &'static str, name: &str) -> Operation {
    let id = format!("{}_{name}", plural(resource_type));
    let operation = Operation::new(method, resource_type.base.to_owned(), &id, &tag(resource_type))
        .fails_with(custom_operations::conflicts(&id));
    if method != "get" {
        return operation;
    }
    let scopes = resource_type.read_by.iter().filter_map(|privilege| Scope::granting(*privilege));
    operation.scoped(&scopes.map(|scope| scope.into_str()).collect::<Vec<_>>())
}

/// An operation on the URL of one resource, or below it.
pub fn at_item(resource_type: &ResourceType, method: &'static str, below: &str, name: &str) -> Operation {
    let mut operation = at_collection(resource_type, method, name);
    operation.path = format!("{}/{{id}}{below}", resource_type.base);
    operation.takes(vec![parameters::id(resource_type)]).fails_with(&[resource_type.not_found])
}

/// An operation on the linkage of a relationship.
fn at_linkage(resource_type: &ResourceType, name: &str, method: &'static str, verb: &str) -> Operation {
    at_item(resource_type, method, &format!("/relationships/{name}"), &format!("linkage_{name}{verb}"))
}

fn of_verb(resource_type: &'static ResourceType, verb: Verb) -> Operation {
    let (one, noun) = (one(resource_type), resource_type.noun.0);
    let document = schema(resource_type, "Document");
    let example = || examples::single(resource_type, &examples::address(resource_type));
    match verb {
        Verb::List => {
            let operation = at_collection(resource_type, "get", "list")
                .titled(format!("List {}", resource_type.noun.1))
                .takes(parameters::selection(resource_type))
                .takes(parameters::projection(resource_type));
            let example = examples::collection(resource_type, resource_type.base);
            returns_page(operation, &schema(resource_type, "Collection"), example)
        }
        Verb::Retrieve => at_item(resource_type, "get", "", "retrieve")
            .titled(format!("Retrieve {one}"))
            .takes(parameters::projection(resource_type))
            .returns_cacheable(&format!("The {noun}."), &document, example()),
        Verb::Create => create(resource_type).titled(format!("Create {one}")).returns_created(
            &format!("The new {noun}."),
            &document,
            example(),
        ),
        Verb::Update => update(resource_type).titled(format!("Update {one}")).returns_resource(
            &format!("The {noun} after the change."),
            &document,
            example(),
        ),
        Verb::Delete => at_item(resource_type, "delete", "", "delete")
            .titled(format!("Delete {one}"))
            .takes(vec![parameters::named("IfMatch")])
            .fails_with(&[&codes::PRECONDITION_FAILED])
            .returns_nothing("The operation is complete."),
    }
}

/// Adds the parameters of a page and the response with one.
fn returns_page(operation: Operation, schema: &str, example: Value) -> Operation {
    operation
        .takes(parameters::page())
        .fails_with(&[&codes::INVALID_CURSOR, &codes::PAGE_SIZE_TOO_LARGE])
        .returns(200, responses::document("One page.", JSON_API_PAGED, schema, example, &[]))
}

fn create(resource_type: &'static ResourceType) -> Operation {
    let one_ends = resource_type.to_one.iter().filter(|one| one.access.is_writable()).map(|one| one.kind);
    let many_ends = resource_type.to_many.iter().filter(|many| many.writable).map(|many| many.kind);
    let is_partly_read_only = resource_type.to_one.iter().any(|one| !one.access.is_writable())
        || resource_type.to_many.iter().any(|many| !many.writable);
    at_collection(resource_type, "post", "create")
        .takes(parameters::projection(resource_type))
        .document(reference("schemas", &schema(resource_type, "Create")), examples::creation(resource_type))
        .fails_with(&computed(resource_type))
        .fails_with(&only(is_partly_read_only, &codes::RELATIONSHIP_READ_ONLY))
        .fails_with(&[&codes::CLIENT_ID_UNSUPPORTED, &codes::TYPE_MISMATCH])
        .fails_with(&not_found(one_ends.chain(many_ends)))
}

fn update(resource_type: &'static ResourceType) -> Operation {
    let ends = resource_type.to_one.iter().filter(|one| one.updatable).map(|one| one.kind);
    let is_partly_read_only = resource_type.to_one.iter().any(|one| !one.updatable)
        || resource_type.to_many.iter().any(|many| !many.writable);
    let has_members = resource_type.to_many.iter().any(|many| many.writable);
    let operation = at_item(resource_type, "patch", "", "update")
        .takes(parameters::projection(resource_type))
        .takes(vec![parameters::named("IfMatch")])
        .document(reference("schemas", &schema(resource_type, "Update")), examples::change(resource_type))
        .fails_with(&computed(resource_type))
        .fails_with(&only(is_partly_read_only, &codes::RELATIONSHIP_READ_ONLY))
        .fails_with(&only(has_members, &codes::FULL_REPLACEMENT_UNSUPPORTED))
        .fails_with(&[&codes::TYPE_MISMATCH, &codes::ID_MISMATCH, &codes::PRECONDITION_FAILED])
        .fails_with(&not_found(ends));
    scoped_change(operation, resource_type)
}

/// The only change of an enrollment is that of its creator, which has a scope of its own.
fn scoped_change(operation: Operation, resource_type: &ResourceType) -> Operation {
    if resource_type.kind == ENROLLMENT.kind { operation.scoped(&["pipeline"]) } else { operation }
}

fn computed(resource_type: &ResourceType) -> Vec<&'static ErrorCode> {
    let has_computed = resource_type.attributes.iter().any(|attribute| attribute.access == Access::Computed);
    only(has_computed, &codes::SYSTEM_FIELD_READ_ONLY)
}

fn only(condition: bool, error: &'static ErrorCode) -> Vec<&'static ErrorCode> {
    if condition { vec![error] } else { Vec::new() }
}

/// The errors for resources of these types that do not exist.
fn not_found(kinds: impl Iterator<Item = &'static str>) -> Vec<&'static ErrorCode> {
    kinds.filter_map(declared).map(|target| target.not_found).collect()
}

/// Whether the linkage URLs support methods other than GET, even if some of these always fail.
fn has_writes(resource_type: &ResourceType) -> bool {
    resource_type.verbs.contains(&Verb::Update)
}

fn of_to_one(resource_type: &'static ResourceType, end: &'static ToOne) -> Vec<Operation> {
    let (path, one) = (examples::address(resource_type), one(resource_type));
    let target = declared(end.kind);
    let example = target.map(|target| examples::single(target, &format!("{path}/{}", end.name)));
    let related = at_item(resource_type, "get", &format!("/{}", end.name), &format!("related_{}", end.name))
        .titled(format!("Retrieve {} of {one}", end.name))
        .takes(target.map(parameters::projection).unwrap_or_default())
        .returns_cacheable(
            if end.nullable { "The related resource, or null." } else { "The related resource." },
            &related_name(end, "Document"),
            example.unwrap_or_default(),
        );
    let identifier = responses::document(
        "The identifier of the related resource.",
        JSON_API,
        &related_name(end, "Linkage"),
        examples::linkage(end, &path),
        &[],
    );
    let linkage = at_linkage(resource_type, end.name, "get", "")
        .titled(format!("Retrieve the linkage {} of {one}", end.name))
        .described(end.about)
        .returns(200, identifier);
    let mut all = vec![related, linkage];
    if has_writes(resource_type) {
        all.push(set(resource_type, end));
    }
    all
}

fn set(resource_type: &'static ResourceType, end: &'static ToOne) -> Operation {
    let operation = at_linkage(resource_type, end.name, "patch", "_update");
    if !end.updatable {
        return always_fails(operation, "Change", end.name, resource_type, end.about)
            .fails_with(&[&codes::RELATIONSHIP_READ_ONLY]);
    }
    let data = bodies::linkage(end.kind, end.nullable, Naming::Id);
    let operation = operation
        .titled(format!("Change {} of {}", end.name, one(resource_type)))
        .described(end.about)
        .document(bodies::document(data), json!({ "data": examples::identifier(end.kind) }))
        .returns_nothing("The relationship has this value.")
        .fails_with(&not_found(once(end.kind)));
    scoped_change(operation, resource_type)
}

/// An operation that the standard defines and the API always refuses. It exists so that the error gives the reason.
fn always_fails(
    operation: Operation,
    verb: &str,
    name: &str,
    resource_type: &ResourceType,
    about: &str,
) -> Operation {
    operation
        .titled(format!("{verb} {name} of {} (refused)", one(resource_type)))
        .described(format!("This request always fails. {about}").trim_end())
}

fn of_to_many(resource_type: &'static ResourceType, many: &'static ToMany) -> Vec<Operation> {
    let (path, one) = (examples::address(resource_type), one(resource_type));
    let target = declared(many.kind);
    let example = target.map(|target| examples::collection(target, &format!("{path}/{}", many.name)));
    let related =
        at_item(resource_type, "get", &format!("/{}", many.name), &format!("related_{}", many.name))
            .titled(format!("List {} of {one}", many.name))
            .described(many.about)
            .takes(target.map(parameters::projection).unwrap_or_default());
    let linkage = at_linkage(resource_type, many.name, "get", "")
        .titled(format!("List the linkage {} of {one}", many.name))
        .described(many.about);
    let mut all = vec![
        returns_page(related, &format!("{}Collection", pascal(many.kind)), example.unwrap_or_default()),
        returns_page(
            linkage,
            &format!("{}Identifiers", pascal(many.kind)),
            examples::identifiers(many, &path),
        ),
    ];
    if has_writes(resource_type) {
        all.extend(changes(resource_type, many));
    }
    all
}

/// Adding, replacing and removing members.
fn changes(resource_type: &'static ResourceType, many: &'static ToMany) -> [Operation; 3] {
    let at = |method, verb| at_linkage(resource_type, many.name, method, verb);
    let (add, replace, remove) = (at("post", "_add"), at("patch", "_replace"), at("delete", "_remove"));
    let fails = |operation, verb, about| always_fails(operation, verb, many.name, resource_type, about);
    if !many.writable {
        return [(add, "Add to"), (replace, "Replace"), (remove, "Remove from")].map(|(operation, verb)| {
            fails(operation, verb, many.about).fails_with(&[&codes::RELATIONSHIP_READ_ONLY])
        });
    }
    let example = json!({ "data": [examples::identifier(many.kind)] });
    let title = |verb: &str| format!("{verb} {} of {}", many.name, one(resource_type));
    [
        add.titled(title("Add to"))
            .described("Adds all of them or none. Adding a present member is not an error.")
            .document(bodies::document(bodies::members(many.kind, Naming::Id)), example.clone())
            .returns_nothing("All of them are members.")
            .fails_with(&not_found(once(many.kind))),
        fails(replace, "Replace", "Add and remove members instead.")
            .fails_with(&[&codes::FULL_REPLACEMENT_UNSUPPORTED]),
        remove
            .titled(title("Remove from"))
            .described("Removes all of them or none. Removing an absent member is not an error.")
            .document(bodies::document(bodies::removed_members(many.kind, Naming::Id)), example)
            .returns_nothing("None of them is a member."),
    ]
}
