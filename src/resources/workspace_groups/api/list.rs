//! `GET /v1/workspace-groups`

use axum::extract::RawQuery;
use axum::response::Response;

use super::{WORKSPACE_GROUP, group_found};
use crate::api::auth::Caller;
use crate::api::error::Answer;
use crate::api::list::Asked;
use crate::api::response;
use crate::jsonapi::query::{Query, Shape};
use crate::kernel::page::{NamedSortKey, Status};
use crate::resources::workspace_groups::model::{GroupFilter, group_position};
use crate::resources::workspace_groups::ops::{group_count, group_list};

pub async fn list(caller: Caller, RawQuery(raw): RawQuery) -> Answer<Response> {
    let mut query = Query::parse(raw.as_deref(), &WORKSPACE_GROUP, Shape::List);
    let filter = GroupFilter {
        search: query.filter("q").map(str::to_owned),
        status: query.word("status", Status::from_word).unwrap_or_default(),
        ..GroupFilter::default()
    };
    let sort = query.sort().with_tie(NamedSortKey::DeletedAt, NamedSortKey::CreatedAt);
    let asked = Asked::read(&caller, &mut query, WORKSPACE_GROUP.base.to_owned(), &sort.words()).await?;

    let mut connection = caller.connection().await?;
    let creator = asked.projection.includes("created_by");
    let page = group_list(&mut connection, &filter, &sort, &asked.page, creator).await?;
    let total = asked.total(&mut connection, async |connection| group_count(connection, &filter).await);
    let total = total.await?;
    drop(connection);

    Ok(response::page(&asked.resources(page, total, |with| group_position(&sort, &with.group), group_found)))
}
