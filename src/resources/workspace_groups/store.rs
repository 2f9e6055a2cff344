//! Every statement on `core_api.workspace_groups`. In lists the table is `t`, as in `soft_delete`, and the creator `p`.

pub mod settings;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::model::{GroupFilter, GroupSummary, GroupWithCreator, WorkspaceGroup};
use crate::kernel::id::{GroupId, PersonId};
use crate::kernel::page::{NamedSortKey, Page, PageRequest, Sort};
use crate::kernel::problem::Problem;
use crate::kernel::text::Name;
use crate::platform::db::id_filters::IdFilters;
use crate::platform::db::keyset::{Last, Source};
use crate::platform::db::soft_delete;
use crate::platform::db::statement::execute;
use crate::platform::failure::Outcome;
use crate::resources::people::model::{ByPerson, Person};
use crate::resources::rows::{
    Columns, Query, Read, fetch_count, fetch_page, group_columns, live, person_columns, push_included,
    push_search, read_group, read_person,
};

const TABLE: &str = "core_api.workspace_groups";
const ID: &str = "t.workspace_group_id";
const CREATOR: &str = " t LEFT JOIN core_api.peoples p ON p.pk = t.created_by_pk";

const LIVE: &str = concat!(
    ", (SELECT count(*) FROM core_api.workspace_group_workspaces e WHERE e.workspace_group_pk = t.pk AND ",
    live!("e"),
    ")"
);

/// A statement that yields whole groups: the parts before and after their columns, and its arguments.
macro_rules! query_groups {
    ($before:tt, $after:tt, $($argument:expr),+) => {
        sqlx::query_as!(
            WorkspaceGroup,
            $before
                + r#" workspace_group_id AS "id: GroupId", name,
                      (SELECT people_id FROM core_api.peoples WHERE pk = workspace_groups.created_by_pk)
                          AS "created_by: PersonId",
                      created_at, updated_at, deleted_at "#
                + $after,
            $($argument),+
        )
    };
}

/// A live or removed group, or `GroupNotFound`. It blocks other changes of the group until the transaction ends;
/// workspaces can still be enrolled.
pub async fn group_lock_for_no_key_update(
    connection: &mut PgConnection,
    id: GroupId,
) -> Outcome<WorkspaceGroup> {
    let query = query_groups!(
        "SELECT",
        "FROM core_api.workspace_groups WHERE workspace_group_id = $1 FOR NO KEY UPDATE",
        id.uuid()
    );
    query.fetch_optional(connection).await?.ok_or_else(|| Problem::GroupNotFound(id).into())
}

/// [`group_lock_for_no_key_update`] that blocks enrollments, too: they lock the group `FOR KEY SHARE`.
pub async fn group_lock_for_update(connection: &mut PgConnection, id: GroupId) -> Outcome<WorkspaceGroup> {
    let query = query_groups!(
        "SELECT",
        "FROM core_api.workspace_groups WHERE workspace_group_id = $1 FOR UPDATE",
        id.uuid()
    );
    query.fetch_optional(connection).await?.ok_or_else(|| Problem::GroupNotFound(id).into())
}

/// Inserts a group, without a creator if that person does not exist.
pub async fn insert(
    connection: &mut PgConnection,
    name: &Name,
    creator: Option<PersonId>,
    now: DateTime<Utc>,
) -> Outcome<WorkspaceGroup> {
    let query = query_groups!(
        "WITH person AS (SELECT pk FROM core_api.peoples WHERE people_id = $2 FOR KEY SHARE)
         INSERT INTO core_api.workspace_groups (name, created_by_pk, created_at, updated_at)
         VALUES ($1, (SELECT pk FROM person), $3, $3)
         RETURNING",
        "",
        name.as_str(),
        creator.map(PersonId::uuid),
        now
    );
    Ok(query.fetch_one(connection).await?)
}

/// `updated_at` is never before `created_at`, although the clocks of two servers may differ.
pub async fn set_name(
    connection: &mut PgConnection,
    id: GroupId,
    name: &Name,
    now: DateTime<Utc>,
) -> Outcome<WorkspaceGroup> {
    let query = query_groups!(
        "UPDATE core_api.workspace_groups SET name = $2, updated_at = greatest($3, created_at)
         WHERE workspace_group_id = $1
         RETURNING",
        "",
        id.uuid(),
        name.as_str(),
        now
    );
    Ok(query.fetch_one(connection).await?)
}

pub async fn set_deleted(connection: &mut PgConnection, id: GroupId, now: DateTime<Utc>) -> Outcome<()> {
    let statement = sqlx::query!(
        "UPDATE core_api.workspace_groups
         SET deleted_at = greatest($2, created_at), updated_at = greatest($2, created_at)
         WHERE workspace_group_id = $1",
        id.uuid(),
        now,
    );
    execute(connection, statement).await
}

fn select(with_creator: bool, more: &str) -> Query<'static> {
    let mut query = Query::new("SELECT ");
    query.push(group_columns("t", "p"));
    push_included(&mut query, [(with_creator, person_columns("p"))]);
    query.push(more).push(" FROM ");
    query
}

