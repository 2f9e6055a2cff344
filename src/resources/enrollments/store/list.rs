//! Reads enrollments: table `t`, as in `soft_delete`, group `g`, workspace `w`, creator `p`, creator of the group `gp`.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::kernel::id::{EnrollmentId, GroupId, WorkspaceId};
use crate::kernel::page::{NamedSortKey, Page, PageRequest, Status};
use crate::kernel::problem::Problem;
use crate::platform::db::id_filters::IdFilters;
use crate::platform::db::keyset::{Branch, Last, Order};
use crate::platform::db::{push_range, soft_delete};
use crate::platform::failure::Outcome;
use crate::resources::enrollments::model::comparison::{Comparison, ComparisonCounts};
use crate::resources::enrollments::model::{
    EnrollmentFilter, EnrollmentInclude, EnrollmentSort, EnrollmentSortKey, EnrollmentWithRelated, Liveness,
    PairAt,
};
use crate::resources::people::model::ByPerson;
use crate::resources::rows::matches::{List, Part, Scope, parts};
use crate::resources::rows::{
    Columns, Query, Read, by_groups, by_people, by_workspaces, enrollment_columns, fetch_count,
    group_columns, live, person_columns, push_included, read_enrollment, read_group, read_person,
    read_workspace, removed, workspace_columns,
};

const TABLE: &str = "core_api.workspace_group_workspaces";

/// Enrollments in the order of the workspaces' names within a group. The key is that of the table with the names, whose index
/// has it behind the name.
const BY_WORKSPACE: &str = "(SELECT n.enrollment_pk AS pk, e.workspace_group_workspace_id, n.workspace_group_pk, e.workspace_pk, \
      e.created_by_pk, e.created_at, e.updated_at, e.deleted_at, n.is_live, n.name_key AS workspace_key \
      FROM groupdesk.enrollment_names n JOIN core_api.workspace_group_workspaces e ON e.pk = n.enrollment_pk)";

/// Few enrollments with the names by which they are sorted when they have been read. "OFFSET 0" keeps the subqueries from
/// becoming joins, which might read the names of a whole group.
macro_rules! workspace_key {
    () => {
        " CROSS JOIN LATERAL (SELECT name_key FROM groupdesk.enrollment_names WHERE enrollment_pk = e.pk OFFSET 0) n"
    };
}
macro_rules! group_key {
    () => {
        " CROSS JOIN LATERAL (SELECT groupdesk.name_key(name) COLLATE \"C\" AS group_key \
           FROM core_api.workspace_groups WHERE pk = e.workspace_group_pk OFFSET 0) sg"
    };
}
const FEW_BY_WORKSPACE: &str = concat!(
    "(SELECT e.*, n.name_key AS workspace_key FROM core_api.workspace_group_workspaces e",
    workspace_key!(),
    ")"
);
const FEW_BY_GROUP: &str =
    concat!("(SELECT e.*, sg.group_key FROM core_api.workspace_group_workspaces e", group_key!(), ")");
const FEW_BY_BOTH: &str = concat!(
    "(SELECT e.*, n.name_key AS workspace_key, sg.group_key FROM core_api.workspace_group_workspaces e",
    workspace_key!(),
    group_key!(),
    ")"
);

/// The number of matching workspaces by whose keys a group is searched, and of rows that are sorted by name after they have
/// been read. Each costs a few blocks, and a page among more is found in the order of the list.
const FEW: u16 = 2_000;

/// The names that an order compares.
#[derive(Clone, Copy, Default)]
struct Keys {
    workspace: bool,
    group: bool,
}

impl Keys {
    fn of(sort: &EnrollmentSort) -> Self {
        let has = |wanted| sort.0.iter().any(|(key, _)| *key == wanted);
        Self { workspace: has(EnrollmentSortKey::WorkspaceName), group: has(EnrollmentSortKey::GroupName) }
    }

    const fn table(self, are_few: bool) -> &'static str {
        match (self.workspace, self.group) {
            (false, false) => TABLE,
            (true, false) if are_few => FEW_BY_WORKSPACE,
            (true, false) => BY_WORKSPACE,
            (false, true) => FEW_BY_GROUP,
            (true, true) => FEW_BY_BOTH,
        }
    }
}

