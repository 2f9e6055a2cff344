//! Searching for workspaces and groups to enroll.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::kernel::id::{GroupId, WorkspaceId};
use crate::platform::db::search::SearchTerms;
use crate::platform::failure::Outcome;
use crate::resources::enrollments::model::{Candidate, GroupCandidate};
use crate::resources::rows::{SEARCH_WORDS, Searched, bind_search, live, workspace_searchable};

const WORKSPACES: Searched =
    Searched { columns: "t.pk", from: "core_api.workspaces t", id: "t.workspace_id" };

const GROUPS: Searched =
    Searched { columns: "t.pk", from: "core_api.workspace_groups t", id: "t.workspace_group_id" };

/// Reads the best rows of the arms: the given columns, and whether the enrollment with the row's pair, which `pair`
/// selects by the row and by the id of its other side, is live.
async fn fetch(
    connection: &mut PgConnection,
    searched: &Searched,
    (columns, pair): (&str, &str),
    arms: &[String],
    sought: &SearchTerms,
    other: Option<Uuid>,
    limit: u16,
) -> Outcome<Vec<PgRow>> {
    let Searched { from, id, .. } = searched;
    let (arms, is_live, other_id) =
        (arms.join(" UNION ALL "), live!("e"), SEARCH_WORDS + sought.words().count());
    let statement = format!(
        "SELECT {columns}, EXISTS (SELECT 1 FROM core_api.workspace_group_workspaces e
                                   WHERE {is_live} AND {pair} = ${other_id}))
         FROM (SELECT pk, min(rank) AS rank FROM ({arms}) AS matches GROUP BY pk) AS best
         JOIN {from} USING (pk)
         ORDER BY best.rank, lower(t.name), {id}
         LIMIT $4"
    );
    Ok(bind_search(&statement, sought, limit.into()).bind(other).fetch_all(connection).await?)
}

/// Live workspaces that match the text, the best first, each with whether it is in the group.
pub async fn enrollment_candidates(
    connection: &mut PgConnection,
    group: Option<GroupId>,
    search: &str,
    limit: u16,
) -> Outcome<Vec<Candidate>> {
    let Some(sought) = SearchTerms::new(search) else { return Ok(Vec::new()) };
    let arms = [
        WORKSPACES.by_id("0", live!("t")),
        WORKSPACES
            .arm("0", concat!(live!("t"), " AND t.external_workspace_id IN ($1, groupdesk.decomposed($1))")),
        WORKSPACES.by_beginning("1", live!("t"), "t.external_workspace_id"),
        WORKSPACES.by_beginning("1", live!("t"), "t.name"),
        WORKSPACES.by_words(
            "2",
            live!("t"),
            &sought.contains_words(&workspace_searchable("t"), SEARCH_WORDS),
        ),
    ];
    let columns = "t.workspace_id, t.name, t.external_workspace_id";
    let pair = "e.workspace_pk = t.pk AND e.workspace_group_pk = \
                (SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id";
    let group = group.map(GroupId::uuid);
    let rows = fetch(connection, &WORKSPACES, (columns, pair), &arms, &sought, group, limit).await?;
    let candidates = rows.iter().map(|row| {
        Ok(Candidate {
            workspace: row.try_get(0)?,
            name: row.try_get(1)?,
            external_workspace_id: row.try_get(2)?,
            enrolled: row.try_get(3)?,
        })
    });
    candidates.collect()
}

/// Live groups that match the text, the best first, each with whether the workspace is in it.
pub async fn enrollment_group_candidates(
    connection: &mut PgConnection,
    workspace: WorkspaceId,
    search: &str,
    limit: u16,
) -> Outcome<Vec<GroupCandidate>> {
    let Some(sought) = SearchTerms::new(search) else { return Ok(Vec::new()) };
    let arms = [
        GROUPS.by_id("0", live!("t")),
        GROUPS.by_beginning("1", live!("t"), "t.name"),
        GROUPS.by_words(
            "2",
            live!("t"),
            &sought.contains_words("groupdesk.searchable(t.name)", SEARCH_WORDS),
        ),
    ];
    let columns = "t.workspace_group_id, t.name";
    let pair = "e.workspace_group_pk = t.pk AND e.workspace_pk = \
                (SELECT pk FROM core_api.workspaces WHERE workspace_id";
    let workspace = Some(workspace.uuid());
    let rows = fetch(connection, &GROUPS, (columns, pair), &arms, &sought, workspace, limit).await?;
    let candidates = rows.iter().map(|row| {
        Ok(GroupCandidate { group: row.try_get(0)?, name: row.try_get(1)?, enrolled: row.try_get(2)? })
    });
    candidates.collect()
}
