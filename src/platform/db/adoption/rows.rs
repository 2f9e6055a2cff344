//! The rows that break a rule which the database will enforce, and the rules that it does not enforce yet. The keys: whether
//! the database generates them for new rows, from where on, and whether foreign keys refer to them.

use sqlx::FromRow;

use super::Inspection;
use super::columns::{ActualColumn, Column, Kind};
use crate::platform::db::serial_keys::USED_SEQUENCES;

const LISTED: i64 = 5;
/// The longest text, in bytes, that is sure to fit into an index entry.
const INDEXED_MAX: usize = 2600;
const UNINDEXED: [&str; 2] = ["description", "avatar_color"];

impl Inspection<'_> {
    /// `repeatable`: the columns in which two rows may have the same value although they must not.
    pub(super) async fn check_rows(&mut self, repeatable: &[&str]) -> sqlx::Result<()> {
        let (table, name) = (self.table, self.table.name);
        for column in table.columns {
            self.check_values(column, repeatable).await?;
        }
        for (column, to) in table.references() {
            if self.columns.iter().any(|actual| actual.name == column && actual.is_integer()) {
                self.check_orphans(column, to).await?;
            }
        }
        if self.has_all(&["email"]) {
            let broken = format!(
                "lower(t.email::text) IN (SELECT lower(o.email::text) FROM {name} o
                                          WHERE o.email IS NOT NULL GROUP BY 1 HAVING count(*) > 1)"
            );
            let fault = "with the address of another one, apart from its case";
            let correction = "Give each person an address of their own, or none";
            self.check(table.qualified("email"), &broken, fault, correction, None).await?;
        }
        if self.has_all(&["workspace_group_pk", "workspace_pk", "deleted_at"]) {
            let broken = format!(
                "t.deleted_at IS NULL AND (t.workspace_group_pk, t.workspace_pk) IN (
                     SELECT o.workspace_group_pk, o.workspace_pk FROM {name} o
                     WHERE o.deleted_at IS NULL GROUP BY 1, 2 HAVING count(*) > 1)"
            );
            let fault = "of a workspace that is in a group more than once at the same time";
            let correction = "Set deleted_at of all but one of each workspace in a group";
            self.check(name.to_owned(), &broken, fault, correction, None).await?;
        }
        Ok(())
    }

    fn has_all(&self, names: &[&str]) -> bool {
        let has = |name: &&str| self.table.column(name).is_some_and(|it| self.comparable(it).is_some());
        names.iter().all(has)
    }

    /// `broken`: a condition on `t`. `unenforced`: the fault if no row meets it, and the statement that enforces the rule.
    async fn check(
        &mut self,
        object: String,
        broken: &str,
        fault: &str,
        correction: &str,
        unenforced: Option<(&str, String)>,
    ) -> sqlx::Result<()> {
        let (fault, remedy) = match (self.rows(broken).await?, unenforced) {
            (Some(rows), None) => (format!("{rows} {fault}"), format!("{correction}.")),
            (Some(rows), Some((_, then))) => {
                (format!("{rows} {fault}"), format!("{correction}, and then {then}"))
            }
            (None, Some((fault, statement))) => (fault.to_owned(), statement),
            (None, None) => return Ok(()),
        };
        self.report.add(object, fault, remedy);
        Ok(())
    }

    /// Describes the rows, for example as `2 rows (pk 1, 3)`. `None`: there are none, or they cannot be read.
    async fn rows(&mut self, condition: &str) -> sqlx::Result<Option<String>> {
        if !self.is_readable || !self.columns.iter().any(|column| column.name == "pk") {
            return Ok(None);
        }
        let query = format!(
            "SELECT t.pk::text, count(*) OVER () FROM {} t WHERE {condition} ORDER BY t.pk LIMIT {LISTED}",
            self.table.name
        );
        let rows: Vec<(Option<String>, i64)> =
            sqlx::query_as(&query).fetch_all(&mut *self.connection).await?;
        let Some(&(_, count)) = rows.first() else { return Ok(None) };
        let keys: Vec<&str> = rows.iter().map(|(key, _)| key.as_deref().unwrap_or("null")).collect();
        let noun = if count == 1 { "row" } else { "rows" };
        let more = if count > LISTED { ", …" } else { "" };
        Ok(Some(format!("{count} {noun} (pk {}{more})", keys.join(", "))))
    }

    async fn check_values(&mut self, column: &Column, repeatable: &[&str]) -> sqlx::Result<()> {
        let Some(actual) = self.comparable(column) else { return Ok(()) };
        let is_time = ["timestamptz", "timestamp", "date"].contains(&&*actual.type_name);
        let (is_required, is_limited) = (actual.is_required, actual.max_chars.is_some());
        let (table, name) = (self.table, column.name);
        let object = || table.qualified(name);
        if !column.is_nullable && !is_required {
            let unenforced = ("a row may be without a value", format!("{} SET NOT NULL", table.alter(name)));
            let broken = format!("t.{name} IS NULL");
            let correction = "Give each a value";
            self.check(object(), &broken, "without a value", correction, Some(unenforced)).await?;
        }
        if column.kind == Kind::Time && is_time {
            let broken = format!("NOT isfinite(t.{name})");
            self.check(object(), &broken, "at infinity", "Give each a time", None).await?;
        }
        if repeatable.contains(&name) {
            let of = table.name;
            let broken = format!(
                "t.{name} IN (SELECT o.{name} FROM {of} o WHERE o.{name} IS NOT NULL GROUP BY 1 HAVING count(*) > 1)"
            );
            let statement = format!("ALTER TABLE {of} ADD UNIQUE ({name})");
            let unenforced = Some(("two rows may have the same value", statement));
            let (fault, correction) = ("with a value that another one has", "Give each a unique value");
            self.check(object(), &broken, fault, correction, unenforced).await?;
        }
        if matches!(column.kind, Kind::Text(_)) && !UNINDEXED.contains(&name) && !is_limited {
            let broken = format!("octet_length(t.{name}::text) > {INDEXED_MAX}");
            let fault = "longer than an index has room for";
            self.check(object(), &broken, fault, "Shorten each", None).await?;
        }
        Ok(())
    }

    async fn check_orphans(&mut self, column: &str, to: &str) -> sqlx::Result<()> {
        let (exists, is_comparable): (bool, bool) = sqlx::query_as(
            "SELECT to_regclass($1) IS NOT NULL,
                    EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'pk'
                            AND atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
                            AND has_table_privilege(attrelid, 'SELECT'))",
        )
        .bind(to)
        .fetch_one(&mut *self.connection)
        .await?;
        let of_another = match (exists, is_comparable) {
            // A reference to a missing table refers to nothing.
            (false, _) => String::new(),
            (true, true) => format!(" AND NOT EXISTS (SELECT FROM {to} o WHERE o.pk = t.{column})"),
            // The check of that table reports it.
            (true, false) => return Ok(()),
        };
        let broken = format!("t.{column} IS NOT NULL{of_another}");
        let fault = format!("with a key that no row of {to} has");
        let correction = "Correct or delete them: a foreign key will keep it so";
        self.check(self.table.qualified(column), &broken, &fault, correction, None).await
    }
}

