//! `POST /v1/workspace-groups/{id}/workspaces` and `DELETE …/workspaces/{workspace_id}`: enrolling and
//! removing one workspace by its pair, as clients from before the enrollment resource do.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use crate::api::auth::{Caller, Document};
use crate::api::error::{Answer, Located, path_id};
use crate::api::preconditions::Preconditions;
use crate::api::response;
use crate::api::response::Loaded;
use crate::api::transaction::no_content_after;
use crate::jsonapi::body::nothing_with;
use crate::jsonapi::{lid, linkage};
use crate::kernel::problem::Problem;
use crate::registry::types::{no_parameters, projection_of};
use crate::resources::enrollments::api::{ENROLLMENT, enrollment_resource, held_of_pair};
use crate::resources::enrollments::model::NewEnrollment;
use crate::resources::enrollments::ops::{enrollment_enroll, enrollment_remove_of_pair};
use crate::resources::workspace_groups::api::{WORKSPACE_GROUP, group_id};
use crate::resources::workspaces::api::WORKSPACE;

/// 201 with the enrollment, whose address `Location` is.
pub async fn enroll(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    document: Document,
) -> Answer<Response> {
    let call = caller.write()?;
    no_parameters(raw.as_deref(), &WORKSPACE_GROUP)?;
    let projection = projection_of(None, &ENROLLMENT)?;
    let group = group_id(&id)?;
    let data = document.data()?;
    let id = linkage::identifier(&data, WORKSPACE.kind, "/data", &lid::NONE)?;
    let workspace = id.parse().map_err(|_| nothing_with(&id, WORKSPACE.not_found).pointer("/data/id"))?;

    let mut work = caller.work().await?;
    let new = NewEnrollment { group, workspace };
    let enrolled = enrollment_enroll(&mut work, &call, new)
        .await
        .located(|problem| matches!(problem, Problem::WorkspaceNotFound(_)).then(|| "/data/id".to_owned()))?;
    work.commit().await?;

    Ok(response::created(Loaded::alone(enrollment_resource(&enrolled)), &projection))
}

pub async fn remove(
    caller: Caller,
    Path((id, workspace)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
    preconditions: Preconditions,
) -> Answer<Response> {
    let call = caller.write()?;
    no_parameters(raw.as_deref(), &WORKSPACE_GROUP)?;
    // A malformed id of a workspace is that of one that is not in the group.
    let pair = NewEnrollment { group: group_id(&id)?, workspace: path_id(&workspace, &ENROLLMENT)? };
    no_content_after(&caller, async |connection| {
        preconditions.check_unchanged(held_of_pair(connection, pair)).await?;
        Ok(enrollment_remove_of_pair(connection, &call, pair).await?)
    })
    .await
}
