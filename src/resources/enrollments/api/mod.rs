//! Enrollments as JSON:API: type `workspace_group_workspace`.

pub mod to_many;

use chrono::{DateTime, Utc};

use crate::api::error::{located, path_id};
use crate::api::{
    ApiResult, Caller, Connection, Listing, Loaded, Readable, RelationshipChange, Writable, error_code,
    filters, response,
};
use crate::jsonapi::atomic::Code;
use crate::jsonapi::body::ResourceBody;
use crate::jsonapi::document::Resource;
use crate::jsonapi::error::invalid_parameter;
use crate::jsonapi::linkage::{self, parse_id};
use crate::jsonapi::projection::Projection;
use crate::jsonapi::query::Query;
use crate::jsonapi::resource_type::FilterType::{Ids, IdsOrNone, Time, TimeRange};
use crate::jsonapi::resource_type::{Access, Attribute, Filter, Relationship, ResourceType, Verb};
use crate::kernel::id::{EnrollmentId, GroupId, PersonId};
use crate::kernel::page::{Page, Position, Sort, Status};
use crate::kernel::patch::Patch;
use crate::kernel::problem::{Privilege, Problem};
use crate::platform::call::{Attribute as ChangeCreator, Call, Write, WriteAndAttribute};
use crate::platform::failure::Outcome;
use crate::resources::enrollments::model::{
    Enrollment, EnrollmentFilter, EnrollmentInclude, EnrollmentSortKey, EnrollmentWithRelated, Liveness,
    NewEnrollment, enrollment_position,
};
use crate::resources::enrollments::ops;
use crate::resources::people::api::{PEOPLE, person_resource};
use crate::resources::people::model::ByPerson;
use crate::resources::workspace_groups::api::{WORKSPACE_GROUP, group_resource, live_counts};
use crate::resources::workspaces::api::{WORKSPACE, workspace_resource};

/// The group or the workspace of an enrollment.
const fn of_pair(name: &'static str) -> Relationship {
    let about = "It never changes; remove the enrollment and enroll the workspace again instead.";
    Relationship { access: Access::Required, ..Relationship::computed(name, name, false, about) }
}

pub static ENROLLMENT: ResourceType = ResourceType {
    type_name: "workspace_group_workspace",
    base: "/v1/workspace-group-workspaces",
    noun: ("enrollment", "enrollments"),
    about: "An enrollment says that a workspace belongs to a workspace group. It is removed and never deleted; \
            enrolling the same pair again creates a new enrollment.",
    verbs: &[Verb::List, Verb::Retrieve, Verb::Create, Verb::Update, Verb::Delete],
    attributes: &[
        Attribute::moment("created_at", "When the workspace was enrolled."),
        Attribute::moment_or_null(
            "updated_at",
            "When the enrollment was last updated; null if an older system created it.",
        ),
        Attribute::removal("When the workspace was removed; null if the enrollment is live."),
    ],
    relationships: &[
        of_pair("workspace_group"),
        of_pair("workspace"),
        Relationship {
            access: Access::Optional,
            updatable: true,
            ..Relationship::computed(
                "created_by",
                "people",
                true,
                "Who enrolled the workspace; null for a system token or a command without a person, and after that \
                 person was deleted. Setting it requires the scope pipeline.",
            )
        },
    ],
    filters: &[
        Filter::new(
            "workspace_group",
            Ids,
            "Enrollments in one of these groups, which cannot be sorted by updated_at. Those of a single group can be sorted \
             by workspace.name.",
        ),
        Filter::new(
            "workspace",
            Ids,
            "Enrollments of one of these workspaces, which can be sorted by created_at only, or with \
             filter[workspace_group] also by deleted_at. Those of a single workspace can be sorted by workspace_group.name.",
        ),
        Filter::new(
            "created_by",
            IdsOrNone,
            "Enrollments created by one of these people, or without a creator, with the orders of filter[workspace].",
        ),
        filters::SEARCH,
        filters::STATUS,
        Filter::new(
            "as_of",
            Time,
            "Enrollments that were live at this time, which must not be in the future; excludes filter[status].",
        ),
        Filter::new("created_at", TimeRange, "Enrolled in this period."),
        Filter::new("updated_at", TimeRange, "Last updated in this period."),
        Filter::new(
            "deleted_at",
            TimeRange,
            "Removed in this period; the default of filter[status] is then any.",
        ),
    ],
    sorts: &["created_at", "updated_at", "deleted_at", "workspace.name", "workspace_group.name"],
    sort_default: "-created_at",
    includes: &["workspace_group", "workspace", "created_by", "workspace_group.created_by"],
    read_by: &[Privilege::Read],
    not_found: &error_code::WORKSPACE_GROUP_WORKSPACE_NOT_FOUND,
};

