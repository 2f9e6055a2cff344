//! Workspaces as JSON:API: type `workspace`.

pub mod create;
pub mod delete;
pub mod list;
pub mod related;
pub mod relationships;
pub mod retrieve;
pub mod update;

use crate::api::error::{Answer, path_id};
use crate::api::{Connection, filters};
use crate::jsonapi::document::{Identifier, RelationshipData, Resource};
use crate::jsonapi::error::ErrorObject;
use crate::jsonapi::resource_type::{
    Access, Attribute, Filter, FilterForm, ResourceType, ToMany, ValueType, Verb,
};
use crate::kernel::id::WorkspaceId;
use crate::kernel::text::{DESCRIPTION_MAX, NAME_MAX, WORD_MAX};
use crate::resources::workspaces::model::Workspace;
use crate::resources::workspaces::ops::workspace_lock;

pub static WORKSPACE: ResourceType = ResourceType {
    kind: "workspace",
    base: "/v1/workspaces",
    noun: ("workspace", "workspaces"),
    about: "A tenant of the platform. It is removed and never deleted, and not while it is in a group.",
    verbs: &[Verb::List, Verb::Retrieve, Verb::Create, Verb::Update, Verb::Delete],
    attributes: &[
        Attribute {
            name: "name",
            form: ValueType::Text { max: NAME_MAX },
            nullable: false,
            access: Access::Required,
            about: "Not blank; need not be unique.",
            example: "Acme SAS",
        },
        Attribute {
            name: "description",
            form: ValueType::Prose { max: DESCRIPTION_MAX },
            nullable: true,
            access: Access::Optional,
            about: "Running text.",
            example: "Industrial coatings, Lyon",
        },
        Attribute {
            name: "external_workspace_id",
            form: ValueType::Text { max: WORD_MAX },
            nullable: true,
            access: Access::Optional,
            about: "What another system calls the workspace; unique.",
            example: "ws-000017",
        },
        Attribute {
            name: "avatar_color",
            form: ValueType::Text { max: WORD_MAX },
            nullable: true,
            access: Access::Optional,
            about: "The color that stands for the workspace in lists.",
            example: "#3366cc",
        },
        Attribute::moment("created_at", "When the workspace was created."),
        Attribute::moment_or_null("updated_at", "When the workspace was last written."),
        Attribute::removal("When the workspace was removed; null while it is not."),
    ],
    to_one: &[],
    to_many: &[ToMany {
        name: "workspace_groups",
        kind: "workspace_group",
        writable: false,
        about: "It is changed from the side of the group, or by enrolling and removing.",
    }],
    filters: &[
        Filter {
            name: "q",
            form: FilterForm::Text,
            about: "Each word of this is held by the name or begins the external id, in any order, whatever accents \
                    and case; or an id begins with all of it. A word of two letters is looked for where words begin, \
                    and a number of up to two digits before another word is meant whole.",
        },
        Filter { name: "external_workspace_id", form: FilterForm::Text, about: "The external id is this." },
        filters::STATUS,
    ],
    sorts: &["created_at", "updated_at", "deleted_at", "name"],
    sort_default: "-created_at",
    includes: &[],
    not_found: "WORKSPACE_NOT_FOUND",
};

pub fn workspace_resource(workspace: Workspace) -> Resource {
    Resource {
        resource_type: &WORKSPACE,
        id: workspace.id.uuid(),
        attributes: vec![
            ("name", workspace.name.into()),
            ("description", workspace.description.into()),
            ("external_workspace_id", workspace.external_workspace_id.into()),
            ("avatar_color", workspace.avatar_color.into()),
            ("created_at", workspace.created_at.into()),
            ("updated_at", workspace.updated_at.into()),
            ("deleted_at", workspace.deleted_at.into()),
        ],
        relationships: vec![("workspace_groups", RelationshipData::Many)],
    }
}

pub fn workspace_identifier(id: WorkspaceId) -> Identifier {
    Identifier { kind: WORKSPACE.kind, id: id.uuid() }
}

async fn held(connection: &mut Connection, id: WorkspaceId) -> Answer<Resource> {
    Ok(workspace_resource(workspace_lock(connection, id).await?))
}

pub fn workspace_id(text: &str) -> Result<WorkspaceId, ErrorObject> {
    path_id(text, &WORKSPACE)
}
