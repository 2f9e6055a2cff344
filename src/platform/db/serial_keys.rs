//! How much is left of the numbers that rows are keyed by. Most tables have keys of 32 bits, and a number is
//! used up for good, also by an insert that came to nothing.

use sqlx::PgExecutor;

/// Numbers of one table's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SerialKey {
    /// As in `core_api.workspaces`.
    pub table: String,
    /// All that there ever were.
    pub numbers: i64,
    pub left: i64,
}

/// A key is worth a warning once a fifth of its numbers is left: at the same pace they last for a quarter of the
/// time that the others lasted.
const FEW: i64 = 5;

impl SerialKey {
    pub const fn has_few_left(&self) -> bool {
        self.left <= self.numbers / FEW
    }
}

/// The sequences that columns take their values from, by default or as identity columns, each with its end or
/// the end of its column's type, whichever comes first. A sequence that grows by more than one has fewer numbers.
const KEYS: &str = "
    WITH used AS (
        SELECT d.refobjid AS sequence, f.adrelid AS relation, f.adnum AS number
        FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attrdef f ON f.oid = d.objid
        WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
        UNION
        SELECT objid, refobjid, refobjsubid FROM pg_catalog.pg_depend
        WHERE classid = 'pg_catalog.pg_class'::regclass AND refclassid = 'pg_catalog.pg_class'::regclass
          AND deptype = 'i'
    ), keys AS (
        SELECT format('%s.%s', n.nspname, t.relname) AS name, s.min_value AS first, s.increment_by AS step,
               coalesce(s.last_value, s.start_value::numeric - s.increment_by) AS last,
               least(s.max_value, CASE a.atttypid WHEN 'smallint'::regtype THEN 32767
                                                  WHEN 'integer'::regtype THEN 2147483647
                                                  ELSE 9223372036854775807 END) AS ends
        FROM used
        JOIN pg_catalog.pg_class q ON q.oid = used.sequence AND q.relkind = 'S'
        JOIN pg_catalog.pg_namespace o ON o.oid = q.relnamespace
        JOIN pg_catalog.pg_sequences s ON (s.schemaname, s.sequencename) = (o.nspname, q.relname)
        JOIN pg_catalog.pg_class t ON t.oid = used.relation
        JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace AND n.nspname IN ('core_api', 'groupdesk')
        JOIN pg_catalog.pg_attribute a ON a.attrelid = used.relation AND a.attnum = used.number
        WHERE s.increment_by > 0
    )
    SELECT name, least(div(ends::numeric - first, step) + 1, 9223372036854775807)::bigint,
           least(div(ends::numeric - last, step), 9223372036854775807)::bigint
    FROM keys ORDER BY name";

/// Of every table that has such a key, by name.
pub async fn serial_keys(database: impl PgExecutor<'_>) -> Result<Vec<SerialKey>, sqlx::Error> {
    let keys: Vec<(String, i64, i64)> = sqlx::query_as(KEYS).fetch_all(database).await?;
    Ok(keys.into_iter().map(|(table, numbers, left)| SerialKey { table, numbers, left }).collect())
}
