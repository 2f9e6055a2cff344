//! `GET /v1/workspace-groups/{id}/created_by` and `…/workspaces`: what is on the other end.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{WORKSPACE_GROUP, group_id};
use crate::api::auth::Caller;
use crate::api::error::Answer;
use crate::api::list;
use crate::api::related::{Asked, End};
use crate::api::response;
use crate::api::response::Loaded;
use crate::jsonapi::query::{Query, Shape};
use crate::resources::enrollments::api::members::{Members, members_of};
use crate::resources::enrollments::model::EnrollmentWithRelated;
use crate::resources::people::api::{PEOPLE, person_resource};
use crate::resources::workspace_groups::model::GroupWith;
use crate::resources::workspace_groups::ops::group_get;
use crate::resources::workspaces::api::{WORKSPACE, workspace_resource};

const CREATED_BY_END: End<bool, GroupWith> = End {
    of: &WORKSPACE_GROUP,
    name: "created_by",
    target: &PEOPLE,
    include: |_| true,
    found: |with| with.created_by.map(person_resource).map(Loaded::alone),
};

pub async fn created_by(asked: Asked) -> Answer<Response> {
    CREATED_BY_END.answer(asked, group_get).await
}

/// The workspaces that are in the group now, the last enrolled first.
pub async fn workspaces(caller: Caller, Path(id): Path<String>, RawQuery(raw): RawQuery) -> Answer<Response> {
    let id = group_id(&id)?;
    let mut query = Query::parse(raw.as_deref(), &WORKSPACE, Shape::Pages);
    let address = format!("{}/{id}/workspaces", WORKSPACE_GROUP.base);
    let asked = list::Asked::read(&caller, &mut query, address, "").await?;
    let members = members_of(&caller, &asked, Members::WorkspacesIn(id), false).await?;
    let other = |with: EnrollmentWithRelated| with.workspace.map(workspace_resource).map(Loaded::alone);
    Ok(response::page(&members.resources(&asked, other)))
}
