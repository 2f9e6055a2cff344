//! `GET /v1/workspaces`

use axum::extract::RawQuery;
use axum::response::Response;

use super::{WORKSPACE, workspace_resource};
use crate::api::auth::Caller;
use crate::api::error::Answer;
use crate::api::list::Asked;
use crate::api::response;
use crate::api::response::Loaded;
use crate::jsonapi::query::{Query, Shape};
use crate::kernel::page::{NamedSortKey, Status};
use crate::resources::workspaces::model::{WorkspaceFilter, workspace_position};
use crate::resources::workspaces::ops::{workspace_count, workspace_list};

pub async fn list(caller: Caller, RawQuery(raw): RawQuery) -> Answer<Response> {
    let mut query = Query::parse(raw.as_deref(), &WORKSPACE, Shape::List);
    let filter = WorkspaceFilter {
        search: query.filter("q").map(str::to_owned),
        external_workspace_id: query.filter("external_workspace_id").map(str::to_owned),
        status: query.word("status", Status::from_word).unwrap_or_default(),
        ..WorkspaceFilter::default()
    };
    let sort = query.sort().with_tie(NamedSortKey::DeletedAt, NamedSortKey::CreatedAt);
    let asked = Asked::read(&caller, &mut query, WORKSPACE.base.to_owned(), &sort.words()).await?;

    let mut connection = caller.connection().await?;
    let page = workspace_list(&mut connection, &filter, &sort, &asked.page).await?;
    let total = asked.total(&mut connection, async |connection| workspace_count(connection, &filter).await);
    let total = total.await?;
    drop(connection);

    Ok(response::page(&asked.resources(
        page,
        total,
        |workspace| workspace_position(&sort, workspace),
        |workspace| Loaded::alone(workspace_resource(workspace)),
    )))
}
