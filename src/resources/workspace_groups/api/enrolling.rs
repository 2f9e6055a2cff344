//! Enrolls and removes workspaces at the URLs of a group: several at once, all or none, at `/relationships/workspaces`; one
//! at `/workspaces`, for clients that are older than the enrollment resource.

use axum::extract::Path;

use super::WORKSPACE_GROUP;
use crate::api::error::{Refusal, located, path_id};
use crate::api::{
    ApiResult, Caller, Connection, Document, Loaded, Readable, RelationshipChange, Writable, response,
};
use crate::jsonapi::atomic::Code;
use crate::jsonapi::linkage::{self, NO_LIDS, parse_id};
use crate::jsonapi::projection::Projection;
use crate::kernel::id::{GroupId, WorkspaceId};
use crate::kernel::problem::Problem;
use crate::platform::call::{Call, Write};
use crate::resources::enrollments::api::{ENROLLMENT, Enrollments, enrollment_resource};
use crate::resources::enrollments::model::NewEnrollment;
use crate::resources::enrollments::ops;
use crate::resources::workspace_groups::ops::group_get;
use crate::resources::workspaces::api::WORKSPACE;

/// Adding enrolls the workspaces that are not in the group yet, removing removes those that are in it.
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
    let ids =
        linkage::identifiers(change.data, relationship.type_name, "/data", change.lids, |id, _| Ok(id))?;
    if change.code == Code::Add {
        enroll(connection, &call, group, &ids).await
    } else {
        ensure_none(connection, &call, group, &ids).await
    }
}

async fn enroll(
    connection: &mut Connection,
    call: &Call<Write>,
    group: GroupId,
    ids: &[String],
) -> ApiResult<()> {
    if !group_get(connection, group, false).await?.group.is_live() {
        return Err(Problem::GroupNotFound(group).into());
    }
    let parse = |(index, id): (usize, &String)| parse_id(id, &format!("/data/{index}"), WORKSPACE.not_found);
    let parsed: Vec<Result<WorkspaceId, _>> = ids.iter().enumerate().map(parse).collect();
    let workspaces: Vec<WorkspaceId> = parsed.iter().filter_map(|id| id.as_ref().ok()).copied().collect();
    // With a malformed id nothing is enrolled; the others are looked up to report all missing workspaces together.
    let enrolled = if workspaces.len() < ids.len() {
        ops::enrollment_check_workspaces(connection, &workspaces).await
    } else {
        ops::enrollment_ensure_all(connection, call, group, &workspaces).await.map(|_| ())
    };
    let enrolled = located(enrolled, |problem| match problem {
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

/// Removes those of the workspaces that are in the group. A malformed or unknown id names no enrolled workspace and is
/// ignored.
async fn ensure_none(
    connection: &mut Connection,
    call: &Call<Write>,
    group: GroupId,
    ids: &[String],
) -> ApiResult<()> {
    group_get(connection, group, false).await?;
    let workspaces: Vec<WorkspaceId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
    ops::enrollment_ensure_none(connection, call, group, &workspaces).await?;
    Ok(())
}

/// Responds with the enrollment, and with its URL in `Location`.
pub async fn enroll_one(
    caller: Caller,
    call: Call<Write>,
    Path(id): Path<String>,
    document: Document,
) -> ApiResult {
    caller.no_parameters(&WORKSPACE_GROUP)?;
    let group = path_id(&id, &WORKSPACE_GROUP)?;
    let (data, note) = document.data()?;
    let call = call.with_note(note);
    let id = linkage::identifier(&data, WORKSPACE.type_name, "/data", &NO_LIDS)?;
    let workspace = parse_id(&id, "/data", WORKSPACE.not_found)?;

    let mut transaction = caller.transaction_unless(Enrollments::IS_ONE_STATEMENT).await?;
    let enrolled = ops::enrollment_enroll(&mut transaction, &call, NewEnrollment { group, workspace }).await;
    let enrolled = located(enrolled, |problem| {
        matches!(problem, Problem::WorkspaceNotFound(_)).then(|| "/data/id".to_owned())
    })?;
    transaction.commit().await?;

    response::created(Loaded::new(enrollment_resource(&enrolled), []), &Projection::default())
}

pub async fn remove_one(
    caller: Caller,
    call: Call<Write>,
    Path((id, workspace)): Path<(String, String)>,
) -> ApiResult {
    caller.no_parameters(&WORKSPACE_GROUP)?;
    // A malformed workspace id gets the same error as a workspace that is not in the group.
    let pair = NewEnrollment {
        group: path_id(&id, &WORKSPACE_GROUP)?,
        workspace: path_id(&workspace, &ENROLLMENT)?,
    };

    let is_one_statement = Enrollments::IS_ONE_STATEMENT && caller.preconditions.is_empty();
    let mut transaction = caller.transaction_unless(is_one_statement).await?;
    let current = async {
        let id = ops::enrollment_of_pair(&mut transaction, pair).await?;
        Ok::<_, Refusal>(Enrollments::resource(Enrollments::lock(&mut transaction, id).await?).resource)
    };
    caller.preconditions.check_unchanged(current).await?;
    ops::enrollment_remove_of_pair(&mut transaction, &call, pair).await?;
    transaction.commit().await?;

    Ok(response::no_content())
}
