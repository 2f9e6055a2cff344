//! `DELETE /v1/people/{id}`: for good; what stood in their name stands in nobody's.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{PEOPLE, held, person_id};
use crate::api::Connection;
use crate::api::auth::Caller;
use crate::api::error::Answer;
use crate::api::preconditions::Preconditions;
use crate::api::transaction::no_content_after;
use crate::registry::types::no_parameters;
use crate::resources::people::ops::person_delete;

pub async fn delete(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    preconditions: Preconditions,
) -> Answer<Response> {
    caller.write()?;
    no_parameters(raw.as_deref(), &PEOPLE)?;
    no_content_after(&caller, async |connection| perform(connection, &caller, &id, &preconditions).await)
        .await
}

pub async fn perform(
    connection: &mut Connection,
    caller: &Caller,
    id: &str,
    preconditions: &Preconditions,
) -> Answer<()> {
    let call = caller.write()?;
    let id = person_id(id)?;
    preconditions.check_unchanged(held(connection, id)).await?;
    Ok(person_delete(connection, &call, id).await?)
}
