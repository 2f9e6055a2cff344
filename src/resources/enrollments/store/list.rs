//! Reading enrollments: one, a page, how many.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::super::model::{
    Enrollment, EnrollmentFilter, EnrollmentInclude, EnrollmentSort, EnrollmentSortKey,
    EnrollmentWithRelated, Liveness, PairAt, newest_first,
};
use crate::kernel::id::{EnrollmentId, GroupId, PersonId, WorkspaceId};
use crate::kernel::page::{Page, PageRequest, Status};
use crate::platform::db::id_filters::{ByIds, IdFilters};
use crate::platform::db::keyset::{Arm, ArmKey, Last, Order, SortKey, Source};
use crate::platform::db::push_range;
use crate::platform::failure::Outcome;
use crate::resources::people::model::ByPerson;
use crate::resources::rows::{
    Columns, group_columns, person_columns, read_group, read_person, read_workspace, workspace_columns,
};

type Query<'a> = QueryBuilder<'a, Postgres>;

/// The columns of one row with what it relates to; ids always, the rest where asked for.
fn push_columns(query: &mut Query<'_>, include: EnrollmentInclude) {
    query.push(
        "SELECT e.workspace_group_workspace_id, g.workspace_group_id, w.workspace_id, p.people_id, \
         e.created_at, e.updated_at, e.deleted_at",
    );
    if include.group {
        query.push(", ").push(group_columns("g", "gp"));
    }
    if include.group_created_by {
        query.push(", ").push(person_columns("gp"));
    }
    if include.workspace {
        query.push(", ").push(workspace_columns("w"));
    }
    if include.created_by {
        query.push(", ").push(person_columns("p"));
    }
}

fn push_joins(query: &mut Query<'_>, include: EnrollmentInclude) {
    query.push(
        " JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk \
          JOIN core_api.workspaces w ON w.pk = e.workspace_pk \
          LEFT JOIN core_api.peoples p ON p.pk = e.created_by_pk",
    );
    if include.group {
        query.push(" LEFT JOIN core_api.peoples gp ON gp.pk = g.created_by_pk");
    }
}

fn read(row: &PgRow, include: EnrollmentInclude) -> Result<EnrollmentWithRelated, sqlx::Error> {
    let mut columns = Columns::of(row);
    let enrollment = Enrollment {
        id: EnrollmentId::new(columns.take()?),
        group: GroupId::new(columns.take()?),
        workspace: WorkspaceId::new(columns.take()?),
        created_by: columns.take::<Option<Uuid>>()?.map(PersonId::new),
        created_at: columns.take()?,
        updated_at: columns.take()?,
        deleted_at: columns.take()?,
    };
    Ok(EnrollmentWithRelated {
        enrollment,
        group: if include.group { Some(read_group(&mut columns)?) } else { None },
        group_created_by: if include.group_created_by { read_person(&mut columns)? } else { None },
        workspace: if include.workspace { Some(read_workspace(&mut columns)?) } else { None },
        created_by: if include.created_by { read_person(&mut columns)? } else { None },
    })
}

pub(in super::super) async fn get(
    connection: &mut PgConnection,
    id: EnrollmentId,
    include: EnrollmentInclude,
) -> Outcome<Option<EnrollmentWithRelated>> {
    let mut query = QueryBuilder::new("");
    push_columns(&mut query, include);
    query.push(" FROM core_api.workspace_group_workspaces e");
    push_joins(&mut query, include);
    query.push(" WHERE e.workspace_group_workspace_id = ").push_bind(id.uuid());
    let row = query.build().fetch_optional(connection).await?;
    Ok(row.map(|row| read(&row, include)).transpose()?)
}

/// In no order; one that is not there is left out.
pub(in super::super) async fn get_many(
    connection: &mut PgConnection,
    ids: &[EnrollmentId],
    include: EnrollmentInclude,
) -> Outcome<Vec<EnrollmentWithRelated>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let mut query = QueryBuilder::new("");
    push_columns(&mut query, include);
    query.push(" FROM core_api.workspace_group_workspaces e");
    push_joins(&mut query, include);
    query.push(" WHERE e.workspace_group_workspace_id = ANY(").push_bind(ids).push(")");
    let rows = query.build().fetch_all(connection).await?;
    Ok(rows.iter().map(|row| read(row, include)).collect::<Result<_, _>>()?)
}

