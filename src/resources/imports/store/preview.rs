//! The outcomes that an import would have, and the lines that an exact list appends.

use sqlx::{PgConnection, QueryBuilder};

use super::list::{COLUMNS, JOINS, condition, push_order, push_page, read_counts, read_line};
use crate::kernel::id::ImportId;
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::version::Version;
use crate::platform::db::soft_delete::{live, removed};
use crate::platform::failure::Outcome;
use crate::resources::imports::model::{ImportCounts, ImportLine, LineKind};
use crate::resources::rows::{Columns, Query};

/// The statements begin with this part and the import's id.
const IMPORT: &str = concat!(
    "WITH import AS (
         SELECT i.pk, i.workspace_group_pk, i.mode, ",
    removed!("g"),
    " AS group_is_removed
         FROM groupdesk.imports i JOIN core_api.workspace_groups g ON g.pk = i.workspace_group_pk
         WHERE i.import_id = "
);

/// `resolved` has the lines of the list with the workspaces that they name. `unlisted` has the workspaces that an exact list
/// removes, after them, in the order in which rows are locked.
const RESOLVED: &str = concat!(
    "
    ), resolved AS MATERIALIZED (
        SELECT l.position, l.line_number, l.text, l.fault, l.action,
               coalesce(by_id.pk, by_external.pk, by_decomposed.pk) AS workspace_pk
        FROM groupdesk.import_lines l
        LEFT JOIN core_api.workspaces by_id
            ON by_id.workspace_id = l.workspace_id AND by_id.deleted_at IS NULL
        LEFT JOIN core_api.workspaces by_external
            ON by_external.external_workspace_id = l.text AND by_external.deleted_at IS NULL AND l.fault IS NULL
        LEFT JOIN core_api.workspaces by_decomposed
            ON by_decomposed.external_workspace_id = groupdesk.decomposed(l.text)
           AND by_decomposed.deleted_at IS NULL AND l.fault IS NULL
        WHERE l.import_pk = (SELECT pk FROM import)
    ), unlisted AS (
        SELECT ((SELECT count(*) FROM resolved) + row_number() OVER (ORDER BY e.workspace_pk))::int AS position,
               coalesce(w.external_workspace_id, w.workspace_id::text) AS text, w.workspace_id, e.workspace_pk,
               e.pk AS enrollment_pk
        FROM import
        JOIN core_api.workspace_group_workspaces e ON e.workspace_group_pk = import.workspace_group_pk AND ",
    live!("e"),
    "
        JOIN core_api.workspaces w ON w.pk = e.workspace_pk
        WHERE import.mode = 'exact'
          AND NOT EXISTS (SELECT 1 FROM resolved r WHERE r.workspace_pk = e.workspace_pk)
    )"
);

/// Follows [`RESOLVED`]. `classified` has the columns of a line that a list reads.
const CLASSIFIED: &str = ", numbered AS (
        SELECT r.*, row_number() OVER same AS nth, first_value(r.line_number) OVER same AS first_line
        FROM resolved r WINDOW same AS (PARTITION BY r.workspace_pk ORDER BY r.position)
    ), classified AS MATERIALIZED (
        SELECT n.position, n.line_number, n.text, n.fault, n.workspace_pk, NULL::int AS enrollment_pk,
               CASE WHEN n.workspace_pk IS NOT NULL AND n.nth > 1 THEN n.first_line END AS duplicate_of,
               CASE WHEN n.fault IS NOT NULL THEN 'unreadable'
                    WHEN n.workspace_pk IS NULL THEN 'unknown'
                    WHEN n.nth > 1 THEN 'duplicate'
                    WHEN n.action = 'remove' AND e.pk IS NOT NULL THEN 'removed'
                    WHEN n.action = 'remove' THEN 'not_in'
                    WHEN import.group_is_removed THEN 'group_removed'
                    WHEN e.pk IS NOT NULL THEN 'already_in'
                    ELSE 'enrolled' END AS outcome
        FROM numbered n
        CROSS JOIN import
        LEFT JOIN core_api.workspace_group_workspaces e
            ON e.workspace_group_pk = import.workspace_group_pk AND e.workspace_pk = n.workspace_pk
           AND e.deleted_at IS NULL
        UNION ALL
        SELECT u.position, 0, u.text, NULL, u.workspace_pk, NULL, NULL, 'removed' FROM unlisted u
    )";

