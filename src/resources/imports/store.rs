//! The statements that change `groupdesk.imports` and `groupdesk.import_lines`. Those that read them are in `store/list.rs`, and
//! those for previews in `store/preview.rs`.

pub mod list;
pub mod preview;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use self::list::{IMPORTS, read_import};
use super::model::{Import, ImportCounts, ImportMode, LineAction, LineFault, NewLine};
use super::ops::PlannedChanges;
use super::rules::{DoneLine, KnownLine};
use crate::kernel::actor::{ChangeNote, PersonRef};
use crate::kernel::id::{EnrollmentId, GroupId, ImportId, WorkspaceId};
use crate::platform::call::Call;
use crate::platform::db::statement::{execute, execute_counted};
use crate::platform::failure::{Failure, Outcome};
use crate::resources::enrollment_events::model::EventActor;

/// After this time, an unfinished list was interrupted.
const RECEIVING_FOR: TimeDelta = TimeDelta::hours(1);
/// How long a prepared import waits to be started.
const PREPARED_FOR: TimeDelta = TimeDelta::days(7);

/// `None` if there is no such live group.
pub async fn insert(
    connection: &mut PgConnection,
    group: GroupId,
    (file_name, mode): (Option<&str>, ImportMode),
    person: Option<&PersonRef>,
    now: DateTime<Utc>,
) -> Outcome<Option<ImportId>> {
    let query = sqlx::query_scalar!(
        r#"INSERT INTO groupdesk.imports
             (workspace_group_pk, people_pk, people_name, file_name, mode, state, created_at)
         SELECT g.pk, (SELECT pk FROM core_api.peoples WHERE people_id = $2), $3, $4, $6, 'receiving', $5
         FROM core_api.workspace_groups g
         WHERE g.workspace_group_id = $1 AND g.deleted_at IS NULL
         RETURNING import_id AS "id: ImportId""#,
        group.uuid(),
        person.map(|person| person.id.uuid()),
        person.map(|person| person.name.as_str()),
        file_name,
        now,
        mode.into_str(),
    );
    Ok(query.fetch_optional(connection).await?)
}

/// Inserts a queued import, with the id of the call's change set, whose lines are first the removals and then the enrollments.
/// Returns false if there is no such group.
pub async fn insert_planned<P>(
    connection: &mut PgConnection,
    call: &Call<P>,
    changes: &PlannedChanges<'_>,
) -> Outcome<bool> {
    let person = call.actor.person.as_ref();
    let statement = sqlx::query!(
        "WITH import AS (
             INSERT INTO groupdesk.imports
                 (import_id, workspace_group_pk, people_pk, people_name, mode, state, created_at, started_at, moved_at,
                  lines, reason, reference)
             SELECT $1, g.pk, (SELECT pk FROM core_api.peoples WHERE people_id = $3), $4, $5, 'queued', $6, $6, $6,
                    cardinality($7::uuid[]) + cardinality($8::uuid[]), $9, $10
             FROM core_api.workspace_groups g WHERE g.workspace_group_id = $2
             RETURNING pk
         ), planned AS (
             SELECT r.nth, 'remove' AS action, e.workspace_pk, e.pk AS enrollment_pk
             FROM unnest($7::uuid[]) WITH ORDINALITY AS r (id, nth)
             JOIN core_api.workspace_group_workspaces e ON e.workspace_group_workspace_id = r.id
             UNION ALL
             SELECT cardinality($7::uuid[]) + n.nth, 'enroll', w.pk, NULL
             FROM unnest($8::uuid[]) WITH ORDINALITY AS n (id, nth)
             JOIN core_api.workspaces w ON w.workspace_id = n.id
         )
         INSERT INTO groupdesk.import_lines
             (import_pk, position, line_number, text, workspace_id, action, enrollment_pk)
         SELECT import.pk, p.nth, p.nth, coalesce(w.external_workspace_id, w.workspace_id::text), w.workspace_id,
                p.action, p.enrollment_pk
         FROM import CROSS JOIN planned p JOIN core_api.workspaces w ON w.pk = p.workspace_pk",
        call.change_set.uuid(),
        changes.group.uuid(),
        person.map(|person| person.id.uuid()),
        person.map(|person| person.name.as_str()),
        changes.mode.into_str(),
        call.now,
        changes.remove as &[EnrollmentId],
        changes.enroll as &[WorkspaceId],
        call.note.reason(),
        call.note.reference(),
    );
    let written = execute_counted(connection, statement).await?;
    Ok(usize::try_from(written).ok() == Some(changes.enroll.len() + changes.remove.len()))
}

