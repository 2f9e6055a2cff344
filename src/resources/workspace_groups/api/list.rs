//! `GET /v1/workspace-groups`

use axum::extract::RawQuery;
use axum::response::Response;

use super::{WORKSPACE_GROUP, group_resource};
use crate::api::bearer::Caller;
use crate::api::error::Answer;
use crate::api::list::{collection, page_request};
use crate::api::reply;
use crate::jsonapi::query::{Offered, Query};
use crate::resources::workspace_groups::model::GroupFilter;
use crate::resources::workspace_groups::ops::group_list;

pub async fn list(caller: Caller, RawQuery(raw): RawQuery) -> Answer<Response> {
    let query = Query::parse(raw.as_deref(), Offered { declaration: &WORKSPACE_GROUP, is_list: true })?;
    query.includes(&WORKSPACE_GROUP)?;
    let filter = GroupFilter { search: query.filter("q").map(str::to_owned) };
    let key = caller.state.cursor_key().await?;
    let page = page_request(&query, &WORKSPACE_GROUP, key)?;

    let mut connection = caller.connection().await?;
    let found = group_list(&mut connection, &filter, &page).await?;

    Ok(reply::ok(&collection(
        found,
        &query,
        &WORKSPACE_GROUP,
        key,
        |summary| summary.group.position(),
        |summary| group_resource(&summary.group),
    )))
}
