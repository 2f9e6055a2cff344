//! Rules that hold in every database after any sequence of operations.

use sqlx::PgConnection;

/// What must not exist, with the statement that counts it.
const FORBIDDEN: [(&str, &str); 8] = [
    (
        "pairs with two live rows",
        "SELECT count(*) FROM (
             SELECT 1 FROM core_api.workspace_group_workspaces WHERE deleted_at IS NULL
             GROUP BY workspace_group_pk, workspace_pk HAVING count(*) > 1) AS doubled",
    ),
    (
        "rows without exactly one enrolled event",
        "SELECT count(*) FROM core_api.workspace_group_workspaces e
         WHERE (SELECT count(*) FROM groupdesk.enrollment_events v
                WHERE v.workspace_group_workspace_pk = e.pk AND v.action = 'enrolled') <> 1",
    ),
    (
        "rows whose events do not say whether they are removed",
        "SELECT count(*) FROM core_api.workspace_group_workspaces e
         WHERE (SELECT count(*) FROM groupdesk.enrollment_events v
                WHERE v.workspace_group_workspace_pk = e.pk AND v.action = 'removed')
               <> (e.deleted_at IS NOT NULL)::int",
    ),
    (
        "events of another pair than their row's, or of no row",
        "SELECT count(*) FROM groupdesk.enrollment_events v
         LEFT JOIN core_api.workspace_group_workspaces e ON e.pk = v.workspace_group_workspace_pk
         WHERE (e.workspace_group_pk, e.workspace_pk) IS DISTINCT FROM (v.workspace_group_pk, v.workspace_pk)",
    ),
    (
        "rows that were not touched, or ended before they began",
        "SELECT count(*) FROM core_api.workspace_group_workspaces
         WHERE updated_at IS NULL OR updated_at < created_at OR deleted_at < created_at",
    ),
    (
        // In the order of lists. Keys are no order: a transaction that waits takes its key before it waits.
        "rows that began before the row they follow had ended",
        "SELECT count(*) FROM core_api.workspace_group_workspaces later
         JOIN core_api.workspace_group_workspaces earlier USING (workspace_group_pk, workspace_pk)
         WHERE (earlier.created_at, earlier.workspace_group_workspace_id)
                   < (later.created_at, later.workspace_group_workspace_id)
           AND (earlier.deleted_at IS NULL OR earlier.deleted_at > later.created_at)",
    ),
    (
        "rows without exactly one name, that of their workspace",
        "SELECT count(*) FROM core_api.workspace_group_workspaces e
         JOIN core_api.workspaces w ON w.pk = e.workspace_pk
         WHERE (SELECT array_agg((n.workspace_group_pk, n.is_live, n.name_key)::text) FROM groupdesk.enrollment_names n
                WHERE n.enrollment_pk = e.pk)
               IS DISTINCT FROM ARRAY[(e.workspace_group_pk, e.deleted_at IS NULL, groupdesk.name_key(w.name))::text]",
    ),
    (
        "live rows of what was removed",
        "SELECT count(*) FROM core_api.workspace_group_workspaces e
         JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk
         JOIN core_api.workspaces w ON w.pk = e.workspace_pk
         WHERE e.deleted_at IS NULL AND (g.deleted_at IS NOT NULL OR w.deleted_at IS NOT NULL)",
    ),
];

/// The rules that are violated, each with the number of rows.
pub async fn violations(connection: &mut PgConnection) -> Vec<String> {
    let mut found = Vec::new();
    for (what, statement) in FORBIDDEN {
        let count: i64 = sqlx::query_scalar(statement).fetch_one(&mut *connection).await.unwrap();
        if count != 0 {
            found.push(format!("{count} {what}"));
        }
    }
    found
}
