//! Reads lists of workspaces: table `t`, as in `soft_delete`.

use sqlx::PgConnection;

use crate::kernel::page::{NamedSortKey, Page, PageRequest, Sort};
use crate::kernel::text::cleaned;
use crate::platform::db::id_filters::IdFilters;
use crate::platform::db::keyset::Source;
use crate::platform::db::soft_delete;
use crate::platform::failure::Outcome;
use crate::resources::rows::{
    Columns, Query, Read, fetch_page, live, push_search, read_workspace, workspace_columns,
    workspace_searchable,
};
use crate::resources::workspaces::model::{Workspace, WorkspaceFilter, WorkspaceSummary};

const TABLE: &str = "core_api.workspaces";
const ID: &str = "t.workspace_id";

const LIVE_ENROLLMENTS: &str =
    concat!("FROM core_api.workspace_group_workspaces e WHERE e.workspace_pk = t.pk AND ", live!("e"));

fn push_filter(query: &mut Query<'_>, filter: &WorkspaceFilter) {
    push_search(query, filter.search.as_deref(), &workspace_searchable("t"), ID);
    if let Some(external_id) = &filter.external_workspace_id {
        // Other systems may have written it with spaces that we trim, or in the decomposed form.
        query.push(" AND t.external_workspace_id IN (").push_bind(external_id.clone());
        query.push(", ").push_bind(cleaned(external_id));
        query.push(", groupdesk.decomposed(").push_bind(cleaned(external_id)).push("))");
    }
    let Some(is_grouped) = filter.grouped else { return };
    if !is_grouped {
        // The migration `loose_workspaces` explains this table of candidates.
        query.push(" AND t.pk IN (SELECT workspace_pk FROM groupdesk.loose_workspaces)");
    }
    query.push(" AND EXISTS (SELECT 1 ").push(LIVE_ENROLLMENTS).push(")");
    if !is_grouped {
        // Unlike `NOT EXISTS`, this never becomes an anti-join, which Postgres expects to leave a single row.
        query.push(" IS NOT TRUE");
    }
}

/// Selects workspaces and `more`.
async fn fetch_list<T>(
    connection: &mut PgConnection,
    more: &str,
    filter: &WorkspaceFilter,
    sort: &Sort<NamedSortKey>,
    page: &PageRequest,
    read: impl Fn(&mut Columns<'_>) -> Read<T>,
) -> Outcome<Page<T>> {
    let (order, branches) = (soft_delete::order(sort, ID), soft_delete::branches(filter.status));
    let source = Source { table: TABLE, alias: "t", branches: &branches, id_filters: &IdFilters::new([]) };
    let mut query = Query::new("SELECT ");
    query.push(workspace_columns("t")).push(more).push(" FROM ");
    order.push_page(&mut query, &source, page, |query, _| push_filter(query, filter));
    query.push(" t");
    order.push_order(&mut query, page);
    fetch_page(connection, query, filter.search.is_none(), page, read).await
}

pub async fn workspace_list(
    connection: &mut PgConnection,
    filter: &WorkspaceFilter,
    sort: &Sort<NamedSortKey>,
    page: &PageRequest,
) -> Outcome<Page<Workspace>> {
    fetch_list(connection, "", filter, sort, page, read_workspace).await
}

/// Like [`workspace_list`], with the number of groups that each workspace on the page is in.
pub async fn workspace_summaries(
    connection: &mut PgConnection,
    filter: &WorkspaceFilter,
    sort: &Sort<NamedSortKey>,
    page: &PageRequest,
) -> Outcome<Page<WorkspaceSummary>> {
    let groups = format!(", (SELECT count(*) {LIVE_ENROLLMENTS})");
    fetch_list(connection, &groups, filter, sort, page, |columns| {
        Ok(WorkspaceSummary { workspace: read_workspace(columns)?, groups: columns.take()? })
    })
    .await
}

/// The exact number; the cost grows with it.
pub async fn workspace_count(connection: &mut PgConnection, filter: &WorkspaceFilter) -> Outcome<i64> {
    let mut query = Query::new("SELECT count(*) FROM core_api.workspaces t WHERE ");
    query.push(soft_delete::condition(filter.status));
    push_filter(&mut query, filter);
    Ok(query.build_query_scalar().persistent(filter.search.is_none()).fetch_one(connection).await?)
}

/// The number of live workspaces in no group. It reads indexes only.
pub async fn workspace_count_ungrouped(connection: &mut PgConnection) -> Outcome<i64> {
    let mut query = Query::new(concat!("SELECT count(*) FROM core_api.workspaces t WHERE ", live!("t")));
    query.push(" AND NOT EXISTS (SELECT 1 ").push(LIVE_ENROLLMENTS).push(")");
    Ok(query.build_query_scalar().fetch_one(connection).await?)
}
