//! Workspaces as JSON:API: type `workspace`.

use chrono::{DateTime, Utc};

use crate::api::error_code;
use crate::api::parse_attributes::{optional, required};
use crate::api::{Answer, Caller, Connection, Listing, Loaded, Readable, Writable, filters};
use crate::jsonapi::body::ResourceBody;
use crate::jsonapi::document::{RelationshipData, Resource};
use crate::jsonapi::projection::Projection;
use crate::jsonapi::query::Query;
use crate::jsonapi::resource_type::{
    Access, Attribute, Filter, FilterForm, ResourceType, ToMany, ValueType, Verb,
};
use crate::kernel::id::WorkspaceId;
use crate::kernel::page::{NamedSortKey, Page, Position, Sort};
use crate::kernel::problem::Field;
use crate::kernel::problem::Privilege;
use crate::kernel::text::{DESCRIPTION_MAX, Description, NAME_MAX, Name, ShortText, WORD_MAX};
use crate::platform::call::{Call, Write};
use crate::platform::failure::Outcome;
use crate::resources::flows::remove_workspace::workspace_remove;
use crate::resources::workspaces::model::{
    NewWorkspace, Workspace, WorkspaceChange, WorkspaceFilter, workspace_position,
};
use crate::resources::workspaces::ops::{
    workspace_count, workspace_create, workspace_get, workspace_list, workspace_lock_for_no_key_update,
    workspace_update,
};

pub static WORKSPACE: ResourceType = ResourceType {
    kind: "workspace",
    base: "/v1/workspaces",
    noun: ("workspace", "workspaces"),
    about: "A tenant of the platform. A workspace is removed and never deleted, and it cannot be removed while it is in a \
            group.",
    verbs: &[Verb::List, Verb::Retrieve, Verb::Create, Verb::Update, Verb::Delete],
    attributes: &[
        Attribute {
            name: "name",
            form: ValueType::Text { max: NAME_MAX },
            nullable: false,
            access: Access::Required,
            about: "Not blank, not necessarily unique.",
            example: "Acme SAS",
        },
        Attribute {
            name: "description",
            form: ValueType::Prose { max: DESCRIPTION_MAX },
            nullable: true,
            access: Access::Optional,
            about: "Text of any number of lines.",
            example: "Industrial coatings, Lyon",
        },
        Attribute {
            name: "external_workspace_id",
            form: ValueType::Text { max: WORD_MAX },
            nullable: true,
            access: Access::Optional,
            about: "The id of the workspace in another system; unique.",
            example: "ws-000017",
        },
        Attribute {
            name: "avatar_color",
            form: ValueType::Text { max: WORD_MAX },
            nullable: true,
            access: Access::Optional,
            about: "The color of the workspace in lists.",
            example: "#3366cc",
        },
        Attribute::moment("created_at", "When the workspace was created."),
        Attribute::moment_or_null("updated_at", "When the workspace was last updated."),
        Attribute::removal("When the workspace was removed; null if it is live."),
    ],
    to_one: &[],
    to_many: &[ToMany {
        name: "workspace_groups",
        kind: "workspace_group",
        writable: false,
        about: "It changes with the relationship workspaces of the group, and with enrollments.",
    }],
    filters: &[
        filters::search!(
            "The name contains each word of this text, or the external id begins with it, in any order and regardless of \
             accents and case; or an id begins with the whole text."
        ),
        Filter { name: "external_workspace_id", form: FilterForm::Text, about: "The external id." },
        filters::STATUS,
    ],
    sorts: &["created_at", "updated_at", "deleted_at", "name"],
    sort_default: "-created_at",
    includes: &[],
    read_by: &[Privilege::Read],
    not_found: &error_code::WORKSPACE_NOT_FOUND,
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

pub struct Workspaces;

impl Readable for Workspaces {
    type Id = WorkspaceId;
    type Row = Workspace;
    type Include = ();
    type Filter = WorkspaceFilter;
    type SortKey = NamedSortKey;

    const TYPE: &'static ResourceType = &WORKSPACE;

    fn resource(workspace: Workspace) -> Loaded {
        Loaded::without_related(workspace_resource(workspace))
    }

    fn include(_: &Projection) {}

    async fn get(connection: &mut Connection, id: WorkspaceId, (): ()) -> Outcome<Workspace> {
        workspace_get(connection, id).await
    }

    fn filter(query: &mut Query, _: DateTime<Utc>) -> WorkspaceFilter {
        WorkspaceFilter {
            search: query.text("q"),
            external_workspace_id: query.text("external_workspace_id"),
            status: query.word("status").unwrap_or_default(),
            ..WorkspaceFilter::default()
        }
    }

    fn sort(query: &mut Query) -> Sort<NamedSortKey> {
        query.sort().with_tie(NamedSortKey::DeletedAt, NamedSortKey::CreatedAt)
    }

    async fn list(connection: &mut Connection, list: &Listing<Self>) -> Outcome<Page<Workspace>> {
        workspace_list(connection, &list.filter, &list.sort, &list.page).await
    }

    async fn count(connection: &mut Connection, filter: &WorkspaceFilter) -> Outcome<i64> {
        workspace_count(connection, filter).await
    }

    fn position(sort: &Sort<NamedSortKey>, workspace: &Workspace) -> Position {
        workspace_position(sort, workspace)
    }
}

impl Writable for Workspaces {
    type New = NewWorkspace;
    type Change = WorkspaceChange;
    type UpdatePrivilege = Write;

    fn id(workspace: &Workspace) -> WorkspaceId {
        workspace.id
    }

    async fn lock(connection: &mut Connection, id: WorkspaceId) -> Outcome<Workspace> {
        workspace_lock_for_no_key_update(connection, id).await
    }

    fn parse_new(mut body: ResourceBody<'_>, _: &Caller) -> Answer<NewWorkspace> {
        let name = required(&mut body, Field::Name, Name::parse);
        let description = optional(&mut body, Field::Description, Description::parse).apply_to(None);
        let mut short_text = |field| optional(&mut body, field, ShortText::parse).apply_to(None);
        let external_workspace_id = short_text(Field::ExternalWorkspaceId);
        let avatar_color = short_text(Field::AvatarColor);
        let new = name.map(|name| NewWorkspace { name, description, external_workspace_id, avatar_color });
        Ok(body.finish(new)?)
    }

    async fn create(connection: &mut Connection, call: &Call<Write>, new: NewWorkspace) -> Answer<Workspace> {
        Ok(workspace_create(connection, call, &new).await?)
    }

    fn parse_change(mut body: ResourceBody<'_>) -> Answer<WorkspaceChange> {
        let change = WorkspaceChange {
            name: optional(&mut body, Field::Name, Name::parse).apply_to(None),
            description: optional(&mut body, Field::Description, Description::parse),
            external_workspace_id: optional(&mut body, Field::ExternalWorkspaceId, ShortText::parse),
            avatar_color: optional(&mut body, Field::AvatarColor, ShortText::parse),
        };
        Ok(body.finish(Some(change))?)
    }

    async fn update(
        connection: &mut Connection,
        call: &Call<Write>,
        id: WorkspaceId,
        change: WorkspaceChange,
    ) -> Answer<Workspace> {
        Ok(workspace_update(connection, call, id, None, change).await?)
    }

    async fn delete(connection: &mut Connection, call: &Call<Write>, id: WorkspaceId) -> Outcome<()> {
        workspace_remove(connection, call, id).await
    }
}
