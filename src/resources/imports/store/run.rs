//! The statements of a batch.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::super::model::{Import, ImportCounts};
use super::super::rules::{DoneLine, KnownLine};
use super::list::{IMPORTS, read_import};
use crate::kernel::id::{EnrollmentId, ImportId, WorkspaceId};
use crate::platform::db::statement::{execute, execute_counted};
use crate::platform::failure::Outcome;
use crate::resources::enrollment_events::model::EventActor;
use crate::resources::rows::stored_word;

/// Locks the import `only`, or the one that has waited longest, until the transaction ends. Skips imports that another
/// process has locked or whose owner is being deleted. If this process vanishes without closing its connection, Postgres
/// ends the transaction after ten idle seconds.
pub async fn claim_next(connection: &mut PgConnection, only: Option<ImportId>) -> Outcome<Option<Import>> {
    let mut query = IMPORTS.query_where();
    query.push("i.state IN ('queued', 'running')");
    if let Some(id) = only {
        query.push(" AND i.import_id = ").push_bind(id.uuid());
    }
    query.push(" ORDER BY i.moved_at LIMIT 1 FOR NO KEY UPDATE OF i SKIP LOCKED");
    let Some(row) = query.build().fetch_optional(&mut *connection).await? else { return Ok(None) };
    let import = read_import(&row)?;
    if let EventActor::Person(owner) = &import.by {
        // A concurrent deletion of the person waits for this import; waiting for it would be a deadlock.
        let owner = sqlx::query_scalar!(
            r#"SELECT true AS "locked!" FROM core_api.peoples WHERE people_id = $1 FOR KEY SHARE SKIP LOCKED"#,
            owner.id.uuid(),
        );
        if owner.fetch_optional(&mut *connection).await?.is_none() {
            return Ok(None);
        }
    }
    // A batch gives up on a lock sooner than a request does, because other imports wait behind it.
    sqlx::query!(
        r#"SELECT set_config('idle_in_transaction_session_timeout', '10s', true) AS "idle",
                  set_config('lock_timeout', '1s', true) AS "wait""#,
    )
    .fetch_one(connection)
    .await?;
    Ok(Some(import))
}

/// The lines after this position, with the live workspace that each names. An id takes precedence over an external id
/// that looks like one.
pub async fn next_lines(
    connection: &mut PgConnection,
    id: ImportId,
    after: i32,
    limit: u16,
) -> Outcome<Vec<KnownLine>> {
    let query = sqlx::query!(
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
    );
    let rows = query.fetch_all(connection).await?;
    rows.into_iter()
        .map(|row| {
            Ok(KnownLine {
                position: row.position,
                line_number: row.line_number,
                fault: row.fault.as_deref().map(stored_word).transpose()?,
                workspace: row.workspace.map(WorkspaceId::new),
                named_at: row.named_at,
            })
        })
        .collect()
}

/// Stores outcomes. Returns the number of lines that had none.
pub async fn set_outcomes(connection: &mut PgConnection, id: ImportId, lines: &[DoneLine]) -> Outcome<u64> {
    let positions: Vec<i32> = lines.iter().map(|line| line.position).collect();
    let outcomes: Vec<String> = lines.iter().map(|line| line.outcome.into_str().to_owned()).collect();
    let workspaces: Vec<Option<Uuid>> =
        lines.iter().map(|line| line.workspace.map(WorkspaceId::uuid)).collect();
    let enrollments: Vec<Option<Uuid>> =
        lines.iter().map(|line| line.enrollment.map(EnrollmentId::uuid)).collect();
    let duplicates: Vec<Option<i32>> = lines.iter().map(|line| line.duplicate_of).collect();
    let statement = sqlx::query!(
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
    );
    execute_counted(connection, statement).await
}

/// Stores the counts, and finishes the import after its last line.
pub async fn set_counts(
    connection: &mut PgConnection,
    id: ImportId,
    counts: &ImportCounts,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let statement = sqlx::query!(
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
    );
    execute(connection, statement).await
}

/// Moves the import behind all others that wait.
pub async fn requeue(connection: &mut PgConnection, id: ImportId, now: DateTime<Utc>) -> Outcome<()> {
    let statement = sqlx::query!(
        "UPDATE groupdesk.imports SET moved_at = $2 WHERE import_id = $1 AND state IN ('queued', 'running')",
        id.uuid(),
        now,
    );
    execute(connection, statement).await
}
