//! Every statement on `groupdesk.imports` and `groupdesk.import_lines`. The subfolder has those that read lists, compute
//! the preview and run a batch.

pub(super) mod list;
pub(super) mod preview;
pub(super) mod run;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::model::{ImportState, NewImport, NewLine};
use crate::kernel::actor::PersonRef;
use crate::kernel::id::{GroupId, ImportId, WorkspaceId};
use crate::platform::db::statement::{execute, execute_counted};
use crate::platform::failure::Outcome;
use crate::resources::rows::stored_word;

/// `None` if there is no such live group.
pub(super) async fn insert(
    connection: &mut PgConnection,
    new: &NewImport,
    person: Option<&PersonRef>,
    now: DateTime<Utc>,
) -> Outcome<Option<ImportId>> {
    let query = sqlx::query_scalar!(
        "INSERT INTO groupdesk.imports
             (workspace_group_pk, people_pk, people_name, file_name, state, created_at)
         SELECT g.pk, (SELECT pk FROM core_api.peoples WHERE people_id = $2), $3, $4, 'receiving', $5
         FROM core_api.workspace_groups g
         WHERE g.workspace_group_id = $1 AND g.deleted_at IS NULL
         RETURNING import_id",
        new.group.uuid(),
        person.map(|person| person.id.uuid()),
        person.map(|person| person.name.as_str()),
        new.file_name.as_deref(),
        now,
    );
    let id = query.fetch_optional(connection).await?;
    Ok(id.map(ImportId::new))
}

/// Appends to a list that is being received. Returns false if it is not.
pub(super) async fn append(connection: &mut PgConnection, id: ImportId, lines: &[NewLine]) -> Outcome<bool> {
    let numbers: Vec<i32> = lines.iter().map(|line| line.line_number).collect();
    let texts: Vec<String> = lines.iter().map(|line| line.text.clone()).collect();
    let workspaces: Vec<Option<Uuid>> =
        lines.iter().map(|line| line.workspace.map(WorkspaceId::uuid)).collect();
    let faults: Vec<Option<String>> =
        lines.iter().map(|line| line.fault.map(|fault| fault.into_str().to_owned())).collect();
    let statement = sqlx::query!(
        "WITH import AS (
             UPDATE groupdesk.imports SET lines = lines + cardinality($2::int[])
             WHERE import_id = $1 AND state = 'receiving'
             RETURNING pk, lines - cardinality($2::int[]) AS before
         )
         INSERT INTO groupdesk.import_lines (import_pk, position, line_number, text, workspace_id, fault)
         SELECT import.pk, import.before + l.nth, l.line_number, l.text, l.workspace_id, l.fault
         FROM import
         CROSS JOIN unnest($2::int[], $3::text[], $4::uuid[], $5::text[])
             WITH ORDINALITY AS l (line_number, text, workspace_id, fault, nth)",
        id.uuid(),
        &numbers,
        &texts,
        &workspaces as &[Option<Uuid>],
        &faults as &[Option<String>],
    );
    let written = execute_counted(connection, statement).await?;
    Ok(usize::try_from(written).ok() == Some(lines.len()))
}

/// Ends the list. Returns false unless it was being received.
pub(super) async fn set_prepared(
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

pub(super) struct LockedImport {
    pub(super) state: ImportState,
    pub(super) group: GroupId,
    pub(super) group_is_removed: bool,
}

/// Locks the row against other changes, after the current batch.
pub(super) async fn lock_for_no_key_update(
    connection: &mut PgConnection,
    id: ImportId,
) -> Outcome<Option<LockedImport>> {
    let query = sqlx::query!(
        r#"SELECT i.state, g.workspace_group_id AS "group", g.deleted_at IS NOT NULL AS "group_is_removed!"
           FROM groupdesk.imports i JOIN core_api.workspace_groups g ON g.pk = i.workspace_group_pk
           WHERE i.import_id = $1 FOR NO KEY UPDATE OF i"#,
        id.uuid(),
    );
    let row = query.fetch_optional(connection).await?;
    row.map(|row| {
        let (group, group_is_removed) = (GroupId::new(row.group), row.group_is_removed);
        Ok(LockedImport { state: stored_word(&row.state)?, group, group_is_removed })
    })
    .transpose()
}

/// Makes the person the owner; `None` for a system flow.
pub(super) async fn set_queued(
    connection: &mut PgConnection,
    id: ImportId,
    person: Option<&PersonRef>,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let statement = sqlx::query!(
        "UPDATE groupdesk.imports
         SET state = 'queued', started_at = $4, moved_at = $4, people_name = $3,
             people_pk = (SELECT pk FROM core_api.peoples WHERE people_id = $2)
         WHERE import_id = $1",
        id.uuid(),
        person.map(|person| person.id.uuid()),
        person.map(|person| person.name.as_str()),
        now,
    );
    execute(connection, statement).await
}

pub(super) async fn set_cancelled(
    connection: &mut PgConnection,
    id: ImportId,
    by_name: Option<&str>,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let statement = sqlx::query!(
        "UPDATE groupdesk.imports SET state = 'cancelled', cancelled_by_name = $2, ended_at = $3
         WHERE import_id = $1",
        id.uuid(),
        by_name,
        now,
    );
    execute(connection, statement).await
}

/// Deletes the import with its lines.
pub(super) async fn delete(connection: &mut PgConnection, id: ImportId) -> Outcome<()> {
    execute(connection, sqlx::query!("DELETE FROM groupdesk.imports WHERE import_id = $1", id.uuid())).await
}

/// Deletes imports that are being received since before the first time, or prepared since before the second.
pub(super) async fn delete_unstarted(
    connection: &mut PgConnection,
    receiving_before: DateTime<Utc>,
    prepared_before: DateTime<Utc>,
) -> Outcome<u64> {
    let statement = sqlx::query!(
        "DELETE FROM groupdesk.imports
         WHERE (state = 'receiving' AND created_at < $1) OR (state = 'prepared' AND created_at < $2)",
        receiving_before,
        prepared_before,
    );
    execute_counted(connection, statement).await
}
