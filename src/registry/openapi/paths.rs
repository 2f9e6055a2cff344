//! The operations that follow from the declarations: on collections, resources, and for each relationship on its
//! linkage and the related resources. `routes.rs` mounts the same; a test compares the two.

use serde_json::Value;

use crate::api::error_code::{self as codes, ErrorCode};
use crate::jsonapi::media_type::{JSON_API, JSON_API_PAGED};
use crate::jsonapi::resource_type::{Access, Relationship, ResourceType, Verb};
use crate::registry::openapi::operation::Operation;
use crate::registry::openapi::request_bodies::{self as bodies, Naming};
use crate::registry::openapi::schemas::{declared, related_name};
use crate::registry::openapi::{
    capitalized, custom_operations, examples, parameters, pascal, reference, responses,
};
use crate::registry::types::TYPES;
use crate::resources::enrollments::api::ENROLLMENT;

pub fn of_types() -> Vec<Operation> {
    let mut all = Vec::new();
    for resource_type in TYPES {
        all.extend(resource_type.verbs.iter().map(|&verb| of_verb(resource_type, verb)));
        for end in resource_type.relationships {
            all.extend(declared(end.type_name).map(|target| related(resource_type, end, target)));
            all.push(linkage(resource_type, end));
            // Without updates the URLs of linkage support only GET.
            if resource_type.verbs.contains(&Verb::Update) {
                all.extend(changes(end).iter().map(|&change| linkage_change(resource_type, end, change)));
            }
        }
    }
    all
}

/// The tag of the operations of a type.
pub fn tag(resource_type: &ResourceType) -> String {
    capitalized(resource_type.noun.1)
}

/// The noun with its article, such as `an enrollment`.
fn one(resource_type: &ResourceType) -> String {
    let noun = resource_type.noun.0;
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}

/// An operation whose id is `name` after the plural of the type, such as `workspace_groups_list`.
fn at_collection(
    resource_type: &ResourceType,
    method: &'static str,
    name: &str,
    summary: String,
) -> Operation {
    let plural = resource_type.base.trim_start_matches("/v1/").replace('-', "_");
    let id = format!("{plural}_{name}");
    Operation::new(method, resource_type.base.to_owned(), &id, &tag(resource_type), summary)
        .fails_with(custom_operations::conflicts(&id))
}

/// An operation on the URL of one resource, or below it.
pub fn at_item(
    resource_type: &ResourceType,
    method: &'static str,
    below: &str,
    name: &str,
    summary: String,
) -> Operation {
    let mut operation = at_collection(resource_type, method, name, summary);
    operation.path = format!("{}/{{id}}{below}", resource_type.base);
    operation.takes(vec![parameters::id(resource_type)]).fails_with(&[resource_type.not_found])
}