/// Appends to a list that is being received. Returns false if it is not.
pub async fn append(
    connection: &mut PgConnection,
    id: ImportId,
    action: LineAction,
    lines: &[NewLine],
) -> Outcome<bool> {
    let numbers: Vec<i32> = lines.iter().map(|line| line.line_number).collect();
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    let workspaces: Vec<Option<WorkspaceId>> = lines.iter().map(|line| line.workspace).collect();
    let faults: Vec<Option<&str>> =
        lines.iter().map(|line| line.fault.map(|fault| fault.into_str())).collect();
    let statement = sqlx::query!(
        "WITH import AS (
             UPDATE groupdesk.imports SET lines = lines + cardinality($2::int[])
             WHERE import_id = $1 AND state = 'receiving'
             RETURNING pk, lines - cardinality($2::int[]) AS before
         )
         INSERT INTO groupdesk.import_lines (import_pk, position, line_number, text, workspace_id, fault, action)
         SELECT import.pk, import.before + l.nth, l.line_number, l.text, l.workspace_id, l.fault, $6
         FROM import
         CROSS JOIN unnest($2::int[], $3::text[], $4::uuid[], $5::text[])
             WITH ORDINALITY AS l (line_number, text, workspace_id, fault, nth)",
        id.uuid(),
        &numbers,
        &texts as &[&str],
        &workspaces as &[Option<WorkspaceId>],
        &faults as &[Option<&str>],
        action.into_str(),
    );
    let written = execute_counted(connection, statement).await?;
    Ok(usize::try_from(written).ok() == Some(lines.len()))
}

/// Ends the list. Returns false unless it was being received.
pub async fn set_prepared(
    connection: &mut PgConnection,
    id: ImportId,
    column_name: Option<&str>,
) -> Outcome<bool> {
    let statement = sqlx::query!(
        "UPDATE groupdesk.imports SET state = 'prepared', column_name = $2
         WHERE import_id = $1 AND state = 'receiving'",
        id.uuid(),
        column_name,
    );
    Ok(execute_counted(connection, statement).await? == 1)
}

/// Makes the person the owner; `None` for a command without a person.
pub async fn set_queued(
    connection: &mut PgConnection,
    id: ImportId,
    person: Option<&PersonRef>,
    note: &ChangeNote,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let statement = sqlx::query!(
        "UPDATE groupdesk.imports
         SET state = 'queued', started_at = $4, moved_at = $4, people_name = $3,
             people_pk = (SELECT pk FROM core_api.peoples WHERE people_id = $2), reason = $5, reference = $6
         WHERE import_id = $1",
        id.uuid(),
        person.map(|person| person.id.uuid()),
        person.map(|person| person.name.as_str()),
        now,
        note.reason(),
        note.reference(),
    );
    execute(connection, statement).await
}

/// Cancels the import. `by_name`: the person who does, or `None` if its owner was deleted.
pub async fn import_end(
    connection: &mut PgConnection,
    id: ImportId,
    by_name: Option<&str>,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let statement = sqlx::query!(
        "UPDATE groupdesk.imports SET state = 'cancelled', cancelled_by_name = $2, ended_at = $3
         WHERE import_id = $1 AND state IN ('queued', 'running')",
        id.uuid(),
        by_name,
        now,
    );
    execute(connection, statement).await
}

/// Deletes an import that was not started, with its lines. Returns whether there was one.
pub async fn delete(connection: &mut PgConnection, id: ImportId) -> Outcome<bool> {
    let statement = sqlx::query!(
        "DELETE FROM groupdesk.imports WHERE import_id = $1 AND state IN ('receiving', 'prepared')",
        id.uuid(),
    );
    Ok(execute_counted(connection, statement).await? == 1)
}

