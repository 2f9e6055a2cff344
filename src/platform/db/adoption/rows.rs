//! The rows: those that break a rule which the database is to hold from now on, and the rules that nothing holds.

use sqlx::PgConnection;

use super::Misfit;
use super::columns::{Found, found, place, required};
use super::expected::{Column, Kind, Table};

/// How many rows are named.
const NAMED: i64 = 5;
/// The longest text of which an entry of an index is sure to have room for, in bytes.
const INDEXED: usize = 2600;

struct Search<'a> {
    connection: &'a mut PgConnection,
    table: &'a Table,
    columns: &'a [Found],
    /// Otherwise no row is known to break a rule.
    can_read: bool,
    misfits: &'a mut Vec<Misfit>,
}

/// A rule that nothing in the database holds at the moment.
struct Rule<'a> {
    column: &'a str,
    /// What is true of a row that breaks it.
    broken: String,
    /// What is said of such rows.
    fault: &'a str,
    /// What is said where there are none.
    possible: &'a str,
    /// What to do with such rows.
    correction: &'a str,
    /// The statement by which the database holds the rule.
    statement: String,
}

/// `repeatable`: the columns in which two rows may have the same value and must not.
pub(super) async fn misfits(
    connection: &mut PgConnection,
    table: &Table,
    columns: &[Found],
    repeatable: &[&str],
    is_readable: bool,
    misfits: &mut Vec<Misfit>,
) -> Result<(), sqlx::Error> {
    let can_read = is_readable && columns.iter().any(|found| found.name == "pk");
    let mut search = Search { connection, table, columns, can_read, misfits };
    for column in table.columns {
        search.values(column, repeatable).await?;
    }
    for reference in table.references {
        if search.has_number(reference.column) {
            search.orphans(reference.column, reference.to).await?;
        }
    }
    if search.has("email") {
        search.equal_addresses().await?;
    }
    if ["workspace_group_pk", "workspace_pk", "deleted_at"].into_iter().all(|name| search.has(name)) {
        search.live_twice().await?;
    }
    Ok(())
}

