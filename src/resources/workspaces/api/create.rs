//! `POST /v1/workspaces`

use axum::extract::RawQuery;
use axum::response::Response;

use super::{WORKSPACE, workspace_resource};
use crate::api::bearer::{Caller, Document};
use crate::api::error::Answer;
use crate::api::reply::{self, Found};
use crate::api::types::view_of;
use crate::api::{Connection, fields};
use crate::jsonapi::body::ResourceBody;
use crate::kernel::problem::Field;
use crate::kernel::text::{Description, Name, Word};
use crate::resources::workspaces::model::{NewWorkspace, Workspace};
use crate::resources::workspaces::ops::workspace_create;

pub async fn create(caller: Caller, RawQuery(raw): RawQuery, document: Document) -> Answer<Response> {
    let call = caller.write()?;
    let view = view_of(raw.as_deref(), &WORKSPACE)?;
    let body = document.creation(&WORKSPACE)?;
    let new = read(body)?;

    let mut work = caller.work().await?;
    let workspace = workspace_create(&mut work, &call, &new).await?;
    work.commit().await?;

    Ok(reply::created(Found::alone(workspace_resource(workspace)), &view))
}

/// The same as one operation of several.
pub async fn perform(
    connection: &mut Connection,
    caller: &Caller,
    body: ResourceBody<'_>,
) -> Answer<Workspace> {
    let call = caller.write()?;
    Ok(workspace_create(connection, &call, &read(body)?).await?)
}

fn read(mut body: ResourceBody<'_>) -> Answer<NewWorkspace> {
    let name = fields::required(&mut body, Field::Name, Name::parse);
    let description = fields::optional(&mut body, Field::Description, Description::parse).over(None);
    let external_workspace_id =
        fields::optional(&mut body, Field::ExternalWorkspaceId, Word::parse).over(None);
    let avatar_color = fields::optional(&mut body, Field::AvatarColor, Word::parse).over(None);
    let new = name.map(|name| NewWorkspace { name, description, external_workspace_id, avatar_color });
    Ok(body.finish(new)?)
}
