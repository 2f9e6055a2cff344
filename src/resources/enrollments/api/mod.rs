//! Enrollments as JSON:API: type `workspace_group_workspace`.

pub mod creator;
pub mod members;
mod write;

use chrono::{DateTime, Utc};

use crate::api::error_code;
use crate::api::{Connection, Listing, Loaded, Readable, RelatedResource, filters, response};
use crate::jsonapi::document::{RelationshipData, Resource};
use crate::jsonapi::error::ErrorObject;
use crate::jsonapi::projection::Projection;
use crate::jsonapi::query::Query;
use crate::jsonapi::resource_type::{Access, Attribute, Filter, FilterForm, ResourceType, ToOne, Verb};
use crate::kernel::id::EnrollmentId;
use crate::kernel::page::{Page, Position, Sort, Status};
use crate::kernel::problem::Privilege;
use crate::platform::failure::Outcome;
use crate::resources::enrollments::model::{
    Enrollment, EnrollmentFilter, EnrollmentInclude, EnrollmentSortKey, EnrollmentWithRelated, Liveness,
    enrollment_position,
};
use crate::resources::enrollments::ops::{enrollment_count, enrollment_get, enrollment_list};
use crate::resources::people::api::{PEOPLE, People, person_resource};
use crate::resources::people::model::ByPerson;
use crate::resources::workspace_groups::api::{WORKSPACE_GROUP, group_related, group_resource};
use crate::resources::workspaces::api::{WORKSPACE, Workspaces, workspace_resource};

const NEVER_CHANGES: &str = "It never changes; remove the enrollment and enroll the workspace again instead.";

pub static ENROLLMENT: ResourceType = ResourceType {
    kind: "workspace_group_workspace",
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
    to_one: &[
        ToOne {
            name: "workspace_group",
            kind: "workspace_group",
            nullable: false,
            access: Access::Required,
            updatable: false,
            about: NEVER_CHANGES,
        },
        ToOne {
            name: "workspace",
            kind: "workspace",
            nullable: false,
            access: Access::Required,
            updatable: false,
            about: NEVER_CHANGES,
        },
        ToOne {
            name: "created_by",
            kind: "people",
            nullable: true,
            access: Access::Optional,
            updatable: true,
            about: "Who enrolled the workspace; null for a system flow. Setting it requires the scope pipeline.",
        },
    ],
    to_many: &[],
    filters: &[
        Filter {
            name: "workspace_group",
            form: FilterForm::Ids,
            about: "Enrollments in one of these groups.",
        },
        Filter { name: "workspace", form: FilterForm::Ids, about: "Enrollments of one of these workspaces." },
        Filter {
            name: "created_by",
            form: FilterForm::IdsOrNone,
            about: "Enrollments created by one of these people, or without a creator.",
        },
        filters::STATUS,
        Filter {
            name: "as_of",
            form: FilterForm::Time,
            about: "Enrollments that were live at this time, which must not be in the future; excludes filter[status].",
        },
        Filter { name: "created_at", form: FilterForm::TimeRange, about: "Enrolled in this period." },
        Filter { name: "updated_at", form: FilterForm::TimeRange, about: "Last updated in this period." },
        Filter {
            name: "deleted_at",
            form: FilterForm::TimeRange,
            about: "Removed in this period; the default of filter[status] is then any.",
        },
    ],
    sorts: &["created_at", "updated_at", "deleted_at"],
    sort_default: "-created_at",
    includes: &["workspace_group", "workspace", "created_by", "workspace_group.created_by"],
    read_by: &[Privilege::Read],
    not_found: &error_code::WORKSPACE_GROUP_WORKSPACE_NOT_FOUND,
};

pub fn enrollment_resource(enrollment: &Enrollment) -> Resource {
    Resource {
        resource_type: &ENROLLMENT,
        id: enrollment.id.uuid(),
        attributes: vec![
            ("created_at", enrollment.created_at.into()),
            ("updated_at", enrollment.updated_at.into()),
            ("deleted_at", enrollment.deleted_at.into()),
        ],
        relationships: vec![
            (
                "workspace_group",
                RelationshipData::One(Some(WORKSPACE_GROUP.identifier(enrollment.group.uuid()))),
            ),
            ("workspace", RelationshipData::One(Some(WORKSPACE.identifier(enrollment.workspace.uuid())))),
            (
                "created_by",
                RelationshipData::One(enrollment.created_by.map(|id| PEOPLE.identifier(id.uuid()))),
            ),
        ],
    }
}

