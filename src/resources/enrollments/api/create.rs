//! `POST /v1/workspace-group-workspaces`: enroll, and re-add, which is the same.

use axum::extract::RawQuery;
use axum::response::Response;

use super::{ENROLLMENT, place, pointer, reload};
use crate::api::auth::{Caller, Document};
use crate::api::error::{Answer, Located};
use crate::api::{Connection, response};
use crate::jsonapi::body::ResourceBody;
use crate::kernel::id::PersonId;
use crate::kernel::patch::{Patch, Unchanged};
use crate::registry::types::projection_of;
use crate::resources::enrollments::model::{Enrollment, NewEnrollment};
use crate::resources::enrollments::ops::{enrollment_enroll, enrollment_enroll_attributed};

struct Asked {
    new: NewEnrollment,
    created_by: Patch<PersonId>,
}

pub async fn create(caller: Caller, RawQuery(raw): RawQuery, document: Document) -> Answer<Response> {
    caller.write()?;
    let projection = projection_of(raw.as_deref(), &ENROLLMENT)?;
    let body = document.creation(&ENROLLMENT)?;
    let asked = read(body)?;

    let mut work = caller.work().await?;
    let enrolled = enroll(&mut work, &caller, asked).await?;
    let found = reload(&mut work, enrolled, &projection).await?;
    work.commit().await?;

    Ok(response::created(found, &projection))
}

/// The same as one operation of several.
pub async fn perform(
    connection: &mut Connection,
    caller: &Caller,
    body: ResourceBody<'_>,
) -> Answer<Enrollment> {
    caller.write()?;
    enroll(connection, caller, read(body)?).await
}

async fn enroll(connection: &mut Connection, caller: &Caller, asked: Asked) -> Answer<Enrollment> {
    match asked.created_by.said() {
        Err(Unchanged) => enrollment_enroll(connection, &caller.write()?, asked.new).await,
        Ok(person) => {
            let call = caller.write_and_attribute()?;
            enrollment_enroll_attributed(connection, &call, asked.new, person).await
        }
    }
    .located(place)
}

fn read(mut body: ResourceBody<'_>) -> Answer<Asked> {
    let group = body.required_to_one("workspace_group");
    let workspace = body.required_to_one("workspace");
    let group = group.and_then(|id| body.id(&pointer("workspace_group"), &id, "WORKSPACE_GROUP_NOT_FOUND"));
    let workspace = workspace.and_then(|id| body.id(&pointer("workspace"), &id, "WORKSPACE_NOT_FOUND"));
    let created_by = body.to_one("created_by");
    let created_by = body.patch_id(&pointer("created_by"), created_by, "PEOPLE_NOT_FOUND");
    let new = group.zip(workspace).map(|(group, workspace)| NewEnrollment { group, workspace });
    Ok(body.finish(new.map(|new| Asked { new, created_by }))?)
}
