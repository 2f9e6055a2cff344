//! Workspace groups as JSON:API: type `workspace_group`.

pub mod enrolling;
pub mod live_counts;

use chrono::{DateTime, Utc};

use crate::api::error::located;
use crate::api::parse_attributes::{optional, required};
use crate::api::{
    ApiResult, Caller, Connection, Listing, Loaded, Readable, RelationshipChange, Writable, error_code,
    filters,
};
use crate::jsonapi::body::ResourceBody;
use crate::jsonapi::document::{RelationshipData, Resource, Scalar};
use crate::jsonapi::projection::Projection;
use crate::jsonapi::query::Query;
use crate::jsonapi::resource_type::ValueType::Text;
use crate::jsonapi::resource_type::{Access, Attribute, Relationship, ResourceType, Verb};
use crate::kernel::id::{GroupId, PersonId};
use crate::kernel::page::{NamedSortKey, Page, Position, Sort};
use crate::kernel::problem::{Field, Privilege, Problem};
use crate::kernel::text::{NAME_MAX, Name};
use crate::platform::call::{Call, Write};
use crate::platform::failure::Outcome;
use crate::resources::flows::groups_and_workspaces::{group_create_with_workspaces, group_remove};
use crate::resources::people::api::{PEOPLE, person_resource};
use crate::resources::workspace_groups::model::{
    GroupFilter, GroupWithCreator, NewGroup, WorkspaceGroup, group_position,
};
use crate::resources::workspace_groups::ops;
use crate::resources::workspaces::api::WORKSPACE;

pub static WORKSPACE_GROUP: ResourceType = ResourceType {
    type_name: "workspace_group",
    base: "/v1/workspace-groups",
    noun: ("workspace group", "workspace groups"),
    about: "A named collection of workspaces. A group is removed and never deleted, and it cannot be removed while \
            workspaces are in it.",
    verbs: &[Verb::List, Verb::Retrieve, Verb::Create, Verb::Update, Verb::Delete],
    attributes: &[
        Attribute::required("name", Text(NAME_MAX), "Not blank, not necessarily unique.", "EMEA"),
        Attribute::moment("created_at", "When the group was created."),
        Attribute::moment_or_null("updated_at", "When the group was last updated."),
        Attribute::removal("When the group was removed; null if it is live."),
        Attribute::count(
            live_counts::NAME,
            "The number of workspaces in the group. It is counted, and present, only if fields[workspace_group] names it.",
            "760",
        ),
    ],
    relationships: &[
        Relationship::computed(
            "created_by",
            "people",
            true,
            "It is always the person who created the group.",
        ),
        Relationship {
            is_many: true,
            access: Access::Optional,
            updatable: true,
            ..Relationship::computed(
                "workspaces",
                "workspace",
                false,
                "The workspaces in the group, the last enrolled first.",
            )
        },
    ],
    filters: &[
        filters::search!(
            "The name contains each word of this text, in any order and regardless of accents and case, or the id begins \
             with it."
        ),
        filters::STATUS,
    ],
    sorts: &["created_at", "updated_at", "deleted_at", "name"],
    sort_default: "-created_at",
    includes: &["created_by"],
    read_by: &[Privilege::Read],
    not_found: &error_code::WORKSPACE_GROUP_NOT_FOUND,
};

