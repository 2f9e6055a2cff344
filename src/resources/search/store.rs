//! The statement that searches every noun.

use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::model::{Hit, HitKind};
use crate::kernel::id::GroupId;
use crate::platform::db::contains_pattern;
use crate::platform::failure::{Failure, Outcome};

/// Each way in which a thing may be found is an arm of its own, no longer than what is shown: Postgres reads
/// it from the index of names, in their order, where much is found, and from the one of trigrams where little
/// is. One condition with `OR` would read and sort all that there is.
///
/// $1 the text, $2 "begins with it", $3 "holds it", $4 the id that it is, $5 how many of each.
const SEARCH: &str = "
SELECT kind, id, name, detail, is_removed, rank FROM (
    SELECT 'group' AS kind, workspace_group_id AS id, name, NULL AS detail, deleted_at IS NOT NULL AS is_removed, 0 AS rank
    FROM core_api.workspace_groups WHERE workspace_group_id = $4
    UNION ALL
    (SELECT 'group', workspace_group_id, name, NULL, false, 1 FROM core_api.workspace_groups
     WHERE deleted_at IS NULL AND lower(name) LIKE lower($2) AND lower(name) >= lower($1)
     ORDER BY lower(name), workspace_group_id LIMIT $5)
    UNION ALL
    (SELECT 'group', workspace_group_id, name, NULL, false, 2 FROM core_api.workspace_groups
     WHERE deleted_at IS NULL AND lower(name) LIKE lower($3)
     ORDER BY lower(name), workspace_group_id LIMIT $5)
    UNION ALL
    (SELECT 'group', workspace_group_id, name, NULL, true, 3 FROM core_api.workspace_groups
     WHERE deleted_at IS NOT NULL AND lower(name) LIKE lower($3)
     ORDER BY lower(name), workspace_group_id LIMIT $5)

    UNION ALL
    SELECT 'workspace', workspace_id, name, external_workspace_id, deleted_at IS NOT NULL, 0
    FROM core_api.workspaces WHERE workspace_id = $4
    UNION ALL
    SELECT 'workspace', workspace_id, name, external_workspace_id, deleted_at IS NOT NULL, 0
    FROM core_api.workspaces WHERE external_workspace_id = $1
    UNION ALL
    (SELECT 'workspace', workspace_id, name, external_workspace_id, false, 1 FROM core_api.workspaces
     WHERE deleted_at IS NULL AND lower(name) LIKE lower($2) AND lower(name) >= lower($1)
     ORDER BY lower(name), workspace_id LIMIT $5)
    UNION ALL
    (SELECT 'workspace', workspace_id, name, external_workspace_id, false, 2 FROM core_api.workspaces
     WHERE deleted_at IS NULL AND lower(name) LIKE lower($3)
     ORDER BY lower(name), workspace_id LIMIT $5)
    UNION ALL
    (SELECT 'workspace', workspace_id, name, external_workspace_id, true, 3 FROM core_api.workspaces
     WHERE deleted_at IS NOT NULL AND lower(name) LIKE lower($3)
     ORDER BY lower(name), workspace_id LIMIT $5)

    UNION ALL
    SELECT 'person', people_id, btrim(first_name || ' ' || last_name), email, false, 0
    FROM core_api.peoples WHERE people_id = $4 OR lower(email) = lower($1)
    UNION ALL
    (SELECT 'person', people_id, btrim(first_name || ' ' || last_name), email, false, 1 FROM core_api.peoples
     WHERE lower(first_name || ' ' || last_name) LIKE lower($2)
     ORDER BY lower(last_name), people_id LIMIT $5)
    UNION ALL
    (SELECT 'person', people_id, btrim(first_name || ' ' || last_name), email, false, 1 FROM core_api.peoples
     WHERE lower(last_name) LIKE lower($2) AND lower(last_name) >= lower($1)
     ORDER BY lower(last_name), people_id LIMIT $5)
    UNION ALL
    (SELECT 'person', people_id, btrim(first_name || ' ' || last_name), email, false, 2 FROM core_api.peoples
     WHERE lower(first_name || ' ' || last_name) LIKE lower($3)
     ORDER BY lower(last_name), people_id LIMIT $5)
    UNION ALL
    (SELECT 'person', people_id, btrim(first_name || ' ' || last_name), email, false, 2 FROM core_api.peoples
     WHERE lower(email) LIKE lower($3)
     ORDER BY lower(last_name), people_id LIMIT $5)

    UNION ALL
    SELECT 'enrollment', e.workspace_group_workspace_id, w.name || ' in ' || g.name, NULL, e.deleted_at IS NOT NULL, 0
    FROM core_api.workspace_group_workspaces e
    JOIN core_api.workspaces w ON w.pk = e.workspace_pk
    JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk
    WHERE e.workspace_group_workspace_id = $4
) AS found
ORDER BY rank, lower(name), id";

/// What was found, the likeliest first; the same thing may be there several times.
pub(super) async fn search(connection: &mut PgConnection, text: &str, limit: usize) -> Outcome<Vec<Hit>> {
    let holding = contains_pattern(text);
    let beginning = holding.trim_start_matches('%').to_owned();
    // Two letters make no trigram, but at the beginning of a word they do.
    let holding = if text.chars().count() < 3 { format!("% {beginning}") } else { holding };
    let rows = sqlx::query(SEARCH)
        .bind(text)
        .bind(beginning)
        .bind(holding)
        .bind(text.parse::<GroupId>().ok().map(GroupId::uuid))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        // Which index is the right one depends on the text: no plan for all texts would do.
        .persistent(false)
        .fetch_all(connection)
        .await?;
    let hits = rows.iter().map(|row| {
        let kind: &str = row.try_get("kind")?;
        Ok(Hit {
            kind: HitKind::from_word(kind)
                .ok_or_else(|| Failure::fault(format!("no kind of hit: {kind}")))?,
            id: row.try_get::<Uuid, _>("id")?,
            name: row.try_get("name")?,
            detail: row.try_get("detail")?,
            is_removed: row.try_get("is_removed")?,
            is_exact: row.try_get::<i32, _>("rank")? == 0,
        })
    });
    hits.collect()
}