const LIVE: &str = "e.deleted_at IS NULL";
const REMOVED: &str = "e.deleted_at IS NOT NULL";

/// Null on rows of older systems, which the index has as infinite too.
const UPDATED_AT: &str = "coalesce(e.updated_at, 'infinity'::timestamptz)";

fn order(sort: &EnrollmentSort) -> Order {
    let key = |&(key, descending): &(EnrollmentSortKey, bool)| SortKey {
        expression: match key {
            EnrollmentSortKey::CreatedAt => "e.created_at",
            EnrollmentSortKey::UpdatedAt => UPDATED_AT,
            EnrollmentSortKey::DeletedAt => "coalesce(e.deleted_at, 'infinity'::timestamptz)",
        },
        descending,
        folded: false,
    };
    Order { keys: sort.0.iter().map(key).collect(), last: Last::Id("e.workspace_group_workspace_id") }
}

/// Live rows and removed rows, each where the filter may have any.
fn arms(filter: &EnrollmentFilter, sort: &EnrollmentSort) -> Vec<Arm> {
    let (has_live, has_removed) = match filter.liveness {
        Liveness::Now(Status::Live) => (true, false),
        Liveness::Now(Status::Removed) => (false, true),
        Liveness::Now(Status::Any) | Liveness::AsOf(_) => (true, true),
    };
    let keys = |deleted_at: ArmKey| -> Vec<ArmKey> {
        let key = |&(key, _): &(EnrollmentSortKey, bool)| match key {
            EnrollmentSortKey::CreatedAt => ArmKey::Indexed("e.created_at"),
            EnrollmentSortKey::UpdatedAt => ArmKey::Indexed(UPDATED_AT),
            EnrollmentSortKey::DeletedAt => deleted_at,
        };
        sort.0.iter().map(key).collect()
    };
    // Where a group or a workspace is named too, its index leads.
    let has_place = !filter.groups.is_empty() || !filter.workspaces.is_empty();
    let lead = match filter.created_by {
        Some(ByPerson::Nobody) if !has_place => Some("e.created_by_pk"),
        Some(ByPerson::Nobody | ByPerson::OneOf(_)) | None => None,
    };
    let mut arms = Vec::with_capacity(2);
    // A row that was never removed is in no range of removals.
    if has_live && filter.deleted_at.is_open() {
        arms.push(Arm { condition: LIVE.into(), keys: keys(ArmKey::Null), lead });
    }
    if has_removed {
        let keys = keys(ArmKey::Indexed("e.deleted_at"));
        arms.push(Arm { condition: REMOVED.into(), keys, lead });
    }
    arms
}

fn by_ids(filter: &EnrollmentFilter) -> IdFilters {
    let people = filter.created_by.as_ref().map_or(&[][..], ByPerson::people);
    IdFilters::new([
        ByIds {
            column: "e.workspace_group_pk",
            alias: "sg",
            lookup: "core_api.workspace_groups WHERE workspace_group_id",
            is_narrow: false,
            wanted: filter.groups.iter().map(|id| id.uuid()).collect(),
        },
        ByIds {
            column: "e.workspace_pk",
            alias: "sw",
            lookup: "core_api.workspaces WHERE workspace_id",
            is_narrow: true,
            wanted: filter.workspaces.iter().map(|id| id.uuid()).collect(),
        },
        ByIds {
            column: "e.created_by_pk",
            alias: "sp",
            lookup: "core_api.peoples WHERE people_id",
            is_narrow: false,
            wanted: people.iter().map(|id| id.uuid()).collect(),
        },
    ])
}