fn order(sort: &EnrollmentSort) -> Order {
    let expression = |key| match key {
        EnrollmentSortKey::CreatedAt => soft_delete::expression(NamedSortKey::CreatedAt),
        EnrollmentSortKey::UpdatedAt => soft_delete::expression(NamedSortKey::UpdatedAt),
        EnrollmentSortKey::DeletedAt => soft_delete::expression(NamedSortKey::DeletedAt),
        EnrollmentSortKey::WorkspaceName => "t.workspace_key",
        EnrollmentSortKey::GroupName => "t.group_key",
    };
    Order::of(sort, expression, LAST)
}

/// Rows of older systems have no `updated_at`. They are infinite in the index and in no range.
const UPDATED_AT: &str = "coalesce(t.updated_at, 'infinity'::timestamptz)";

/// Enrollments of one time are in the order in which they were written.
const LAST: Last = Last::Written {
    key: "t.pk",
    by_id: "SELECT pk FROM core_api.workspace_group_workspaces WHERE workspace_group_workspace_id =",
    partitioned_by: None,
};

fn select(include: EnrollmentInclude, keys: Keys) -> Query<'static> {
    let mut query = Query::new("SELECT ");
    query.push(enrollment_columns("t", "g", "w", "p"));
    let related = [
        (include.group, group_columns("g", "gp")),
        (include.group_created_by, person_columns("gp")),
        (include.workspace, workspace_columns("w")),
        (include.created_by, person_columns("p")),
        (keys.workspace, "t.workspace_key".to_owned()),
        (keys.group, "t.group_key".to_owned()),
    ];
    push_included(&mut query, related);
    query.push(" FROM ");
    query
}

fn push_joins(query: &mut Query<'_>, include: EnrollmentInclude) {
    query.push(
        " t JOIN core_api.workspace_groups g ON g.pk = t.workspace_group_pk \
          JOIN core_api.workspaces w ON w.pk = t.workspace_pk \
          LEFT JOIN core_api.peoples p ON p.pk = t.created_by_pk",
    );
    if include.group {
        query.push(" LEFT JOIN core_api.peoples gp ON gp.pk = g.created_by_pk");
    }
}

fn read(columns: &mut Columns<'_>, include: EnrollmentInclude, keys: Keys) -> Read<EnrollmentWithRelated> {
    Ok(EnrollmentWithRelated {
        enrollment: read_enrollment(columns)?,
        group: if include.group { Some(read_group(columns)?) } else { None },
        group_created_by: if include.group_created_by { read_person(columns)? } else { None },
        workspace: if include.workspace { Some(read_workspace(columns)?) } else { None },
        created_by: if include.created_by { read_person(columns)? } else { None },
        group_live: None,
        workspace_key: if keys.workspace { Some(columns.take()?) } else { None },
        group_key: if keys.group { Some(columns.take()?) } else { None },
    })
}

/// Live and removed enrollments in no order. Ids that do not exist are left out.
pub(in super::super) async fn get_many(
    connection: &mut PgConnection,
    ids: &[EnrollmentId],
    include: EnrollmentInclude,
) -> Outcome<Vec<EnrollmentWithRelated>> {
    let mut query = select(include, Keys::default());
    query.push(TABLE);
    push_joins(&mut query, include);
    query.push(" WHERE t.workspace_group_workspace_id = ANY(").push_bind(ids.to_vec()).push(")");
    let rows = query.build().fetch_all(connection).await?;
    Ok(rows
        .iter()
        .map(|row| read(&mut Columns::of(row), include, Keys::default()))
        .collect::<Result<_, _>>()?)
}

/// A live or removed enrollment, or `EnrollmentNotFound`.
pub async fn enrollment_get(
    connection: &mut PgConnection,
    id: EnrollmentId,
    include: EnrollmentInclude,
) -> Outcome<EnrollmentWithRelated> {
    get_many(connection, &[id], include).await?.pop().ok_or_else(|| Problem::EnrollmentNotFound(id).into())
}

