//! `PATCH /v1/workspace-group-workspaces/{id}/relationships/{name}`: changes the creator of an enrollment. The other
//! relationships never change.

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use serde_json::Value;

use super::{ENROLLMENT, Enrollments};
use crate::api::caller::{AnyWrite, no_parameters};
use crate::api::error::{Located, no_relationship, path_id};
use crate::api::{ApiResult, Caller, Connection, Document, Preconditions, RelationshipChange, relationships};
use crate::jsonapi::atomic::Code;
use crate::jsonapi::lid;
use crate::jsonapi::linkage::{self, parse_id};
use crate::kernel::problem::Problem;
use crate::platform::call::{Attribute, Call};
use crate::resources::enrollments::model::EnrollmentInclude;
use crate::resources::enrollments::ops::{enrollment_change_creator, enrollment_get};
use crate::resources::people::api::PEOPLE;

pub async fn update(
    caller: Caller,
    _: AnyWrite,
    Path((id, name)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
    preconditions: Preconditions,
    document: ApiResult<Document>,
) -> ApiResult<Response> {
    no_parameters(raw.as_deref(), &ENROLLMENT)?;
    let relationship = ENROLLMENT.relationship(&name).ok_or_else(|| no_relationship(&name, &ENROLLMENT))?;
    // A relationship that never changes is refused whatever the body is.
    let data = if relationship.updatable { document?.data()? } else { Value::Null };
    let change =
        RelationshipChange { code: Code::Update, id: &id, name: &name, data: &data, lids: &lid::NONE };
    relationships::change::<Enrollments>(&caller, &preconditions, change).await
}

pub async fn change(
    connection: &mut Connection,
    caller: &Caller,
    change: RelationshipChange<'_>,
) -> ApiResult<()> {
    let relationship = match (change.code, ENROLLMENT.relationship(change.name)) {
        (Code::Update, Some(relationship)) => relationship,
        (Code::Update | Code::Add | Code::Remove, _) => return change.refused(&ENROLLMENT),
    };
    let id = path_id(change.id, &ENROLLMENT)?;
    if !relationship.updatable {
        enrollment_get(connection, id, EnrollmentInclude::default()).await?;
        return change.refused(&ENROLLMENT);
    }
    let call: Call<Attribute> = caller.call()?;
    let person = linkage::one(change.data, relationship, change.lids)?;
    let person = person.map(|person| parse_id(&person, "/data", PEOPLE.not_found)).transpose()?;
    enrollment_change_creator(connection, &call, id, person)
        .await
        .located(|problem| matches!(problem, Problem::PersonNotFound(_)).then(|| "/data/id".to_owned()))?;
    Ok(())
}
