//! `POST /v1/workspaces`

use axum::extract::RawQuery;
use axum::response::Response;

use super::{WORKSPACE, workspace_resource};
use crate::api::auth::{Caller, Document};
use crate::api::error::Answer;
use crate::api::response;
use crate::api::response::Loaded;
use crate::api::{Connection, parse_attributes};
use crate::jsonapi::body::ResourceBody;
use crate::kernel::problem::Field;
use crate::kernel::text::{Description, Name, ShortText};
use crate::registry::types::projection_of;
use crate::resources::workspaces::model::{NewWorkspace, Workspace};
use crate::resources::workspaces::ops::workspace_create;

pub async fn create(caller: Caller, RawQuery(raw): RawQuery, document: Document) -> Answer<Response> {
    let call = caller.write()?;
    let projection = projection_of(raw.as_deref(), &WORKSPACE)?;
    let body = document.creation(&WORKSPACE)?;
    let new = read(body)?;

    let mut work = caller.work().await?;
    let workspace = workspace_create(&mut work, &call, &new).await?;
    work.commit().await?;

    Ok(response::created(Loaded::alone(workspace_resource(workspace)), &projection))
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
    let name = parse_attributes::required(&mut body, Field::Name, Name::parse);
    let description =
        parse_attributes::optional(&mut body, Field::Description, Description::parse).over(None);
    let external_workspace_id =
        parse_attributes::optional(&mut body, Field::ExternalWorkspaceId, ShortText::parse).over(None);
    let avatar_color = parse_attributes::optional(&mut body, Field::AvatarColor, ShortText::parse).over(None);
    let new = name.map(|name| NewWorkspace { name, description, external_workspace_id, avatar_color });
    Ok(body.finish(new)?)
}