/// The document at `/v1/workspace-group-workspaces/{id}`, indented.
pub fn enrollment_document(enrollment: Enrollment) -> String {
    response::to_pretty_json(Enrollments::resource(EnrollmentWithRelated::alone(enrollment)))
}

pub struct Enrollments;

impl Readable for Enrollments {
    type Id = EnrollmentId;
    type Row = EnrollmentWithRelated;
    type Include = EnrollmentInclude;
    type Filter = EnrollmentFilter;
    type SortKey = EnrollmentSortKey;

    const TYPE: &'static ResourceType = &ENROLLMENT;
    const RELATED: &'static [RelatedResource<Self>] = &[
        RelatedResource {
            name: "workspace_group",
            target: &WORKSPACE_GROUP,
            include: |projection| EnrollmentInclude {
                group: true,
                group_created_by: projection.includes("created_by"),
                ..EnrollmentInclude::default()
            },
            resource: |with| group_related(with.group, with.group_created_by),
        },
        RelatedResource {
            name: "workspace",
            target: &WORKSPACE,
            include: |_| EnrollmentInclude { workspace: true, ..EnrollmentInclude::default() },
            resource: |with| with.workspace.map(Workspaces::resource),
        },
        RelatedResource {
            name: "created_by",
            target: &PEOPLE,
            include: |_| EnrollmentInclude { created_by: true, ..EnrollmentInclude::default() },
            resource: |with| with.created_by.map(People::resource),
        },
    ];

    fn resource(with: EnrollmentWithRelated) -> Loaded {
        let group = with.group.map(group_resource);
        let workspace = with.workspace.map(workspace_resource);
        let people = [with.group_created_by, with.created_by].map(|person| person.map(person_resource));
        Loaded {
            resource: enrollment_resource(&with.enrollment),
            related: [group, workspace].into_iter().chain(people).flatten().collect(),
        }
    }

    fn include(projection: &Projection) -> EnrollmentInclude {
        EnrollmentInclude {
            group: projection.includes("workspace_group"),
            group_created_by: projection.includes("workspace_group.created_by"),
            workspace: projection.includes("workspace"),
            created_by: projection.includes("created_by"),
        }
    }

    async fn get(
        connection: &mut Connection,
        id: EnrollmentId,
        include: EnrollmentInclude,
    ) -> Outcome<EnrollmentWithRelated> {
        enrollment_get(connection, id, include).await
    }

    fn filter(query: &mut Query, now: DateTime<Utc>) -> EnrollmentFilter {
        let deleted_at = query.time_range("deleted_at");
        EnrollmentFilter {
            groups: query.ids("workspace_group"),
            workspaces: query.ids("workspace"),
            created_by: query.ids_or_none("created_by").map(ByPerson::new),
            liveness: liveness(query, now, !deleted_at.is_open()),
            pair_at: None,
            created_at: query.time_range("created_at"),
            updated_at: query.time_range("updated_at"),
            deleted_at,
        }
    }

    fn sort(query: &mut Query) -> Sort<EnrollmentSortKey> {
        query.sort().with_tie(EnrollmentSortKey::DeletedAt, EnrollmentSortKey::CreatedAt)
    }

    async fn list(connection: &mut Connection, list: &Listing<Self>) -> Outcome<Page<EnrollmentWithRelated>> {
        enrollment_list(connection, &list.filter, &list.sort, &list.page, list.include).await
    }

    async fn count(connection: &mut Connection, filter: &EnrollmentFilter) -> Outcome<i64> {
        enrollment_count(connection, filter).await
    }

    fn position(sort: &Sort<EnrollmentSortKey>, with: &EnrollmentWithRelated) -> Position {
        enrollment_position(sort, &with.enrollment)
    }
}

fn liveness(query: &mut Query, now: DateTime<Utc>, has_removal_range: bool) -> Liveness {
    let status = query.word("status");
    let Some(moment) = query.time("as_of") else {
        let default = if has_removal_range { Status::Any } else { Status::Live };
        return Liveness::Now(status.unwrap_or(default));
    };
    if moment > now {
        let detail = "filter[as_of] must not be in the future.";
        query.reject(ErrorObject::invalid_parameter("filter[as_of]", detail));
    }
    if query.filter("status").is_some() {
        let detail = "filter[as_of] excludes filter[status].";
        query.reject(ErrorObject::invalid_parameter("filter[status]", detail));
    }
    Liveness::AsOf(moment)
}
