//! Enrollments as JSON:API: type `workspace_group_workspace`.

pub mod create;
pub mod delete;
pub mod list;
pub mod members;
pub mod related;
pub mod relationships;
pub mod retrieve;
pub mod update;

use crate::api::error::{Answer, path_id};
use crate::api::response;
use crate::api::response::Loaded;
use crate::api::{Connection, filters};
use crate::jsonapi::document::{Identifier, RelationshipData, Resource};
use crate::jsonapi::error::ErrorObject;
use crate::jsonapi::projection::Projection;
use crate::jsonapi::resource_type::{Access, Attribute, Filter, FilterForm, ResourceType, ToOne, Verb};
use crate::kernel::id::EnrollmentId;
use crate::kernel::problem::Problem;
use crate::resources::enrollments::model::{
    Enrollment, EnrollmentInclude, EnrollmentWithRelated, NewEnrollment,
};
use crate::resources::enrollments::ops::{enrollment_get, enrollment_hold, enrollment_of_pair};
use crate::resources::people::api::{person_identifier, person_resource};
use crate::resources::workspace_groups::api::{group_identifier, group_resource};
use crate::resources::workspaces::api::{workspace_identifier, workspace_resource};

const NEVER_CHANGES: &str = "It never changes; remove the enrollment and enroll again instead.";

pub static ENROLLMENT: ResourceType = ResourceType {
    kind: "workspace_group_workspace",
    base: "/v1/workspace-group-workspaces",
    noun: ("enrollment", "enrollments"),
    about: "An enrollment says that a workspace belongs to a workspace group. It is removed and never deleted; \
            enrolling a pair again makes a new one beside the old.",
    verbs: &[Verb::List, Verb::Retrieve, Verb::Create, Verb::Update, Verb::Delete],
    attributes: &[
        Attribute::moment("created_at", "When the workspace was enrolled."),
        Attribute::moment_or_null(
            "updated_at",
            "When the row was last written; null on rows of older systems.",
        ),
        Attribute::removal("When the workspace was taken out; null while the enrollment is live."),
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
            about: "Who enrolled the workspace; null for a system flow. To name somebody takes the scope pipeline.",
        },
    ],
    to_many: &[],
    filters: &[
        Filter { name: "workspace_group", form: FilterForm::Ids, about: "In one of these groups." },
        Filter { name: "workspace", form: FilterForm::Ids, about: "Of one of these workspaces." },
        Filter {
            name: "created_by",
            form: FilterForm::IdsOrNone,
            about: "In the name of one of these people, or of nobody.",
        },
        filters::STATUS,
        Filter {
            name: "as_of",
            form: FilterForm::Time,
            about: "Those that were live at this moment, which is not to come; excludes filter[status].",
        },
        Filter { name: "created_at", form: FilterForm::TimeRange, about: "Enrolled in this time." },
        Filter { name: "updated_at", form: FilterForm::TimeRange, about: "Last written in this time." },
        Filter {
            name: "deleted_at",
            form: FilterForm::TimeRange,
            about: "Removed in this time; without filter[status] that means any.",
        },
    ],
    sorts: &["created_at", "updated_at", "deleted_at"],
    sort_default: "-created_at",
    includes: &["workspace_group", "workspace", "created_by", "workspace_group.created_by"],
    not_found: "WORKSPACE_GROUP_WORKSPACE_NOT_FOUND",
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
            ("workspace_group", RelationshipData::One(Some(group_identifier(enrollment.group)))),
            ("workspace", RelationshipData::One(Some(workspace_identifier(enrollment.workspace)))),
            ("created_by", RelationshipData::One(enrollment.created_by.map(person_identifier))),
        ],
    }
}

pub fn enrollment_identifier(id: EnrollmentId) -> Identifier {
    Identifier { kind: ENROLLMENT.kind, id: id.uuid() }
}

/// What `include` asked for.
pub fn enrollment_include(projection: &Projection) -> EnrollmentInclude {
    EnrollmentInclude {
        group: projection.includes("workspace_group"),
        group_created_by: projection.includes("workspace_group.created_by"),
        workspace: projection.includes("workspace"),
        created_by: projection.includes("created_by"),
    }
}

pub fn enrollment_found(with: EnrollmentWithRelated) -> Loaded {
    let group = with.group.map(group_resource);
    let workspace = with.workspace.map(workspace_resource);
    let people = [with.group_created_by, with.created_by].map(|person| person.map(person_resource));
    Loaded {
        resource: enrollment_resource(&with.enrollment),
        related: [group, workspace].into_iter().chain(people).flatten().collect(),
    }
}

/// What `GET /v1/workspace-group-workspaces/{id}` answers, in lines that people read.
pub fn enrollment_document(enrollment: Enrollment) -> String {
    response::readable(enrollment_found(EnrollmentWithRelated::alone(enrollment)))
}

/// An enrollment with what `include` asked for.
async fn found(connection: &mut Connection, id: EnrollmentId, projection: &Projection) -> Answer<Loaded> {
    Ok(enrollment_found(enrollment_get(connection, id, enrollment_include(projection)).await?))
}

/// A row just written, with what `include` asked for.
async fn reload(connection: &mut Connection, written: Enrollment, projection: &Projection) -> Answer<Loaded> {
    if enrollment_include(projection) == EnrollmentInclude::default() {
        return Ok(enrollment_found(EnrollmentWithRelated::alone(written)));
    }
    found(connection, written.id, projection).await
}

async fn held(connection: &mut Connection, id: EnrollmentId) -> Answer<Resource> {
    Ok(enrollment_resource(&enrollment_hold(connection, id).await?))
}

/// The live enrollment of a pair.
pub async fn held_of_pair(connection: &mut Connection, pair: NewEnrollment) -> Answer<Resource> {
    let id = enrollment_of_pair(connection, pair).await?;
    held(connection, id).await
}

fn enrollment_id(text: &str) -> Result<EnrollmentId, ErrorObject> {
    path_id(text, &ENROLLMENT)
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
