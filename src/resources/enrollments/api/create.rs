//! `POST /v1/workspace-group-workspaces`: enroll, and re-add, which is the same.

use axum::response::Response;

use super::{ENROLLMENT, enrollment_resource, place, pointer};
use crate::api::bearer::{Caller, Document};
use crate::api::error::{Answer, Located};
use crate::api::reply;
use crate::jsonapi::body::{Purpose, ResourceBody};
use crate::kernel::id::PersonId;
use crate::kernel::patch::{NotSaid, Patch};
use crate::resources::enrollments::model::NewEnrollment;
use crate::resources::enrollments::ops::{enrollment_enroll, enrollment_enroll_attributed};

struct Asked {
    new: NewEnrollment,
    created_by: Patch<PersonId>,
}

pub async fn create(caller: Caller, Document(bytes): Document) -> Answer<Response> {
    let call = caller.write()?;
    let asked = read(&bytes)?;

    let mut transaction = caller.transaction().await?;
    let enrolled = match asked.created_by.said() {
        Err(NotSaid) => enrollment_enroll(&mut transaction, &call, asked.new).await,
        Ok(person) => {
            let call = caller.write_and_attribute()?;
            enrollment_enroll_attributed(&mut transaction, &call, asked.new, person).await
        }
    }
    .located(place)?;
    transaction.commit().await?;

    Ok(reply::created(enrollment_resource(&enrolled)))
}

fn read(bytes: &[u8]) -> Answer<Asked> {
    let mut body = ResourceBody::parse(bytes, &ENROLLMENT, &Purpose::Create)?;
    let group = body.required_to_one("workspace_group");
    let workspace = body.required_to_one("workspace");
    let group = group.and_then(|id| body.id(&pointer("workspace_group"), &id, "WORKSPACE_GROUP_NOT_FOUND"));
    let workspace = workspace.and_then(|id| body.id(&pointer("workspace"), &id, "WORKSPACE_NOT_FOUND"));
    let created_by = body.to_one("created_by");
    let created_by = body.patch_id(&pointer("created_by"), created_by, "PEOPLE_NOT_FOUND");
    let new = group.zip(workspace).map(|(group, workspace)| NewEnrollment { group, workspace });
    Ok(body.finish(new.map(|new| Asked { new, created_by }))?)
}