fn branches(filter: &EnrollmentFilter, table: &str) -> Vec<Branch> {
    let status = match filter.liveness {
        Liveness::Now(status) => status,
        Liveness::AsOf(_) => Status::Any,
    };
    let mut branches = soft_delete::branches(status);
    // A live row is in no range of removal times.
    branches.retain(|branch| filter.deleted_at.is_open() || is_removed(branch));
    // If the filter names groups or workspaces, their index is used instead.
    let is_everywhere = filter.groups.is_empty() && filter.workspaces.is_empty();
    if filter.created_by == Some(ByPerson::Nobody) && is_everywhere {
        for branch in &mut branches {
            branch.leading_column = Some("t.created_by_pk");
        }
    }
    if table == BY_WORKSPACE {
        for branch in &mut branches {
            let is_live = if is_removed(branch) { "NOT t.is_live" } else { "t.is_live" };
            branch.condition = format!("{is_live} AND {}", branch.condition).into();
        }
    }
    branches
}

fn is_removed(branch: &Branch) -> bool {
    branch.condition.ends_with(soft_delete::condition(Status::Removed))
}

async fn parts_of(connection: &mut PgConnection, filter: &EnrollmentFilter) -> Outcome<Vec<Part>> {
    let scope = Scope {
        groups: &filter.groups,
        workspaces: &filter.workspaces,
        is_small: false,
        is_in_order: match &filter.created_by {
            None => false,
            Some(ByPerson::Nobody) => true,
            Some(ByPerson::OneOf(people)) => people.len() == 1,
        },
        keys_max: FEW.into(),
    };
    let id_filters = |groups: &[GroupId], workspaces: &[WorkspaceId]| {
        IdFilters::new([
            by_groups("t.workspace_group_pk", groups),
            by_workspaces("t.workspace_pk", workspaces),
            by_people("t.created_by_pk", filter.created_by.as_ref()),
        ])
    };
    parts(connection, filter.search.as_deref(), &scope, id_filters).await
}

/// Whether filters other than those of the group leave so few rows that they are read and then sorted by name. An index has
/// the order of the names only for all rows of a group, and few of a large group may be far from each other in it.
async fn are_few(connection: &mut PgConnection, filter: &EnrollmentFilter, parts: &[Part]) -> Outcome<bool> {
    if filter.search.is_some() {
        return Ok(!parts.iter().any(Part::is_walked));
    }
    let ranges = [filter.created_at, filter.updated_at, filter.deleted_at];
    let is_narrowed = filter.created_by.is_some()
        || filter.pair_at.is_some()
        || filter.also_in.is_some()
        || matches!(filter.liveness, Liveness::AsOf(_))
        || ranges.iter().any(|range| !range.is_open());
    if !filter.workspaces.is_empty() || !is_narrowed {
        return Ok(!filter.workspaces.is_empty());
    }
    let mut query = Query::new("SELECT count(*) FROM (");
    for part in parts {
        for (index, branch) in branches(filter, TABLE).iter().enumerate() {
            query.push(if index == 0 { "(SELECT 1 FROM " } else { " UNION ALL (SELECT 1 FROM " });
            query.push(TABLE).push(" t WHERE ").push(&*branch.condition);
            push_filter(&mut query, filter, &part.id_filters, branch);
            query.push(format_args!(" LIMIT {})", FEW + 1));
        }
    }
    query.push(") rows");
    Ok(fetch_count(connection, query, true).await? <= i64::from(FEW))
}

/// Appends the filter of one branch, for pages and counts. Ids are looked up first and compared by key, because a join with
/// their table would make Postgres read a whole group for a page of it.
fn push_filter(query: &mut Query<'_>, filter: &EnrollmentFilter, id_filters: &IdFilters, branch: &Branch) {
    id_filters.push_conditions(query);
    if filter.created_by == Some(ByPerson::Nobody) {
        query.push(" AND t.created_by_pk IS NULL");
    }
    push_range(query, "t.created_at", filter.created_at);
    push_range(query, UPDATED_AT, filter.updated_at);
    if filter.updated_at.from.is_some() && filter.updated_at.before.is_none() {
        query.push(" AND ").push(UPDATED_AT).push(" < 'infinity'");
    }
    push_range(query, "t.deleted_at", filter.deleted_at);
    if let Liveness::AsOf(moment) = filter.liveness {
        query.push(" AND t.created_at <= ").push_bind(moment);
        // An `OR` with "is live" on both branches would prevent the use of an index.
        if is_removed(branch) {
            query.push(" AND t.deleted_at > ").push_bind(moment);
        }
    }
    if let Some(pair) = filter.pair_at {
        push_pair_at(query, pair);
    }
    if let Some(group) = filter.also_in {
        query.push(concat!(
            " AND (SELECT true FROM core_api.workspace_group_workspaces o WHERE ",
            live!("o"),
            " AND o.workspace_pk = t.workspace_pk AND o.workspace_group_pk = \
              (SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id = "
        ));
        query.push_bind(group).push(")) IS NOT NULL");
    }
}

