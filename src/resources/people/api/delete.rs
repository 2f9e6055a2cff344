//! `DELETE /v1/people/{id}`: for good; what stood in their name stands in nobody's.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{PEOPLE, held, person_id};
use crate::api::Connection;
use crate::api::bearer::Caller;
use crate::api::conditions::Conditions;
use crate::api::error::Answer;
use crate::api::types::no_parameters;
use crate::api::work::silently;
use crate::resources::people::ops::person_delete;

pub async fn delete(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    conditions: Conditions,
) -> Answer<Response> {
    caller.write()?;
    no_parameters(raw.as_deref(), &PEOPLE)?;
    silently(&caller, async |connection| perform(connection, &caller, &id, &conditions).await).await
}

pub async fn perform(
    connection: &mut Connection,
    caller: &Caller,
    id: &str,
    conditions: &Conditions,
) -> Answer<()> {
    let call = caller.write()?;
    let id = person_id(id)?;
    conditions.check_unchanged(held(connection, id)).await?;
    Ok(person_delete(connection, &call, id).await?)
}
