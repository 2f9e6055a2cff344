//! Workspaces as JSON:API: type `workspace`.

use chrono::{DateTime, Utc};

use crate::api::parse_attributes::{optional, required};
use crate::api::{ApiResult, Caller, Connection, Listing, Loaded, Readable, Writable, error_code, filters};
use crate::jsonapi::body::ResourceBody;
use crate::jsonapi::document::{RelationshipData, Resource};
use crate::jsonapi::projection::Projection;
use crate::jsonapi::query::Query;
use crate::jsonapi::resource_type::ValueType::{Prose, Text};
use crate::jsonapi::resource_type::{Attribute, Filter, FilterType, Relationship, ResourceType, Verb};
use crate::kernel::id::WorkspaceId;
use crate::kernel::page::{NamedSortKey, Page, Position, Sort};
use crate::kernel::problem::{Field, Privilege};
use crate::kernel::text::{DESCRIPTION_MAX, Description, NAME_MAX, Name, SHORT_TEXT_MAX, ShortText};
use crate::platform::call::{Call, Write};
use crate::platform::failure::Outcome;
use crate::resources::flows::groups_and_workspaces::workspace_remove;
use crate::resources::workspaces::model::{
    NewWorkspace, Workspace, WorkspaceChange, WorkspaceFilter, workspace_position,
};
use crate::resources::workspaces::ops;

pub static WORKSPACE: ResourceType = ResourceType {
    type_name: "workspace",
    base: "/v1/workspaces",
    noun: ("workspace", "workspaces"),
    about: "A tenant of the platform. A workspace is removed and never deleted, and it cannot be removed while it is in a \
            group.",
    verbs: &[Verb::List, Verb::Retrieve, Verb::Create, Verb::Update, Verb::Delete],
    attributes: &[
        Attribute::required("name", Text(NAME_MAX), "Not blank, not necessarily unique.", "Acme SAS"),
        Attribute::optional(
            "description",
            Prose(DESCRIPTION_MAX),
            "Text of any number of lines.",
            "Industrial coatings, Lyon",
        ),
        Attribute::optional(
            "external_workspace_id",
            Text(SHORT_TEXT_MAX),
            "The id of the workspace in another system; unique.",
            "ws-000017",
        ),
        Attribute::optional(
            "avatar_color",
            Text(SHORT_TEXT_MAX),
            "The color of the workspace in lists.",
            "#3366cc",
        ),
        Attribute::moment("created_at", "When the workspace was created."),
        Attribute::moment_or_null("updated_at", "When the workspace was last updated."),
        Attribute::removal("When the workspace was removed; null if it is live."),
    ],
    relationships: &[Relationship {
        is_many: true,
        ..Relationship::computed(
            "workspace_groups",
            "workspace_group",
            false,
            "It changes with the relationship workspaces of the group, and with enrollments.",
        )
    }],
    filters: &[
        filters::search!(
            "The name contains each word of this text, or the external id begins with it, in any order and regardless of \
             accents and case; or an id begins with the whole text."
        ),
        Filter::new("external_workspace_id", FilterType::Text, "The external id."),
        filters::STATUS,
    ],
    sorts: &["created_at", "updated_at", "deleted_at", "name"],
    sort_default: "-created_at",
    includes: &[],
    read_by: &[Privilege::Read],
    not_found: &error_code::WORKSPACE_NOT_FOUND,
};

pub fn workspace_resource(workspace: Workspace) -> Resource {
    let attributes = [
        workspace.name.into(),
        workspace.description.into(),
        workspace.external_workspace_id.into(),
        workspace.avatar_color.into(),
        workspace.created_at.into(),
        workspace.updated_at.into(),
        workspace.deleted_at.into(),
    ];
    WORKSPACE.resource(workspace.id.uuid(), attributes, [RelationshipData::Many])
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
        Loaded::new(workspace_resource(workspace), [])
    }

    fn include(_: &Projection) {}

    async fn get(connection: &mut Connection, id: WorkspaceId, (): ()) -> Outcome<Self::Row> {
        ops::workspace_get(connection, id).await
    }

    fn filter(query: &mut Query, _: DateTime<Utc>) -> WorkspaceFilter {
        WorkspaceFilter {
            search: query.text("q"),
            external_workspace_id: query.text("external_workspace_id"),
            status: query.value("status").unwrap_or_default(),
            ..WorkspaceFilter::default()
        }
    }

    async fn list(connection: &mut Connection, list: &Listing<Self>) -> Outcome<Page<Self::Row>> {
        ops::workspace_list(connection, &list.filter, &list.sort, &list.page).await
    }

    async fn count(connection: &mut Connection, filter: &WorkspaceFilter) -> Outcome<i64> {
        ops::workspace_count(connection, filter).await
    }

    fn position(sort: &Sort<NamedSortKey>, workspace: &Workspace) -> Position {
        workspace_position(sort, workspace)
    }
}

impl Writable for Workspaces {
    type New = NewWorkspace;
    type Change = WorkspaceChange;
    type UpdatePrivilege = Write;

    async fn lock(connection: &mut Connection, id: WorkspaceId) -> Outcome<Self::Row> {
        ops::workspace_lock_for_no_key_update(connection, id).await
    }

    fn parse_new(mut body: ResourceBody<'_>, _: &Caller) -> ApiResult<NewWorkspace> {
        let name = required(&mut body, Field::Name, Name::parse);
        let description = optional(&mut body, Field::Description, Description::parse).apply_to(None);
        let mut short_text = |field| optional(&mut body, field, ShortText::parse).apply_to(None);
        let external_workspace_id = short_text(Field::ExternalWorkspaceId);
        let avatar_color = short_text(Field::AvatarColor);
        let new = name.map(|name| NewWorkspace { name, description, external_workspace_id, avatar_color });
        Ok(body.finish(new)?)
    }

    async fn create(
        connection: &mut Connection,
        call: &Call<Write>,
        new: NewWorkspace,
    ) -> ApiResult<Self::Row> {
        Ok(ops::workspace_create(connection, call, &new).await?)
    }

    fn parse_change(mut body: ResourceBody<'_>) -> ApiResult<WorkspaceChange> {
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
    ) -> ApiResult<Self::Row> {
        Ok(ops::workspace_update(connection, call, id, None, change).await?)
    }

    async fn delete(connection: &mut Connection, call: &Call<Write>, id: WorkspaceId) -> Outcome<()> {
        workspace_remove(connection, call, id).await
    }
}
