//! `GET /v1/workspaces/{id}/workspace_groups`: the groups that the workspace is in now, the last one it
//! was enrolled in first.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{WORKSPACE, workspace_id};
use crate::api::auth::Caller;
use crate::api::error::Answer;
use crate::api::list::Asked;
use crate::api::response;
use crate::jsonapi::query::{Query, Shape};
use crate::resources::enrollments::api::members::{Members, members_of};
use crate::resources::enrollments::model::EnrollmentWithRelated;
use crate::resources::workspace_groups::api::{WORKSPACE_GROUP, group_end};

pub async fn workspace_groups(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Answer<Response> {
    let id = workspace_id(&id)?;
    let mut query = Query::parse(raw.as_deref(), &WORKSPACE_GROUP, Shape::Pages);
    let address = format!("{}/{id}/workspace_groups", WORKSPACE.base);
    let asked = Asked::read(&caller, &mut query, address, "").await?;
    let members = members_of(&caller, &asked, Members::GroupsOf(id), false).await?;
    let other = |with: EnrollmentWithRelated| group_end(with.group, with.group_created_by);
    Ok(response::page(&members.resources(&asked, other)))
}
