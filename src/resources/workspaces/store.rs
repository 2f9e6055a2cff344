//! Every statement that touches `core_api.workspaces` alone, or to remove one.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, QueryBuilder};
use uuid::Uuid;

use super::model::{Workspace, WorkspaceFilter};
use crate::kernel::id::WorkspaceId;
use crate::kernel::page::{Page, PageRequest};
use crate::platform::db::contains_pattern;
use crate::platform::db::keyset::{Order, SortKey};
use crate::platform::failure::Outcome;

#[derive(sqlx::FromRow)]
struct WorkspaceRow {
    workspace_id: Uuid,
    name: String,
    description: Option<String>,
    external_workspace_id: Option<String>,
    avatar_color: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
    deleted_at: Option<DateTime<Utc>>,
}

impl From<WorkspaceRow> for Workspace {
    fn from(row: WorkspaceRow) -> Self {
        Self {
            id: WorkspaceId::new(row.workspace_id),
            name: row.name,
            description: row.description,
            external_workspace_id: row.external_workspace_id,
            avatar_color: row.avatar_color,
            created_at: row.created_at,
            updated_at: row.updated_at,
            deleted_at: row.deleted_at,
        }
    }
}

pub(super) async fn get(connection: &mut PgConnection, id: WorkspaceId) -> Outcome<Option<Workspace>> {
    let row = sqlx::query_as!(
        WorkspaceRow,
        r#"SELECT workspace_id, name, description, external_workspace_id, avatar_color,
                  created_at AS "created_at: DateTime<Utc>", updated_at AS "updated_at: DateTime<Utc>",
                  deleted_at AS "deleted_at: DateTime<Utc>"
           FROM core_api.workspaces WHERE workspace_id = $1"#,
        id.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Workspace::from))
}

pub(super) async fn list(
    connection: &mut PgConnection,
    filter: &WorkspaceFilter,
    page: &PageRequest,
) -> Outcome<Page<Workspace>> {
    let order =
        Order { keys: vec![SortKey { expression: "w.created_at", descending: true }], id: "w.workspace_id" };
    let mut query = QueryBuilder::new(
        "SELECT w.workspace_id, w.name, w.description, w.external_workspace_id, w.avatar_color, \
         w.created_at, w.updated_at, w.deleted_at \
         FROM core_api.workspaces w WHERE w.deleted_at IS NULL",
    );
    if let Some(search) = &filter.search {
        query.push(" AND lower(w.name) LIKE ").push_bind(contains_pattern(&search.to_lowercase()));
    }
    order.push_page(&mut query, page);
    let rows: Vec<WorkspaceRow> = query.build_query_as().fetch_all(connection).await?;
    Ok(Page::from_lookahead(rows.into_iter().map(Workspace::from).collect(), page))
}

/// One answer a word, in their order. An id wins over an external id that looks like one.
pub(super) async fn resolve(
    connection: &mut PgConnection,
    words: &[String],
) -> Outcome<Vec<Option<WorkspaceId>>> {
    let ids: Vec<Option<Uuid>> =
        words.iter().map(|word| word.parse::<WorkspaceId>().ok().map(WorkspaceId::uuid)).collect();
    let rows = sqlx::query_scalar!(
        r#"
        SELECT coalesce(by_id.workspace_id, by_external.workspace_id) AS "id?"
        FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS asked (id, word, position)
        LEFT JOIN core_api.workspaces by_id
            ON by_id.workspace_id = asked.id AND by_id.deleted_at IS NULL
        LEFT JOIN core_api.workspaces by_external
            ON by_external.external_workspace_id = asked.word AND by_external.deleted_at IS NULL
        ORDER BY asked.position
        "#,
        &ids as &[Option<Uuid>],
        words,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|id| id.map(WorkspaceId::new)).collect())
}

pub(super) struct Locked {
    pub(super) name: String,
    pub(super) removed: bool,
}

/// `FOR UPDATE`, the one lock that an enroll's `FOR KEY SHARE` waits for.
pub(super) async fn lock(connection: &mut PgConnection, id: WorkspaceId) -> Outcome<Option<Locked>> {
    Ok(sqlx::query_as!(
        Locked,
        r#"SELECT name, deleted_at IS NOT NULL AS "removed!"
           FROM core_api.workspaces WHERE workspace_id = $1 FOR UPDATE"#,
        id.uuid(),
    )
    .fetch_optional(connection)
    .await?)
}

pub(super) async fn live_enrollments(connection: &mut PgConnection, id: WorkspaceId) -> Outcome<i64> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM core_api.workspace_group_workspaces e
           WHERE e.deleted_at IS NULL
             AND e.workspace_pk = (SELECT pk FROM core_api.workspaces WHERE workspace_id = $1)"#,
        id.uuid(),
    )
    .fetch_one(connection)
    .await?)
}

pub(super) async fn set_deleted(
    connection: &mut PgConnection,
    id: WorkspaceId,
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query!(
        "UPDATE core_api.workspaces SET deleted_at = greatest($2, created_at), updated_at = $2 WHERE workspace_id = $1",
        id.uuid(),
        now as DateTime<Utc>,
    )
    .execute(connection)
    .await?;
    Ok(())
}
