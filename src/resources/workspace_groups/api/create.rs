//! `POST /v1/workspace-groups`: with its first workspaces, all or none.

use axum::response::Response;

use super::{WORKSPACE_GROUP, group_resource};
use crate::api::bearer::{Caller, Document};
use crate::api::error::{Answer, Located, error_objects};
use crate::api::reply;
use crate::jsonapi::body::{Purpose, ResourceBody, relationship_read_only};
use crate::kernel::id::WorkspaceId;
use crate::kernel::problem::{Field, Problem};
use crate::kernel::text::Name;
use crate::resources::workspace_groups::model::NewGroup;
use crate::resources::workspace_groups::ops::group_create;

pub async fn create(caller: Caller, Document(bytes): Document) -> Answer<Response> {
    let call = caller.write()?;
    let new = read(&bytes)?;

    let mut transaction = caller.transaction().await?;
    let group = group_create(&mut transaction, &call, &new).await.located(|problem| match problem {
        Problem::WorkspaceNotFound(id) => new.workspaces.iter().position(|asked| asked == id).map(pointer),
        _ => None,
    })?;
    transaction.commit().await?;

    Ok(reply::created(group_resource(&group)))
}

fn pointer(index: usize) -> String {
    format!("/data/relationships/workspaces/data/{index}/id")
}

fn read(bytes: &[u8]) -> Answer<NewGroup> {
    let mut body = ResourceBody::parse(bytes, &WORKSPACE_GROUP, &Purpose::Create)?;
    if body.has_relationship("created_by") {
        body.reject(relationship_read_only("created_by", "The created_by of a group is who creates it."));
    }
    let name = body.text("name").and_then(|text| {
        Name::parse(&text)
            .map_err(|fault| {
                for error in error_objects(&Problem::invalid(Field::Name, fault)) {
                    body.reject(error);
                }
            })
            .ok()
    });
    let ids = body.to_many("workspaces");
    let workspaces: Vec<WorkspaceId> = ids
        .iter()
        .enumerate()
        .filter_map(|(index, id)| body.id(&pointer(index), id, "WORKSPACE_NOT_FOUND"))
        .collect();
    Ok(body.finish(name.map(|name| NewGroup { name, workspaces }))?)
}