impl Search<'_> {
    fn has(&self, name: &str) -> bool {
        self.table.column(name).is_some_and(|column| found(column, self.columns).is_some())
    }

    /// Can its values be compared with keys?
    fn has_number(&self, name: &str) -> bool {
        let is_number = |found: &Found| ["int2", "int4", "int8"].contains(&found.type_name.as_str());
        self.columns.iter().any(|found| found.name == name && is_number(found))
    }

    /// Which rows are so, in words; `None`: none are. `condition` is about `t`.
    async fn rows(&mut self, condition: &str) -> Result<Option<String>, sqlx::Error> {
        if !self.can_read {
            return Ok(None);
        }
        let query = format!(
            "SELECT t.pk::text, count(*) OVER () FROM {} t WHERE {condition} ORDER BY t.pk LIMIT {NAMED}",
            self.table.name
        );
        let rows: Vec<(Option<String>, i64)> =
            sqlx::query_as(&query).fetch_all(&mut *self.connection).await?;
        let Some((_, count)) = rows.first() else { return Ok(None) };
        let count = *count;
        let keys: Vec<&str> = rows.iter().map(|(key, _)| key.as_deref().unwrap_or("null")).collect();
        let (what, more) = (if count == 1 { "row" } else { "rows" }, if count > NAMED { ", …" } else { "" });
        Ok(Some(format!("{count} {what} (pk {}{more})", keys.join(", "))))
    }

    async fn check(
        &mut self,
        place: String,
        condition: &str,
        fault: &str,
        remedy: &str,
    ) -> Result<(), sqlx::Error> {
        if let Some(rows) = self.rows(condition).await? {
            self.misfits.push(Misfit::new(place, format!("{rows} {fault}"), remedy));
        }
        Ok(())
    }

    /// A misfit either way: the statement fails as long as there are rows that break the rule.
    async fn rule(&mut self, rule: Rule<'_>) -> Result<(), sqlx::Error> {
        let Rule { column, broken, fault, possible, correction, statement } = rule;
        let place = place(self.table, column);
        let misfit = match self.rows(&broken).await? {
            Some(rows) => {
                Misfit::new(place, format!("{rows} {fault}"), format!("{correction}, and then {statement}"))
            }
            None => Misfit::new(place, possible, statement),
        };
        self.misfits.push(misfit);
        Ok(())
    }

    /// Values that are missing or are there twice, times that are none, and texts that are too long for an index.
    async fn values(&mut self, column: &Column, repeatable: &[&str]) -> Result<(), sqlx::Error> {
        let Some(found) = found(column, self.columns) else { return Ok(()) };
        let (table, name) = (self.table, column.name);
        if !column.is_optional && !found.is_required {
            self.rule(Rule {
                column: name,
                broken: format!("t.{name} IS NULL"),
                fault: "without a value",
                possible: "a row may be without a value",
                correction: "Give each a value",
                statement: required(table, name),
            })
            .await?;
        }
        if column.kind == Kind::Time && ["timestamptz", "timestamp", "date"].contains(&&*found.type_name) {
            let condition = format!("NOT isfinite(t.{name})");
            self.check(place(table, name), &condition, "at infinity", "Give each a time.").await?;
        }
        if repeatable.contains(&name) {
            self.rule(Rule {
                column: name,
                broken: format!(
                    "t.{name} IN (SELECT o.{name} FROM {} o WHERE o.{name} IS NOT NULL GROUP BY 1 HAVING count(*) > 1)",
                    table.name
                ),
                fault: "with a value that another one has",
                possible: "two rows may have the same value",
                correction: "Give each a value of its own",
                statement: format!("ALTER TABLE {} ADD UNIQUE ({name})", table.name),
            })
            .await?;
        }
        // Descriptions and colours are in no index.
        let is_indexed =
            matches!(column.kind, Kind::Text(_)) && !["description", "avatar_color"].contains(&name);
        if is_indexed && found.room.is_none() {
            let condition = format!("octet_length(t.{name}::text) > {INDEXED}");
            self.check(place(table, name), &condition, "longer than an index has room for", "Shorten each.")
                .await?;
        }
        Ok(())
    }

    async fn orphans(&mut self, column: &str, to: &str) -> Result<(), sqlx::Error> {
        let (is_there, has_keys): (bool, bool) = sqlx::query_as(
            "SELECT to_regclass($1) IS NOT NULL,
                    EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'pk'
                            AND atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
                            AND has_table_privilege(attrelid, 'SELECT'))",
        )
        .bind(to)
        .fetch_one(&mut *self.connection)
        .await?;
        let condition = match (is_there, has_keys) {
            (true, true) => {
                format!("t.{column} IS NOT NULL AND NOT EXISTS (SELECT FROM {to} o WHERE o.pk = t.{column})")
            }
            // Which is a misfit of that table.
            (true, false) => return Ok(()),
            // Whatever refers to a table that is missing refers to nothing.
            (false, _) => format!("t.{column} IS NOT NULL"),
        };
        let fault = format!("with a key that no row of {to} has");
        let remedy = "Correct or delete them: a foreign key will keep it so.";
        self.check(place(self.table, column), &condition, &fault, remedy).await
    }

    async fn equal_addresses(&mut self) -> Result<(), sqlx::Error> {
        let condition = format!(
            "lower(t.email::text) IN (SELECT lower(o.email::text) FROM {} o
                                      WHERE o.email IS NOT NULL GROUP BY 1 HAVING count(*) > 1)",
            self.table.name
        );
        let fault = "with the address of another one, apart from its case";
        let remedy = "Give each person an address of their own, or none.";
        self.check(place(self.table, "email"), &condition, fault, remedy).await
    }

    async fn live_twice(&mut self) -> Result<(), sqlx::Error> {
        let condition = format!(
            "t.deleted_at IS NULL AND (t.workspace_group_pk, t.workspace_pk) IN (
                 SELECT o.workspace_group_pk, o.workspace_pk FROM {} o
                 WHERE o.deleted_at IS NULL GROUP BY 1, 2 HAVING count(*) > 1)",
            self.table.name
        );
        let fault = "of a workspace that is in a group more than once at the same time";
        let remedy = "Set deleted_at of all but one of each workspace in a group.";
        self.check(self.table.name.to_owned(), &condition, fault, remedy).await
    }
}
