//! Finding what could be enrolled, with what is enrolled already.
//!
//! Each way in which a thing may be meant is an arm of its own, no longer than what is shown, as in the search
//! of everything: by its id, by how its name begins, which the index of names has in order, and by what its
//! name holds, which the one of trigrams finds. One condition with `OR` would read all that there is, and so
//! would an order by how well each fits.

use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::super::model::{Candidate, GroupCandidate};
use crate::kernel::id::{GroupId, WorkspaceId};
use crate::platform::db::contains_pattern;
use crate::platform::failure::Outcome;

/// $1 the text, $2 "begins with it", $3 "holds it", $4 the id that it is, $5 how many, $6 the group.
const WORKSPACES: &str = "
SELECT w.workspace_id, w.name, w.external_workspace_id,
       EXISTS (SELECT 1 FROM core_api.workspace_group_workspaces e
               WHERE e.workspace_pk = w.pk AND e.deleted_at IS NULL
                 AND e.workspace_group_pk = (SELECT pk FROM core_api.workspace_groups
                                             WHERE workspace_group_id = $6))
FROM (
    SELECT pk, min(rank) AS rank FROM (
        SELECT pk, 0 AS rank FROM core_api.workspaces WHERE workspace_id = $4 AND deleted_at IS NULL
        UNION ALL
        SELECT pk, 0 FROM core_api.workspaces WHERE external_workspace_id = $1 AND deleted_at IS NULL
        UNION ALL
        (SELECT pk, 1 FROM core_api.workspaces
         WHERE deleted_at IS NULL AND lower(name) LIKE lower($2) AND lower(name) >= lower($1)
         ORDER BY lower(name), workspace_id LIMIT $5)
        UNION ALL
        (SELECT pk, 2 FROM core_api.workspaces
         WHERE deleted_at IS NULL AND lower(name) LIKE lower($3)
         ORDER BY lower(name), workspace_id LIMIT $5)
    ) AS one GROUP BY pk
) AS found
JOIN core_api.workspaces w USING (pk)
ORDER BY found.rank, lower(w.name), w.workspace_id
LIMIT $5";

/// $6 the workspace, the rest as above.
const GROUPS: &str = "
SELECT g.workspace_group_id, g.name,
       EXISTS (SELECT 1 FROM core_api.workspace_group_workspaces e
               WHERE e.workspace_group_pk = g.pk AND e.deleted_at IS NULL
                 AND e.workspace_pk = (SELECT pk FROM core_api.workspaces WHERE workspace_id = $6))
FROM (
    SELECT pk, min(rank) AS rank FROM (
        SELECT pk, 0 AS rank FROM core_api.workspace_groups WHERE workspace_group_id = $4 AND deleted_at IS NULL
        UNION ALL
        (SELECT pk, 1 FROM core_api.workspace_groups
         WHERE deleted_at IS NULL AND lower(name) LIKE lower($2) AND lower(name) >= lower($1)
         ORDER BY lower(name), workspace_group_id LIMIT $5)
        UNION ALL
        (SELECT pk, 2 FROM core_api.workspace_groups
         WHERE deleted_at IS NULL AND lower(name) LIKE lower($3)
         ORDER BY lower(name), workspace_group_id LIMIT $5)
    ) AS one GROUP BY pk
) AS found
JOIN core_api.workspace_groups g USING (pk)
ORDER BY found.rank, lower(g.name), g.workspace_group_id
LIMIT $5";

type Query<'q> = sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments>;

fn query<'q>(statement: &'static str, search: &'q str, limit: u16, of: Option<Uuid>) -> Query<'q> {
    let holding = contains_pattern(search);
    let beginning = holding.trim_start_matches('%').to_owned();
    // Two letters make no trigram, but at the beginning of a word they do.
    let holding = if search.chars().count() < 3 { format!("% {beginning}") } else { holding };
    sqlx::query(statement)
        .bind(search)
        .bind(beginning)
        .bind(holding)
        .bind(search.parse::<WorkspaceId>().ok().map(WorkspaceId::uuid))
        .bind(i64::from(limit))
        .bind(of)
        // Which index is the right one depends on the text: no plan for all texts would do.
        .persistent(false)
}

pub(in super::super) async fn workspaces(
    connection: &mut PgConnection,
    group: Option<GroupId>,
    search: &str,
    limit: u16,
) -> Outcome<Vec<Candidate>> {
    let rows = query(WORKSPACES, search, limit, group.map(GroupId::uuid)).fetch_all(connection).await?;
    let candidates = rows.iter().map(|row| {
        Ok(Candidate {
            workspace: WorkspaceId::new(row.try_get(0)?),
            name: row.try_get(1)?,
            external_workspace_id: row.try_get(2)?,
            enrolled: row.try_get(3)?,
        })
    });
    candidates.collect()
}

pub(in super::super) async fn groups(
    connection: &mut PgConnection,
    workspace: WorkspaceId,
    search: &str,
    limit: u16,
) -> Outcome<Vec<GroupCandidate>> {
    let rows = query(GROUPS, search, limit, Some(workspace.uuid())).fetch_all(connection).await?;
    let candidates = rows.iter().map(|row| {
        Ok(GroupCandidate {
            group: GroupId::new(row.try_get(0)?),
            name: row.try_get(1)?,
            enrolled: row.try_get(2)?,
        })
    });
    candidates.collect()
}
