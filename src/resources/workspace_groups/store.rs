//! Every statement that touches `core_api.workspace_groups` alone, or to count what is in one.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::model::{GroupFilter, GroupSummary, GroupWith, WorkspaceGroup};
use crate::kernel::actor::PersonRef;
use crate::kernel::id::{GroupId, PersonId};
use crate::kernel::page::{NamedSortKey, Page, PageRequest, Sort};
use crate::kernel::text::Name;
use crate::platform::db::id_filters::IdFilters;
use crate::platform::db::keyset::Source;
use crate::platform::db::search::Sought;
use crate::platform::db::soft_delete;
use crate::platform::failure::Outcome;
use crate::resources::people::model::ByPerson;
use crate::resources::rows::{Columns, group_columns, person_columns, read_group, read_person};

type Query<'a> = QueryBuilder<'a, Postgres>;

pub(super) async fn insert(
    connection: &mut PgConnection,
    name: &Name,
    creator: Option<PersonId>,
    now: DateTime<Utc>,
) -> Outcome<WorkspaceGroup> {
    let row = sqlx::query!(
        r#"WITH person AS (SELECT pk FROM core_api.peoples WHERE people_id = $2 FOR KEY SHARE)
         INSERT INTO core_api.workspace_groups (name, created_by_pk, created_at, updated_at)
         VALUES ($1, (SELECT pk FROM person), $3, $3)
         RETURNING workspace_group_id AS id, created_by_pk IS NOT NULL AS "has_creator!""#,
        name.as_str(),
        creator.map(PersonId::uuid),
        now,
    )
    .fetch_one(connection)
    .await?;
    Ok(WorkspaceGroup {
        id: GroupId::new(row.id),
        name: name.as_str().to_owned(),
        created_by: creator.filter(|_| row.has_creator),
        created_at: now,
        updated_at: Some(now),
        deleted_at: None,
    })
}

/// Beside the groups, which are called `t` throughout.
const CREATOR: &str = " LEFT JOIN core_api.peoples p ON p.pk = t.created_by_pk";

fn push_columns(query: &mut Query<'_>, creator: bool) {
    query.push("SELECT ").push(group_columns("t", "p"));
    if creator {
        query.push(", ").push(person_columns("p"));
    }
}

fn read(row: &PgRow, creator: bool) -> Result<GroupWith, sqlx::Error> {
    let mut columns = Columns::of(row);
    Ok(GroupWith {
        group: read_group(&mut columns)?,
        created_by: if creator { read_person(&mut columns)? } else { None },
    })
}

pub(super) async fn get(
    connection: &mut PgConnection,
    id: GroupId,
    creator: bool,
) -> Outcome<Option<GroupWith>> {
    let mut query = QueryBuilder::new("");
    push_columns(&mut query, creator);
    query.push(" FROM core_api.workspace_groups t").push(CREATOR);
    query.push(" WHERE t.workspace_group_id = ").push_bind(id.uuid());
    let row = query.build().fetch_optional(connection).await?;
    Ok(row.map(|row| read(&row, creator)).transpose()?)
}

const ID: &str = "t.workspace_group_id";

const SEARCHED: &str = "groupdesk.searchable(t.name)";

fn push_filter(query: &mut Query<'_>, filter: &GroupFilter) {
    if let Some(sought) = filter.search.as_deref().and_then(Sought::new) {
        query.push(" AND ((");
        sought.push_holding(query, SEARCHED);
        query.push(")");
        if let Some((first, last)) = sought.ids {
            query.push(" OR t.workspace_group_id BETWEEN ").push_bind(first).push(" AND ").push_bind(last);
        }
        query.push(")");
    }
    match &filter.created_by {
        None => {}
        Some(ByPerson::Nobody) => {
            query.push(" AND t.created_by_pk IS NULL");
        }
        // Of one person an index has the groups in their order.
        Some(ByPerson::OneOf(people)) => {
            let is_one = people.len() == 1;
            let people: Vec<Uuid> = people.iter().map(|id| id.uuid()).collect();
            query.push(" AND t.created_by_pk ").push(if is_one { "=" } else { "IN" });
            query.push(" (SELECT pk FROM core_api.peoples WHERE people_id = ANY (");
            query.push_bind(people).push("))");
        }
    }
}

