//! Compares the members of a group with those that it had at a moment.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::kernel::id::{EnrollmentId, GroupId, WorkspaceId};
use crate::platform::failure::Outcome;
use crate::resources::enrollments::model::restore::RestoreCounts;

/// The workspaces that were in the group at the moment and are not now, the enrollments of those that are in it now and were
/// not then, both in the order in which rows are locked, and the numbers of all. Archived workspaces are only counted.
pub async fn enrollment_restore_steps(
    connection: &mut PgConnection,
    group: GroupId,
    as_of: DateTime<Utc>,
) -> Outcome<(Vec<WorkspaceId>, Vec<EnrollmentId>, RestoreCounts)> {
    let query = sqlx::query!(
        r#"
        WITH grp AS MATERIALIZED (
            SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id = $1
        ), past AS (
            SELECT DISTINCT workspace_pk FROM core_api.workspace_group_workspaces
            WHERE workspace_group_pk = (SELECT pk FROM grp)
              AND created_at <= $2 AND (deleted_at IS NULL OR deleted_at > $2)
        ), present AS (
            SELECT workspace_pk, workspace_group_workspace_id FROM core_api.workspace_group_workspaces
            WHERE workspace_group_pk = (SELECT pk FROM grp) AND deleted_at IS NULL
        )
        SELECT w.workspace_id AS "workspace: WorkspaceId", w.deleted_at IS NULL AS "exists!",
               past.workspace_pk IS NOT NULL AS "was_in!",
               present.workspace_group_workspace_id AS "enrollment?: EnrollmentId"
        FROM past FULL JOIN present USING (workspace_pk)
        JOIN core_api.workspaces w ON w.pk = workspace_pk
        ORDER BY workspace_pk
        "#,
        group.uuid(),
        as_of,
    );
    let (mut enroll, mut remove, mut counts) = (Vec::new(), Vec::new(), RestoreCounts::default());
    for row in query.fetch_all(connection).await? {
        match row.enrollment {
            Some(_) if row.was_in => counts.unchanged += 1,
            Some(enrollment) => remove.push(enrollment),
            None if row.exists => enroll.push(row.workspace),
            None => counts.gone += 1,
        }
    }
    (counts.enroll, counts.remove) = (enroll.len(), remove.len());
    Ok((enroll, remove, counts))
}
