//! `/v1/workspace-groups/{id}/relationships/created_by` and `…/workspaces`: linkage, and the bulk form
//! of enrolling and removing.

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use serde_json::Value;

use super::{WORKSPACE_GROUP, group_id, group_resource, held};
use crate::api::auth::{Caller, Document};
use crate::api::error::{Answer, Located, Refusal};
use crate::api::list::Asked;
use crate::api::preconditions::Preconditions;
use crate::api::transaction::no_content_after;
use crate::api::{Connection, response};
use crate::jsonapi::body::{full_replacement, nothing_with, read_only};
use crate::jsonapi::document::Linkage;
use crate::jsonapi::error::ErrorObject;
use crate::jsonapi::lid::{self, Lids};
use crate::jsonapi::linkage;
use crate::jsonapi::query::{Query, Shape};
use crate::kernel::id::{GroupId, WorkspaceId};
use crate::kernel::problem::Problem;
use crate::registry::types::no_parameters;
use crate::resources::enrollments::api::members::{Members, members_of};
use crate::resources::enrollments::ops::{
    enrollment_check_workspaces, enrollment_ensure_all, enrollment_ensure_none,
};
use crate::resources::workspace_groups::ops::group_get;
use crate::resources::workspaces::api::{WORKSPACE, workspace_identifier};

pub async fn created_by(caller: Caller, Path(id): Path<String>, RawQuery(raw): RawQuery) -> Answer<Response> {
    let id = group_id(&id)?;
    no_parameters(raw.as_deref(), &WORKSPACE_GROUP)?;
    let mut connection = caller.connection().await?;
    let with = group_get(&mut connection, id, false).await?;
    drop(connection);
    Ok(response::ok(&Linkage::of(&group_resource(with.group), "created_by")))
}

/// `PATCH`: refused, since it is whoever created the group.
pub async fn set_created_by(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Answer<Response> {
    no_parameters(raw.as_deref(), &WORKSPACE_GROUP)?;
    let about = WORKSPACE_GROUP.to_one("created_by").map_or("", |relationship| relationship.about);
    refuse(&caller, &id, read_only("created_by", about)).await
}

pub async fn workspaces(caller: Caller, Path(id): Path<String>, RawQuery(raw): RawQuery) -> Answer<Response> {
    let id = group_id(&id)?;
    let mut query = Query::parse(raw.as_deref(), &WORKSPACE, Shape::Identifiers);
    let path = format!("{}/{id}", WORKSPACE_GROUP.base);
    let asked = Asked::read(&caller, &mut query, format!("{path}/relationships/workspaces"), "").await?;
    let members = members_of(&caller, &asked, Members::WorkspacesIn(id), true).await?;
    let document = members.identifiers(
        &asked,
        |with| workspace_identifier(with.enrollment.workspace),
        format!("{path}/workspaces"),
    );
    Ok(response::page(&document))
}

/// `PATCH`: refused.
pub async fn replace_workspaces(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Answer<Response> {
    no_parameters(raw.as_deref(), &WORKSPACE_GROUP)?;
    refuse(&caller, &id, full_replacement("workspaces")).await
}

/// Of a group that is there, and to a caller that may change it.
async fn refuse(caller: &Caller, id: &str, error: ErrorObject) -> Answer<Response> {
    caller.write()?;
    let mut work = caller.work().await?;
    group_get(&mut work, group_id(id)?, false).await?;
    Err(error.into())
}

/// What is done with the members that a document lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Add,
    Remove,
}

/// `POST`: enrolls those that are not in yet, all or none.
pub async fn add_workspaces(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    preconditions: Preconditions,
    document: Document,
) -> Answer<Response> {
    change(&caller, &id, (raw.as_deref(), &preconditions, &document), Change::Add).await
}

/// `DELETE`: removes those that are in, all or none.
pub async fn remove_workspaces(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    preconditions: Preconditions,
    document: Document,
) -> Answer<Response> {
    change(&caller, &id, (raw.as_deref(), &preconditions, &document), Change::Remove).await
}

async fn change(
    caller: &Caller,
    id: &str,
    (raw, preconditions, document): (Option<&str>, &Preconditions, &Document),
    change: Change,
) -> Answer<Response> {
    caller.write()?;
    no_parameters(raw, &WORKSPACE_GROUP)?;
    let data = document.data()?;
    no_content_after(caller, async |connection| {
        preconditions.check_unchanged(held(connection, group_id(id)?)).await?;
        perform(connection, caller, id, &data, &lid::NONE, change).await
    })
    .await
}

pub async fn perform(
    connection: &mut Connection,
    caller: &Caller,
    id: &str,
    data: &Value,
    lids: &Lids,
    change: Change,
) -> Answer<()> {
    caller.write()?;
    let group = group_id(id)?;
    let Some(relationship) = WORKSPACE_GROUP.to_many("workspaces") else { return Ok(()) };
    let members = linkage::many(data, relationship, lids)?;
    match change {
        Change::Add => add(connection, caller, group, &members).await,
        Change::Remove => remove(connection, caller, group, &members).await,
    }
}

async fn add(connection: &mut Connection, caller: &Caller, group: GroupId, ids: &[String]) -> Answer<()> {
    let with = group_get(connection, group, false).await?;
    if with.group.deleted_at.is_some() {
        return Err(Problem::GroupNotFound(group).into());
    }
    let named: Vec<Option<WorkspaceId>> = ids.iter().map(|id| id.parse().ok()).collect();
    let workspaces: Vec<WorkspaceId> = named.iter().flatten().copied().collect();
    let place = |problem: &Problem| match problem {
        Problem::WorkspaceNotFound(id) => named.iter().position(|named| named == &Some(*id)).map(pointer),
        _ => None,
    };
    // Where one id is none, nothing is enrolled: the others are looked up, to name all that are missing at once.
    let enrolled = if workspaces.len() < named.len() {
        enrollment_check_workspaces(connection, &workspaces).await
    } else {
        enrollment_ensure_all(connection, &caller.write()?, group, &workspaces).await.map(|_| ())
    };
    let mut errors = match enrolled.located(place) {
        Ok(()) => Vec::new(),
        Err(Refusal::Errors(errors)) => errors,
        Err(failure @ Refusal::Failure(_)) => return Err(failure),
    };
    // Told together with those that nobody has, although the database was not asked about them.
    let malformed = ids.iter().zip(&named).enumerate().filter(|(_, (_, named))| named.is_none());
    errors.extend(
        malformed.map(|(index, (id, _))| nothing_with(id, WORKSPACE.not_found).pointer(pointer(index))),
    );
    if errors.is_empty() { Ok(()) } else { Err(errors.into()) }
}

fn pointer(index: usize) -> String {
    format!("/data/{index}/id")
}

/// An id that is none, or that nobody has, is of no member: it is absent already.
async fn remove(connection: &mut Connection, caller: &Caller, group: GroupId, ids: &[String]) -> Answer<()> {
    group_get(connection, group, false).await?;
    let workspaces: Vec<WorkspaceId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
    enrollment_ensure_none(connection, &caller.write()?, group, &workspaces).await?;
    Ok(())
}
