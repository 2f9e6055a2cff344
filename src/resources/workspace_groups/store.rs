//! Every statement that touches `core_api.workspace_groups` alone, or to count what is in one.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::model::{GroupFilter, GroupSummary, WorkspaceGroup};
use crate::kernel::actor::PersonRef;
use crate::kernel::id::{GroupId, PersonId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::text::Name;
use crate::platform::db::contains_pattern;
use crate::platform::db::keyset::{Order, SortKey};
use crate::platform::failure::Outcome;

#[derive(sqlx::FromRow)]
struct SummaryRow {
    workspace_group_id: Uuid,
    name: String,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
    deleted_at: Option<DateTime<Utc>>,
    creator_id: Option<Uuid>,
    creator_name: Option<String>,
    live: i64,
}

impl From<SummaryRow> for GroupSummary {
    fn from(row: SummaryRow) -> Self {
        let creator = row.creator_id.map(PersonId::new);
        Self {
            group: WorkspaceGroup {
                id: GroupId::new(row.workspace_group_id),
                name: row.name,
                created_by: creator,
                created_at: row.created_at,
                updated_at: row.updated_at,
                deleted_at: row.deleted_at,
            },
            creator: creator.map(|id| PersonRef { id, name: row.creator_name.unwrap_or_default() }),
            live: row.live,
        }
    }
}

/// What a summary holds, around the few groups that `FROM (…) g` has picked.
const SUMMARY: &str = "SELECT g.workspace_group_id, g.name, g.created_at, g.updated_at, g.deleted_at, \
     p.people_id AS creator_id, btrim(p.first_name || ' ' || p.last_name) AS creator_name, \
     (SELECT count(*) FROM core_api.workspace_group_workspaces e \
      WHERE e.workspace_group_pk = g.pk AND e.deleted_at IS NULL) AS live \
     FROM (SELECT g.* FROM core_api.workspace_groups g WHERE ";
const CREATOR: &str = ") g LEFT JOIN core_api.peoples p ON p.pk = g.created_by_pk";

pub(super) async fn insert(
    connection: &mut PgConnection,
    name: &Name,
    creator: Option<PersonId>,
    now: DateTime<Utc>,
) -> Outcome<WorkspaceGroup> {
    let id = sqlx::query_scalar!(
        "INSERT INTO core_api.workspace_groups (name, created_by_pk, created_at, updated_at)
         VALUES ($1, (SELECT pk FROM core_api.peoples WHERE people_id = $2), $3, $3)
         RETURNING workspace_group_id",
        name.as_str(),
        creator.map(PersonId::uuid),
        now as DateTime<Utc>,
    )
    .fetch_one(connection)
    .await?;
    Ok(WorkspaceGroup {
        id: GroupId::new(id),
        name: name.as_str().to_owned(),
        created_by: creator,
        created_at: now,
        updated_at: Some(now),
        deleted_at: None,
    })
}

pub(super) async fn get(connection: &mut PgConnection, id: GroupId) -> Outcome<Option<GroupSummary>> {
    let mut query = QueryBuilder::<Postgres>::new(SUMMARY);
    query.push("g.workspace_group_id = ").push_bind(id.uuid()).push(CREATOR);
    let row: Option<SummaryRow> = query.build_query_as().fetch_optional(connection).await?;
    Ok(row.map(GroupSummary::from))
}

pub(super) async fn list(
    connection: &mut PgConnection,
    filter: &GroupFilter,
    page: &PageRequest,
) -> Outcome<Page<GroupSummary>> {
    let order = Order {
        keys: vec![SortKey { expression: "g.created_at", descending: true }],
        id: "g.workspace_group_id",
    };
    let mut query = QueryBuilder::new(SUMMARY);
    query.push("g.deleted_at IS NULL");
    if let Some(search) = &filter.search {
        query.push(" AND lower(g.name) LIKE ").push_bind(contains_pattern(&search.to_lowercase()));
    }
    order.push_page(&mut query, page);
    query.push(CREATOR);
    order.push_order(&mut query, page);
    let rows: Vec<SummaryRow> = query.build_query_as().fetch_all(connection).await?;
    Ok(Page::from_lookahead(rows.into_iter().map(GroupSummary::from).collect(), page))
}

pub(super) struct Locked {
    pub(super) name: String,
    pub(super) removed: bool,
}

/// `FOR UPDATE`, the one lock that an enroll's `FOR KEY SHARE` waits for.
pub(super) async fn lock(connection: &mut PgConnection, id: GroupId) -> Outcome<Option<Locked>> {
    Ok(sqlx::query_as!(
        Locked,
        r#"SELECT name, deleted_at IS NOT NULL AS "removed!"
           FROM core_api.workspace_groups WHERE workspace_group_id = $1 FOR UPDATE"#,
        id.uuid(),
    )
    .fetch_optional(connection)
    .await?)
}

pub(super) async fn live_enrollments(connection: &mut PgConnection, id: GroupId) -> Outcome<i64> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM core_api.workspace_group_workspaces e
           WHERE e.deleted_at IS NULL
             AND e.workspace_group_pk = (SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id = $1)"#,
        id.uuid(),
    )
    .fetch_one(connection)
    .await?)
}

pub(super) async fn set_deleted(
    connection: &mut PgConnection,
    id: GroupId,
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query!(
        "UPDATE core_api.workspace_groups SET deleted_at = greatest($2, created_at), updated_at = $2 WHERE workspace_group_id = $1",
        id.uuid(),
        now as DateTime<Utc>,
    )
    .execute(connection)
    .await?;
    Ok(())
}
