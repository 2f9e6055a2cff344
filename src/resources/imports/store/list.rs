//! The statements that read imports and their lines.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, QueryBuilder};

use crate::kernel::id::{GroupId, ImportId};
use crate::kernel::page::{Page, PageRequest, Start};
use crate::kernel::problem::Problem;
use crate::platform::db::keyset::NewestFirst;
use crate::platform::failure::Outcome;
use crate::resources::enrollment_events::model::EventActor;
use crate::resources::imports::model::{Import, ImportCounts, ImportLine, LineKind, line_number_of};
use crate::resources::people::model::joined_person;
use crate::resources::rows::{Columns, Query, Read, person_name, read_note, removed};

pub const IMPORTS: NewestFirst = NewestFirst {
    select: concat!(
        "SELECT i.import_id, g.workspace_group_id, g.name, ",
        removed!("g"),
        ", p.people_id,
           ",
        person_name!("p"),
        ", i.people_name, i.file_name, i.column_name, i.mode, i.state,
           i.created_at, i.started_at, i.ended_at, i.cancelled_by_name, i.lines, i.done, i.enrolled,
           i.already_in, i.unknown, i.duplicate, i.unreadable, i.group_removed, i.removed, i.not_in,
           i.unlisted, i.reason, i.reference"
    ),
    table: "groupdesk.imports",
    alias: "i",
    joins: " JOIN core_api.workspace_groups g ON g.pk = i.workspace_group_pk
    LEFT JOIN core_api.peoples p ON p.pk = i.people_pk",
    condition: "i.state <> 'receiving'",
    time: "i.created_at",
    id: "i.import_id",
};

pub fn read_import(row: &PgRow) -> Outcome<Import> {
    let mut columns = Columns::of(row);
    let columns = &mut columns;
    Ok(Import {
        id: columns.take()?,
        group: columns.take()?,
        group_name: columns.take()?,
        group_is_removed: columns.take()?,
        by: match (joined_person(columns.take()?, columns.take()?), columns.take()?) {
            (Some(person), _) => EventActor::Person(person),
            (None, Some(name)) => EventActor::FormerPerson(name),
            (None, None) => EventActor::System,
        },
        file_name: columns.take()?,
        column_name: columns.take()?,
        mode: columns.take()?,
        state: columns.take()?,
        created_at: columns.take()?,
        started_at: columns.take()?,
        ended_at: columns.take()?,
        cancelled_by: columns.take()?,
        counts: read_counts(columns)?,
        note: read_note(columns)?,
    })
}

pub(super) fn read_counts(columns: &mut Columns<'_>) -> Read<ImportCounts> {
    Ok(ImportCounts {
        lines: columns.take()?,
        done: columns.take()?,
        enrolled: columns.take()?,
        already_in: columns.take()?,
        unknown: columns.take()?,
        duplicate: columns.take()?,
        unreadable: columns.take()?,
        group_removed: columns.take()?,
        removed: columns.take()?,
        not_in: columns.take()?,
        unlisted: columns.take()?,
    })
}

/// Fails with `ImportNotFound`, also while the list is being received.
pub async fn import_get(connection: &mut PgConnection, id: ImportId) -> Outcome<Import> {
    IMPORTS.find(connection, id.uuid(), read_import).await?.ok_or_else(|| Problem::ImportNotFound(id).into())
}

/// [`import_get`], and locks the row against other changes, after the current batch.
pub async fn import_lock_for_no_key_update(connection: &mut PgConnection, id: ImportId) -> Outcome<Import> {
    let mut query = IMPORTS.query_where();
    query.push("i.import_id = ").push_bind(id.uuid()).push(" FOR NO KEY UPDATE OF i");
    read_import(&query.build().fetch_optional(connection).await?.ok_or(Problem::ImportNotFound(id))?)
}