/// The one meaning of a filter, for pages and counts, but for live and removed, which are arms. Ids
/// are looked up first and compared by key: joining their tables would make Postgres read a whole
/// group to find a page of it.
fn push_filter(query: &mut Query<'_>, filter: &EnrollmentFilter, by_ids: &IdFilters) {
    by_ids.push_conditions(query);
    if filter.created_by == Some(ByPerson::Nobody) {
        query.push(" AND e.created_by_pk IS NULL");
    }
    push_range(query, "e.created_at", filter.created_at);
    push_range(query, UPDATED_AT, filter.updated_at);
    if filter.updated_at.from.is_some() && filter.updated_at.before.is_none() {
        query.push(" AND ").push(UPDATED_AT).push(" < 'infinity'");
    }
    push_range(query, "e.deleted_at", filter.deleted_at);
    if let Liveness::AsOf(moment) = filter.liveness {
        query.push(" AND e.created_at <= ").push_bind(moment);
    }
    if let Some(pair) = filter.pair_at {
        push_pair_at(query, pair);
    }
}

/// Looked up for each row that is otherwise wanted. As a scalar and not by `EXISTS`, which Postgres may
/// turn into a join or a hash of the whole table; then the order of the index is lost.
fn push_pair_at(query: &mut Query<'_>, PairAt { moment, was_in }: PairAt) {
    query.push(
        " AND (SELECT true FROM core_api.workspace_group_workspaces o \
          WHERE o.workspace_group_pk = e.workspace_group_pk AND o.workspace_pk = e.workspace_pk AND o.created_at <= ",
    );
    query.push_bind(moment).push(" AND (o.deleted_at IS NULL OR o.deleted_at > ").push_bind(moment);
    query.push(if was_in { ") LIMIT 1) IS NOT NULL" } else { ") LIMIT 1) IS NULL" });
}

/// Of rows that were removed, those that still were live then. It stands apart from the rest of the
/// filter, because on the arm of live rows it says nothing, and an `OR` would keep an index from use.
fn push_removed_after(query: &mut Query<'_>, filter: &EnrollmentFilter) {
    if let Liveness::AsOf(moment) = filter.liveness {
        query.push(" AND e.deleted_at > ").push_bind(moment);
    }
}

pub(in super::super) async fn list(
    connection: &mut PgConnection,
    filter: &EnrollmentFilter,
    sort: &EnrollmentSort,
    page: &PageRequest,
    include: EnrollmentInclude,
) -> Outcome<Page<EnrollmentWithRelated>> {
    let (order, by_ids) = (order(sort), by_ids(filter));
    let source = Source {
        table: "core_api.workspace_group_workspaces",
        alias: "e",
        arms: &arms(filter, sort),
        by_ids: &by_ids,
    };
    let mut query = QueryBuilder::new("");
    push_columns(&mut query, include);
    // The page first, then what its few rows relate to.
    query.push(" FROM ");
    order.push_page(&mut query, &source, page, |query, arm| {
        push_filter(query, filter, &by_ids);
        if arm.condition == REMOVED {
            push_removed_after(query, filter);
        }
    });
    query.push(" e");
    push_joins(&mut query, include);
    order.push_order(&mut query, page);
    let rows = query.build().fetch_all(connection).await?;
    let rows = rows.iter().map(|row| read(row, include)).collect::<Result<_, _>>()?;
    Ok(Page::from_lookahead(rows, page))
}

pub(in super::super) async fn count(
    connection: &mut PgConnection,
    filter: &EnrollmentFilter,
) -> Outcome<i64> {
    let by_ids = by_ids(filter);
    let mut query = QueryBuilder::new("SELECT (0");
    for arm in arms(filter, &newest_first()) {
        query.push(" + (SELECT count(*) FROM core_api.workspace_group_workspaces e");
        if let Some(each) = by_ids.each() {
            query.push(", ");
            each.push_table(&mut query);
        }
        query.push(" WHERE ").push(&*arm.condition);
        push_filter(&mut query, filter, &by_ids);
        if arm.condition == REMOVED {
            push_removed_after(&mut query, filter);
        }
        query.push(")");
    }
    query.push(")::bigint");
    Ok(query.build_query_scalar().fetch_one(connection).await?)
}
