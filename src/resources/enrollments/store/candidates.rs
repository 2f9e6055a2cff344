//! Finding what could be enrolled, with what is enrolled already.
//!
//! Each way in which a thing may be meant is an arm of its own, no longer than what is shown, as in the search
//! of everything: by its id, by how that or its name begins, which an index has in order, and by the words of its
//! name, which the one of trigrams finds. One condition with `OR` would read all that there is, and so
//! would an order by how well each fits.

use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::super::model::{Candidate, GroupCandidate};
use crate::kernel::id::{GroupId, WorkspaceId};
use crate::platform::db::search::Sought;
use crate::platform::failure::Outcome;
use crate::resources::rows::workspace_searchable;

const GROUP: &str = "groupdesk.searchable(name)";
const EXTERNAL_ID: &str = "groupdesk.folded(external_workspace_id) COLLATE \"C\"";

/// $1 the text, $2 and $3 the first and the last id that begin so, $4 how many, $5 the group, the words from
/// [`WORDS`] on.
fn of_workspaces(sought: &Sought) -> String {
    let words = sought.holding(&workspace_searchable("workspaces"), WORDS);
    format!(
        r#"
SELECT w.workspace_id, w.name, w.external_workspace_id,
       EXISTS (SELECT 1 FROM core_api.workspace_group_workspaces e
               WHERE e.workspace_pk = w.pk AND e.deleted_at IS NULL
                 AND e.workspace_group_pk = (SELECT pk FROM core_api.workspace_groups
                                             WHERE workspace_group_id = $5))
FROM (
    SELECT pk, min(rank) AS rank FROM (
        (SELECT pk, 0 AS rank FROM core_api.workspaces
         WHERE workspace_id BETWEEN $2 AND $3 AND deleted_at IS NULL LIMIT $4)
        UNION ALL
        SELECT pk, 0 FROM core_api.workspaces
        WHERE external_workspace_id IN ($1, groupdesk.decomposed($1)) AND deleted_at IS NULL
        UNION ALL
        (SELECT pk, 1 FROM core_api.workspaces
         WHERE deleted_at IS NULL AND {EXTERNAL_ID} LIKE groupdesk.beginning($1)
         ORDER BY {EXTERNAL_ID}, workspace_id LIMIT $4)
        UNION ALL
        (SELECT pk, 1 FROM core_api.workspaces
         WHERE deleted_at IS NULL AND groupdesk.folded(name) COLLATE "C" LIKE groupdesk.beginning($1)
         ORDER BY groupdesk.folded(name) COLLATE "C", workspace_id LIMIT $4)
        UNION ALL
        (SELECT pk, 2 FROM core_api.workspaces
         WHERE deleted_at IS NULL AND {words}
         ORDER BY workspace_id LIMIT $4)
    ) AS one GROUP BY pk
) AS found
JOIN core_api.workspaces w USING (pk)
ORDER BY found.rank, lower(w.name), w.workspace_id
LIMIT $4"#
    )
}

/// $5 the workspace, the rest as above.
fn of_groups(sought: &Sought) -> String {
    let words = sought.holding(GROUP, WORDS);
    format!(
        r#"
SELECT g.workspace_group_id, g.name,
       EXISTS (SELECT 1 FROM core_api.workspace_group_workspaces e
               WHERE e.workspace_group_pk = g.pk AND e.deleted_at IS NULL
                 AND e.workspace_pk = (SELECT pk FROM core_api.workspaces WHERE workspace_id = $5))
FROM (
    SELECT pk, min(rank) AS rank FROM (
        (SELECT pk, 0 AS rank FROM core_api.workspace_groups
         WHERE workspace_group_id BETWEEN $2 AND $3 AND deleted_at IS NULL LIMIT $4)
        UNION ALL
        (SELECT pk, 1 FROM core_api.workspace_groups
         WHERE deleted_at IS NULL AND groupdesk.folded(name) COLLATE "C" LIKE groupdesk.beginning($1)
         ORDER BY groupdesk.folded(name) COLLATE "C", workspace_group_id LIMIT $4)
        UNION ALL
        (SELECT pk, 2 FROM core_api.workspace_groups
         WHERE deleted_at IS NULL AND {words}
         ORDER BY workspace_group_id LIMIT $4)
    ) AS one GROUP BY pk
) AS found
JOIN core_api.workspace_groups g USING (pk)
ORDER BY found.rank, lower(g.name), g.workspace_group_id
LIMIT $4"#
    )
}

/// The number of the first word's parameter.
const WORDS: usize = 6;

type Query<'q> = sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments>;

fn query<'q>(statement: &'q str, sought: &'q Sought, limit: u16, of: Option<Uuid>) -> Query<'q> {
    let query = sqlx::query(statement)
        .bind(&sought.text)
        .bind(sought.ids.map(|(first, _)| first))
        .bind(sought.ids.map(|(_, last)| last))
        .bind(i64::from(limit))
        .bind(of);
    sought.words().fold(query, Query::bind).persistent(false)
}

pub(in super::super) async fn workspaces(
    connection: &mut PgConnection,
    group: Option<GroupId>,
    search: &str,
    limit: u16,
) -> Outcome<Vec<Candidate>> {
    let Some(sought) = Sought::new(search) else { return Ok(Vec::new()) };
    let statement = of_workspaces(&sought);
    let rows = query(&statement, &sought, limit, group.map(GroupId::uuid)).fetch_all(connection).await?;
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
    let Some(sought) = Sought::new(search) else { return Ok(Vec::new()) };
    let statement = of_groups(&sought);
    let rows = query(&statement, &sought, limit, Some(workspace.uuid())).fetch_all(connection).await?;
    let candidates = rows.iter().map(|row| {
        Ok(GroupCandidate {
            group: GroupId::new(row.try_get(0)?),
            name: row.try_get(1)?,
            enrolled: row.try_get(2)?,
        })
    });
    candidates.collect()
}
