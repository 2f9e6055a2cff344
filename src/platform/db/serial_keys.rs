//! How many numbers are left for the keys of new rows. Most tables have 32-bit keys, and a number is used up for good,
//! also by an insert that is rolled back.

use sqlx::{FromRow, PgExecutor};

#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct SerialKey {
    /// For example `core_api.workspaces`.
    pub table: String,
    pub numbers: i64,
    pub left: i64,
}

impl SerialKey {
    /// Whether less than a fifth is left. At the same pace it lasts for a quarter of the time since the first row.
    pub const fn has_few_left(&self) -> bool {
        self.left <= self.numbers / 5
    }
}

/// A common table expression: the sequences from which columns take their values, by default or as identity columns.
pub(super) const USED_SEQUENCES: &str = "used AS (
    SELECT d.refobjid AS sequence, f.adrelid AS relation, f.adnum AS number
    FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attrdef f ON f.oid = d.objid
    WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
    UNION
    SELECT objid, refobjid, refobjsubid FROM pg_catalog.pg_depend
    WHERE classid = 'pg_catalog.pg_class'::regclass AND refclassid = 'pg_catalog.pg_class'::regclass
      AND deptype = 'i'
)";

/// The end is that of the sequence or of the column's type, whichever comes first.
const KEYS: &str = "keys AS (
        SELECT format('%s.%s', n.nspname, t.relname) AS name, s.min_value AS first, s.increment_by AS step,
               coalesce(s.last_value, s.start_value::numeric - s.increment_by) AS last,
               least(s.max_value, CASE a.atttypid WHEN 'smallint'::regtype THEN 32767
                                                  WHEN 'integer'::regtype THEN 2147483647
                                                  ELSE 9223372036854775807 END) AS ends
        FROM used
        JOIN pg_catalog.pg_class q ON q.oid = used.sequence AND q.relkind = 'S'
        JOIN pg_catalog.pg_namespace o ON o.oid = q.relnamespace
        JOIN pg_catalog.pg_sequences s ON (s.schemaname, s.sequencename) = (o.nspname, q.relname)
        -- A partition takes its numbers from the sequence of the whole table.
        JOIN pg_catalog.pg_class t ON t.oid = used.relation AND NOT t.relispartition
        JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace AND n.nspname IN ('core_api', 'groupdesk')
        JOIN pg_catalog.pg_attribute a ON a.attrelid = used.relation AND a.attnum = used.number
        WHERE s.increment_by > 0
    )
    SELECT name AS table, least(div(ends::numeric - first, step) + 1, 9223372036854775807)::bigint AS numbers,
           least(div(ends::numeric - last, step), 9223372036854775807)::bigint AS left
    FROM keys ORDER BY name";

pub async fn serial_keys(database: impl PgExecutor<'_>) -> sqlx::Result<Vec<SerialKey>> {
    sqlx::query_as(&format!("WITH {USED_SEQUENCES}, {KEYS}")).fetch_all(database).await
}
