//! Every statement that touches `core_api.workspaces` alone, or to ask in how many groups one is.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::model::{NewWorkspace, Workspace, WorkspaceFilter, WorkspaceSummary};
use super::rules;
use crate::kernel::id::WorkspaceId;
use crate::kernel::page::{NamedSortKey, Page, PageRequest, Sort};
use crate::kernel::text::{Description, ShortText, cleaned};
use crate::platform::db::id_filters::IdFilters;
use crate::platform::db::keyset::Source;
use crate::platform::db::search::Sought;
use crate::platform::db::{is_taken, soft_delete};
use crate::platform::failure::{Failure, Outcome};
use crate::resources::rows::{Columns, read_workspace, workspace_columns, workspace_searchable};

type Query<'a> = QueryBuilder<'a, Postgres>;

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
        "SELECT workspace_id, name, description, external_workspace_id, avatar_color,
                  created_at, updated_at, deleted_at
           FROM core_api.workspaces WHERE workspace_id = $1",
        id.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Workspace::from))
}

const ID: &str = "t.workspace_id";

fn push_filter(query: &mut Query<'_>, filter: &WorkspaceFilter) {
    if let Some(sought) = filter.search.as_deref().and_then(Sought::new) {
        push_search(query, &sought);
    }
    if let Some(external) = &filter.external_workspace_id {
        // As it is written, or as it is kept since ids are cleaned.
        query.push(" AND t.external_workspace_id IN (").push_bind(external.clone());
        query.push(", ").push_bind(cleaned(external));
        query.push(", groupdesk.decomposed(").push_bind(cleaned(external)).push("))");
    }
    if let Some(is_grouped) = filter.grouped {
        push_grouped(query, is_grouped);
    }
}

fn push_search(query: &mut Query<'_>, sought: &Sought) {
    query.push(" AND ((");
    sought.push_holding(query, &workspace_searchable("t"));
    query.push(")");
    if let Some((first, last)) = sought.ids {
        query.push(" OR t.workspace_id BETWEEN ").push_bind(first).push(" AND ").push_bind(last);
    }
    query.push(")");
}

/// The live enrollments of a workspace.
const LIVE: &str =
    "FROM core_api.workspace_group_workspaces e WHERE e.workspace_pk = t.pk AND e.deleted_at IS NULL";

/// Those in no group are looked for among those that may be (the migration `loose_workspaces` argues why).
/// The look at each is kept from being made a join, of which Postgres thinks that it leaves one row.
fn push_grouped(query: &mut Query<'_>, is_grouped: bool) {
    if is_grouped {
        query.push(" AND EXISTS (SELECT 1 ").push(LIVE).push(")");
    } else {
        query.push(" AND t.pk IN (SELECT workspace_pk FROM groupdesk.loose_workspaces)");
        query.push(" AND EXISTS (SELECT 1 ").push(LIVE).push(") IS NOT TRUE");
    }
}

fn push_page(query: &mut Query<'_>, filter: &WorkspaceFilter, sort: &Sort<NamedSortKey>, page: &PageRequest) {
    let (order, arms) = (soft_delete::order(sort, ID), soft_delete::arms(filter.status, sort));
    let source =
        Source { table: "core_api.workspaces", alias: "t", arms: &arms, by_ids: &IdFilters::new([]) };
    order.push_page(query, &source, page, |query, _| push_filter(query, filter));
    query.push(" t");
    order.push_order(query, page);
}

pub(super) async fn list(
    connection: &mut PgConnection,
    filter: &WorkspaceFilter,
    sort: &Sort<NamedSortKey>,
    page: &PageRequest,
) -> Outcome<Page<Workspace>> {
    let mut query = QueryBuilder::new("SELECT ");
    query.push(workspace_columns("t")).push(" FROM ");
    push_page(&mut query, filter, sort, page);
    let rows = query.build().persistent(filter.search.is_none()).fetch_all(connection).await?;
    let rows = rows.iter().map(|row| read_workspace(&mut Columns::of(row))).collect::<Result<_, _>>()?;
    Ok(Page::from_lookahead(rows, page))
}

pub(super) async fn summaries(
    connection: &mut PgConnection,
    filter: &WorkspaceFilter,
    sort: &Sort<NamedSortKey>,
    page: &PageRequest,
) -> Outcome<Page<WorkspaceSummary>> {
    let mut query = QueryBuilder::new("SELECT ");
    query.push(workspace_columns("t")).push(", (SELECT count(*) ").push(LIVE).push(") FROM ");
    push_page(&mut query, filter, sort, page);
    let rows = query.build().persistent(filter.search.is_none()).fetch_all(connection).await?;
    let read = |row| {
        let mut columns = Columns::of(row);
        Ok(WorkspaceSummary { workspace: read_workspace(&mut columns)?, groups: columns.take()? })
    };
    let rows = rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?;
    Ok(Page::from_lookahead(rows, page))
}

pub(super) async fn count(connection: &mut PgConnection, filter: &WorkspaceFilter) -> Outcome<i64> {
    let mut query = QueryBuilder::new("SELECT count(*) FROM core_api.workspaces t WHERE ");
    query.push(soft_delete::condition(filter.status));
    push_filter(&mut query, filter);
    Ok(query.build_query_scalar().persistent(filter.search.is_none()).fetch_one(connection).await?)
}