pub async fn import_list(
    connection: &mut PgConnection,
    group: GroupId,
    page: &PageRequest,
) -> Outcome<Page<Import>> {
    let of_group = |query: &mut Query<'_>| {
        query.push(" AND i.workspace_group_pk = (SELECT pk FROM core_api.workspace_groups");
        query.push(" WHERE workspace_group_id = ").push_bind(group.uuid()).push(")");
    };
    IMPORTS.page(connection, page, of_group, read_import).await
}

/// The columns of a line `l` with the tables of [`JOINS`].
pub(super) const COLUMNS: &str = "l.position, l.line_number, l.text, l.fault, l.outcome, l.duplicate_of, \
    w.workspace_id, w.name, e.workspace_group_workspace_id";

pub(super) const JOINS: &str = " LEFT JOIN core_api.workspaces w ON w.pk = l.workspace_pk
    LEFT JOIN core_api.workspace_group_workspaces e ON e.pk = l.enrollment_pk";

pub(super) fn read_line(columns: &mut Columns<'_>) -> Read<Option<ImportLine>> {
    let Some(position) = columns.take::<Option<i32>>()? else { return Ok(None) };
    Ok(Some(ImportLine {
        position,
        line_number: columns.take()?,
        text: columns.take()?,
        fault: columns.take()?,
        outcome: columns.take()?,
        duplicate_of: columns.take()?,
        workspace: columns.take()?,
        workspace_name: columns.take()?,
        enrollment: columns.take()?,
    }))
}

/// These are the conditions of the partial indexes.
pub(super) const fn condition(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Failed => " AND l.outcome IN ('unknown', 'unreadable', 'group_removed')",
        LineKind::Duplicate => " AND l.outcome = 'duplicate'",
        LineKind::AlreadyIn => " AND l.outcome = 'already_in'",
        LineKind::Enrolled => " AND l.outcome = 'enrolled'",
        LineKind::Removed => " AND l.outcome = 'removed'",
        LineKind::NotIn => " AND l.outcome = 'not_in'",
        // Lines are processed in their order.
        LineKind::NotDone => {
            " AND l.position > (SELECT done FROM groupdesk.imports i WHERE i.pk = l.import_pk)"
        }
    }
}

pub(super) fn push_page(query: &mut Query<'_>, kind: Option<LineKind>, page: &PageRequest) {
    if let Some(kind) = kind {
        query.push(condition(kind));
    }
    if let Start::After(position) | Start::Before(position) = &page.start {
        query.push(if is_reversed(page) { " AND l.position < " } else { " AND l.position > " });
        query.push_bind(line_number_of(position));
    }
    push_order(query, page);
    query.push(" LIMIT ").push(page.size + 1);
}

/// Reading order is reversed for a page that is requested by its end.
const fn is_reversed(page: &PageRequest) -> bool {
    matches!(page.start, Start::Before(_))
}

pub(super) fn push_order(query: &mut Query<'_>, page: &PageRequest) {
    query.push(if is_reversed(page) { " ORDER BY l.position DESC" } else { " ORDER BY l.position" });
}

pub async fn import_lines(
    connection: &mut PgConnection,
    id: ImportId,
    kind: Option<LineKind>,
    page: &PageRequest,
) -> Outcome<Page<ImportLine>> {
    let mut query = QueryBuilder::new("SELECT ");
    query.push(COLUMNS).push(" FROM (SELECT * FROM groupdesk.import_lines l WHERE l.import_pk = ");
    query.push("(SELECT pk FROM groupdesk.imports WHERE import_id = ").push_bind(id.uuid()).push(")");
    push_page(&mut query, kind, page);
    query.push(") l").push(JOINS);
    push_order(&mut query, page);
    let rows = query.build().fetch_all(connection).await?;
    let lines = rows.iter().filter_map(|row| read_line(&mut Columns::of(row)).transpose());
    Ok(Page::from_lookahead(lines.collect::<Read<_>>()?, page))
}
