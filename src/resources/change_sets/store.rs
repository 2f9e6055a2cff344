//! Every statement on `groupdesk.change_sets` and `groupdesk.histories`.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::model::{ChangeCounts, ChangeSet, UndoStep, UndoVerdict};
use crate::kernel::actor::Source;
use crate::kernel::id::{ChangeSetId, EnrollmentId, GroupId, HistoryId, ImportId, PersonId, WorkspaceId};
use crate::kernel::problem::Problem;
use crate::platform::call::Call;
use crate::platform::db::statement::execute;
use crate::platform::failure::Outcome;
use crate::resources::enrollment_events::model::EventActor;
use crate::resources::enrollment_events::model::origin::{ChangeKind, ChangeOrigin};
use crate::resources::rows::{stored_group, stored_note, stored_origin};

/// Records why the change set of the call exists.
pub(super) async fn insert<P: Sync>(
    connection: &mut PgConnection,
    call: &Call<P>,
    origin: &ChangeOrigin,
) -> Outcome<()> {
    let (mut undone, mut groups, mut as_of) = (None, None, None);
    match origin {
        ChangeOrigin::Undo(id) => undone = Some(id.uuid()),
        ChangeOrigin::Move { from, to } | ChangeOrigin::Copy { from, to } => groups = Some((from.id, to.id)),
        ChangeOrigin::Restore(moment) => as_of = Some(*moment),
    }
    let (from, to) = groups.map(|(from, to)| (from.uuid(), to.uuid())).unzip();
    let statement = sqlx::query!(
        "INSERT INTO groupdesk.change_sets
             (change_set_id, kind, recorded_at, undone_id, from_group_pk, to_group_pk, as_of)
         VALUES ($1, $2, $3, $4,
                 (SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id = $5),
                 (SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id = $6), $7)
         ON CONFLICT (change_set_id) DO NOTHING",
        call.change_set.uuid(),
        origin.kind().into_str(),
        call.now,
        undone,
        from,
        to,
        as_of,
    );
    execute(connection, statement).await
}

/// A change set with the numbers of its events, which are counted, or `ChangeSetNotFound`.
pub async fn change_set_get(connection: &mut PgConnection, id: ChangeSetId) -> Outcome<ChangeSet> {
    let query = sqlx::query!(
        r#"
        -- Once, and by the index of change sets: the order would suggest that of times.
        WITH events AS MATERIALIZED (SELECT * FROM groupdesk.enrollment_events WHERE change_set_id = $1)
        SELECT v.occurred_at, v.source AS "source: Source", v.actor_name, v.token_name, v.request_id,
               v.reason, v.reference, p.people_id AS "person?: PersonId",
               s.kind AS "kind?: ChangeKind", s.undone_id AS "undone?: ChangeSetId", s.as_of AS "as_of?",
               f.workspace_group_id AS "from?: GroupId", f.name AS "from_name?",
               t.workspace_group_id AS "to?: GroupId", t.name AS "to_name?",
               counted.enrolled AS "enrolled!", counted.removed AS "removed!", counted.corrected AS "corrected!",
               counted.groups AS "groups!"
        FROM (SELECT * FROM events ORDER BY occurred_at, pk LIMIT 1) v
        CROSS JOIN (
            SELECT count(*) FILTER (WHERE action = 'enrolled') AS enrolled,
                   count(*) FILTER (WHERE action = 'removed') AS removed,
                   count(*) FILTER (WHERE action = 'attribution_corrected') AS corrected,
                   count(DISTINCT workspace_group_pk) AS groups
            FROM events
        ) counted
        LEFT JOIN core_api.peoples p ON p.pk = v.actor_people_pk
        LEFT JOIN groupdesk.change_sets s ON s.change_set_id = v.change_set_id
        LEFT JOIN core_api.workspace_groups f ON f.pk = s.from_group_pk
        LEFT JOIN core_api.workspace_groups t ON t.pk = s.to_group_pk
        "#,
        id.uuid(),
    );
    let row = query.fetch_optional(&mut *connection).await?.ok_or(Problem::ChangeSetNotFound(id))?;
    let groups = stored_group(row.from, row.from_name).zip(stored_group(row.to, row.to_name));
    let counts = ChangeCounts {
        enrolled: row.enrolled,
        removed: row.removed,
        corrected: row.corrected,
        groups: row.groups,
    };
    Ok(ChangeSet {
        id,
        occurred_at: row.occurred_at,
        source: row.source,
        actor: EventActor::of(row.person, row.actor_name, row.source),
        token_name: row.token_name,
        request_id: row.request_id,
        note: stored_note(row.reason.as_deref(), row.reference.as_deref())?,
        origin: stored_origin(row.kind, row.undone, groups, row.as_of),
        undone_by: undone_by(connection, id).await?,
        counts,
    })
}

/// The change sets that undid this one, or a part of it, the earliest first.
pub(super) async fn undone_by(connection: &mut PgConnection, id: ChangeSetId) -> Outcome<Vec<ChangeSetId>> {
    let query = sqlx::query_scalar!(
        r#"SELECT s.change_set_id AS "id: ChangeSetId" FROM groupdesk.change_sets s
           -- An undo that was cancelled before its first batch has changed nothing.
           WHERE s.undone_id = $1
             AND EXISTS (SELECT 1 FROM groupdesk.enrollment_events v WHERE v.change_set_id = s.change_set_id)
           ORDER BY s.recorded_at"#,
        id.uuid(),
    );
    Ok(query.fetch_all(connection).await?)
}