/// `live`: the number of live enrollments, if it was requested.
pub fn group_resource(group: WorkspaceGroup, live: Option<i64>) -> Resource {
    let WorkspaceGroup { id, name, created_by, created_at, updated_at, deleted_at } = group;
    let attributes = [name.into(), created_at.into(), updated_at.into(), deleted_at.into()];
    let created_by = PEOPLE.linkage(created_by.map(PersonId::uuid));
    let mut resource = WORKSPACE_GROUP.resource(id.uuid(), attributes, [created_by, RelationshipData::Many]);
    resource.attributes.extend(live.map(|live| (live_counts::NAME, Scalar::Number(live))));
    resource
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GroupInclude {
    pub creator: bool,
    pub live: bool,
}

pub struct WorkspaceGroups;

impl Readable for WorkspaceGroups {
    type Id = GroupId;
    type Row = GroupWithCreator;
    type Include = GroupInclude;
    type Filter = GroupFilter;
    type SortKey = NamedSortKey;

    const TYPE: &'static ResourceType = &WORKSPACE_GROUP;

    fn resource(with: GroupWithCreator) -> Loaded {
        Loaded::new(group_resource(with.group, with.live), [with.created_by.map(person_resource)])
    }

    fn include(projection: &Projection) -> GroupInclude {
        GroupInclude {
            creator: projection.includes("created_by"),
            live: live_counts::is_requested(projection),
        }
    }

    async fn get(connection: &mut Connection, id: GroupId, include: GroupInclude) -> Outcome<Self::Row> {
        let mut row = ops::group_get(connection, id, include.creator).await?;
        if include.live {
            live_counts::fill(connection, [(id, &mut row.live)].into_iter()).await?;
        }
        Ok(row)
    }

    fn filter(query: &mut Query, _: DateTime<Utc>) -> GroupFilter {
        GroupFilter {
            search: query.text("q"),
            status: query.value("status").unwrap_or_default(),
            ..GroupFilter::default()
        }
    }

    async fn list(connection: &mut Connection, list: &Listing<Self>) -> Outcome<Page<Self::Row>> {
        let creator = list.include.creator;
        let mut page = ops::group_list(connection, &list.filter, &list.sort, &list.page, creator).await?;
        if list.include.live {
            let groups = page.items.iter_mut().map(|row| (row.group.id, &mut row.live));
            live_counts::fill(connection, groups).await?;
        }
        Ok(page)
    }

    async fn count(connection: &mut Connection, filter: &GroupFilter) -> Outcome<i64> {
        ops::group_count(connection, filter).await
    }

    fn position(sort: &Sort<NamedSortKey>, with: &GroupWithCreator) -> Position {
        group_position(sort, &with.group)
    }
}

const fn without_creator(group: WorkspaceGroup) -> GroupWithCreator {
    GroupWithCreator { group, created_by: None, live: None }
}

impl Writable for WorkspaceGroups {
    type New = NewGroup;
    /// The new name.
    type Change = Option<Name>;
    type UpdatePrivilege = Write;

    async fn lock(connection: &mut Connection, id: GroupId) -> Outcome<Self::Row> {
        Ok(without_creator(ops::group_lock_for_no_key_update(connection, id).await?))
    }

    fn parse_new(mut body: ResourceBody<'_>, _: &Caller) -> ApiResult<NewGroup> {
        let name = required(&mut body, Field::Name, Name::parse);
        let workspaces = body.to_many("workspaces", WORKSPACE.not_found);
        Ok(body.finish(name.map(|name| NewGroup { name, workspaces }))?)
    }

    async fn create(connection: &mut Connection, call: &Call<Write>, new: NewGroup) -> ApiResult<Self::Row> {
        let created = group_create_with_workspaces(connection, call, &new).await;
        let group = located(created, |problem| match problem {
            Problem::WorkspaceNotFound(id) => {
                let index = new.workspaces.iter().position(|workspace| workspace == id)?;
                Some(format!("/data/relationships/workspaces/data/{index}/id"))
            }
            _ => None,
        })?;
        Ok(without_creator(group))
    }

    fn parse_change(mut body: ResourceBody<'_>) -> ApiResult<Option<Name>> {
        let name = optional(&mut body, Field::Name, Name::parse).apply_to(None);
        Ok(body.finish(Some(name))?)
    }

    async fn update(
        connection: &mut Connection,
        call: &Call<Write>,
        id: GroupId,
        name: Option<Name>,
    ) -> ApiResult<Self::Row> {
        Ok(without_creator(ops::group_update(connection, call, id, None, name.as_ref()).await?.1))
    }

    async fn delete(connection: &mut Connection, call: &Call<Write>, id: GroupId) -> Outcome<()> {
        group_remove(connection, call, id).await
    }

    async fn change_relationship(
        connection: &mut Connection,
        caller: &Caller,
        change: RelationshipChange<'_>,
    ) -> ApiResult<()> {
        enrolling::change(connection, caller, change).await
    }
}
