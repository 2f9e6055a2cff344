//! `DELETE /v1/people/{id}`: for good; what stood in their name stands in nobody's.

use axum::extract::Path;
use axum::response::Response;

use super::person_id;
use crate::api::bearer::Caller;
use crate::api::error::Answer;
use crate::api::reply;
use crate::resources::people::ops::person_delete;

pub async fn delete(caller: Caller, Path(id): Path<String>) -> Answer<Response> {
    let call = caller.write()?;
    let id = person_id(&id)?;

    let mut transaction = caller.transaction().await?;
    person_delete(&mut transaction, &call, id).await?;
    transaction.commit().await?;

    Ok(reply::no_content())
}