pub fn enrollment_resource(enrollment: &Enrollment) -> Resource {
    let Enrollment { id, group, workspace, created_by, created_at, updated_at, deleted_at } = *enrollment;
    let (group, workspace) = (WORKSPACE_GROUP.linkage(group.uuid()), WORKSPACE.linkage(workspace.uuid()));
    let created_by = PEOPLE.linkage(created_by.map(PersonId::uuid));
    let attributes = [created_at.into(), updated_at.into(), deleted_at.into()];
    ENROLLMENT.resource(id.uuid(), attributes, [group, workspace, created_by])
}

/// The document at `/v1/workspace-group-workspaces/{id}`, indented.
pub fn enrollment_document(enrollment: Enrollment) -> String {
    response::to_pretty_json(Enrollments::resource(EnrollmentWithRelated::without_related(enrollment)))
}

pub struct Enrollments;

impl Readable for Enrollments {
    type Id = EnrollmentId;
    type Row = EnrollmentWithRelated;
    type Include = EnrollmentInclude;
    type Filter = EnrollmentFilter;
    type SortKey = EnrollmentSortKey;

    const TYPE: &'static ResourceType = &ENROLLMENT;

    fn resource(with: EnrollmentWithRelated) -> Loaded {
        let group = with.group.map(|group| group_resource(group, with.group_live));
        let workspace = with.workspace.map(workspace_resource);
        let [owner, creator] =
            [with.group_created_by, with.created_by].map(|person| person.map(person_resource));
        Loaded::new(enrollment_resource(&with.enrollment), [group, workspace, owner, creator])
    }

    fn include(projection: &Projection) -> EnrollmentInclude {
        EnrollmentInclude {
            group: projection.includes("workspace_group"),
            group_created_by: projection.includes("workspace_group.created_by"),
            group_live: projection.includes("workspace_group") && live_counts::is_requested(projection),
            workspace: projection.includes("workspace"),
            created_by: projection.includes("created_by"),
        }
    }

    async fn get(
        connection: &mut Connection,
        id: EnrollmentId,
        include: EnrollmentInclude,
    ) -> Outcome<Self::Row> {
        let mut row = ops::enrollment_get(connection, id, include).await?;
        if include.group_live {
            live_counts::fill(connection, [live_count(&mut row)].into_iter()).await?;
        }
        Ok(row)
    }

    fn filter(query: &mut Query, now: DateTime<Utc>) -> EnrollmentFilter {
        let deleted_at = query.time_range("deleted_at");
        EnrollmentFilter {
            groups: query.values("workspace_group"),
            workspaces: query.values("workspace"),
            created_by: query.values_or_none("created_by").map(ByPerson::new),
            search: query.search("q"),
            liveness: liveness(query, now, !deleted_at.is_open()),
            pair_at: None,
            also_in: None,
            created_at: query.time_range("created_at"),
            updated_at: query.time_range("updated_at"),
            deleted_at,
        }
    }

    fn sorts(filter: &EnrollmentFilter) -> &'static [&'static str] {
        filter.orders()
    }

    async fn list(connection: &mut Connection, list: &Listing<Self>) -> Outcome<Page<Self::Row>> {
        let mut page =
            ops::enrollment_list(connection, &list.filter, &list.sort, &list.page, list.include).await?;
        if list.include.group_live {
            live_counts::fill(connection, page.items.iter_mut().map(live_count)).await?;
        }
        Ok(page)
    }

    async fn count(connection: &mut Connection, filter: &EnrollmentFilter) -> Outcome<i64> {
        ops::enrollment_count(connection, filter).await
    }

    fn position(sort: &Sort<EnrollmentSortKey>, with: &EnrollmentWithRelated) -> Position {
        enrollment_position(sort, with)
    }
}

/// The group of an enrollment, and where the number of its live enrollments goes.
pub const fn live_count(row: &mut EnrollmentWithRelated) -> (GroupId, &mut Option<i64>) {
    (row.enrollment.group, &mut row.group_live)
}

fn liveness(query: &mut Query, now: DateTime<Utc>, has_removal_range: bool) -> Liveness {
    let status = query.value("status");
    let Some(moment) = query.time("as_of") else {
        let default = if has_removal_range { Status::Any } else { Status::Live };
        return Liveness::Now(status.unwrap_or(default));
    };
    if moment > now {
        query.reject(invalid_parameter("filter[as_of]", "filter[as_of] must not be in the future."));
    }
    if query.filter("status").is_some() {
        query.reject(invalid_parameter("filter[status]", "filter[as_of] excludes filter[status]."));
    }
    Liveness::AsOf(moment)
}

