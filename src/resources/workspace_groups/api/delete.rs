//! `DELETE /v1/workspace-groups/{id}`: remove. Of a removed one nothing changes.

use axum::extract::Path;
use axum::response::Response;

use super::group_id;
use crate::api::bearer::Caller;
use crate::api::error::Answer;
use crate::api::reply;
use crate::resources::workspace_groups::ops::group_remove;

pub async fn delete(caller: Caller, Path(id): Path<String>) -> Answer<Response> {
    let call = caller.write()?;
    let id = group_id(&id)?;

    let mut transaction = caller.transaction().await?;
    group_remove(&mut transaction, &call, id).await?;
    transaction.commit().await?;

    Ok(reply::no_content())
}
