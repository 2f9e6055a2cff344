//! `GET /v1/workspaces`

use axum::extract::RawQuery;
use axum::response::Response;

use super::{WORKSPACE, workspace_resource};
use crate::api::bearer::Caller;
use crate::api::error::Answer;
use crate::api::list::{collection, page_request};
use crate::api::reply;
use crate::jsonapi::query::{Offered, Query};
use crate::resources::workspaces::model::{Workspace, WorkspaceFilter};
use crate::resources::workspaces::ops::workspace_list;

pub async fn list(caller: Caller, RawQuery(raw): RawQuery) -> Answer<Response> {
    let query = Query::parse(raw.as_deref(), Offered { declaration: &WORKSPACE, is_list: true })?;
    query.includes(&WORKSPACE)?;
    let filter = WorkspaceFilter { search: query.filter("q").map(str::to_owned) };
    let key = caller.state.cursor_key().await?;
    let page = page_request(&query, &WORKSPACE, key)?;

    let mut connection = caller.connection().await?;
    let found = workspace_list(&mut connection, &filter, &page).await?;

    Ok(reply::ok(&collection(found, &query, &WORKSPACE, key, Workspace::position, workspace_resource)))
}