/// Looks the pair up for each row, in the indexes of live and of removed rows. A scalar subquery is never turned into a join
/// or into a hash of the whole table, as `EXISTS` may be, which would lose the order of the index.
fn push_pair_at(query: &mut Query<'_>, PairAt { moment, was_in }: PairAt) {
    let pair = "(SELECT true FROM core_api.workspace_group_workspaces o \
                WHERE o.workspace_group_pk = t.workspace_group_pk AND o.workspace_pk = t.workspace_pk AND o.created_at <= ";
    query.push(" AND coalesce(").push(pair).push_bind(moment);
    query.push(concat!(" AND ", live!("o"), " LIMIT 1), ")).push(pair).push_bind(moment);
    query.push(concat!(" AND ", removed!("o"), " AND o.deleted_at > ")).push_bind(moment);
    query.push(if was_in { " LIMIT 1)) IS NOT NULL" } else { " LIMIT 1)) IS NULL" });
}

pub async fn enrollment_list(
    connection: &mut PgConnection,
    filter: &EnrollmentFilter,
    sort: &EnrollmentSort,
    page: &PageRequest,
    include: EnrollmentInclude,
) -> Outcome<Page<EnrollmentWithRelated>> {
    let (keys, order) = (Keys::of(sort), order(sort));
    let parts = parts_of(connection, filter).await?;
    let are_few = keys.workspace && are_few(connection, filter, &parts).await?;
    let table = keys.table(are_few);
    let branches = branches(filter, table);
    let list = List {
        order: &order,
        table,
        alias: "t",
        branches: &branches,
        parts: &parts,
        text: filter.search.as_deref(),
        page,
        filter: |query: &mut Query<'_>, branch: &Branch, id_filters: &IdFilters| {
            push_filter(query, filter, id_filters, branch);
        },
    };
    let mut query = select(include, keys);
    list.push(&mut query);
    push_joins(&mut query, include);
    order.push_order(&mut query, page);
    list.fetch(connection, query, are_few, |row| Ok(read(&mut Columns::of(row), include, keys)?)).await
}

/// The exact number; the cost grows with it, and for a text that many workspaces match with the group.
pub async fn enrollment_count(connection: &mut PgConnection, filter: &EnrollmentFilter) -> Outcome<i64> {
    let mut query = Query::new("SELECT (0");
    for part in parts_of(connection, filter).await? {
        for branch in branches(filter, TABLE) {
            query.push(" + (SELECT count(*) FROM core_api.workspace_group_workspaces t");
            if let Some(each) = part.id_filters.driving() {
                query.push(", ");
                each.push_table(&mut query);
            }
            query.push(" WHERE ").push(&*branch.condition);
            push_filter(&mut query, filter, &part.id_filters, &branch);
            part.push_conditions(&mut query, "t", filter.search.as_deref());
            query.push(")");
        }
    }
    query.push(")::bigint");
    fetch_count(connection, query, filter.search.is_some()).await
}

/// These enrollments of one group in the order in which statements lock them. Unknown ids are left out.
pub(in super::super) async fn in_locking_order(
    connection: &mut PgConnection,
    enrollments: &[EnrollmentId],
) -> Outcome<Vec<EnrollmentId>> {
    let mut query = Query::new("SELECT workspace_group_workspace_id FROM ");
    query.push(TABLE).push(" WHERE workspace_group_workspace_id = ANY (").push_bind(enrollments.to_vec());
    query.push(") ORDER BY workspace_pk");
    Ok(query.build_query_scalar().fetch_all(connection).await?)
}

