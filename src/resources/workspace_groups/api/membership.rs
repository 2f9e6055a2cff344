//! `/v1/workspace-groups/{id}/relationships/workspaces`: enrolls and removes several workspaces at once, all or none.

use axum::extract::{Path, RawQuery};
use axum::http::Method;
use axum::response::Response;

use super::{WORKSPACE_GROUP, WorkspaceGroups};
use crate::api::caller::no_parameters;
use crate::api::error::{Located, Refusal, path_id};
use crate::api::{ApiResult, Caller, Connection, Document, Preconditions, RelationshipChange, relationships};
use crate::jsonapi::atomic::Code;
use crate::jsonapi::lid;
use crate::jsonapi::linkage::{self, parse_id};
use crate::kernel::id::{GroupId, WorkspaceId};
use crate::kernel::problem::Problem;
use crate::platform::call::{Call, Write};
use crate::resources::enrollments::ops::{
    enrollment_check_workspaces, enrollment_ensure_all, enrollment_ensure_none,
};
use crate::resources::workspace_groups::ops::group_get;
use crate::resources::workspaces::api::WORKSPACE;

/// `POST` enrolls the workspaces that are not in the group yet, `DELETE` removes those that are in it.
pub async fn add_or_remove(
    caller: Caller,
    _: Call<Write>,
    method: Method,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    preconditions: Preconditions,
    document: Document,
) -> ApiResult<Response> {
    no_parameters(raw.as_deref(), &WORKSPACE_GROUP)?;
    let code = if method == Method::DELETE { Code::Remove } else { Code::Add };
    let data = document.data()?;
    let change = RelationshipChange { code, id: &id, name: "workspaces", data: &data, lids: &lid::NONE };
    relationships::change::<WorkspaceGroups>(&caller, &preconditions, change).await
}

pub async fn change(
    connection: &mut Connection,
    caller: &Caller,
    change: RelationshipChange<'_>,
) -> ApiResult<()> {
    let relationship = match (change.code, WORKSPACE_GROUP.relationship(change.name)) {
        (Code::Add | Code::Remove, Some(relationship)) if relationship.is_many => relationship,
        (Code::Add | Code::Remove | Code::Update, _) => return change.refused(&WORKSPACE_GROUP),
    };
    let call = caller.call()?;
    let group = path_id(change.id, &WORKSPACE_GROUP)?;
    let ids = linkage::many(change.data, relationship, change.lids)?;
    if change.code == Code::Add {
        enroll(connection, &call, group, &ids).await
    } else {
        remove_present(connection, &call, group, &ids).await
    }
}

async fn enroll(
    connection: &mut Connection,
    call: &Call<Write>,
    group: GroupId,
    ids: &[String],
) -> ApiResult<()> {
    let with = group_get(connection, group, false).await?;
    if with.group.deleted_at.is_some() {
        return Err(Problem::GroupNotFound(group).into());
    }
    let parsed: Vec<Result<WorkspaceId, _>> = ids
        .iter()
        .enumerate()
        .map(|(index, id)| parse_id(id, &format!("/data/{index}"), WORKSPACE.not_found))
        .collect();
    let workspaces: Vec<WorkspaceId> = parsed.iter().filter_map(|id| id.as_ref().ok()).copied().collect();
    // With a malformed id nothing is enrolled; the others are looked up to report all missing workspaces together.
    let enrolled = if workspaces.len() < ids.len() {
        enrollment_check_workspaces(connection, &workspaces).await
    } else {
        enrollment_ensure_all(connection, call, group, &workspaces).await.map(|_| ())
    };
    let enrolled = enrolled.located(|problem| match problem {
        Problem::WorkspaceNotFound(id) => {
            let index = parsed.iter().position(|parsed| parsed.as_ref() == Ok(id))?;
            Some(format!("/data/{index}/id"))
        }
        _ => None,
    });
    let mut errors = match enrolled {
        Ok(()) => Vec::new(),
        Err(Refusal::Errors(errors)) => errors,
        Err(failure @ Refusal::Failure(_)) => return Err(failure),
    };
    errors.extend(parsed.into_iter().filter_map(Result::err));
    if errors.is_empty() { Ok(()) } else { Err(errors.into()) }
}

/// A malformed or unknown id is not a member and therefore absent already.
async fn remove_present(
    connection: &mut Connection,
    call: &Call<Write>,
    group: GroupId,
    ids: &[String],
) -> ApiResult<()> {
    group_get(connection, group, false).await?;
    let workspaces: Vec<WorkspaceId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
    enrollment_ensure_none(connection, call, group, &workspaces).await?;
    Ok(())
}
