//! Enrollments as JSON:API: type `workspace_group_workspace`.

pub mod create;
pub mod delete;
pub mod list;
pub mod related;
pub mod retrieve;
pub mod update;

use crate::api::error::path_id;
use crate::jsonapi::declare::{Declaration, ToOne};
use crate::jsonapi::document::{Identifier, Resource, included, optional_timestamp, timestamp};
use crate::jsonapi::error::ErrorObject;
use crate::kernel::id::EnrollmentId;
use crate::kernel::problem::Problem;
use crate::resources::enrollments::model::{Enrollment, EnrollmentInclude, EnrollmentWith};
use crate::resources::people::api::{person_identifier, person_resource};
use crate::resources::workspace_groups::api::{WORKSPACE_GROUP, group_resource};
use crate::resources::workspaces::api::{WORKSPACE, workspace_resource};

pub static ENROLLMENT: Declaration = Declaration {
    kind: "workspace_group_workspace",
    base: "/v1/workspace-group-workspaces",
    writable: &[],
    computed: &["created_at", "updated_at", "deleted_at"],
    to_one: &[
        ToOne { name: "workspace_group", kind: "workspace_group", nullable: false },
        ToOne { name: "workspace", kind: "workspace", nullable: false },
        ToOne { name: "created_by", kind: "people", nullable: true },
    ],
    to_many: &[],
    filters: &["workspace_group", "workspace", "created_by", "status"],
    includes: &["workspace_group", "workspace", "created_by"],
};

fn enrollment_resource(enrollment: &Enrollment) -> Resource {
    Resource {
        declaration: &ENROLLMENT,
        id: enrollment.id.uuid(),
        attributes: vec![
            ("created_at", timestamp(enrollment.created_at)),
            ("updated_at", optional_timestamp(enrollment.updated_at)),
            ("deleted_at", optional_timestamp(enrollment.deleted_at)),
        ],
        relationships: vec![
            ("workspace_group", Some(Identifier { kind: WORKSPACE_GROUP.kind, id: enrollment.group.uuid() })),
            ("workspace", Some(Identifier { kind: WORKSPACE.kind, id: enrollment.workspace.uuid() })),
            ("created_by", enrollment.created_by.map(person_identifier)),
        ],
    }
}

/// What `include` asked for, of these.
fn include_of(paths: &[&str]) -> EnrollmentInclude {
    EnrollmentInclude {
        group: paths.contains(&"workspace_group"),
        workspace: paths.contains(&"workspace"),
        created_by: paths.contains(&"created_by"),
    }
}

/// The `included` member, there once anything was asked for.
fn included_of(paths: &[&str], primary: &[Resource], items: &[EnrollmentWith]) -> Option<Vec<Resource>> {
    if paths.is_empty() {
        return None;
    }
    let related = items.iter().flat_map(|item| {
        let group = item.group.as_ref().map(group_resource);
        let workspace = item.workspace.as_ref().map(workspace_resource);
        let person = item.created_by.as_ref().map(person_resource);
        [group, workspace, person].into_iter().flatten()
    });
    Some(included(primary, related))
}

fn enrollment_id(text: &str) -> Result<EnrollmentId, ErrorObject> {
    path_id(text, ENROLLMENT.kind, "WORKSPACE_GROUP_WORKSPACE_NOT_FOUND")
}

/// Where in a document the thing stands that a problem is about.
fn place(problem: &Problem) -> Option<String> {
    let name = match problem {
        Problem::GroupNotFound(_) => "workspace_group",
        Problem::WorkspaceNotFound(_) => "workspace",
        Problem::PersonNotFound(_) => "created_by",
        _ => return None,
    };
    Some(pointer(name))
}

fn pointer(relationship: &str) -> String {
    format!("/data/relationships/{relationship}/data/id")
}
