//! `/v1/workspaces/{id}/relationships/workspace_groups`: linkage. It is changed from the other side.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{WORKSPACE, workspace_id};
use crate::api::auth::Caller;
use crate::api::error::Answer;
use crate::api::list::Asked;
use crate::api::response;
use crate::jsonapi::body::read_only;
use crate::jsonapi::query::{Query, Shape};
use crate::registry::types::no_parameters;
use crate::resources::enrollments::api::members::{Members, members_of};
use crate::resources::workspace_groups::api::{WORKSPACE_GROUP, group_identifier};
use crate::resources::workspaces::ops::workspace_get;

pub async fn workspace_groups(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Answer<Response> {
    let id = workspace_id(&id)?;
    let mut query = Query::parse(raw.as_deref(), &WORKSPACE_GROUP, Shape::Identifiers);
    let path = format!("{}/{id}", WORKSPACE.base);
    let asked =
        Asked::read(&caller, &mut query, format!("{path}/relationships/workspace_groups"), "").await?;
    let members = members_of(&caller, &asked, Members::GroupsOf(id), true).await?;
    let document = members.identifiers(
        &asked,
        |with| group_identifier(with.enrollment.group),
        format!("{path}/workspace_groups"),
    );
    Ok(response::page(&document))
}

/// `POST`, `PATCH` and `DELETE`: refused.
pub async fn change(caller: Caller, Path(id): Path<String>, RawQuery(raw): RawQuery) -> Answer<Response> {
    caller.write()?;
    no_parameters(raw.as_deref(), &WORKSPACE)?;
    let mut work = caller.work().await?;
    workspace_get(&mut work, workspace_id(&id)?).await?;
    let about = WORKSPACE.to_many("workspace_groups").map_or("", |relationship| relationship.about);
    Err(read_only("workspace_groups", about).into())
}
