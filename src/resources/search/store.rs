//! The statement that searches all nouns at once.

use sqlx::{PgConnection, Row};

use super::model::Hit;
use crate::platform::db::search::{SearchTerms, fetch_rows};
use crate::platform::failure::Outcome;
use crate::resources::rows::{
    SEARCH_WORDS, Searched, bind_search, live, person_name, person_searchable, removed, workspace_searchable,
};

const GROUPS: Searched = Searched {
    columns: concat!(
        "'group' AS kind, g.workspace_group_id AS id, g.name, NULL AS detail, ",
        removed!("g"),
        " AS is_removed"
    ),
    from: "core_api.workspace_groups g",
    id: "g.workspace_group_id",
};

const WORKSPACES: Searched = Searched {
    columns: concat!("'workspace', w.workspace_id, w.name, w.external_workspace_id, ", removed!("w")),
    from: "core_api.workspaces w",
    id: "w.workspace_id",
};

const PEOPLE: Searched = Searched {
    columns: concat!("'person', p.people_id, ", person_name!("p"), ", p.email, false"),
    from: "core_api.peoples p",
    id: "p.people_id",
};

const ENROLLMENTS: Searched = Searched {
    columns: concat!("'enrollment', e.workspace_group_workspace_id, w.name, g.name, ", removed!("e")),
    from: "core_api.workspace_group_workspaces e \
           JOIN core_api.workspaces w ON w.pk = e.workspace_pk \
           JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk",
    id: "e.workspace_group_workspace_id",
};

/// Only a whole id is an exact match.
const BY_ID: &str = "CASE WHEN $2 = $3 THEN 0 ELSE 1 END";

const BY_STATUS: &str = concat!("CASE WHEN ", live!("w"), " THEN 1 ELSE 3 END");

fn statement(terms: &SearchTerms) -> String {
    let group = terms.contains_words("groupdesk.searchable(g.name)", SEARCH_WORDS);
    let workspace = terms.contains_words(&workspace_searchable("w"), SEARCH_WORDS);
    let person = terms.contains_words(&person_searchable("p"), SEARCH_WORDS);
    let arms = [
        GROUPS.by_id(BY_ID, "true"),
        GROUPS.by_beginning("1", live!("g"), "g.name"),
        GROUPS.by_words("2", live!("g"), &group),
        GROUPS.by_words("3", removed!("g"), &group),
        WORKSPACES.by_id(BY_ID, "true"),
        WORKSPACES.arm("0", "w.external_workspace_id IN ($1, groupdesk.decomposed($1))"),
        WORKSPACES.by_beginning("1", live!("w"), "w.name"),
        WORKSPACES.by_beginning(BY_STATUS, "true", "w.external_workspace_id"),
        WORKSPACES.by_words("2", live!("w"), &workspace),
        WORKSPACES.by_words("3", removed!("w"), &workspace),
        PEOPLE.by_id(BY_ID, "true"),
        PEOPLE.arm("0", "lower(p.email) IN (lower($1), lower(groupdesk.decomposed($1)))"),
        PEOPLE.by_beginning("1", "true", "p.first_name || ' ' || p.last_name"),
        PEOPLE.by_beginning("1", "true", "p.last_name"),
        PEOPLE.by_words("2", "true", &person),
        ENROLLMENTS.by_id(BY_ID, "true"),
    ];
    format!(
        "SELECT kind, id, name, detail, is_removed, rank FROM ({}) AS found ORDER BY rank, lower(name), id",
        arms.join(" UNION ALL ")
    )
}

/// The hits, the best first. A row that matches in several ways appears several times.
pub(super) async fn search(connection: &mut PgConnection, text: &str, limit: usize) -> Outcome<Vec<Hit>> {
    let Some(terms) = SearchTerms::new(text) else { return Ok(Vec::new()) };
    let statement = statement(&terms);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = fetch_rows(connection, bind_search(&statement, &terms, limit), true).await?;
    let hits = rows.iter().map(|row| {
        Ok(Hit {
            kind: row.try_get("kind")?,
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            detail: row.try_get("detail")?,
            is_removed: row.try_get("is_removed")?,
            rank: row.try_get("rank")?,
        })
    });
    hits.collect()
}
