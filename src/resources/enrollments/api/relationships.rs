//! `/v1/workspace-group-workspaces/{id}/relationships/{name}`: the linkage alone, and its one change.

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use serde_json::Value;

use super::{ENROLLMENT, enrollment_id, enrollment_resource, held};
use crate::api::auth::{Caller, Document};
use crate::api::error::{Answer, Located, no_relationship};
use crate::api::preconditions::Preconditions;
use crate::api::transaction::no_content_after;
use crate::api::{Connection, response};
use crate::jsonapi::body::{nothing_with, read_only};
use crate::jsonapi::document::Linkage;
use crate::jsonapi::error::ErrorObject;
use crate::jsonapi::lid::{self, Lids};
use crate::jsonapi::linkage;
use crate::jsonapi::resource_type::ToOne;
use crate::kernel::id::PersonId;
use crate::kernel::problem::Problem;
use crate::registry::types::no_parameters;
use crate::resources::enrollments::model::EnrollmentInclude;
use crate::resources::enrollments::ops::{enrollment_correct_attribution, enrollment_get};

fn known(name: &str) -> Result<&'static ToOne, ErrorObject> {
    ENROLLMENT.to_one(name).ok_or_else(|| no_relationship(name, &ENROLLMENT))
}

pub async fn retrieve(
    caller: Caller,
    Path((id, name)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
) -> Answer<Response> {
    known(&name)?;
    let id = enrollment_id(&id)?;
    no_parameters(raw.as_deref(), &ENROLLMENT)?;

    let mut connection = caller.connection().await?;
    let with = enrollment_get(&mut connection, id, EnrollmentInclude::default()).await?;
    drop(connection);

    Ok(response::ok(&Linkage::of(&enrollment_resource(&with.enrollment), &name)))
}

/// `PATCH`: of `created_by` it corrects the attribution; the other two never change.
pub async fn update(
    caller: Caller,
    Path((id, name)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
    preconditions: Preconditions,
    document: Answer<Document>,
) -> Answer<Response> {
    caller.write_or_attribute()?;
    no_parameters(raw.as_deref(), &ENROLLMENT)?;
    // What never changes is refused whatever the body says.
    let data = if known(&name)?.updatable { document?.data()? } else { Value::Null };
    no_content_after(&caller, async |connection| {
        preconditions.check_unchanged(held(connection, enrollment_id(&id)?)).await?;
        perform(connection, &caller, &id, &name, &data, &lid::NONE).await
    })
    .await
}

pub async fn perform(
    connection: &mut Connection,
    caller: &Caller,
    id: &str,
    name: &str,
    data: &Value,
    lids: &Lids,
) -> Answer<()> {
    let relationship = known(name)?;
    let id = enrollment_id(id)?;
    if !relationship.updatable {
        enrollment_get(connection, id, EnrollmentInclude::default()).await?;
        return Err(read_only(name, relationship.about).into());
    }
    let call = caller.attribute()?;
    let person: Option<PersonId> = match linkage::one(data, relationship, lids)? {
        None => None,
        Some(text) => {
            Some(text.parse().map_err(|_| nothing_with(&text, "PEOPLE_NOT_FOUND").pointer("/data/id"))?)
        }
    };
    enrollment_correct_attribution(connection, &call, id, person)
        .await
        .located(|problem| matches!(problem, Problem::PersonNotFound(_)).then(|| "/data/id".to_owned()))?;
    Ok(())
}
