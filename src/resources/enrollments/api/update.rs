//! `PATCH /v1/workspace-group-workspaces/{id}`: correct attribution, the one thing that can change.

use axum::extract::Path;
use axum::response::Response;

use super::{ENROLLMENT, enrollment_id, enrollment_resource, place, pointer};
use crate::api::bearer::{Caller, Document};
use crate::api::error::{Answer, Located};
use crate::api::reply;
use crate::jsonapi::body::{Purpose, ResourceBody, relationship_read_only};
use crate::kernel::id::PersonId;
use crate::kernel::patch::{NotSaid, Patch};
use crate::kernel::problem::Problem;
use crate::resources::enrollments::model::EnrollmentInclude;
use crate::resources::enrollments::ops::{enrollment_correct_attribution, enrollment_get};

pub async fn update(caller: Caller, Path(text): Path<String>, Document(bytes): Document) -> Answer<Response> {
    let call = caller.attribute()?;
    let id = enrollment_id(&text)?;
    let change = read(&bytes, &text)?;

    let mut transaction = caller.transaction().await?;
    let now = match change.said() {
        Err(NotSaid) => enrollment_get(&mut transaction, id, EnrollmentInclude::default()).await?,
        Ok(person) => enrollment_correct_attribution(&mut transaction, &call, id, person)
            .await
            .located(|problem| place(problem).filter(|_| matches!(problem, Problem::PersonNotFound(_))))?,
    };
    transaction.commit().await?;

    Ok(reply::resource(enrollment_resource(&now.enrollment), None))
}

fn read(bytes: &[u8], id: &str) -> Answer<Patch<PersonId>> {
    let mut body = ResourceBody::parse(bytes, &ENROLLMENT, &Purpose::Update(id))?;
    for name in ["workspace_group", "workspace"] {
        if body.has_relationship(name) {
            let why =
                format!("The {name} of an enrollment never changes; remove it and enroll again instead.");
            body.reject(relationship_read_only(name, why));
        }
    }
    let created_by = body.to_one("created_by");
    let created_by = body.patch_id(&pointer("created_by"), created_by, "PEOPLE_NOT_FOUND");
    Ok(body.finish(Some(created_by))?)
}