#[derive(FromRow)]
struct Sequence {
    name: String,
    /// Whether it is in a schema whose sequences the application role may use.
    is_in_our_schemas: bool,
    may_read: bool,
    increment: i64,
}

impl Inspection<'_> {
    /// Reports foreign keys to another table or column, which would refuse the keys that groupdesk writes.
    pub(super) async fn check_foreign_keys(&mut self) -> sqlx::Result<()> {
        let (columns, targets): (Vec<&str>, Vec<&str>) = self.table.references().unzip();
        let misfits = sqlx::query_as(
            "SELECT format('%s.%s', $1, e.name) AS object,
                    format('the foreign key %I refers to %s (%I), and groupdesk writes keys of %s (pk)',
                           c.conname, c.confrelid::regclass, f.attname, e.target) AS fault,
                    format('ALTER TABLE %s DROP CONSTRAINT %I', $1, c.conname) AS remedy
             FROM unnest($2, $3) WITH ORDINALITY e (name, target, number)
             JOIN pg_attribute a ON a.attrelid = to_regclass($1) AND a.attname = e.name
             JOIN pg_constraint c ON c.contype = 'f' AND c.conrelid = a.attrelid AND c.conkey = ARRAY[a.attnum]
             JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = c.confkey[1]
             WHERE c.confrelid IS DISTINCT FROM to_regclass(e.target)::oid OR f.attname <> 'pk'
             ORDER BY e.number, c.conname",
        );
        let misfits = misfits.bind(self.table.name).bind(columns).bind(targets);
        self.report.0.extend(misfits.fetch_all(&mut *self.connection).await?);
        Ok(())
    }

    /// `has_application_role`: the server works without the privileges of its login.
    pub(super) async fn check_generated_keys(&mut self, has_application_role: bool) -> sqlx::Result<()> {
        let (table, columns) = (self.table, self.columns);
        for column in columns.iter().filter(|it| it.name == "pk" || table.column(&it.name).is_none()) {
            if !column.has_default {
                self.check_ungenerated(column).await?;
                continue;
            }
            for sequence in self.sequences(&column.name).await? {
                let name = &sequence.name;
                // First, because the remedies are executed in this order, and this one has the old name.
                if column.is_integer() && self.is_readable && sequence.may_read {
                    self.check_position(column, &sequence).await?;
                }
                if has_application_role && !sequence.is_in_our_schemas {
                    let fault = format!(
                        "its sequence {name} is outside of the schema core_api, where the server may take no number \
                         of it"
                    );
                    let remedy = format!("ALTER SEQUENCE {name} SET SCHEMA core_api");
                    self.report.add(table.qualified(&column.name), fault, remedy);
                }
            }
        }
        Ok(())
    }

    async fn check_ungenerated(&mut self, column: &ActualColumn) -> sqlx::Result<()> {
        let alter = self.table.alter(&column.quoted);
        let is_needed =
            if column.name == "pk" { column.is_integer() } else { column.is_required && column.is_in_key };
        if !is_needed {
            return Ok(());
        }
        let (fault, remedy) = if column.is_integer() {
            let highest = if self.is_readable { self.highest(column).await? } else { None };
            let start = highest.map(|highest| format!(" (START WITH {})", highest + 1)).unwrap_or_default();
            let fault = "the database does not count it up for new rows";
            (fault, format!("{alter} ADD GENERATED BY DEFAULT AS IDENTITY{start}"))
        } else {
            let fault = "it is part of the primary key and has no default, and groupdesk does not fill it";
            let cast = if column.type_name == "uuid" { "" } else { "::text" };
            (fault, format!("{alter} SET DEFAULT gen_random_uuid(){cast}"))
        };
        self.report.add(self.table.qualified(&column.name), fault, remedy);
        Ok(())
    }

    async fn highest(&mut self, column: &ActualColumn) -> sqlx::Result<Option<i64>> {
        let query = format!("SELECT max({})::bigint FROM {}", column.quoted, self.table.name);
        sqlx::query_scalar(&query).fetch_one(&mut *self.connection).await
    }

    /// The sequences of the column's default, whichever column owns them, or of an identity column.
    async fn sequences(&mut self, column: &str) -> sqlx::Result<Vec<Sequence>> {
        let query = format!(
            "WITH {USED_SEQUENCES}
             SELECT q.oid::regclass::text AS name,
                    n.nspname IN ('core_api', 'groupdesk') AS is_in_our_schemas,
                    has_sequence_privilege(q.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE') AS may_read,
                    s.seqincrement AS increment
             FROM used
             JOIN pg_attribute a ON a.attrelid = used.relation AND a.attnum = used.number
             JOIN pg_class q ON q.oid = used.sequence AND q.relkind = 'S'
             JOIN pg_namespace n ON n.oid = q.relnamespace
             JOIN pg_sequence s ON s.seqrelid = q.oid
             WHERE used.relation = to_regclass($1) AND a.attname = $2"
        );
        sqlx::query_as(&query).bind(self.table.name).bind(column).fetch_all(&mut *self.connection).await
    }

    /// Reports a sequence that is behind the keys, for example after the rows were copied without it.
    async fn check_position(&mut self, column: &ActualColumn, sequence: &Sequence) -> sqlx::Result<()> {
        let query = format!("SELECT last_value, is_called FROM {}", sequence.name);
        let (last, is_called): (i64, bool) = sqlx::query_as(&query).fetch_one(&mut *self.connection).await?;
        let next = if is_called { last.saturating_add(sequence.increment) } else { last };
        if let Some(highest) = self.highest(column).await?
            && sequence.increment >= 0
            && next <= highest
        {
            let fault = format!("the next key would be {next}, and there are keys up to {highest}");
            let remedy = format!("SELECT setval('{}', {highest})", sequence.name.replace('\'', "''"));
            self.report.add(self.table.qualified(&column.name), fault, remedy);
        }
        Ok(())
    }
}