fn push_page(query: &mut Query<'_>, filter: &GroupFilter, sort: &Sort<NamedSortKey>, page: &PageRequest) {
    let (order, arms) = (soft_delete::order(sort, ID), soft_delete::arms(filter.status, sort));
    let source =
        Source { table: "core_api.workspace_groups", alias: "t", arms: &arms, by_ids: &IdFilters::new([]) };
    order.push_page(query, &source, page, |query, _| push_filter(query, filter));
    query.push(" t").push(CREATOR);
    order.push_order(query, page);
}

pub(super) async fn list(
    connection: &mut PgConnection,
    filter: &GroupFilter,
    sort: &Sort<NamedSortKey>,
    page: &PageRequest,
    creator: bool,
) -> Outcome<Page<GroupWith>> {
    let mut query = QueryBuilder::new("");
    push_columns(&mut query, creator);
    query.push(" FROM ");
    push_page(&mut query, filter, sort, page);
    let rows = query.build().persistent(filter.search.is_none()).fetch_all(connection).await?;
    let rows = rows.iter().map(|row| read(row, creator)).collect::<Result<_, _>>()?;
    Ok(Page::from_lookahead(rows, page))
}

pub(super) async fn count(connection: &mut PgConnection, filter: &GroupFilter) -> Outcome<i64> {
    let mut query = QueryBuilder::new("SELECT count(*) FROM core_api.workspace_groups t WHERE ");
    query.push(soft_delete::condition(filter.status));
    push_filter(&mut query, filter);
    Ok(query.build_query_scalar().persistent(filter.search.is_none()).fetch_one(connection).await?)
}

fn push_summary(query: &mut Query<'_>) {
    query.push("SELECT ").push(group_columns("t", "p"));
    query.push(
        ", btrim(p.first_name || ' ' || p.last_name), \
         (SELECT count(*) FROM core_api.workspace_group_workspaces e \
          WHERE e.workspace_group_pk = t.pk AND e.deleted_at IS NULL) FROM ",
    );
}

fn read_summary(row: &PgRow) -> Result<GroupSummary, sqlx::Error> {
    let mut columns = Columns::of(row);
    let group = read_group(&mut columns)?;
    let name: Option<String> = columns.take()?;
    let creator = group.created_by.map(|id| PersonRef { id, name: name.unwrap_or_default() });
    Ok(GroupSummary { group, creator, live: columns.take()? })
}

pub(super) async fn summary(connection: &mut PgConnection, id: GroupId) -> Outcome<Option<GroupSummary>> {
    let mut query = QueryBuilder::new("");
    push_summary(&mut query);
    query.push("core_api.workspace_groups t").push(CREATOR);
    query.push(" WHERE t.workspace_group_id = ").push_bind(id.uuid());
    let row = query.build().fetch_optional(connection).await?;
    Ok(row.as_ref().map(read_summary).transpose()?)
}

pub(super) async fn summaries(
    connection: &mut PgConnection,
    filter: &GroupFilter,
    sort: &Sort<NamedSortKey>,
    page: &PageRequest,
) -> Outcome<Page<GroupSummary>> {
    let mut query = QueryBuilder::new("");
    push_summary(&mut query);
    push_page(&mut query, filter, sort, page);
    let rows = query.build().persistent(filter.search.is_none()).fetch_all(connection).await?;
    let rows = rows.iter().map(read_summary).collect::<Result<_, _>>()?;
    Ok(Page::from_lookahead(rows, page))
}

/// When the group was last written, which is now.
pub(super) async fn set_name(
    connection: &mut PgConnection,
    id: GroupId,
    name: &Name,
    now: DateTime<Utc>,
) -> Outcome<Option<DateTime<Utc>>> {
    Ok(sqlx::query_scalar!(
        "UPDATE core_api.workspace_groups SET name = $2, updated_at = greatest($3, created_at)
           WHERE workspace_group_id = $1
           RETURNING updated_at",
        id.uuid(),
        name.as_str(),
        now,
    )
    .fetch_one(connection)
    .await?)
}

pub(super) struct Locked {
    pub(super) name: String,
    pub(super) removed: bool,
}

/// Keeps everybody else from changing it; enrolls go on.
pub(super) async fn hold(connection: &mut PgConnection, id: GroupId) -> Outcome<()> {
    sqlx::query!(
        r#"SELECT true AS "held!" FROM core_api.workspace_groups
           WHERE workspace_group_id = $1 FOR NO KEY UPDATE"#,
        id.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(())
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

pub(super) async fn set_deleted(
    connection: &mut PgConnection,
    id: GroupId,
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query!(
        "UPDATE core_api.workspace_groups SET deleted_at = greatest($2, created_at), updated_at = greatest($2, created_at) WHERE workspace_group_id = $1",
        id.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
