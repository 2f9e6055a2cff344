//! Every statement on `core_api.workspaces`. In lists the table is `t`, as in `soft_delete`.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::model::{NewWorkspace, Workspace, WorkspaceFilter, WorkspaceSummary};
use super::rules;
use crate::kernel::id::WorkspaceId;
use crate::kernel::page::{NamedSortKey, Page, PageRequest, Sort};
use crate::kernel::problem::Problem;
use crate::kernel::text::{Description, ShortText, cleaned};
use crate::platform::db::id_filters::IdFilters;
use crate::platform::db::keyset::{Last, Source};
use crate::platform::db::statement::execute;
use crate::platform::db::{is_taken, soft_delete};
use crate::platform::failure::{Failure, Outcome};
use crate::resources::rows::{
    Columns, Query, Read, fetch_count, fetch_page, live, push_search, read_workspace, workspace_columns,
    workspace_searchable,
};

const TABLE: &str = "core_api.workspaces";
const ID: &str = "t.workspace_id";

const LIVE_ENROLLMENTS: &str =
    concat!("FROM core_api.workspace_group_workspaces e WHERE e.workspace_pk = t.pk AND ", live!("e"));

/// A statement that yields whole workspaces: the parts before and after their columns, and its arguments.
macro_rules! query_workspaces {
    ($before:tt, $after:tt $(+ $end:tt)?, $($argument:expr),+) => {
        sqlx::query_as!(
            Workspace,
            $before
                + r#" workspace_id AS "id: WorkspaceId", name, description, external_workspace_id, avatar_color,
                      created_at, updated_at, deleted_at "#
                + $after $(+ $end)?,
            $($argument),+
        )
    };
}

macro_rules! select_workspace {
    ($connection:ident, $id:ident, $lock:tt) => {{
        let query = query_workspaces!(
            "SELECT",
            "FROM core_api.workspaces WHERE workspace_id = $1 " + $lock,
            $id.uuid()
        );
        query.fetch_optional($connection).await?.ok_or_else(|| Problem::WorkspaceNotFound($id).into())
    }};
}

/// A live or removed workspace, or `WorkspaceNotFound`.
pub async fn workspace_get(connection: &mut PgConnection, id: WorkspaceId) -> Outcome<Workspace> {
    select_workspace!(connection, id, "")
}

/// [`workspace_get`] that blocks other changes of the workspace until the transaction ends. It can still be enrolled.
pub async fn workspace_lock_for_no_key_update(
    connection: &mut PgConnection,
    id: WorkspaceId,
) -> Outcome<Workspace> {
    select_workspace!(connection, id, "FOR NO KEY UPDATE")
}

/// Locks workspaces as enrolling does, in the order in which all statements lock them. A change that removes a workspace
/// from one group and enrolls it in another calls this first: a rename locks the workspace and then the rows with its name,
/// one of which the removal locks.
pub async fn workspace_lock_for_key_share(
    connection: &mut PgConnection,
    workspaces: &[WorkspaceId],
) -> Outcome<()> {
    let statement = sqlx::query!(
        "SELECT FROM core_api.workspaces WHERE workspace_id = ANY ($1) ORDER BY pk FOR KEY SHARE",
        workspaces as &[WorkspaceId],
    );
    execute(connection, statement).await
}

/// [`workspace_lock_for_no_key_update`] that blocks enrollments, too: they lock the workspace `FOR KEY SHARE`.
pub async fn workspace_lock_for_update(connection: &mut PgConnection, id: WorkspaceId) -> Outcome<Workspace> {
    select_workspace!(connection, id, "FOR UPDATE")
}

/// The workspace other than `except` that has this external id, in the composed or the decomposed form that another
/// system may have written, and whether it is removed.
pub async fn holder(
    connection: &mut PgConnection,
    external_id: &str,
    except: Option<WorkspaceId>,
) -> Outcome<Option<(WorkspaceId, bool)>> {
    let query = sqlx::query!(
        r#"SELECT workspace_id AS "id: WorkspaceId", deleted_at IS NOT NULL AS "is_removed!"
           FROM core_api.workspaces
           WHERE external_workspace_id IN ($1, groupdesk.decomposed($1))
             AND workspace_id IS DISTINCT FROM $2
           ORDER BY external_workspace_id = $1 DESC LIMIT 1"#,
        external_id,
        except.map(WorkspaceId::uuid),
    );
    let row = query.fetch_optional(connection).await?;
    Ok(row.map(|row| (row.id, row.is_removed)))
}

