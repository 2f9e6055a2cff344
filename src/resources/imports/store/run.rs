//! The statements of a batch.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::super::rules::{DoneLine, KnownLine};
use crate::kernel::id::{EnrollmentId, GroupId, ImportId, WorkspaceId};
use crate::platform::failure::Outcome;
use crate::resources::imports::model::{ClaimedImport, ImportCounts, ImportOwner};

/// The import that has waited longest, or this one; held until the transaction ends. One that somebody
/// else holds is passed over, as is one whose person is being deleted. Should this process vanish without its
/// connection being closed, Postgres ends the transaction after ten idle seconds.
pub(in super::super) async fn claim_next(
    connection: &mut PgConnection,
    only: Option<ImportId>,
) -> Outcome<Option<ClaimedImport>> {
    let row = sqlx::query!(
        r#"
        SELECT i.import_id AS id, g.workspace_group_id AS "group", i.people_name, p.people_id AS "person?",
               btrim(p.first_name || ' ' || p.last_name) AS "name?", i.lines, i.done, i.enrolled, i.already_in,
               i.unknown, i.duplicate, i.unreadable, i.group_removed
        FROM groupdesk.imports i
        JOIN core_api.workspace_groups g ON g.pk = i.workspace_group_pk
        LEFT JOIN core_api.peoples p ON p.pk = i.people_pk
        WHERE i.state IN ('queued', 'running') AND ($1::uuid IS NULL OR i.import_id = $1)
        ORDER BY i.moved_at
        LIMIT 1
        FOR NO KEY UPDATE OF i SKIP LOCKED
        "#,
        only.map(ImportId::uuid),
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    if let Some(person) = row.person {
        // Who is being deleted at this moment waits for what is held here; waiting for them in turn would
        // be a circle.
        let person = sqlx::query_scalar!(
            r#"SELECT true AS "held!" FROM core_api.peoples WHERE people_id = $1 FOR KEY SHARE SKIP LOCKED"#,
            person,
        );
        if person.fetch_optional(&mut *connection).await?.is_none() {
            return Ok(None);
        }
    }
    // A batch that others are in the way of is put off sooner than a request would be: other imports wait
    // behind it.
    sqlx::query!(
        r#"SELECT set_config('idle_in_transaction_session_timeout', '10s', true) AS "idle",
                  set_config('lock_timeout', '1s', true) AS "wait""#,
    )
    .fetch_one(connection)
    .await?;
    let starter = match (super::person(row.person, row.name), row.people_name) {
        (Some(person), _) => ImportOwner::Person(person),
        (None, Some(_)) => ImportOwner::Gone,
        (None, None) => ImportOwner::System,
    };
    let counts = ImportCounts {
        lines: row.lines,
        done: row.done,
        enrolled: row.enrolled,
        already_in: row.already_in,
        unknown: row.unknown,
        duplicate: row.duplicate,
        unreadable: row.unreadable,
        group_removed: row.group_removed,
    };
    Ok(Some(ClaimedImport { id: ImportId::new(row.id), group: GroupId::new(row.group), counts, starter }))
}

/// The next lines after this position, with the workspace that each names now. An id wins over an
/// external id that looks like one.
pub(in super::super) async fn next_lines(
    connection: &mut PgConnection,
    id: ImportId,
    after: i32,
    limit: u16,
) -> Outcome<Vec<KnownLine>> {
    let rows = sqlx::query!(
        r#"
        SELECT l.position, l.line_number, l.fault,
               coalesce(by_id.workspace_id, by_external.workspace_id, by_decomposed.workspace_id) AS "workspace?",
               (SELECT first.line_number FROM groupdesk.import_lines first
                WHERE first.import_pk = l.import_pk
                  AND first.workspace_pk = coalesce(by_id.pk, by_external.pk, by_decomposed.pk)
                ORDER BY first.position LIMIT 1) AS "named_at?"
        FROM groupdesk.import_lines l
        LEFT JOIN core_api.workspaces by_id
            ON by_id.workspace_id = l.workspace_id AND by_id.deleted_at IS NULL
        LEFT JOIN core_api.workspaces by_external
            ON by_external.external_workspace_id = l.text AND by_external.deleted_at IS NULL
        LEFT JOIN core_api.workspaces by_decomposed
            ON by_decomposed.external_workspace_id = groupdesk.decomposed(l.text)
           AND by_decomposed.deleted_at IS NULL
        WHERE l.import_pk = (SELECT pk FROM groupdesk.imports WHERE import_id = $1) AND l.position > $2
        ORDER BY l.position
        LIMIT $3
        "#,
        id.uuid(),
        after,
        i64::from(limit),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(KnownLine {
                position: row.position,
                line_number: row.line_number,
                fault: super::fault(row.fault.as_deref())?,
                workspace: row.workspace.map(WorkspaceId::new),
                named_at: row.named_at,
            })
        })
        .collect()
}

/// Keeps what lines came to. How many were there.
pub(in super::super) async fn set_outcomes(
    connection: &mut PgConnection,
    id: ImportId,
    lines: &[DoneLine],
) -> Outcome<u64> {
    let positions: Vec<i32> = lines.iter().map(|line| line.position).collect();
    let outcomes: Vec<String> = lines.iter().map(|line| line.outcome.word().to_owned()).collect();
    let workspaces: Vec<Option<Uuid>> =
        lines.iter().map(|line| line.workspace.map(WorkspaceId::uuid)).collect();
    let enrollments: Vec<Option<Uuid>> =
        lines.iter().map(|line| line.enrollment.map(EnrollmentId::uuid)).collect();
    let duplicates: Vec<Option<i32>> = lines.iter().map(|line| line.duplicate_of).collect();
    let done = sqlx::query!(
        "UPDATE groupdesk.import_lines l
         SET outcome = d.outcome, workspace_pk = w.pk, enrollment_pk = e.pk, duplicate_of = d.duplicate_of
         FROM unnest($2::int[], $3::text[], $4::uuid[], $5::uuid[], $6::int[])
             AS d (position, outcome, workspace, enrollment, duplicate_of)
         LEFT JOIN core_api.workspaces w ON w.workspace_id = d.workspace
         LEFT JOIN core_api.workspace_group_workspaces e ON e.workspace_group_workspace_id = d.enrollment
         WHERE l.import_pk = (SELECT pk FROM groupdesk.imports WHERE import_id = $1)
           AND l.position = d.position AND l.outcome IS NULL",
        id.uuid(),
        &positions,
        &outcomes,
        &workspaces as &[Option<Uuid>],
        &enrollments as &[Option<Uuid>],
        &duplicates as &[Option<i32>],
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Goes on, or ends where all lines are done.
pub(in super::super) async fn set_counts(
    connection: &mut PgConnection,
    id: ImportId,
    counts: &ImportCounts,
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query!(
        "UPDATE groupdesk.imports
         SET state = CASE WHEN $2 = lines THEN 'finished' ELSE 'running' END,
             ended_at = CASE WHEN $2 = lines THEN $9::timestamptz END,
             moved_at = $9, done = $2, enrolled = $3, already_in = $4, unknown = $5, duplicate = $6,
             unreadable = $7, group_removed = $8
         WHERE import_id = $1",
        id.uuid(),
        counts.done,
        counts.enrolled,
        counts.already_in,
        counts.unknown,
        counts.duplicate,
        counts.unreadable,
        counts.group_removed,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(in super::super) async fn requeue(
    connection: &mut PgConnection,
    id: ImportId,
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query!(
        "UPDATE groupdesk.imports SET moved_at = $2 WHERE import_id = $1 AND state IN ('queued', 'running')",
        id.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
