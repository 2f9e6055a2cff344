//! `GET /v1/workspace-group-workspaces/{id}/{workspace_group|workspace|created_by}`: what is on the
//! other end.

use axum::response::Response;

use super::ENROLLMENT;
use crate::api::error::Answer;
use crate::api::related::{Asked, End};
use crate::api::response::Loaded;
use crate::resources::enrollments::model::{EnrollmentInclude, EnrollmentWithRelated};
use crate::resources::enrollments::ops::enrollment_get;
use crate::resources::people::api::{PEOPLE, person_resource};
use crate::resources::workspace_groups::api::{WORKSPACE_GROUP, group_end};
use crate::resources::workspaces::api::{WORKSPACE, workspace_resource};

type EnrollmentEnd = End<EnrollmentInclude, EnrollmentWithRelated>;

const GROUP_END: EnrollmentEnd = End {
    of: &ENROLLMENT,
    name: "workspace_group",
    target: &WORKSPACE_GROUP,
    include: |projection| EnrollmentInclude {
        group: true,
        group_created_by: projection.includes("created_by"),
        ..EnrollmentInclude::default()
    },
    found: |with| group_end(with.group, with.group_created_by),
};

const WORKSPACE_END: EnrollmentEnd = End {
    of: &ENROLLMENT,
    name: "workspace",
    target: &WORKSPACE,
    include: |_| EnrollmentInclude { workspace: true, ..EnrollmentInclude::default() },
    found: |with| with.workspace.map(workspace_resource).map(Loaded::alone),
};

const CREATED_BY_END: EnrollmentEnd = End {
    of: &ENROLLMENT,
    name: "created_by",
    target: &PEOPLE,
    include: |_| EnrollmentInclude { created_by: true, ..EnrollmentInclude::default() },
    found: |with| with.created_by.map(person_resource).map(Loaded::alone),
};

pub async fn workspace_group(asked: Asked) -> Answer<Response> {
    GROUP_END.answer(asked, enrollment_get).await
}

pub async fn workspace(asked: Asked) -> Answer<Response> {
    WORKSPACE_END.answer(asked, enrollment_get).await
}

pub async fn created_by(asked: Asked) -> Answer<Response> {
    CREATED_BY_END.answer(asked, enrollment_get).await
}