fn of_verb(resource_type: &'static ResourceType, verb: Verb) -> Operation {
    let (one, (noun, nouns)) = (one(resource_type), resource_type.noun);
    let name = pascal(resource_type.type_name);
    let document = format!("{name}Document");
    let example = examples::single(resource_type, &examples::path(resource_type));
    match verb {
        Verb::List => {
            let operation = at_collection(resource_type, "get", "list", format!("List {nouns}"))
                .takes(parameters::selection(resource_type))
                .takes(parameters::projection(resource_type));
            let example = examples::collection(resource_type, resource_type.base);
            returns_page(operation, &format!("{name}Collection"), example)
        }
        Verb::Retrieve => at_item(resource_type, "get", "", "retrieve", format!("Retrieve {one}"))
            .takes(parameters::projection(resource_type))
            .returns_cacheable(&format!("The {noun}."), &document, example),
        Verb::Create => {
            let operation = at_collection(resource_type, "post", "create", format!("Create {one}"));
            takes_resource(operation, resource_type, false)
                .fails_with(&[&codes::CLIENT_ID_UNSUPPORTED])
                .returns_created(&format!("The new {noun}."), &document, example)
        }
        Verb::Update => {
            let operation = at_item(resource_type, "patch", "", "update", format!("Update {one}"));
            let operation = takes_resource(operation, resource_type, true)
                .takes(vec![parameters::named("IfMatch")])
                .fails_with(&[&codes::ID_MISMATCH, &codes::PRECONDITION_FAILED])
                .returns_resource(&format!("The {noun} after the change."), &document, example);
            scoped_change(operation, resource_type)
        }
        Verb::Delete => at_item(resource_type, "delete", "", "delete", format!("Delete {one}"))
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

/// Adds a body with a resource to create or to update.
fn takes_resource(operation: Operation, resource_type: &'static ResourceType, is_update: bool) -> Operation {
    let suffix = if is_update { "Update" } else { "Create" };
    let schema = reference("schemas", &(pascal(resource_type.type_name) + suffix));
    let has_computed = resource_type.attributes.iter().any(|attribute| attribute.access == Access::Computed);
    let of_end = |end: &Relationship| {
        let is_writable = if is_update { end.updatable } else { end.access.is_writable() };
        if is_writable && is_update && end.is_many {
            Some(&codes::FULL_REPLACEMENT_UNSUPPORTED)
        } else if is_writable {
            declared(end.type_name).map(|target| target.not_found)
        } else {
            Some(&codes::RELATIONSHIP_READ_ONLY)
        }
    };
    let mut errors: Vec<&ErrorCode> = resource_type.relationships.iter().filter_map(of_end).collect();
    errors.extend(has_computed.then_some(&codes::SYSTEM_FIELD_READ_ONLY));
    operation
        .takes(parameters::projection(resource_type))
        .body(JSON_API, schema, examples::request(resource_type, is_update))
        .fails_with(&errors)
        .fails_with(&[&codes::TYPE_MISMATCH])
}

/// The only change of an enrollment is that of its creator, which requires its own scope.
fn scoped_change(operation: Operation, resource_type: &ResourceType) -> Operation {
    if resource_type.type_name == ENROLLMENT.type_name { operation.scoped("pipeline") } else { operation }
}

/// Retrieves the related resource, or lists the related resources.
fn related(
    resource_type: &'static ResourceType,
    end: &'static Relationship,
    target: &'static ResourceType,
) -> Operation {
    let (name, one) = (end.name, one(resource_type));
    let url = format!("{}/{name}", examples::path(resource_type));
    let verb = if end.is_many { "List" } else { "Retrieve" };
    let summary = format!("{verb} {name} of {one}");
    let operation = at_item(resource_type, "get", &format!("/{name}"), &format!("related_{name}"), summary)
        .takes(parameters::projection(target));
    if end.is_many {
        let schema = format!("{}Collection", pascal(end.type_name));
        return returns_page(operation.described(end.about), &schema, examples::collection(target, &url));
    }
    let about = if end.nullable { "The related resource, or null." } else { "The related resource." };
    operation.returns_cacheable(about, &related_name(end, "Document"), examples::single(target, &url))
}

/// An operation on the linkage of a relationship.
fn at_linkage(
    resource_type: &ResourceType,
    end: &Relationship,
    method: &'static str,
    verb: &str,
    summary: String,
) -> Operation {
    let (path, name) = (format!("/relationships/{}", end.name), format!("linkage_{}{verb}", end.name));
    at_item(resource_type, method, &path, &name, summary).described(end.about)
}

/// Retrieves the linkage of a relationship.
fn linkage(resource_type: &'static ResourceType, end: &'static Relationship) -> Operation {
    let path = examples::path(resource_type);
    let verb = if end.is_many { "List" } else { "Retrieve" };
    let summary = format!("{verb} the linkage {} of {}", end.name, one(resource_type));
    let operation = at_linkage(resource_type, end, "get", "", summary);
    if end.is_many {
        let schema = format!("{}Identifiers", pascal(end.type_name));
        return returns_page(operation, &schema, examples::identifiers(end, &path));
    }
    let (about, schema) = ("The identifier of the related resource.", related_name(end, "Linkage"));
    let example = examples::relationship(end, &path);
    operation.returns(200, responses::document(about, JSON_API, &schema, example, &[]))
}

/// The changes of linkage that the standard defines: the method, the end of the operation's id, and the verb of its title.
fn changes(end: &Relationship) -> &'static [(&'static str, &'static str, &'static str)] {
    if end.is_many {
        &[("post", "_add", "Add to"), ("patch", "_replace", "Replace"), ("delete", "_remove", "Remove from")]
    } else {
        &[("patch", "_update", "Change")]
    }
}

fn linkage_change(
    resource_type: &ResourceType,
    end: &Relationship,
    (method, suffix, verb): (&'static str, &str, &str),
) -> Operation {
    let title = format!("{verb} {} of {}", end.name, one(resource_type));
    let at = |title| at_linkage(resource_type, end, method, suffix, title);
    // The API refuses these operations, which exist so that the error gives the reason.
    let refuse = |about: &str, error| {
        at(format!("{title} (refused)"))
            .described(format!("This request always fails. {about}").trim_end())
            .fails_with(&[error])
    };
    let linkage = bodies::linkage(end, Naming::Id);
    let (about, data, done) = match suffix {
        _ if !end.updatable => return refuse(end.about, &codes::RELATIONSHIP_READ_ONLY),
        "_replace" => {
            return refuse("Add and remove members instead.", &codes::FULL_REPLACEMENT_UNSUPPORTED);
        }
        "_add" => {
            let about = "Adds all of them or none. Adding a present member is not an error.";
            (about, linkage, "All of them are members.")
        }
        "_remove" => {
            let about = "Removes all of them or none. Removing an absent member is not an error.";
            (about, bodies::removed_members(end, Naming::Id), "None of them is a member.")
        }
        _ => (end.about, linkage, "The relationship has this value."),
    };
    let operation = at(title.clone())
        .described(about)
        .body(JSON_API, bodies::document(data), examples::linkage(end))
        .returns_nothing(done);
    let not_found = declared(end.type_name).filter(|_| suffix != "_remove").map(|target| target.not_found);
    scoped_change(operation, resource_type).fails_with(not_found.as_slice())
}
