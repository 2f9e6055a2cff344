//! `PATCH /v1/workspace-group-workspaces/{id}`: correct attribution, the one thing that can change.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{ENROLLMENT, enrollment_id, held, place, pointer, reload};
use crate::api::auth::{Caller, Document};
use crate::api::error::{Answer, Located};
use crate::api::preconditions::Preconditions;
use crate::api::{Connection, response};
use crate::jsonapi::body::ResourceBody;
use crate::kernel::id::{EnrollmentId, PersonId};
use crate::kernel::patch::{Patch, Unchanged};
use crate::kernel::problem::Problem;
use crate::registry::types::projection_of;
use crate::resources::enrollments::model::{Enrollment, EnrollmentInclude};
use crate::resources::enrollments::ops::{enrollment_correct_attribution, enrollment_get};

pub async fn update(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    preconditions: Preconditions,
    document: Document,
) -> Answer<Response> {
    caller.attribute()?;
    let projection = projection_of(raw.as_deref(), &ENROLLMENT)?;
    let body = document.change(&ENROLLMENT, &id)?;
    let (id, change) = (enrollment_id(&id)?, read(body)?);

    let mut work = caller.work().await?;
    preconditions.check_unchanged(held(&mut work, id)).await?;
    let now = attribute(&mut work, &caller, id, change).await?;
    let found = reload(&mut work, now, &projection).await?;
    work.commit().await?;

    Ok(response::changed(found, &projection))
}

/// The same as one operation of several.
pub async fn perform(
    connection: &mut Connection,
    caller: &Caller,
    id: &str,
    body: ResourceBody<'_>,
) -> Answer<Enrollment> {
    caller.attribute()?;
    let change = read(body)?;
    attribute(connection, caller, enrollment_id(id)?, change).await
}

async fn attribute(
    connection: &mut Connection,
    caller: &Caller,
    id: EnrollmentId,
    change: Patch<PersonId>,
) -> Answer<Enrollment> {
    let call = caller.attribute()?;
    Ok(match change.said() {
        Err(Unchanged) => enrollment_get(connection, id, EnrollmentInclude::default()).await?.enrollment,
        Ok(person) => {
            enrollment_correct_attribution(connection, &call, id, person)
                .await
                .located(|problem| place(problem).filter(|_| matches!(problem, Problem::PersonNotFound(_))))?
                .enrollment
        }
    })
}

fn read(mut body: ResourceBody<'_>) -> Answer<Patch<PersonId>> {
    let created_by = body.to_one("created_by");
    let created_by = body.patch_id(&pointer("created_by"), created_by, "PEOPLE_NOT_FOUND");
    Ok(body.finish(Some(created_by))?)
}
