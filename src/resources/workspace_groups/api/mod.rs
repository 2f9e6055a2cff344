//! Workspace groups as JSON:API: type `workspace_group`.

pub mod create;
pub mod delete;
pub mod legacy_membership;
pub mod list;
pub mod related;
pub mod relationships;
pub mod retrieve;
pub mod update;

use crate::api::error::{Answer, path_id};
use crate::api::response::Loaded;
use crate::api::{Connection, filters};
use crate::jsonapi::document::{Identifier, RelationshipData, Resource};
use crate::jsonapi::error::ErrorObject;
use crate::jsonapi::projection::Projection;
use crate::jsonapi::resource_type::{Access, Attribute, ResourceType, ToMany, ToOne, ValueType, Verb};
use crate::kernel::id::GroupId;
use crate::kernel::text::NAME_MAX;
use crate::resources::people::api::{person_identifier, person_resource};
use crate::resources::people::model::Person;
use crate::resources::workspace_groups::model::{GroupWith, WorkspaceGroup};
use crate::resources::workspace_groups::ops::{group_get, group_lock};

pub static WORKSPACE_GROUP: ResourceType = ResourceType {
    kind: "workspace_group",
    base: "/v1/workspace-groups",
    noun: ("workspace group", "workspace groups"),
    about: "A workspace group collects workspaces. It is removed and never deleted, and not while workspaces are \
            in it.",
    verbs: &[Verb::List, Verb::Retrieve, Verb::Create, Verb::Update, Verb::Delete],
    attributes: &[
        Attribute {
            name: "name",
            form: ValueType::Text { max: NAME_MAX },
            nullable: false,
            access: Access::Required,
            about: "Not blank; need not be unique.",
            example: "EMEA",
        },
        Attribute::moment("created_at", "When the group was created."),
        Attribute::moment_or_null("updated_at", "When the group was last written."),
        Attribute::removal("When the group was removed; null while it is not."),
    ],
    to_one: &[ToOne {
        name: "created_by",
        kind: "people",
        nullable: true,
        access: Access::Computed,
        updatable: false,
        about: "It is whoever creates the group.",
    }],
    to_many: &[ToMany {
        name: "workspaces",
        kind: "workspace",
        writable: true,
        about: "The workspaces that are in the group now, the last enrolled first.",
    }],
    filters: &[filters::NAME, filters::STATUS],
    sorts: &["created_at", "updated_at", "deleted_at", "name"],
    sort_default: "-created_at",
    includes: &["created_by"],
    not_found: "WORKSPACE_GROUP_NOT_FOUND",
};

pub fn group_resource(group: WorkspaceGroup) -> Resource {
    Resource {
        resource_type: &WORKSPACE_GROUP,
        id: group.id.uuid(),
        attributes: vec![
            ("name", group.name.into()),
            ("created_at", group.created_at.into()),
            ("updated_at", group.updated_at.into()),
            ("deleted_at", group.deleted_at.into()),
        ],
        relationships: vec![
            ("created_by", RelationshipData::One(group.created_by.map(person_identifier))),
            ("workspaces", RelationshipData::Many),
        ],
    }
}

pub fn group_found(with: GroupWith) -> Loaded {
    Loaded {
        resource: group_resource(with.group),
        related: with.created_by.map(person_resource).into_iter().collect(),
    }
}

/// A group on the other end of something, with who created it.
pub fn group_end(group: Option<WorkspaceGroup>, created_by: Option<Person>) -> Option<Loaded> {
    group.map(|group| group_found(GroupWith { group, created_by }))
}

/// A group just written, with what `include` asked for.
async fn reload(
    connection: &mut Connection,
    written: WorkspaceGroup,
    projection: &Projection,
) -> Answer<Loaded> {
    if projection.includes("created_by") {
        return Ok(group_found(group_get(connection, written.id, true).await?));
    }
    Ok(Loaded::alone(group_resource(written)))
}

pub fn group_identifier(id: GroupId) -> Identifier {
    Identifier { kind: WORKSPACE_GROUP.kind, id: id.uuid() }
}

async fn held(connection: &mut Connection, id: GroupId) -> Answer<Resource> {
    Ok(group_resource(group_lock(connection, id).await?))
}

pub fn group_id(text: &str) -> Result<GroupId, ErrorObject> {
    path_id(text, &WORKSPACE_GROUP)
}
