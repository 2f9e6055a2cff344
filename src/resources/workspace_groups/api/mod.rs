//! Workspace groups as JSON:API: type `workspace_group`.

pub mod create;
pub mod delete;
pub mod list;
pub mod related;
pub mod retrieve;

use crate::api::error::path_id;
use crate::jsonapi::declare::{Declaration, ToMany, ToOne};
use crate::jsonapi::document::{Resource, optional_timestamp, timestamp};
use crate::jsonapi::error::ErrorObject;
use crate::kernel::id::GroupId;
use crate::resources::people::api::person_identifier;
use crate::resources::workspace_groups::model::WorkspaceGroup;

pub static WORKSPACE_GROUP: Declaration = Declaration {
    kind: "workspace_group",
    base: "/v1/workspace-groups",
    writable: &["name"],
    computed: &["created_at", "updated_at", "deleted_at"],
    to_one: &[ToOne { name: "created_by", kind: "people", nullable: true }],
    to_many: &[ToMany { name: "workspaces", kind: "workspace" }],
    filters: &["q"],
    includes: &[],
};

pub fn group_resource(group: &WorkspaceGroup) -> Resource {
    Resource {
        declaration: &WORKSPACE_GROUP,
        id: group.id.uuid(),
        attributes: vec![
            ("name", group.name.as_str().into()),
            ("created_at", timestamp(group.created_at)),
            ("updated_at", optional_timestamp(group.updated_at)),
            ("deleted_at", optional_timestamp(group.deleted_at)),
        ],
        relationships: vec![("created_by", group.created_by.map(person_identifier))],
    }
}

fn group_id(text: &str) -> Result<GroupId, ErrorObject> {
    path_id(text, WORKSPACE_GROUP.kind, "WORKSPACE_GROUP_NOT_FOUND")
}
