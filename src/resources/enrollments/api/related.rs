//! `GET /v1/workspace-group-workspaces/{id}/relationships/{name}` and `…/{id}/{name}`.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{ENROLLMENT, enrollment_id, enrollment_resource};
use crate::api::bearer::Caller;
use crate::api::error::Answer;
use crate::api::reply;
use crate::jsonapi::document::{Linkage, Resource};
use crate::jsonapi::error::ErrorObject;
use crate::jsonapi::query::Query;
use crate::resources::enrollments::model::{EnrollmentInclude, EnrollmentWith};
use crate::resources::enrollments::ops::enrollment_get;
use crate::resources::people::api::person_resource;
use crate::resources::workspace_groups::api::group_resource;
use crate::resources::workspaces::api::workspace_resource;

fn known(name: &str) -> Answer<()> {
    if ENROLLMENT.has_relationship(name) {
        return Ok(());
    }
    let detail = format!("There is no relationship {name} in {}.", ENROLLMENT.kind);
    Err(ErrorObject::new(404, "NOT_FOUND", "Not found", detail).into())
}

/// The linkage alone.
pub async fn relationship(
    caller: Caller,
    Path((id, name)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
) -> Answer<Response> {
    known(&name)?;
    let id = enrollment_id(&id)?;
    Query::parse_none(raw.as_deref())?;
    let mut connection = caller.connection().await?;
    let found = enrollment_get(&mut connection, id, EnrollmentInclude::default()).await?;
    let resource = enrollment_resource(&found.enrollment);
    let data = resource.relationships.iter().find(|(known, _)| *known == name).and_then(|(_, data)| *data);
    Ok(reply::ok(&Linkage::new(&resource.path(), &name, data)))
}

/// What is on the other end.
pub async fn related(
    caller: Caller,
    Path((id, name)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
) -> Answer<Response> {
    known(&name)?;
    let id = enrollment_id(&id)?;
    Query::parse_none(raw.as_deref())?;
    let mut connection = caller.connection().await?;
    let found = enrollment_get(&mut connection, id, super::include_of(&[&name])).await?;
    let address = format!("{}/{id}/{name}", ENROLLMENT.base);
    Ok(reply::resource_at(address, other_end(&found), None))
}

/// Only what was asked for was read along.
fn other_end(found: &EnrollmentWith) -> Option<Resource> {
    let group = found.group.as_ref().map(group_resource);
    let workspace = found.workspace.as_ref().map(workspace_resource);
    group.or(workspace).or_else(|| found.created_by.as_ref().map(person_resource))
}