/// The number of live enrollments of each of these groups that has any. The cost grows with the numbers.
pub async fn enrollment_live_counts(
    connection: &mut PgConnection,
    groups: &[GroupId],
) -> Outcome<HashMap<GroupId, i64>> {
    let mut query = Query::new(concat!(
        "SELECT g.workspace_group_id, count(*) FROM core_api.workspace_groups g \
         JOIN core_api.workspace_group_workspaces e ON e.workspace_group_pk = g.pk AND ",
        live!("e"),
        " WHERE g.workspace_group_id = ANY ("
    ));
    query.push_bind(groups.to_vec()).push(") GROUP BY g.workspace_group_id");
    Ok(query.build_query_as().fetch_all(connection).await?.into_iter().collect())
}

/// Those of these workspaces that were enrolled in the group after this moment and removed again.
pub async fn enrollment_removed_after(
    connection: &mut PgConnection,
    group: GroupId,
    workspaces: &[WorkspaceId],
    moment: DateTime<Utc>,
) -> Outcome<HashSet<WorkspaceId>> {
    let mut query = Query::new(concat!(
        "SELECT w.workspace_id FROM core_api.workspaces w \
         JOIN core_api.workspace_group_workspaces e ON e.workspace_pk = w.pk AND ",
        removed!("e"),
        " JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk WHERE w.workspace_id = ANY ("
    ));
    query.push_bind(workspaces.to_vec()).push(") AND g.workspace_group_id = ").push_bind(group);
    query.push(" AND e.created_at > ").push_bind(moment);
    Ok(query.build_query_scalar().fetch_all(connection).await?.into_iter().collect())
}

/// The number of these workspaces that each of these groups contains, for the groups that contain any.
pub async fn enrollment_counts_of(
    connection: &mut PgConnection,
    groups: &[GroupId],
    workspaces: &[WorkspaceId],
) -> Outcome<HashMap<GroupId, i64>> {
    let mut query = Query::new(concat!(
        "SELECT g.workspace_group_id, count(*) FROM core_api.workspaces w \
         JOIN core_api.workspace_group_workspaces e ON e.workspace_pk = w.pk AND ",
        live!("e"),
        " JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk WHERE w.workspace_id = ANY ("
    ));
    query.push_bind(workspaces.to_vec()).push(") AND g.workspace_group_id = ANY (");
    query.push_bind(groups.to_vec()).push(") GROUP BY g.workspace_group_id");
    Ok(query.build_query_as().fetch_all(connection).await?.into_iter().collect())
}

/// The exact numbers; the cost grows with the group. One pass over the group's rows finds the row of each workspace that
/// was live at either moment. Rows of older systems may overlap; then the one with the largest key counts.
pub async fn comparison_counts(
    connection: &mut PgConnection,
    comparison: &Comparison,
) -> Outcome<ComparisonCounts> {
    let query = sqlx::query_as!(
        ComparisonCounts,
        r#"
        SELECT count(*) FILTER (WHERE earlier IS NULL AND later IS NOT NULL) AS "added!",
               count(*) FILTER (WHERE earlier IS NOT NULL AND later IS NULL) AS "removed!",
               count(*) FILTER (WHERE earlier IS NOT NULL AND later IS NOT NULL) AS "unchanged!",
               count(*) FILTER (WHERE earlier <> later) AS "readded!"
        FROM (
            SELECT max(pk) FILTER (WHERE created_at <= $2 AND (deleted_at IS NULL OR deleted_at > $2)) AS earlier,
                   max(pk) FILTER (WHERE created_at <= $3 AND (deleted_at IS NULL OR deleted_at > $3)) AS later
            FROM core_api.workspace_group_workspaces
            WHERE workspace_group_pk = (SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id = $1)
              AND created_at <= $3 AND (deleted_at IS NULL OR deleted_at > $2)
            GROUP BY workspace_pk
        ) workspaces
        "#,
        comparison.group.uuid(),
        comparison.earlier,
        comparison.later,
    );
    Ok(query.fetch_one(connection).await?)
}