fn read(columns: &mut Columns<'_>, with_creator: bool) -> Read<GroupWithCreator> {
    let group = read_group(columns)?;
    let created_by = if with_creator { read_person(columns)? } else { None };
    Ok(GroupWithCreator { group, created_by, live: None })
}

fn read_summary(columns: &mut Columns<'_>) -> Read<GroupSummary> {
    let GroupWithCreator { group, created_by, .. } = read(columns, true)?;
    Ok(GroupSummary { group, creator: created_by.as_ref().map(Person::reference), live: columns.take()? })
}

async fn fetch_one<T>(
    connection: &mut PgConnection,
    mut query: Query<'_>,
    id: GroupId,
    read: impl Fn(&mut Columns<'_>) -> Read<T>,
) -> Outcome<T> {
    query.push(TABLE).push(CREATOR).push(" WHERE t.workspace_group_id = ").push_bind(id);
    let row = query.build().fetch_optional(connection).await?.ok_or(Problem::GroupNotFound(id))?;
    Ok(read(&mut Columns::of(&row))?)
}

/// A live or removed group, with its creator if `with_creator` is set, or `GroupNotFound`.
pub async fn group_get(
    connection: &mut PgConnection,
    id: GroupId,
    with_creator: bool,
) -> Outcome<GroupWithCreator> {
    fetch_one(connection, select(with_creator, ""), id, |columns| read(columns, with_creator)).await
}

/// A group with the name of its creator and the number of its workspaces, or `GroupNotFound`.
pub async fn group_summary(connection: &mut PgConnection, id: GroupId) -> Outcome<GroupSummary> {
    fetch_one(connection, select(true, LIVE), id, read_summary).await
}

/// The live groups with these ids or names, in the order of their ids.
pub async fn group_find_live(
    connection: &mut PgConnection,
    ids: &[GroupId],
    names: &[String],
) -> Outcome<Vec<WorkspaceGroup>> {
    let mut query = select(false, "");
    query.push(TABLE).push(CREATOR).push(concat!(" WHERE ", live!("t"), " AND (t.workspace_group_id = ANY("));
    query.push_bind(ids.to_vec()).push(") OR t.name = ANY(").push_bind(names.to_vec());
    query.push(")) ORDER BY t.workspace_group_id");
    let rows = query.build().fetch_all(connection).await?;
    Ok(rows.iter().map(|row| read_group(&mut Columns::of(row))).collect::<Read<_>>()?)
}

fn push_filter(query: &mut Query<'_>, filter: &GroupFilter) {
    push_search(query, filter.search.as_deref(), "groupdesk.searchable(t.name)", ID);
    match &filter.created_by {
        None => {}
        Some(ByPerson::Nobody) => {
            query.push(" AND t.created_by_pk IS NULL");
        }
        // With `=`, the groups of one person are read from an index in the order of the list.
        Some(ByPerson::OneOf(people)) => {
            query.push(if people.len() == 1 { " AND t.created_by_pk =" } else { " AND t.created_by_pk IN" });
            query.push(" (SELECT pk FROM core_api.peoples WHERE people_id = ANY (");
            query.push_bind(people.clone()).push("))");
        }
    }
}

async fn fetch_list<T>(
    connection: &mut PgConnection,
    mut query: Query<'_>,
    filter: &GroupFilter,
    sort: &Sort<NamedSortKey>,
    page: &PageRequest,
    read: impl Fn(&mut Columns<'_>) -> Read<T>,
) -> Outcome<Page<T>> {
    let (order, branches) = (soft_delete::order(sort, Last::Id(ID)), soft_delete::branches(filter.status));
    let source = Source { table: TABLE, alias: "t", branches: &branches, id_filters: &IdFilters::new([]) };
    order.push_page(&mut query, &source, page, |query, _| push_filter(query, filter));
    query.push(CREATOR);
    order.push_order(&mut query, page);
    fetch_page(connection, query, filter.search.is_some(), page, read).await
}

pub async fn group_list(
    connection: &mut PgConnection,
    filter: &GroupFilter,
    sort: &Sort<NamedSortKey>,
    page: &PageRequest,
    with_creator: bool,
) -> Outcome<Page<GroupWithCreator>> {
    let read = |columns: &mut Columns<'_>| read(columns, with_creator);
    fetch_list(connection, select(with_creator, ""), filter, sort, page, read).await
}

/// Like [`group_list`], with what [`group_summary`] adds. It counts the enrollments of each group on the page.
pub async fn group_summaries(
    connection: &mut PgConnection,
    filter: &GroupFilter,
    sort: &Sort<NamedSortKey>,
    page: &PageRequest,
) -> Outcome<Page<GroupSummary>> {
    fetch_list(connection, select(true, LIVE), filter, sort, page, read_summary).await
}

/// The exact number; the cost grows with it.
pub async fn group_count(connection: &mut PgConnection, filter: &GroupFilter) -> Outcome<i64> {
    let mut query = Query::new("SELECT count(*) FROM core_api.workspace_groups t WHERE ");
    query.push(soft_delete::condition(filter.status));
    push_filter(&mut query, filter);
    fetch_count(connection, query, filter.search.is_some()).await
}
