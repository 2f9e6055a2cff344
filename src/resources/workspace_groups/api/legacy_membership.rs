//! `POST /v1/workspace-groups/{id}/workspaces` and `DELETE …/workspaces/{workspace_id}`: enrolls and removes one
//! workspace by its pair, for clients that are older than the enrollment resource.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use crate::api::caller::no_parameters;
use crate::api::error::{Located, Refusal, path_id};
use crate::api::{ApiResult, Caller, Document, Loaded, Preconditions, response};
use crate::jsonapi::lid;
use crate::jsonapi::linkage::{self, parse_id};
use crate::jsonapi::projection::Projection;
use crate::kernel::problem::Problem;
use crate::platform::call::{Call, Write};
use crate::resources::enrollments::api::{ENROLLMENT, enrollment_resource};
use crate::resources::enrollments::model::{EnrollmentInclude, NewEnrollment};
use crate::resources::enrollments::ops::{
    enrollment_enroll, enrollment_lock_for_no_key_update, enrollment_of_pair, enrollment_remove_of_pair,
};
use crate::resources::workspace_groups::api::WORKSPACE_GROUP;
use crate::resources::workspaces::api::WORKSPACE;

/// Responds with the enrollment, and with its URL in `Location`.
pub async fn enroll(
    caller: Caller,
    call: Call<Write>,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    document: Document,
) -> ApiResult<Response> {
    no_parameters(raw.as_deref(), &WORKSPACE_GROUP)?;
    let group = path_id(&id, &WORKSPACE_GROUP)?;
    let id = linkage::identifier(&document.data()?, WORKSPACE.type_name, "/data", &lid::NONE)?;
    let workspace = parse_id(&id, "/data", WORKSPACE.not_found)?;

    let mut transaction = caller.transaction().await?;
    let enrolled = enrollment_enroll(&mut transaction, &call, NewEnrollment { group, workspace })
        .await
        .located(|problem| matches!(problem, Problem::WorkspaceNotFound(_)).then(|| "/data/id".to_owned()))?;
    transaction.commit().await?;

    let loaded = Loaded::without_related(enrollment_resource(&enrolled));
    response::created(loaded, &Projection::default())
}

pub async fn remove(
    caller: Caller,
    call: Call<Write>,
    Path((id, workspace)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
    preconditions: Preconditions,
) -> ApiResult<Response> {
    no_parameters(raw.as_deref(), &WORKSPACE_GROUP)?;
    // A malformed workspace id gets the same error as a workspace that is not in the group.
    let pair = NewEnrollment {
        group: path_id(&id, &WORKSPACE_GROUP)?,
        workspace: path_id(&workspace, &ENROLLMENT)?,
    };

    let mut transaction = caller.transaction().await?;
    let current = async {
        let id = enrollment_of_pair(&mut transaction, pair).await?;
        Ok::<_, Refusal>(enrollment_resource(
            &enrollment_lock_for_no_key_update(&mut transaction, id, EnrollmentInclude::default())
                .await?
                .enrollment,
        ))
    };
    preconditions.check_unchanged(current).await?;
    enrollment_remove_of_pair(&mut transaction, &call, pair).await?;
    transaction.commit().await?;

    Ok(response::no_content())
}