pub async fn history_current(connection: &mut PgConnection) -> Outcome<HistoryId> {
    let query = sqlx::query_scalar!(
        r#"SELECT history_id AS "id: HistoryId" FROM groupdesk.histories ORDER BY pk DESC LIMIT 1"#
    );
    Ok(query.fetch_one(connection).await?)
}

/// Begins a new history and returns its id. The caller is the owner of the database.
pub async fn history_begin(connection: &mut PgConnection, now: DateTime<Utc>) -> Outcome<HistoryId> {
    let query = sqlx::query_scalar!(
        r#"INSERT INTO groupdesk.histories (begins_at) VALUES ($1) RETURNING history_id AS "id: HistoryId""#,
        now,
    );
    Ok(query.fetch_one(connection).await?)
}

/// An undo of the change set that is under way.
pub(super) async fn undo_under_way(
    connection: &mut PgConnection,
    id: ChangeSetId,
) -> Outcome<Option<ImportId>> {
    let query = sqlx::query_scalar!(
        r#"SELECT i.import_id AS "id: ImportId" FROM groupdesk.change_sets s
           JOIN groupdesk.imports i ON i.import_id = s.change_set_id
           WHERE s.undone_id = $1 AND i.state IN ('queued', 'running') LIMIT 1"#,
        id.uuid(),
    );
    Ok(query.fetch_optional(connection).await?)
}

/// The groups in which the change set changed enrollments, in the order in which groups are locked.
pub async fn change_set_groups(connection: &mut PgConnection, id: ChangeSetId) -> Outcome<Vec<GroupId>> {
    let query = sqlx::query_scalar!(
        r#"SELECT workspace_group_id AS "id: GroupId" FROM core_api.workspace_groups
           WHERE pk IN (SELECT workspace_group_pk FROM groupdesk.enrollment_events WHERE change_set_id = $1)
           ORDER BY workspace_group_id"#,
        id.uuid(),
    );
    Ok(query.fetch_all(connection).await?)
}

/// What an undo would do with each pair that the change set enrolled or removed, in the order in which rows are locked. A pair
/// that is after the change set as it was before is left out.
pub(super) async fn undo_steps(connection: &mut PgConnection, id: ChangeSetId) -> Outcome<Vec<UndoStep>> {
    let query = sqlx::query_as!(
        UndoStep,
        r#"
        WITH changed AS MATERIALIZED (
            SELECT workspace_group_pk, workspace_pk,
                   (array_agg(action ORDER BY occurred_at, pk))[1] AS first,
                   (array_agg(action ORDER BY occurred_at DESC, pk DESC))[1] AS last,
                   max(workspace_group_workspace_pk) AS last_pk
            FROM groupdesk.enrollment_events
            WHERE change_set_id = $1 AND action IN ('enrolled', 'removed')
            GROUP BY workspace_group_pk, workspace_pk
        )
        SELECT g.workspace_group_id AS "group: GroupId", w.workspace_id AS "workspace: WorkspaceId",
               e.workspace_group_workspace_id AS "enrollment: EnrollmentId",
               CASE WHEN c.last = 'enrolled'
                    THEN CASE WHEN e.is_live THEN 'remove' ELSE 'removed_since' END
                    WHEN later.is_live THEN 'enrolled_since'
                    WHEN later.is_live IS NOT NULL THEN 'changed_since'
                    WHEN g.deleted_at IS NOT NULL OR w.deleted_at IS NOT NULL THEN 'gone'
                    ELSE 'enroll'
               END AS "verdict!: UndoVerdict"
        FROM changed c
        JOIN core_api.workspace_groups g ON g.pk = c.workspace_group_pk
        JOIN core_api.workspaces w ON w.pk = c.workspace_pk
        CROSS JOIN LATERAL (
            SELECT workspace_group_workspace_id, deleted_at IS NULL AS is_live
            FROM core_api.workspace_group_workspaces WHERE pk = c.last_pk
        ) e
        -- Live and removed rows of a pair are found by different indexes. Without them, the whole group would be read for
        -- each pair.
        LEFT JOIN LATERAL (
            SELECT bool_or(is_live) AS is_live FROM (
                SELECT l.pk, true AS is_live FROM core_api.workspace_group_workspaces l
                WHERE l.workspace_group_pk = c.workspace_group_pk AND l.workspace_pk = c.workspace_pk
                  AND l.deleted_at IS NULL
                UNION ALL
                SELECT l.pk, false FROM core_api.workspace_group_workspaces l
                WHERE l.workspace_group_pk = c.workspace_group_pk AND l.workspace_pk = c.workspace_pk
                  AND l.deleted_at IS NOT NULL
            ) l WHERE l.pk > c.last_pk
        ) later ON true
        WHERE c.first = c.last
        ORDER BY g.workspace_group_id, w.pk
        "#,
        id.uuid(),
    );
    Ok(query.fetch_all(connection).await?)
}