/// Inserts a workspace, or fails with `ExternalIdTaken`. It looks for the external id first, because an insert that fails at
/// the index, which decides among concurrent inserts, uses up a serial key.
pub async fn insert(
    connection: &mut PgConnection,
    new: &NewWorkspace,
    now: DateTime<Utc>,
) -> Outcome<Workspace> {
    let external_id = new.external_workspace_id.as_ref().map(ShortText::as_str);
    // `DO NOTHING` keeps the transaction usable after a conflict, so that the holder can be looked up.
    let query = query_workspaces!(
        "INSERT INTO core_api.workspaces
             (name, description, external_workspace_id, avatar_color, created_at, updated_at)
         SELECT $1::text, $2::text, $3::text, $4::text, $5::timestamptz, $5
         WHERE NOT EXISTS (SELECT 1 FROM core_api.workspaces
                           WHERE external_workspace_id IN ($3, groupdesk.decomposed($3)))
         ON CONFLICT DO NOTHING
         RETURNING",
        "",
        new.name.as_str(),
        new.description.as_ref().map(Description::as_str),
        external_id,
        new.avatar_color.as_ref().map(ShortText::as_str),
        now
    );
    match (query.fetch_optional(&mut *connection).await?, external_id) {
        (Some(workspace), _) => Ok(workspace),
        (None, Some(external_id)) => {
            Err(rules::external_id_taken(external_id, holder(connection, external_id, None).await?).into())
        }
        (None, None) => Err(Failure::fault("a workspace without an external id conflicted with another")),
    }
}

/// Updates a workspace, or fails with `ExternalIdTaken`, without the holder: the failed update has ended the transaction.
/// `updated_at` is never before `created_at`, although the clocks of two servers may differ.
pub async fn update(
    connection: &mut PgConnection,
    workspace: &Workspace,
    now: DateTime<Utc>,
) -> Outcome<Workspace> {
    let external_id = workspace.external_workspace_id.as_deref();
    let query = query_workspaces!(
        "UPDATE core_api.workspaces
         SET name = $2, description = $3, external_workspace_id = $4, avatar_color = $5,
             updated_at = greatest($6, created_at)
         WHERE workspace_id = $1
         RETURNING",
        "",
        workspace.id.uuid(),
        workspace.name,
        workspace.description,
        external_id,
        workspace.avatar_color,
        now
    );
    query.fetch_one(connection).await.map_err(|error| match external_id {
        Some(external_id) if is_taken(&error, "external_workspace_id") => {
            rules::external_id_taken(external_id, None).into()
        }
        Some(_) | None => error.into(),
    })
}

/// The live workspace of each word, in their order. An id takes precedence over an external id of the same text.
pub async fn resolve(connection: &mut PgConnection, words: &[String]) -> Outcome<Vec<Option<WorkspaceId>>> {
    let ids: Vec<Option<Uuid>> = words.iter().map(|word| word.parse().ok().map(WorkspaceId::uuid)).collect();
    let query = sqlx::query_scalar!(
        r#"
        SELECT coalesce(by_id.workspace_id, by_external.workspace_id, by_decomposed.workspace_id)
                   AS "id?: WorkspaceId"
        FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS requested (id, word, position)
        LEFT JOIN core_api.workspaces by_id
            ON by_id.workspace_id = requested.id AND by_id.deleted_at IS NULL
        LEFT JOIN core_api.workspaces by_external
            ON by_external.external_workspace_id = requested.word AND by_external.deleted_at IS NULL
        LEFT JOIN core_api.workspaces by_decomposed
            ON by_decomposed.external_workspace_id = groupdesk.decomposed(requested.word)
           AND by_decomposed.deleted_at IS NULL
        ORDER BY requested.position
        "#,
        &ids as &[Option<Uuid>],
        words,
    );
    Ok(query.fetch_all(connection).await?)
}

pub async fn set_deleted(connection: &mut PgConnection, id: WorkspaceId, now: DateTime<Utc>) -> Outcome<()> {
    let statement = sqlx::query!(
        "UPDATE core_api.workspaces
         SET deleted_at = greatest($2, created_at), updated_at = greatest($2, created_at)
         WHERE workspace_id = $1",
        id.uuid(),
        now,
    );
    execute(connection, statement).await
}

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
    let (order, branches) = (soft_delete::order(sort, Last::Id(ID)), soft_delete::branches(filter.status));
    let source = Source { table: TABLE, alias: "t", branches: &branches, id_filters: &IdFilters::new([]) };
    let mut query = Query::new("SELECT ");
    query.push(workspace_columns("t")).push(more).push(" FROM ");
    order.push_page(&mut query, &source, page, |query, _| push_filter(query, filter));
    query.push(" t");
    order.push_order(&mut query, page);
    fetch_page(connection, query, filter.search.is_some(), page, read).await
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
    fetch_count(connection, query, filter.search.is_some()).await
}

/// The number of live workspaces in no group. It reads indexes only.
pub async fn workspace_count_ungrouped(connection: &mut PgConnection) -> Outcome<i64> {
    let mut query = Query::new(concat!("SELECT count(*) FROM core_api.workspaces t WHERE ", live!("t")));
    query.push(" AND NOT EXISTS (SELECT 1 ").push(LIVE_ENROLLMENTS).push(")");
    Ok(query.build_query_scalar().fetch_one(connection).await?)
}
