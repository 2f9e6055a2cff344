//! A snapshot of the database for comparison.

use std::collections::BTreeMap;

use sqlx::PgPool;

/// The number of rows and a hash of all rows, by table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct State(BTreeMap<String, String>);

impl State {
    /// Takes a snapshot without what viewing a page may write: the last use of tokens and sessions, and
    /// pending messages of sessions. The number of sessions is ignored, too, because anonymous callers get
    /// one for a message.
    pub async fn of(pool: &PgPool) -> Self {
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
             WHERE schemaname IN ('core_api', 'groupdesk') AND tablename <> 'sessions'",
        )
        .fetch_all(pool)
        .await
        .unwrap();
        assert!(tables.len() >= 12, "{tables:?}");
        let selects: Vec<String> = tables
            .iter()
            .map(|table| {
                format!(
                    "SELECT '{table}', count(*) || ' rows ' ||
                            coalesce(md5(string_agg(r.text, ',' ORDER BY r.text)), '')
                     FROM (SELECT (to_jsonb(t) - 'last_used_at')::text AS text FROM {table} t) r"
                )
            })
            .collect();
        let rows: Vec<(String, String)> =
            sqlx::query_as(&selects.join(" UNION ALL ")).fetch_all(pool).await.unwrap();
        Self(rows.into_iter().collect())
    }

    /// The tables that differ.
    pub fn changed_since<'a>(&'a self, before: &Self) -> Vec<&'a str> {
        let changed = self.0.iter().filter(|(table, rows)| before.0.get(*table) != Some(rows));
        changed.map(|(table, _)| table.as_str()).collect()
    }
}
