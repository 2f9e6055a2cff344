//! `DELETE /v1/workspace-group-workspaces/{id}`: remove. Of a removed row nothing changes.

use axum::extract::Path;
use axum::response::Response;

use super::enrollment_id;
use crate::api::bearer::Caller;
use crate::api::error::Answer;
use crate::api::reply;
use crate::resources::enrollments::ops::enrollment_remove;

pub async fn delete(caller: Caller, Path(id): Path<String>) -> Answer<Response> {
    let call = caller.write()?;
    let id = enrollment_id(&id)?;

    let mut transaction = caller.transaction().await?;
    enrollment_remove(&mut transaction, &call, id).await?;
    transaction.commit().await?;

    Ok(reply::no_content())
}
