//! The statement that searches every noun.

use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::model::{Hit, HitKind};
use crate::platform::db::search::Sought;
use crate::platform::failure::{Failure, Outcome};
use crate::resources::rows::{person_searchable, workspace_searchable};

/// Each way in which a thing may be found is an arm of its own, no longer than what is shown. What begins with the
/// text is beside each other in an index. What holds its words Postgres reads from the index of trigrams where little
/// is found, and where much is, in the order of the ids until there is enough: those are random, while in the order
/// of names all that begin with a word may be at the end. One condition with `OR` would read and sort all that
/// there is.
///
/// $1 the text, $2 and $3 the first and the last id that begin so, $4 how many of each, the words from [`WORDS`] on.
fn statement(sought: &Sought) -> String {
    let group = sought.holding("groupdesk.searchable(name)", WORDS);
    let workspace = sought.holding(&workspace_searchable("workspaces"), WORDS);
    let person = sought.holding(&person_searchable("peoples"), WORDS);
    format!(
        r#"
SELECT kind, id, name, detail, is_removed, rank FROM (
    (SELECT 'group' AS kind, workspace_group_id AS id, name, NULL AS detail, deleted_at IS NOT NULL AS is_removed,
            {OF_AN_ID} AS rank
     FROM core_api.workspace_groups WHERE workspace_group_id BETWEEN $2 AND $3 LIMIT $4)
    UNION ALL
    (SELECT 'group', workspace_group_id, name, NULL, false, 1 FROM core_api.workspace_groups
     WHERE deleted_at IS NULL AND groupdesk.folded(name) COLLATE "C" LIKE groupdesk.beginning($1)
     ORDER BY groupdesk.folded(name) COLLATE "C", workspace_group_id LIMIT $4)
    UNION ALL
    (SELECT 'group', workspace_group_id, name, NULL, false, 2 FROM core_api.workspace_groups
     WHERE deleted_at IS NULL AND {group}
     ORDER BY workspace_group_id LIMIT $4)
    UNION ALL
    (SELECT 'group', workspace_group_id, name, NULL, true, 3 FROM core_api.workspace_groups
     WHERE deleted_at IS NOT NULL AND {group}
     ORDER BY workspace_group_id LIMIT $4)

    UNION ALL
    (SELECT 'workspace', workspace_id, name, external_workspace_id, deleted_at IS NOT NULL, {OF_AN_ID}
     FROM core_api.workspaces WHERE workspace_id BETWEEN $2 AND $3 LIMIT $4)
    UNION ALL
    SELECT 'workspace', workspace_id, name, external_workspace_id, deleted_at IS NOT NULL, 0
    FROM core_api.workspaces WHERE external_workspace_id IN ($1, groupdesk.decomposed($1))
    UNION ALL
    (SELECT 'workspace', workspace_id, name, external_workspace_id, false, 1 FROM core_api.workspaces
     WHERE deleted_at IS NULL AND groupdesk.folded(name) COLLATE "C" LIKE groupdesk.beginning($1)
     ORDER BY groupdesk.folded(name) COLLATE "C", workspace_id LIMIT $4)
    UNION ALL
    (SELECT 'workspace', workspace_id, name, external_workspace_id, deleted_at IS NOT NULL,
            CASE WHEN deleted_at IS NULL THEN 1 ELSE 3 END
     FROM core_api.workspaces
     WHERE {EXTERNAL_ID} LIKE groupdesk.beginning($1)
     ORDER BY {EXTERNAL_ID}, workspace_id LIMIT $4)
    UNION ALL
    (SELECT 'workspace', workspace_id, name, external_workspace_id, false, 2 FROM core_api.workspaces
     WHERE deleted_at IS NULL AND {workspace}
     ORDER BY workspace_id LIMIT $4)
    UNION ALL
    (SELECT 'workspace', workspace_id, name, external_workspace_id, true, 3 FROM core_api.workspaces
     WHERE deleted_at IS NOT NULL AND {workspace}
     ORDER BY workspace_id LIMIT $4)

    UNION ALL
    (SELECT 'person', people_id, {PERSON}, email, false, {OF_AN_ID}
     FROM core_api.peoples WHERE people_id BETWEEN $2 AND $3 LIMIT $4)
    UNION ALL
    SELECT 'person', people_id, {PERSON}, email, false, 0
    FROM core_api.peoples WHERE lower(email) IN (lower($1), lower(groupdesk.decomposed($1)))
    UNION ALL
    (SELECT 'person', people_id, {PERSON}, email, false, 1 FROM core_api.peoples
     WHERE groupdesk.folded(first_name || ' ' || last_name) COLLATE "C" LIKE groupdesk.beginning($1)
     ORDER BY groupdesk.folded(first_name || ' ' || last_name) COLLATE "C", people_id LIMIT $4)
    UNION ALL
    (SELECT 'person', people_id, {PERSON}, email, false, 1 FROM core_api.peoples
     WHERE groupdesk.folded(last_name) COLLATE "C" LIKE groupdesk.beginning($1)
     ORDER BY groupdesk.folded(last_name) COLLATE "C", people_id LIMIT $4)
    UNION ALL
    (SELECT 'person', people_id, {PERSON}, email, false, 2 FROM core_api.peoples
     WHERE {person}
     ORDER BY people_id LIMIT $4)

    UNION ALL
    (SELECT 'enrollment', e.workspace_group_workspace_id, w.name, g.name, e.deleted_at IS NOT NULL,
            {OF_AN_ID}
     FROM core_api.workspace_group_workspaces e
     JOIN core_api.workspaces w ON w.pk = e.workspace_pk
     JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk
     WHERE e.workspace_group_workspace_id BETWEEN $2 AND $3 LIMIT $4)
) AS found
ORDER BY rank, lower(name), id"#
    )
}

const EXTERNAL_ID: &str = "groupdesk.folded(external_workspace_id) COLLATE \"C\"";

/// The number of the first word's parameter.
const WORDS: usize = 5;

const PERSON: &str = "btrim(first_name || ' ' || last_name)";

/// A whole id is exact, the beginning of one is not.
const OF_AN_ID: &str = "CASE WHEN $2 = $3 THEN 0 ELSE 1 END";

/// What was found, the likeliest first; the same thing may be there several times.
pub(super) async fn search(connection: &mut PgConnection, text: &str, limit: usize) -> Outcome<Vec<Hit>> {
    let Some(sought) = Sought::new(text) else { return Ok(Vec::new()) };
    let statement = statement(&sought);
    let mut query = sqlx::query(&statement)
        .bind(&sought.text)
        .bind(sought.ids.map(|(first, _)| first))
        .bind(sought.ids.map(|(_, last)| last))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX));
    for word in sought.words() {
        query = query.bind(word);
    }
    let rows = query.persistent(false).fetch_all(connection).await?;
    let hits = rows.iter().map(|row| {
        let kind: &str = row.try_get("kind")?;
        Ok(Hit {
            kind: HitKind::from_word(kind)
                .ok_or_else(|| Failure::fault(format!("no kind of hit: {kind}")))?,
            id: row.try_get::<Uuid, _>("id")?,
            name: row.try_get("name")?,
            detail: row.try_get("detail")?,
            is_removed: row.try_get("is_removed")?,
            rank: row.try_get("rank")?,
        })
    });
    hits.collect()
}
