//! `DELETE /v1/workspaces/{id}`: remove. Of a removed one nothing changes.

use axum::extract::Path;
use axum::response::Response;

use super::workspace_id;
use crate::api::bearer::Caller;
use crate::api::error::Answer;
use crate::api::reply;
use crate::resources::workspaces::ops::workspace_remove;

pub async fn delete(caller: Caller, Path(id): Path<String>) -> Answer<Response> {
    let call = caller.write()?;
    let id = workspace_id(&id)?;

    let mut transaction = caller.transaction().await?;
    workspace_remove(&mut transaction, &call, id).await?;
    transaction.commit().await?;

    Ok(reply::no_content())
}
