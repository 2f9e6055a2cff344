//! Finding what could be enrolled, with what is enrolled already.

use sqlx::PgConnection;

use super::super::model::{Candidate, GroupCandidate};
use crate::kernel::id::{GroupId, WorkspaceId};
use crate::platform::db::contains_pattern;
use crate::platform::failure::Outcome;

pub(in super::super) async fn workspaces(
    connection: &mut PgConnection,
    group: Option<GroupId>,
    search: &str,
    limit: u16,
) -> Outcome<Vec<Candidate>> {
    let lowered = search.to_lowercase();
    let rows = sqlx::query!(
        r#"
        SELECT w.workspace_id, w.name, w.external_workspace_id,
               EXISTS (SELECT 1 FROM core_api.workspace_group_workspaces e
                       WHERE e.workspace_pk = w.pk AND e.deleted_at IS NULL
                         AND e.workspace_group_pk = (SELECT pk FROM core_api.workspace_groups
                                                     WHERE workspace_group_id = $1)) AS "enrolled!"
        FROM core_api.workspaces w
        WHERE w.deleted_at IS NULL
          AND (lower(w.name) LIKE lower($2) OR w.external_workspace_id = $3 OR w.workspace_id::text = $4)
        ORDER BY starts_with(lower(w.name), lower($3)) DESC, lower(w.name), w.workspace_id
        LIMIT $5
        "#,
        group.map(GroupId::uuid),
        contains_pattern(search),
        search,
        lowered,
        i64::from(limit),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Candidate {
            workspace: WorkspaceId::new(row.workspace_id),
            name: row.name,
            external_workspace_id: row.external_workspace_id,
            enrolled: row.enrolled,
        })
        .collect())
}

pub(in super::super) async fn groups(
    connection: &mut PgConnection,
    workspace: WorkspaceId,
    search: &str,
    limit: u16,
) -> Outcome<Vec<GroupCandidate>> {
    let rows = sqlx::query!(
        r#"
        SELECT g.workspace_group_id, g.name,
               EXISTS (SELECT 1 FROM core_api.workspace_group_workspaces e
                       WHERE e.workspace_group_pk = g.pk AND e.deleted_at IS NULL
                         AND e.workspace_pk = (SELECT pk FROM core_api.workspaces
                                               WHERE workspace_id = $1)) AS "enrolled!"
        FROM core_api.workspace_groups g
        WHERE g.deleted_at IS NULL
          AND (lower(g.name) LIKE lower($2) OR g.workspace_group_id::text = lower($3))
        ORDER BY starts_with(lower(g.name), lower($3)) DESC, lower(g.name), g.workspace_group_id
        LIMIT $4
        "#,
        workspace.uuid(),
        contains_pattern(search),
        search,
        i64::from(limit),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| GroupCandidate {
            group: GroupId::new(row.workspace_group_id),
            name: row.name,
            enrolled: row.enrolled,
        })
        .collect())
}
