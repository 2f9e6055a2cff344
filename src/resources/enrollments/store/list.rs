//! Reads enrollments: table `t`, as in `soft_delete`, group `g`, workspace `w`, creator `p`, creator of the group `gp`.

use sqlx::PgConnection;

use crate::kernel::id::EnrollmentId;
use crate::kernel::page::{Page, PageRequest, Status};
use crate::kernel::problem::Problem;
use crate::platform::db::id_filters::IdFilters;
use crate::platform::db::keyset::{Branch, Last, Source};
use crate::platform::db::{push_range, soft_delete};
use crate::platform::failure::Outcome;
use crate::resources::enrollments::model::comparison::{Comparison, ComparisonCounts};
use crate::resources::enrollments::model::{
    EnrollmentFilter, EnrollmentInclude, EnrollmentSort, EnrollmentWithRelated, Liveness, PairAt,
};
use crate::resources::people::model::ByPerson;
use crate::resources::rows::{
    Columns, Query, Read, by_groups, by_people, by_workspaces, enrollment_columns, fetch_page, group_columns,
    live, person_columns, push_included, read_enrollment, read_group, read_person, read_workspace, removed,
    workspace_columns,
};

const TABLE: &str = "core_api.workspace_group_workspaces";

/// Rows of older systems have no `updated_at`. They are infinite in the index and in no range.
const UPDATED_AT: &str = "coalesce(t.updated_at, 'infinity'::timestamptz)";

/// Enrollments of one time are in the order in which they were written.
const LAST: Last = Last::Written {
    key: "t.pk",
    by_id: "SELECT pk FROM core_api.workspace_group_workspaces WHERE workspace_group_workspace_id =",
    partitioned_by: None,
};

fn select(include: EnrollmentInclude) -> Query<'static> {
    let mut query = Query::new("SELECT ");
    query.push(enrollment_columns("t", "g", "w", "p"));
    let related = [
        (include.group, group_columns("g", "gp")),
        (include.group_created_by, person_columns("gp")),
        (include.workspace, workspace_columns("w")),
        (include.created_by, person_columns("p")),
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

fn read(columns: &mut Columns<'_>, include: EnrollmentInclude) -> Read<EnrollmentWithRelated> {
    Ok(EnrollmentWithRelated {
        enrollment: read_enrollment(columns)?,
        group: if include.group { Some(read_group(columns)?) } else { None },
        group_created_by: if include.group_created_by { read_person(columns)? } else { None },
        workspace: if include.workspace { Some(read_workspace(columns)?) } else { None },
        created_by: if include.created_by { read_person(columns)? } else { None },
    })
}

/// Live and removed enrollments in no order. Ids that do not exist are left out.
pub(in super::super) async fn get_many(
    connection: &mut PgConnection,
    ids: &[EnrollmentId],
    include: EnrollmentInclude,
) -> Outcome<Vec<EnrollmentWithRelated>> {
    let mut query = select(include);
    query.push(TABLE);
    push_joins(&mut query, include);
    query.push(" WHERE t.workspace_group_workspace_id = ANY(").push_bind(ids.to_vec()).push(")");
    let rows = query.build().fetch_all(connection).await?;
    Ok(rows.iter().map(|row| read(&mut Columns::of(row), include)).collect::<Result<_, _>>()?)
}

/// A live or removed enrollment, or `EnrollmentNotFound`.
pub async fn enrollment_get(
    connection: &mut PgConnection,
    id: EnrollmentId,
    include: EnrollmentInclude,
) -> Outcome<EnrollmentWithRelated> {
    get_many(connection, &[id], include).await?.pop().ok_or_else(|| Problem::EnrollmentNotFound(id).into())
}

fn branches(filter: &EnrollmentFilter) -> Vec<Branch> {
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
    branches
}

fn is_removed(branch: &Branch) -> bool {
    branch.condition == soft_delete::condition(Status::Removed)
}

fn id_filters(filter: &EnrollmentFilter) -> IdFilters {
    IdFilters::new([
        by_groups("t.workspace_group_pk", &filter.groups),
        by_workspaces("t.workspace_pk", &filter.workspaces),
        by_people("t.created_by_pk", filter.created_by.as_ref()),
    ])
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
    let (order, id_filters) = (soft_delete::order(sort, LAST), id_filters(filter));
    let source = Source { table: TABLE, alias: "t", branches: &branches(filter), id_filters: &id_filters };
    let mut query = select(include);
    order.push_page(&mut query, &source, page, |query, branch| {
        push_filter(query, filter, &id_filters, branch);
    });
    push_joins(&mut query, include);
    order.push_order(&mut query, page);
    fetch_page(connection, query, false, page, |columns| read(columns, include)).await
}

/// The exact number; the cost grows with it.
pub async fn enrollment_count(connection: &mut PgConnection, filter: &EnrollmentFilter) -> Outcome<i64> {
    let id_filters = id_filters(filter);
    let mut query = Query::new("SELECT (0");
    for branch in branches(filter) {
        query.push(" + (SELECT count(*) FROM core_api.workspace_group_workspaces t");
        if let Some(each) = id_filters.driving() {
            query.push(", ");
            each.push_table(&mut query);
        }
        query.push(" WHERE ").push(&*branch.condition);
        push_filter(&mut query, filter, &id_filters, &branch);
        query.push(")");
    }
    query.push(")::bigint");
    Ok(query.build_query_scalar().fetch_one(connection).await?)
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
