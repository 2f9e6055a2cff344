//! Counting what changed in a group between two moments.

use sqlx::PgConnection;

use crate::platform::failure::Outcome;
use crate::resources::enrollments::model::comparison::{Comparison, ComparisonCounts};

/// Both moments in one pass over the group's rows: a workspace is one line of the inner query, with the
/// row that it was in by at either moment. (Rows that were brought in from elsewhere may overlap; then
/// one of them speaks for the pair.)
pub(in super::super) async fn counts(
    connection: &mut PgConnection,
    comparison: &Comparison,
) -> Outcome<ComparisonCounts> {
    Ok(sqlx::query_as!(
        ComparisonCounts,
        r#"
        SELECT count(*) FILTER (WHERE earlier IS NULL AND later IS NOT NULL) AS "added!",
               count(*) FILTER (WHERE earlier IS NOT NULL AND later IS NULL) AS "removed!",
               count(*) FILTER (WHERE earlier IS NOT NULL AND later IS NOT NULL) AS "unchanged!",
               count(*) FILTER (WHERE earlier <> later) AS "readded!"
        FROM (
            SELECT max(pk) FILTER (WHERE created_at <= $2 AND (deleted_at IS NULL OR deleted_at > $2)) AS earlier,
                   max(pk) FILTER (WHERE created_at <= $3 AND (deleted_at IS NULL OR deleted_at > $3)) AS later
            FROM core_api.workspace_group_workspaces
            WHERE workspace_group_pk = (SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id = $1)
              AND created_at <= $3 AND (deleted_at IS NULL OR deleted_at > $2)
            GROUP BY workspace_pk
        ) workspaces
        "#,
        comparison.group.uuid(),
        comparison.earlier,
        comparison.later,
    )
    .fetch_one(connection)
    .await?)
}
