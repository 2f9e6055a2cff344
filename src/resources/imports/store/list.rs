//! The statements that read imports and their lines.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::kernel::id::{EnrollmentId, GroupId, ImportId, WorkspaceId};
use crate::kernel::page::{Page, PageRequest, Start};
use crate::platform::db::keyset::NewestFirst;
use crate::platform::failure::Outcome;
use crate::resources::enrollment_events::model::EventActor;
use crate::resources::imports::model::{Import, ImportCounts, ImportLine, LineKind, line_number_of};
use crate::resources::people::model::joined_person;
use crate::resources::rows::Columns;
use crate::resources::rows::stored_word;

type Query<'a> = QueryBuilder<'a, Postgres>;

pub(super) const IMPORTS: NewestFirst = NewestFirst {
    select: "SELECT i.import_id, g.workspace_group_id, g.name, g.deleted_at IS NOT NULL, p.people_id,
           btrim(p.first_name || ' ' || p.last_name), i.people_name, i.file_name, i.column_name, i.state,
           i.created_at, i.started_at, i.ended_at, i.cancelled_by_name, i.lines, i.done, i.enrolled,
           i.already_in, i.unknown, i.duplicate, i.unreadable, i.group_removed",
    table: "groupdesk.imports",
    alias: "i",
    joins: " JOIN core_api.workspace_groups g ON g.pk = i.workspace_group_pk
    LEFT JOIN core_api.peoples p ON p.pk = i.people_pk",
    condition: "i.state <> 'receiving'",
    time: "i.created_at",
    id: "i.import_id",
};

pub(super) fn read_import(row: &PgRow) -> Outcome<Import> {
    let mut columns = Columns::of(row);
    let columns = &mut columns;
    Ok(Import {
        id: ImportId::new(columns.take()?),
        group: GroupId::new(columns.take()?),
        group_name: columns.take()?,
        group_is_removed: columns.take()?,
        by: {
            let person = joined_person(columns.take()?, columns.take()?);
            let name: Option<String> = columns.take()?;
            match (person, name) {
                (Some(person), _) => EventActor::Person(person),
                (None, Some(name)) => EventActor::FormerPerson(name),
                (None, None) => EventActor::System,
            }
        },
        file_name: columns.take()?,
        column_name: columns.take()?,
        state: stored_word(columns.take()?)?,
        created_at: columns.take()?,
        started_at: columns.take()?,
        ended_at: columns.take()?,
        cancelled_by: columns.take()?,
        counts: read_counts(columns)?,
    })
}

pub(super) fn read_counts(columns: &mut Columns<'_>) -> Outcome<ImportCounts> {
    Ok(ImportCounts {
        lines: columns.take()?,
        done: columns.take()?,
        enrolled: columns.take()?,
        already_in: columns.take()?,
        unknown: columns.take()?,
        duplicate: columns.take()?,
        unreadable: columns.take()?,
        group_removed: columns.take()?,
    })
}

/// `None` also while the list is being received.
pub async fn get(connection: &mut PgConnection, id: ImportId) -> Outcome<Option<Import>> {
    let mut query = IMPORTS.query_where();
    query.push("i.import_id = ").push_bind(id.uuid());
    let row = query.build().fetch_optional(connection).await?;
    row.as_ref().map(read_import).transpose()
}

/// The imports of a group, newest first.
pub async fn list(
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

/// The columns of a line `l` with the tables of [`push_joins`].
pub(super) const COLUMNS: &str = "l.position, l.line_number, l.text, l.fault, l.outcome, l.duplicate_of, \
    w.workspace_id, w.name, e.workspace_group_workspace_id";

pub(super) fn push_joins(query: &mut Query<'_>) {
    query.push(
        " LEFT JOIN core_api.workspaces w ON w.pk = l.workspace_pk
          LEFT JOIN core_api.workspace_group_workspaces e ON e.pk = l.enrollment_pk",
    );
}

/// `None` if no line was joined.
pub(super) fn read_line(columns: &mut Columns<'_>) -> Outcome<Option<ImportLine>> {
    let Some(position) = columns.take::<Option<i32>>()? else { return Ok(None) };
    Ok(Some(ImportLine {
        position,
        line_number: columns.take()?,
        text: columns.take()?,
        fault: columns.take::<Option<&str>>()?.map(stored_word).transpose()?,
        outcome: columns.take::<Option<&str>>()?.map(stored_word).transpose()?,
        duplicate_of: columns.take()?,
        workspace: columns.take::<Option<Uuid>>()?.map(WorkspaceId::new),
        workspace_name: columns.take()?,
        enrollment: columns.take::<Option<Uuid>>()?.map(EnrollmentId::new),
    }))
}

/// The conditions of the partial indexes.
pub(super) const fn condition(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Failed => " AND l.outcome IN ('unknown', 'unreadable', 'group_removed')",
        LineKind::Duplicate => " AND l.outcome = 'duplicate'",
        LineKind::AlreadyIn => " AND l.outcome = 'already_in'",
        LineKind::Enrolled => " AND l.outcome = 'enrolled'",
        // Lines are processed in their order.
        LineKind::NotDone => {
            " AND l.position > (SELECT done FROM groupdesk.imports i WHERE i.pk = l.import_pk)"
        }
    }
}

/// Appends the conditions, the order and the limit of a page of lines.
pub(super) fn push_page(query: &mut Query<'_>, kind: Option<LineKind>, page: &PageRequest) {
    if let Some(kind) = kind {
        query.push(condition(kind));
    }
    match &page.start {
        Start::Beginning => {}
        Start::After(position) => {
            query.push(" AND l.position > ").push_bind(line_number_of(position));
        }
        Start::Before(position) => {
            query.push(" AND l.position < ").push_bind(line_number_of(position));
        }
    }
    push_order(query, page);
    query.push(" LIMIT ").push(page.size + 1);
}

/// Reading order is reversed for a page that is requested by its end.
pub(super) fn push_order(query: &mut Query<'_>, page: &PageRequest) {
    query.push(match page.start {
        Start::Beginning | Start::After(_) => " ORDER BY l.position",
        Start::Before(_) => " ORDER BY l.position DESC",
    });
}

/// The lines of one kind, or of all kinds, in their order.
pub async fn lines(
    connection: &mut PgConnection,
    id: ImportId,
    kind: Option<LineKind>,
    page: &PageRequest,
) -> Outcome<Page<ImportLine>> {
    let mut query = QueryBuilder::new("SELECT ");
    query.push(COLUMNS).push(" FROM (SELECT * FROM groupdesk.import_lines l WHERE l.import_pk = ");
    query.push("(SELECT pk FROM groupdesk.imports WHERE import_id = ").push_bind(id.uuid()).push(")");
    push_page(&mut query, kind, page);
    query.push(") l");
    push_joins(&mut query);
    push_order(&mut query, page);
    let rows = query.build().fetch_all(connection).await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in &rows {
        lines.extend(read_line(&mut Columns::of(row))?);
    }
    Ok(Page::from_lookahead(lines, page))
}
