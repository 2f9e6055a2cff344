//! What no declaration says: what is particular about a verb of a type, the convenience edges, atomic
//! operations, and the description itself.

use serde_json::json;

use crate::jsonapi::media_type::JSON_API_ATOMIC;
use crate::jsonapi::resource_type::{ResourceType, Verb};
use crate::registry::openapi::operation::Operation;
use crate::registry::openapi::{
    ADDRESS, MEDIA_TYPE, bodies, examples, parameters, paths, reference, responses,
};
use crate::registry::operations;
use crate::resources::enrollments::api::ENROLLMENT;
use crate::resources::workspace_groups::api::WORKSPACE_GROUP;
use crate::resources::workspaces::api::WORKSPACE;

const OPERATIONS: &str = "Atomic operations";
const DESCRIPTION: &str = "Description";

/// Headings that are no nouns.
pub static TAGS: [(&str, &str); 2] = [
    (OPERATIONS, "Several changes in one transaction, by the atomic-operations extension of JSON:API."),
    (DESCRIPTION, "What the API is like, for programs."),
];

struct Special {
    kind: &'static str,
    verb: Verb,
    about: &'static str,
    /// Codes of 409.
    conflicts: &'static [&'static str],
}

static SPECIALS: [Special; 13] = [
    Special {
        kind: "workspace_group_workspace",
        verb: Verb::Retrieve,
        about: "Live or removed: `deleted_at` tells.",
        conflicts: &[],
    },
    Special {
        kind: "workspace_group_workspace",
        verb: Verb::Create,
        about: "Enrolls a workspace in a group, in the name of the person that the token acts for. A pair \
                that was removed gets a new enrollment beside the old one. To name `created_by` takes the \
                scope `pipeline` too.",
        conflicts: &["WORKSPACE_GROUP_WORKSPACE_ALREADY_EXISTS"],
    },
    Special {
        kind: "workspace_group_workspace",
        verb: Verb::Update,
        about: "Corrects in whose name the enrollment stands, live or removed; nothing else of it ever \
                changes. Takes the scope `pipeline`.",
        conflicts: &[],
    },
    Special {
        kind: "workspace_group_workspace",
        verb: Verb::Delete,
        about: "Takes the workspace out of the group. The row stays, with `deleted_at`; of a removed one \
                nothing changes.",
        conflicts: &[],
    },
    Special {
        kind: "workspace_group",
        verb: Verb::Create,
        about: "With the workspaces that `workspaces` lists, enrolled in the same transaction.",
        conflicts: &[],
    },
    Special {
        kind: "workspace_group",
        verb: Verb::Update,
        about: "Renames the group. A change to what is so already writes nothing.",
        conflicts: &["RESOURCE_REMOVED"],
    },
    Special {
        kind: "workspace_group",
        verb: Verb::Delete,
        about: "Removes the group, which has to be empty. It stays, with `deleted_at`; of a removed one \
                nothing changes.",
        conflicts: &["GROUP_HAS_LIVE_ENROLLMENTS"],
    },
    Special {
        kind: "workspace",
        verb: Verb::Create,
        about: "",
        conflicts: &["EXTERNAL_WORKSPACE_ID_ALREADY_EXISTS"],
    },
    Special {
        kind: "workspace",
        verb: Verb::Update,
        about: "A change to what is so already writes nothing. Of a removed workspace one change is taken: \
                `external_workspace_id` to null, by itself, so that another workspace can have the id.",
        conflicts: &["EXTERNAL_WORKSPACE_ID_ALREADY_EXISTS", "RESOURCE_REMOVED"],
    },
    Special {
        kind: "workspace",
        verb: Verb::Delete,
        about: "Removes the workspace, which has to be in no group. It stays, with `deleted_at`; of a \
                removed one nothing changes.",
        conflicts: &["WORKSPACE_HAS_LIVE_ENROLLMENTS"],
    },
    Special { kind: "people", verb: Verb::Create, about: "", conflicts: &["EMAIL_ALREADY_EXISTS"] },
    Special {
        kind: "people",
        verb: Verb::Update,
        about: "A change to what is so already writes nothing.",
        conflicts: &["EMAIL_ALREADY_EXISTS"],
    },
    Special {
        kind: "people",
        verb: Verb::Delete,
        about: "Deletes the person for good. What stood in their name stays, in nobody's.",
        conflicts: &[],
    },
];