/// One look into an index for each workspace, or one pass over it: no row of an enrollment is read.
pub(super) async fn count_ungrouped(connection: &mut PgConnection) -> Outcome<i64> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM core_api.workspaces t
           WHERE t.deleted_at IS NULL
             AND NOT EXISTS (SELECT 1 FROM core_api.workspace_group_workspaces e
                             WHERE e.workspace_pk = t.pk AND e.deleted_at IS NULL)"#,
    )
    .fetch_one(connection)
    .await?)
}

/// Who has an external id, in whichever of its two forms another system left it, and whether it was removed; another
/// one than `apart_from`, to which it belongs already.
pub(super) async fn holder(
    connection: &mut PgConnection,
    external: &str,
    apart_from: Option<WorkspaceId>,
) -> Outcome<Option<(WorkspaceId, bool)>> {
    let row = sqlx::query!(
        r#"SELECT workspace_id, deleted_at IS NOT NULL AS "is_removed!"
           FROM core_api.workspaces
           WHERE external_workspace_id IN ($1, groupdesk.decomposed($1))
             AND workspace_id IS DISTINCT FROM $2
           ORDER BY external_workspace_id = $1 DESC LIMIT 1"#,
        external,
        apart_from.map(WorkspaceId::uuid),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (WorkspaceId::new(row.workspace_id), row.is_removed)))
}

/// Another one took the external id in this moment. The transaction is at its end, so nobody is left to ask whose
/// it is.
fn taken(error: sqlx::Error, external: Option<&str>) -> Failure {
    match external {
        Some(external) if is_taken(&error, "external_workspace_id") => {
            rules::external_id_taken(external, None).into()
        }
        Some(_) | None => error.into(),
    }
}

/// An external id that is taken is looked for first: an insert that the index refuses would use up a number of
/// the serial key. The index decides where two come at once.
pub(super) async fn insert(
    connection: &mut PgConnection,
    new: &NewWorkspace,
    now: DateTime<Utc>,
) -> Outcome<Workspace> {
    let external = new.external_workspace_id.as_ref().map(ShortText::as_str);
    // A conflict is told and not raised: then the transaction lives on, in which its holder is looked up.
    let row = sqlx::query_as!(
        WorkspaceRow,
        "INSERT INTO core_api.workspaces
               (name, description, external_workspace_id, avatar_color, created_at, updated_at)
           SELECT $1::text, $2::text, $3::text, $4::text, $5::timestamptz, $5
           WHERE NOT EXISTS (SELECT 1 FROM core_api.workspaces
                             WHERE external_workspace_id IN ($3, groupdesk.decomposed($3)))
           ON CONFLICT DO NOTHING
           RETURNING workspace_id, name, description, external_workspace_id, avatar_color,
                     created_at, updated_at, deleted_at",
        new.name.as_str(),
        new.description.as_ref().map(Description::as_str),
        external,
        new.avatar_color.as_ref().map(ShortText::as_str),
        now,
    )
    .fetch_optional(&mut *connection)
    .await?;
    match (row, external) {
        (Some(row), _) => Ok(row.into()),
        (None, Some(external)) => {
            Err(rules::external_id_taken(external, holder(connection, external, None).await?).into())
        }
        (None, None) => Err(Failure::fault("a workspace without an external id met one that is there")),
    }
}

/// Clocks of two machines may disagree: a row is never changed before it was made.
pub(super) async fn update(
    connection: &mut PgConnection,
    workspace: &Workspace,
    now: DateTime<Utc>,
) -> Outcome<Workspace> {
    let external = workspace.external_workspace_id.as_deref();
    let row = sqlx::query_as!(
        WorkspaceRow,
        "UPDATE core_api.workspaces
           SET name = $2, description = $3, external_workspace_id = $4, avatar_color = $5,
               updated_at = greatest($6, created_at)
           WHERE workspace_id = $1
           RETURNING workspace_id, name, description, external_workspace_id, avatar_color,
                     created_at, updated_at, deleted_at",
        workspace.id.uuid(),
        workspace.name,
        workspace.description,
        external,
        workspace.avatar_color,
        now,
    )
    .fetch_one(connection)
    .await
    .map_err(|error| taken(error, external))?;
    Ok(row.into())
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
        SELECT coalesce(by_id.workspace_id, by_external.workspace_id, by_decomposed.workspace_id) AS "id?"
        FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS asked (id, word, position)
        LEFT JOIN core_api.workspaces by_id
            ON by_id.workspace_id = asked.id AND by_id.deleted_at IS NULL
        LEFT JOIN core_api.workspaces by_external
            ON by_external.external_workspace_id = asked.word AND by_external.deleted_at IS NULL
        LEFT JOIN core_api.workspaces by_decomposed
            ON by_decomposed.external_workspace_id = groupdesk.decomposed(asked.word)
           AND by_decomposed.deleted_at IS NULL
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

/// Reads it and keeps everybody else from changing it; enrolls go on.
pub(super) async fn hold(connection: &mut PgConnection, id: WorkspaceId) -> Outcome<Option<Workspace>> {
    let row = sqlx::query_as!(
        WorkspaceRow,
        "SELECT workspace_id, name, description, external_workspace_id, avatar_color,
                  created_at, updated_at, deleted_at
           FROM core_api.workspaces WHERE workspace_id = $1 FOR NO KEY UPDATE",
        id.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Workspace::from))
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

pub(super) async fn set_deleted(
    connection: &mut PgConnection,
    id: WorkspaceId,
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query!(
        "UPDATE core_api.workspaces SET deleted_at = greatest($2, created_at), updated_at = greatest($2, created_at) WHERE workspace_id = $1",
        id.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
