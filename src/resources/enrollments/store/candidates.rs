//! Searching for workspaces and groups to enroll.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::kernel::id::{GroupId, WorkspaceId};
use crate::platform::db::search::{SearchTerms, fetch_rows};
use crate::platform::failure::Outcome;
use crate::resources::enrollments::model::{Candidate, GroupCandidate};
use crate::resources::rows::{
    Columns, Read, SEARCH_WORDS, Searched, bind_search, live, workspace_searchable,
};

const LIVE: &str = live!("t");

const WORKSPACES: Searched =
    Searched { columns: "t.pk", from: "core_api.workspaces t", id: "t.workspace_id" };

const GROUPS: Searched =
    Searched { columns: "t.pk", from: "core_api.workspace_groups t", id: "t.workspace_group_id" };

/// Reads the best live rows that match the text by id, name, words in `searchable` or the other `arms`: the columns, and
/// whether the pair, which `pair` selects by the row and the id of its other side, is enrolled.
async fn fetch<T>(
    connection: &mut PgConnection,
    searched: &Searched,
    [columns, searchable, pair]: [&str; 3],
    mut arms: Vec<String>,
    (search, limit): (&str, u16),
    other: Option<Uuid>,
    read: impl Fn(&mut Columns<'_>) -> Read<T>,
) -> Outcome<Vec<T>> {
    let Some(terms) = SearchTerms::new(search) else { return Ok(Vec::new()) };
    arms.push(searched.by_id("0", LIVE));
    arms.push(searched.by_beginning("1", LIVE, "t.name"));
    arms.push(searched.by_words("2", LIVE, &terms.contains_words(searchable, SEARCH_WORDS)));
    let (arms, is_live, other_id) =
        (arms.join(" UNION ALL "), live!("e"), SEARCH_WORDS + terms.words().count());
    let Searched { from, id, .. } = searched;
    let statement = format!(
        "SELECT {columns}, EXISTS (SELECT 1 FROM core_api.workspace_group_workspaces e
                                   WHERE {is_live} AND {pair} = ${other_id}))
         FROM (SELECT pk, min(rank) AS rank FROM ({arms}) AS matches GROUP BY pk) AS best
         JOIN {from} USING (pk)
         ORDER BY best.rank, lower(t.name), {id}
         LIMIT $4"
    );
    let rows =
        fetch_rows(connection, bind_search(&statement, &terms, limit.into()).bind(other), true).await?;
    Ok(rows.iter().map(|row| read(&mut Columns::of(row))).collect::<Result<_, _>>()?)
}

/// Live workspaces that match the text, the best first, each with whether it is in the group.
pub async fn enrollment_candidates(
    connection: &mut PgConnection,
    group: Option<GroupId>,
    search: &str,
    limit: u16,
) -> Outcome<Vec<Candidate>> {
    let by_external_id =
        concat!(live!("t"), " AND t.external_workspace_id IN ($1, groupdesk.decomposed($1))");
    let arms = vec![
        WORKSPACES.arm("0", by_external_id),
        WORKSPACES.by_beginning("1", LIVE, "t.external_workspace_id"),
    ];
    let columns = "t.workspace_id, t.name, t.external_workspace_id";
    let pair = "e.workspace_pk = t.pk AND e.workspace_group_pk = \
                (SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id";
    let strings = [columns, &workspace_searchable("t"), pair];
    let group = group.map(GroupId::uuid);
    fetch(connection, &WORKSPACES, strings, arms, (search, limit), group, |columns| {
        Ok(Candidate {
            workspace: columns.take()?,
            name: columns.take()?,
            external_workspace_id: columns.take()?,
            enrolled: columns.take()?,
        })
    })
    .await
}

/// Live groups that match the text, the best first, each with whether the workspace is in it.
pub async fn enrollment_group_candidates(
    connection: &mut PgConnection,
    workspace: WorkspaceId,
    search: &str,
    limit: u16,
) -> Outcome<Vec<GroupCandidate>> {
    let pair = "e.workspace_group_pk = t.pk AND e.workspace_pk = \
                (SELECT pk FROM core_api.workspaces WHERE workspace_id";
    let strings = ["t.workspace_group_id, t.name", "groupdesk.searchable(t.name)", pair];
    let workspace = Some(workspace.uuid());
    fetch(connection, &GROUPS, strings, Vec::new(), (search, limit), workspace, |columns| {
        Ok(GroupCandidate { group: columns.take()?, name: columns.take()?, enrolled: columns.take()? })
    })
    .await
}