pub struct New {
    pair: NewEnrollment,
    /// The creator, if the request sets it, with the permission to do so.
    created_by: Option<(Option<PersonId>, Call<WriteAndAttribute>)>,
}

impl Writable for Enrollments {
    type New = New;
    /// The creator.
    type Change = Patch<PersonId>;
    type UpdatePrivilege = ChangeCreator;

    const IS_ONE_STATEMENT: bool = true;

    async fn lock(connection: &mut Connection, id: EnrollmentId) -> Outcome<Self::Row> {
        ops::enrollment_lock_for_no_key_update(connection, id, EnrollmentInclude::default()).await
    }

    fn parse_new(mut body: ResourceBody<'_>, caller: &Caller) -> ApiResult<New> {
        let group = body.required_to_one("workspace_group", WORKSPACE_GROUP.not_found);
        let workspace = body.required_to_one("workspace", WORKSPACE.not_found);
        let created_by = body.to_one("created_by", PEOPLE.not_found);
        let pair = group.zip(workspace).map(|(group, workspace)| NewEnrollment { group, workspace });
        let pair = body.finish(pair)?;
        let permitted = |person| Ok::<_, Problem>((person, caller.call()?));
        Ok(New { pair, created_by: created_by.into_change().map(permitted).transpose()? })
    }

    async fn create(
        connection: &mut Connection,
        call: &Call<Write>,
        New { pair, created_by }: New,
    ) -> ApiResult<Self::Row> {
        let enrolled = match created_by {
            None => ops::enrollment_enroll(connection, call, pair).await,
            Some((person, call)) => ops::enrollment_enroll_attributed(connection, &call, pair, person).await,
        };
        Ok(EnrollmentWithRelated::without_related(located(enrolled, pointer)?))
    }

    fn parse_change(mut body: ResourceBody<'_>) -> ApiResult<Patch<PersonId>> {
        let created_by = body.to_one("created_by", PEOPLE.not_found);
        Ok(body.finish(Some(created_by))?)
    }

    async fn update(
        connection: &mut Connection,
        call: &Call<ChangeCreator>,
        id: EnrollmentId,
        created_by: Patch<PersonId>,
    ) -> ApiResult<Self::Row> {
        let Some(person) = created_by.into_change() else {
            return Ok(ops::enrollment_get(connection, id, EnrollmentInclude::default()).await?);
        };
        let changed = ops::enrollment_change_creator(connection, call, id, person).await;
        let of_person =
            |problem: &Problem| pointer(problem).filter(|_| matches!(problem, Problem::PersonNotFound(_)));
        let (_, enrollment) = located(changed, of_person)?;
        Ok(EnrollmentWithRelated::without_related(enrollment))
    }

    async fn delete(connection: &mut Connection, call: &Call<Write>, id: EnrollmentId) -> Outcome<()> {
        ops::enrollment_remove(connection, call, id).await?;
        Ok(())
    }

    /// Changes the creator; the other relationships never change.
    async fn change_relationship(
        connection: &mut Connection,
        caller: &Caller,
        change: RelationshipChange<'_>,
    ) -> ApiResult<()> {
        let relationship = match (change.code, ENROLLMENT.relationship(change.name)) {
            (Code::Update, Some(relationship)) => relationship,
            (Code::Update | Code::Add | Code::Remove, _) => return change.refused(&ENROLLMENT),
        };
        let id = path_id(change.id, &ENROLLMENT)?;
        if !relationship.updatable {
            ops::enrollment_get(connection, id, EnrollmentInclude::default()).await?;
            return change.refused(&ENROLLMENT);
        }
        let call: Call<ChangeCreator> = caller.call()?;
        let person = linkage::one(change.data, relationship, change.lids)?;
        let person = person.map(|person| parse_id(&person, "/data", PEOPLE.not_found)).transpose()?;
        let changed = ops::enrollment_change_creator(connection, &call, id, person).await;
        located(changed, |problem| {
            matches!(problem, Problem::PersonNotFound(_)).then(|| "/data/id".to_owned())
        })?;
        Ok(())
    }
}

/// The pointer to the relationship that causes a problem.
fn pointer(problem: &Problem) -> Option<String> {
    let name = match problem {
        Problem::GroupNotFound(_) => "workspace_group",
        Problem::WorkspaceNotFound(_) => "workspace",
        Problem::PersonNotFound(_) => "created_by",
        _ => return None,
    };
    Some(format!("/data/relationships/{name}/data/id"))
}
