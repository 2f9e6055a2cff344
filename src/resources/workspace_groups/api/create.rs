//! `POST /v1/workspace-groups`: with its first workspaces, all or none.

use axum::extract::RawQuery;
use axum::response::Response;

use super::{WORKSPACE_GROUP, reload};
use crate::api::auth::{Caller, Document};
use crate::api::error::{Answer, Located};
use crate::api::{Connection, parse_attributes, response};
use crate::jsonapi::body::ResourceBody;
use crate::kernel::id::WorkspaceId;
use crate::kernel::problem::{Field, Problem};
use crate::kernel::text::Name;
use crate::registry::types::projection_of;
use crate::resources::workspace_groups::model::{NewGroup, WorkspaceGroup};
use crate::resources::workspace_groups::ops::group_create;

pub async fn create(caller: Caller, RawQuery(raw): RawQuery, document: Document) -> Answer<Response> {
    caller.write()?;
    let projection = projection_of(raw.as_deref(), &WORKSPACE_GROUP)?;
    let body = document.creation(&WORKSPACE_GROUP)?;
    let new = read(body)?;

    let mut work = caller.work().await?;
    let group = make(&mut work, &caller, &new).await?;
    let found = reload(&mut work, group, &projection).await?;
    work.commit().await?;

    Ok(response::created(found, &projection))
}

/// The same as one operation of several.
pub async fn perform(
    connection: &mut Connection,
    caller: &Caller,
    body: ResourceBody<'_>,
) -> Answer<WorkspaceGroup> {
    caller.write()?;
    make(connection, caller, &read(body)?).await
}

async fn make(connection: &mut Connection, caller: &Caller, new: &NewGroup) -> Answer<WorkspaceGroup> {
    group_create(connection, &caller.write()?, new).await.located(|problem| match problem {
        Problem::WorkspaceNotFound(id) => new.workspaces.iter().position(|asked| asked == id).map(pointer),
        _ => None,
    })
}

fn pointer(index: usize) -> String {
    format!("/data/relationships/workspaces/data/{index}/id")
}

fn read(mut body: ResourceBody<'_>) -> Answer<NewGroup> {
    let name = parse_attributes::required(&mut body, Field::Name, Name::parse);
    let ids = body.to_many("workspaces");
    let workspaces: Vec<WorkspaceId> = ids
        .iter()
        .enumerate()
        .filter_map(|(index, id)| body.id(&pointer(index), id, "WORKSPACE_NOT_FOUND"))
        .collect();
    Ok(body.finish(name.map(|name| NewGroup { name, workspaces }))?)
}
