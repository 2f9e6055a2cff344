//! What no declaration contains: the conflicts of each operation, the legacy operations on members of a group, and
//! atomic operations.

use serde_json::json;

use crate::api::error_code::{self as codes, ErrorCode};
use crate::jsonapi::media_type::{JSON_API, JSON_API_ATOMIC};
use crate::registry::openapi::operation::Operation;
use crate::registry::openapi::request_bodies::{self as bodies, Naming};
use crate::registry::openapi::{examples, parameters, paths, reference, responses};
use crate::registry::operations;
use crate::resources::enrollments::api::ENROLLMENT;
use crate::resources::workspace_groups::api::WORKSPACE_GROUP;
use crate::resources::workspaces::api::WORKSPACE;

/// The conflicts with stored data, by the id of the operation.
pub static CONFLICTS: [(&str, &[&ErrorCode]); 8] = [
    ("workspace_group_workspaces_create", &[&codes::WORKSPACE_GROUP_WORKSPACE_ALREADY_EXISTS]),
    ("workspace_groups_update", &[&codes::RESOURCE_REMOVED]),
    ("workspace_groups_delete", &[&codes::GROUP_HAS_LIVE_ENROLLMENTS]),
    ("workspaces_create", &[&codes::EXTERNAL_WORKSPACE_ID_ALREADY_EXISTS]),
    ("workspaces_update", &[&codes::EXTERNAL_WORKSPACE_ID_ALREADY_EXISTS, &codes::RESOURCE_REMOVED]),
    ("workspaces_delete", &[&codes::WORKSPACE_HAS_LIVE_ENROLLMENTS]),
    ("people_create", &[&codes::EMAIL_ALREADY_EXISTS]),
    ("people_update", &[&codes::EMAIL_ALREADY_EXISTS]),
];

pub fn conflicts(operation_id: &str) -> &'static [&'static ErrorCode] {
    let entry = CONFLICTS.iter().find(|(id, _)| *id == operation_id);
    entry.map_or(&[], |(_, conflicts)| conflicts)
}

pub fn all() -> [Operation; 3] {
    [enroll(), remove(), operations()]
}

fn enroll() -> Operation {
    let summary = "Enroll a workspace by its identifier".to_owned();
    paths::at_item(&WORKSPACE_GROUP, "post", "/workspaces", "workspaces_enroll", summary)
        .body(
            JSON_API,
            bodies::document(bodies::identifier(WORKSPACE.type_name, Naming::Id)),
            json!({ "data": examples::identifier(WORKSPACE.type_name) }),
        )
        .returns_created(
            "The new enrollment.",
            "WorkspaceGroupWorkspaceDocument",
            examples::single(&ENROLLMENT, &examples::path(&ENROLLMENT)),
        )
        .fails_with(&[&codes::WORKSPACE_NOT_FOUND, &codes::WORKSPACE_GROUP_WORKSPACE_ALREADY_EXISTS])
}

fn remove() -> Operation {
    let summary = "Remove a workspace by its id".to_owned();
    paths::at_item(&WORKSPACE_GROUP, "delete", "/workspaces/{workspace_id}", "workspaces_remove", summary)
        .takes(vec![parameters::path_id("workspace_id", &WORKSPACE)])
        .returns_nothing("The workspace is not in the group.")
        .fails_with(&[&codes::WORKSPACE_GROUP_WORKSPACE_NOT_FOUND])
}

fn operations() -> Operation {
    let results = responses::document(
        "The results of the operations, in the same order.",
        JSON_API_ATOMIC,
        "Results",
        examples::results(),
        &["Idempotency-Replayed"],
    );
    let conflicts: Vec<&ErrorCode> =
        CONFLICTS.iter().flat_map(|(_, conflicts)| *conflicts).copied().collect();
    let (path, tag, summary) =
        (operations::PATH.to_owned(), "Atomic operations", "Perform operations".to_owned());
    Operation::new("post", path, "operations_perform", tag, summary)
        .body(JSON_API_ATOMIC, reference("schemas", "Operations"), examples::operations())
        .returns(200, results)
        .returns_nothing("All operations are performed, and none returns a resource.")
        .fails_with(&[&codes::SYSTEM_FIELD_READ_ONLY, &codes::RELATIONSHIP_READ_ONLY])
        .fails_with(&[&codes::CLIENT_ID_UNSUPPORTED, &codes::FULL_REPLACEMENT_UNSUPPORTED])
        .fails_with(&[&codes::WORKSPACE_GROUP_WORKSPACE_NOT_FOUND, &codes::WORKSPACE_GROUP_NOT_FOUND])
        .fails_with(&[&codes::WORKSPACE_NOT_FOUND, &codes::PEOPLE_NOT_FOUND])
        .fails_with(&[&codes::TYPE_MISMATCH, &codes::ID_MISMATCH])
        .fails_with(&conflicts)
}