/// Deletes imports that were never started. Returns how many.
pub async fn import_delete_expired(connection: &mut PgConnection, now: DateTime<Utc>) -> Outcome<u64> {
    let statement = sqlx::query!(
        "DELETE FROM groupdesk.imports
         WHERE (state = 'receiving' AND created_at < $1) OR (state = 'prepared' AND created_at < $2)",
        now - RECEIVING_FOR,
        now - PREPARED_FOR,
    );
    execute_counted(connection, statement).await
}

/// Locks the import `only`, or the one that has waited longest, until the transaction ends. Skips imports that another
/// process has locked or whose owner is being deleted. If this process vanishes without closing its connection, Postgres
/// ends the transaction after ten idle seconds.
pub async fn import_claim_next(
    connection: &mut PgConnection,
    only: Option<ImportId>,
) -> Outcome<Option<Import>> {
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
    let settings = sqlx::query!(
        r#"SELECT set_config('idle_in_transaction_session_timeout', '10s', true) AS "idle",
                  set_config('lock_timeout', '1s', true) AS "wait""#,
    );
    settings.fetch_one(connection).await?;
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
    let query = sqlx::query_as!(
        KnownLine,
        r#"
        SELECT l.position, l.line_number, l.action AS "action: LineAction", l.fault AS "fault: LineFault",
               coalesce(by_id.workspace_id, by_external.workspace_id, by_decomposed.workspace_id)
                   AS "workspace?: WorkspaceId",
               (SELECT first.line_number FROM groupdesk.import_lines first
                WHERE first.import_pk = l.import_pk
                  AND first.workspace_pk = coalesce(by_id.pk, by_external.pk, by_decomposed.pk)
                ORDER BY first.position LIMIT 1) AS "named_at?",
               planned.workspace_group_workspace_id AS "planned?: EnrollmentId"
        FROM groupdesk.import_lines l
        LEFT JOIN core_api.workspace_group_workspaces planned ON planned.pk = l.enrollment_pk
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
    Ok(query.fetch_all(connection).await?)
}

/// Stores the outcomes of a batch and the counts after it, and finishes the import after its last line.
pub async fn end_batch(
    connection: &mut PgConnection,
    id: ImportId,
    lines: &[DoneLine],
    counts: &ImportCounts,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let positions: Vec<i32> = lines.iter().map(|line| line.position).collect();
    let outcomes: Vec<&str> = lines.iter().map(|line| line.outcome.into_str()).collect();
    let workspaces: Vec<Option<WorkspaceId>> = lines.iter().map(|line| line.workspace).collect();
    let enrollments: Vec<Option<EnrollmentId>> = lines.iter().map(|line| line.enrollment).collect();
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
        &outcomes as &[&str],
        &workspaces as &[Option<WorkspaceId>],
        &enrollments as &[Option<EnrollmentId>],
        &duplicates as &[Option<i32>],
    );
    let written = execute_counted(connection, statement).await?;
    if usize::try_from(written).ok() != Some(lines.len()) {
        return Err(Failure::fault(format!("{} lines but {written} without an outcome", lines.len())));
    }
    let statement = sqlx::query!(
        "UPDATE groupdesk.imports
         SET state = CASE WHEN $2 = lines THEN 'finished' ELSE 'running' END,
             ended_at = CASE WHEN $2 = lines THEN $9::timestamptz END,
             moved_at = $9, done = $2, enrolled = $3, already_in = $4, unknown = $5, duplicate = $6,
             unreadable = $7, group_removed = $8, removed = $10, not_in = $11
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
        counts.removed,
        counts.not_in,
    );
    execute(connection, statement).await
}

pub async fn import_requeue(connection: &mut PgConnection, id: ImportId, now: DateTime<Utc>) -> Outcome<()> {
    let statement = sqlx::query!(
        "UPDATE groupdesk.imports SET moved_at = $2 WHERE import_id = $1 AND state IN ('queued', 'running')",
        id.uuid(),
        now,
    );
    execute(connection, statement).await
}
