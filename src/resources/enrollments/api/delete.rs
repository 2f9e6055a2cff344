//! `DELETE /v1/workspace-group-workspaces/{id}`: remove. Of a removed row nothing changes.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{ENROLLMENT, enrollment_id, held};
use crate::api::Connection;
use crate::api::bearer::Caller;
use crate::api::conditions::Conditions;
use crate::api::error::Answer;
use crate::api::types::no_parameters;
use crate::api::work::silently;
use crate::resources::enrollments::ops::enrollment_remove;

pub async fn delete(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    conditions: Conditions,
) -> Answer<Response> {
    caller.write()?;
    no_parameters(raw.as_deref(), &ENROLLMENT)?;
    silently(&caller, async |connection| perform(connection, &caller, &id, &conditions).await).await
}

pub async fn perform(
    connection: &mut Connection,
    caller: &Caller,
    id: &str,
    conditions: &Conditions,
) -> Answer<()> {
    let call = caller.write()?;
    let id = enrollment_id(id)?;
    conditions.check_unchanged(held(connection, id)).await?;
    enrollment_remove(connection, &call, id).await?;
    Ok(())
}