/// An operation with what is particular about it.
pub fn told(operation: Operation, resource_type: &ResourceType, verb: Verb) -> Operation {
    let special = SPECIALS.iter().find(|special| special.kind == resource_type.kind && special.verb == verb);
    let operation = match special {
        Some(special) => operation.described(special.about).refused(409, special.conflicts),
        None => operation,
    };
    if verb == Verb::Update { told_of_linkage(operation, resource_type) } else { operation }
}

/// The change of a relationship, which of an enrollment is always the correction of its attribution.
pub fn told_of_linkage(operation: Operation, resource_type: &ResourceType) -> Operation {
    if resource_type.kind == ENROLLMENT.kind { operation.scoped("pipeline") } else { operation }
}

pub fn all() -> [Operation; 4] {
    [enroll(), remove(), operations(), description()]
}

fn enroll() -> Operation {
    paths::at_item(&WORKSPACE_GROUP, "post", "/workspaces", "workspaces_enroll")
        .told(
            "Enroll a workspace by its identifier".to_owned(),
            "A shorter way to create an enrollment, for clients from before there was that resource. What is \
             new, and what `Location` leads to, is the enrollment.",
        )
        .with_document(
            bodies::document(bodies::end(WORKSPACE.kind, bodies::Naming::Id)),
            json!({ "data": examples::identifier(WORKSPACE.kind) }),
        )
        .created(
            "The new enrollment.",
            "WorkspaceGroupWorkspaceDocument",
            examples::single(&ENROLLMENT, &examples::address(&ENROLLMENT)),
        )
        .refused(404, &[WORKSPACE.not_found])
        .refused(409, &["WORKSPACE_GROUP_WORKSPACE_ALREADY_EXISTS"])
}

fn remove() -> Operation {
    paths::at_item(&WORKSPACE_GROUP, "delete", "/workspaces/{workspace_id}", "workspaces_remove")
        .told(
            "Remove a workspace by its id".to_owned(),
            "A shorter way to delete the live enrollment of this pair.",
        )
        .taking(vec![parameters::path_id("workspace_id", &WORKSPACE)])
        .done("The workspace is out of the group.")
        .refused(404, &[ENROLLMENT.not_found])
}

fn operations() -> Operation {
    let results = responses::document(
        "What each operation left, in their order.",
        JSON_API_ATOMIC,
        "Results",
        examples::results(),
        &["Idempotency-Replayed"],
    );
    let conflicts: Vec<&str> = SPECIALS.iter().flat_map(|special| special.conflicts).copied().collect();
    Operation::new("post", operations::ADDRESS.to_owned(), "operations_perform".to_owned())
        .tagged(OPERATIONS.to_owned())
        .told(
            "Perform operations".to_owned(),
            "All of them or none, in their order. Each does what the same request by itself would do and \
             takes the same scopes; `lid` names what an earlier one makes. An error points at the operation \
             that failed, as in `/atomic:operations/3/data/attributes/name`.",
        )
        .with_body(JSON_API_ATOMIC, reference("schemas", "Operations"), examples::operations())
        .answered(200, results)
        .done("All is done, and no operation leaves a resource to show.")
        .refused(403, &["SYSTEM_FIELD_READ_ONLY", "RELATIONSHIP_READ_ONLY"])
        .refused(403, &["CLIENT_ID_UNSUPPORTED", "FULL_REPLACEMENT_UNSUPPORTED"])
        .refused(404, &[ENROLLMENT.not_found, WORKSPACE_GROUP.not_found])
        .refused(404, &[WORKSPACE.not_found, "PEOPLE_NOT_FOUND"])
        .refused(409, &["TYPE_MISMATCH", "ID_MISMATCH"])
        .refused(409, &conflicts)
}

fn description() -> Operation {
    let media_type = MEDIA_TYPE;
    let response = json!({
        "description": "This document.",
        "headers": { "X-Request-Id": reference("headers", "X-Request-Id") },
        "content": {
            (media_type): {
                "schema": {
                    "type": "object",
                    "required": ["openapi", "info", "paths", "components"],
                    "properties": { "openapi": { "type": "string", "const": "3.1.0" } },
                },
                "example": {
                    "openapi": "3.1.0",
                    "info": { "title": "groupdesk API", "version": env!("CARGO_PKG_VERSION") },
                    "paths": {},
                    "components": {},
                },
            },
        },
    });
    Operation::public("get", ADDRESS.to_owned(), "openapi_retrieve".to_owned())
        .tagged(DESCRIPTION.to_owned())
        .told(
            "Retrieve the description".to_owned(),
            "This document, made from the code that serves. It takes no token.",
        )
        .answered(200, response)
}
