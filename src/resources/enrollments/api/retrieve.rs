//! `GET /v1/workspace-group-workspaces/{id}`: live or removed.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{ENROLLMENT, enrollment_id, enrollment_resource, include_of, included_of};
use crate::api::bearer::Caller;
use crate::api::error::Answer;
use crate::api::reply;
use crate::jsonapi::query::{Offered, Query};
use crate::resources::enrollments::ops::enrollment_get;

pub async fn retrieve(caller: Caller, Path(id): Path<String>, RawQuery(raw): RawQuery) -> Answer<Response> {
    let id = enrollment_id(&id)?;
    let query = Query::parse(raw.as_deref(), Offered { declaration: &ENROLLMENT, is_list: false })?;
    let paths = query.includes(&ENROLLMENT)?;

    let mut connection = caller.connection().await?;
    let found = enrollment_get(&mut connection, id, include_of(&paths)).await?;

    let resource = enrollment_resource(&found.enrollment);
    let included = included_of(&paths, std::slice::from_ref(&resource), std::slice::from_ref(&found));
    Ok(reply::resource(resource, included))
}
