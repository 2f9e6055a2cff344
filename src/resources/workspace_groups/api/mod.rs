//! Workspace groups as JSON:API: type `workspace_group`.

pub mod legacy_membership;
pub mod membership;

use chrono::{DateTime, Utc};

use crate::api::error::Located;
use crate::api::error_code;
use crate::api::parse_attributes::{optional, required};
use crate::api::{
    Answer, Caller, Connection, Listing, Loaded, Readable, RelatedResource, RelationshipChange, Writable,
    filters,
};
use crate::jsonapi::body::ResourceBody;
use crate::jsonapi::document::{RelationshipData, Resource};
use crate::jsonapi::projection::Projection;
use crate::jsonapi::query::Query;
use crate::jsonapi::resource_type::{Access, Attribute, ResourceType, ToMany, ToOne, ValueType, Verb};
use crate::kernel::id::GroupId;
use crate::kernel::page::{NamedSortKey, Page, Position, Sort};
use crate::kernel::problem::Privilege;
use crate::kernel::problem::{Field, Problem};
use crate::kernel::text::{NAME_MAX, Name};
use crate::platform::call::{Call, Write};
use crate::platform::failure::Outcome;
use crate::resources::flows::create_group::group_create_with_workspaces;
use crate::resources::flows::remove_group::group_remove;
use crate::resources::people::api::{PEOPLE, People, person_resource};
use crate::resources::people::model::Person;
use crate::resources::workspace_groups::model::{
    GroupFilter, GroupWith, NewGroup, WorkspaceGroup, group_position,
};
use crate::resources::workspace_groups::ops::{
    group_count, group_get, group_list, group_lock_for_no_key_update, group_update,
};
use crate::resources::workspaces::api::WORKSPACE;

pub static WORKSPACE_GROUP: ResourceType = ResourceType {
    kind: "workspace_group",
    base: "/v1/workspace-groups",
    noun: ("workspace group", "workspace groups"),
    about: "A named collection of workspaces. A group is removed and never deleted, and it cannot be removed while \
            workspaces are in it.",
    verbs: &[Verb::List, Verb::Retrieve, Verb::Create, Verb::Update, Verb::Delete],
    attributes: &[
        Attribute {
            name: "name",
            form: ValueType::Text { max: NAME_MAX },
            nullable: false,
            access: Access::Required,
            about: "Not blank, not necessarily unique.",
            example: "EMEA",
        },
        Attribute::moment("created_at", "When the group was created."),
        Attribute::moment_or_null("updated_at", "When the group was last updated."),
        Attribute::removal("When the group was removed; null if it is live."),
    ],
    to_one: &[ToOne {
        name: "created_by",
        kind: "people",
        nullable: true,
        access: Access::Computed,
        updatable: false,
        about: "It is always the person who created the group.",
    }],
    to_many: &[ToMany {
        name: "workspaces",
        kind: "workspace",
        writable: true,
        about: "The workspaces in the group, the last enrolled first.",
    }],
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
            ("created_by", RelationshipData::One(group.created_by.map(|id| PEOPLE.identifier(id.uuid())))),
            ("workspaces", RelationshipData::Many),
        ],
    }
}

/// A group as a related resource.
pub fn group_related(group: Option<WorkspaceGroup>, created_by: Option<Person>) -> Option<Loaded> {
    group.map(|group| WorkspaceGroups::resource(GroupWith { group, created_by }))
}

pub struct WorkspaceGroups;

impl Readable for WorkspaceGroups {
    type Id = GroupId;
    type Row = GroupWith;
    /// Whether to load the creator.
    type Include = bool;
    type Filter = GroupFilter;
    type SortKey = NamedSortKey;

    const TYPE: &'static ResourceType = &WORKSPACE_GROUP;
    const RELATED: &'static [RelatedResource<Self>] = &[RelatedResource {
        name: "created_by",
        target: &PEOPLE,
        include: |_| true,
        resource: |with| with.created_by.map(People::resource),
    }];

    fn resource(with: GroupWith) -> Loaded {
        Loaded {
            resource: group_resource(with.group),
            related: with.created_by.map(person_resource).into_iter().collect(),
        }
    }

    fn include(projection: &Projection) -> bool {
        projection.includes("created_by")
    }

    async fn get(connection: &mut Connection, id: GroupId, creator: bool) -> Outcome<GroupWith> {
        group_get(connection, id, creator).await
    }

    fn filter(query: &mut Query, _: DateTime<Utc>) -> GroupFilter {
        GroupFilter {
            search: query.text("q"),
            status: query.word("status").unwrap_or_default(),
            ..GroupFilter::default()
        }
    }

    fn sort(query: &mut Query) -> Sort<NamedSortKey> {
        query.sort().with_tie(NamedSortKey::DeletedAt, NamedSortKey::CreatedAt)
    }

    async fn list(connection: &mut Connection, list: &Listing<Self>) -> Outcome<Page<GroupWith>> {
        group_list(connection, &list.filter, &list.sort, &list.page, list.include).await
    }

    async fn count(connection: &mut Connection, filter: &GroupFilter) -> Outcome<i64> {
        group_count(connection, filter).await
    }

    fn position(sort: &Sort<NamedSortKey>, with: &GroupWith) -> Position {
        group_position(sort, &with.group)
    }
}

const fn without_creator(group: WorkspaceGroup) -> GroupWith {
    GroupWith { group, created_by: None }
}

impl Writable for WorkspaceGroups {
    type New = NewGroup;
    /// The new name.
    type Change = Option<Name>;
    type UpdatePrivilege = Write;

    fn id(with: &GroupWith) -> GroupId {
        with.group.id
    }

    async fn lock(connection: &mut Connection, id: GroupId) -> Outcome<GroupWith> {
        Ok(without_creator(group_lock_for_no_key_update(connection, id).await?))
    }

    fn parse_new(mut body: ResourceBody<'_>, _: &Caller) -> Answer<NewGroup> {
        let name = required(&mut body, Field::Name, Name::parse);
        let workspaces = body.to_many("workspaces", WORKSPACE.not_found);
        Ok(body.finish(name.map(|name| NewGroup { name, workspaces }))?)
    }

    async fn create(connection: &mut Connection, call: &Call<Write>, new: NewGroup) -> Answer<GroupWith> {
        let group =
            group_create_with_workspaces(connection, call, &new).await.located(|problem| match problem {
                Problem::WorkspaceNotFound(id) => {
                    let index = new.workspaces.iter().position(|workspace| workspace == id)?;
                    Some(format!("/data/relationships/workspaces/data/{index}/id"))
                }
                _ => None,
            })?;
        Ok(without_creator(group))
    }

    fn parse_change(mut body: ResourceBody<'_>) -> Answer<Option<Name>> {
        let name = optional(&mut body, Field::Name, Name::parse).apply_to(None);
        Ok(body.finish(Some(name))?)
    }

    async fn update(
        connection: &mut Connection,
        call: &Call<Write>,
        id: GroupId,
        name: Option<Name>,
    ) -> Answer<GroupWith> {
        Ok(without_creator(group_update(connection, call, id, name).await?))
    }

    async fn delete(connection: &mut Connection, call: &Call<Write>, id: GroupId) -> Outcome<()> {
        group_remove(connection, call, id).await
    }

    async fn change_relationship(
        connection: &mut Connection,
        caller: &Caller,
        change: RelationshipChange<'_>,
    ) -> Answer<()> {
        membership::change(connection, caller, change).await
    }
}