/// Appends a condition: the line is of the first kind that occurs.
fn push_first_kind(query: &mut Query<'_>) {
    query.push(" AND CASE");
    for kind in LineKind::FIRST {
        let condition = condition(kind);
        query.push(" WHEN EXISTS (SELECT 1 FROM classified l WHERE true").push(condition).push(") THEN true");
        query.push(condition);
    }
    query.push(" END");
}

/// The expected counts of an import that would run now, and a page of the lines of one kind; without a kind, of
/// `ImportCounts::first_kind`. A test checks that the statement agrees with `rules::classify_lines` and the changes. The cost
/// grows with the list, and for an exact list with the group.
pub async fn import_preview(
    connection: &mut PgConnection,
    id: ImportId,
    kind: Option<LineKind>,
    page: &PageRequest,
) -> Outcome<(ImportCounts, Page<ImportLine>)> {
    let mut query = QueryBuilder::new(IMPORT);
    query.push_bind(id.uuid()).push(RESOLVED).push(CLASSIFIED);
    query.push(
        ", counts AS (
             SELECT count(*)::int AS lines,
                    (count(*) FILTER (WHERE outcome = 'enrolled'))::int AS enrolled,
                    (count(*) FILTER (WHERE outcome = 'already_in'))::int AS already_in,
                    (count(*) FILTER (WHERE outcome = 'unknown'))::int AS unknown,
                    (count(*) FILTER (WHERE outcome = 'duplicate'))::int AS duplicate,
                    (count(*) FILTER (WHERE outcome = 'unreadable'))::int AS unreadable,
                    (count(*) FILTER (WHERE outcome = 'group_removed'))::int AS group_removed,
                    (count(*) FILTER (WHERE outcome = 'removed'))::int AS removed,
                    (count(*) FILTER (WHERE outcome = 'not_in'))::int AS not_in,
                    (count(*) FILTER (WHERE line_number = 0))::int AS unlisted
             FROM classified
         )
         SELECT c.lines, 0, c.enrolled, c.already_in, c.unknown, c.duplicate, c.unreadable, c.group_removed,
                c.removed, c.not_in, c.unlisted, ",
    );
    query.push(COLUMNS).push(" FROM counts c LEFT JOIN (SELECT * FROM classified l WHERE true");
    if kind.is_none() {
        push_first_kind(&mut query);
    }
    push_page(&mut query, kind, page);
    query.push(") l ON true").push(JOINS);
    push_order(&mut query, page);
    let rows = query.build().fetch_all(connection).await?;
    let mut counts = ImportCounts::default();
    let mut lines = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut columns = Columns::of(row);
        counts = read_counts(&mut columns)?;
        lines.extend(read_line(&mut columns)?);
    }
    Ok((counts, Page::from_lookahead(lines, page)))
}

/// Which enrollments an exact list would remove now.
pub async fn import_unlisted_version(connection: &mut PgConnection, id: ImportId) -> Outcome<Version> {
    let mut query = QueryBuilder::new(IMPORT);
    query
        .push_bind(id.uuid())
        .push(RESOLVED)
        .push(" SELECT md5(string_agg(u.enrollment_pk::text, ',' ORDER BY u.position)) FROM unlisted u");
    let digest: Option<String> = query.build_query_scalar().fetch_one(connection).await?;
    Ok(Version::of([digest.as_deref()]))
}

/// Appends the workspaces that an exact list removes to its lines. Returns how many.
pub async fn append_unlisted(connection: &mut PgConnection, id: ImportId) -> Outcome<i32> {
    let mut query = QueryBuilder::new(IMPORT);
    query.push_bind(id.uuid()).push(RESOLVED).push(
        ", appended AS (
             INSERT INTO groupdesk.import_lines
                 (import_pk, position, line_number, text, workspace_id, action, enrollment_pk)
             SELECT import.pk, u.position, 0, u.text, u.workspace_id, 'remove', u.enrollment_pk
             FROM import CROSS JOIN unlisted u
             RETURNING 1
         )
         UPDATE groupdesk.imports i
         SET lines = i.lines + a.number, unlisted = a.number
         FROM import, (SELECT count(*)::int AS number FROM appended) a
         WHERE i.pk = import.pk
         RETURNING a.number",
    );
    Ok(query.build_query_scalar().fetch_one(connection).await?)
}
