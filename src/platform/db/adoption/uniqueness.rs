//! Uniqueness: which columns must be unique, and which must not.

use sqlx::{FromRow, PgConnection};

use super::columns::ActualColumn;
use super::expected::{Column, ENROLLMENTS, PEOPLE, REPLACED, Table};
use super::{Inspection, names};

const PAIR: [&str; 2] = ["workspace_group_pk", "workspace_pk"];
const EMAILS: [&str; 2] = ["lower(email::text)", "lower(email)"];
const EMAIL_INDEX: &str = "peoples_email_unique";
const LIVE_PAIR_INDEX: &str = "workspace_group_workspaces_group_workspace_active_unique";

#[derive(FromRow)]
struct UniqueIndex {
    name: String,
    is_constraint: bool,
    /// The statement that drops it.
    drop: String,
    /// Columns or expressions, and the predicate of a partial index.
    columns: Vec<String>,
    condition: Option<String>,
    is_immediate: bool,
}

impl UniqueIndex {
    /// Whether it ensures that no two rows have the same value. Null values are never the same.
    fn ensures_unique(&self, column: &str) -> bool {
        let is_whole = self.condition.as_ref().is_none_or(|it| *it == format!("({column} IS NOT NULL)"));
        self.is_immediate && is_whole && self.columns == [column]
    }

    fn is_of_live_pairs(&self) -> bool {
        let is_live = |it: &String| it.contains("deleted_at IS NULL") && !it.contains(" OR ");
        self.columns == PAIR && self.condition.as_ref().is_some_and(is_live)
    }

    /// Whether it is what the migration of this name would create.
    fn is_as_created(&self) -> bool {
        let columns: Vec<&str> = self.columns.iter().map(String::as_str).collect();
        match (self.name.as_str(), &columns[..], self.condition.as_deref()) {
            (EMAIL_INDEX, [column], None | Some("(email IS NOT NULL)")) => EMAILS.contains(column),
            (LIVE_PAIR_INDEX, columns, Some("(deleted_at IS NULL)")) => columns == PAIR,
            _ => false,
        }
    }
}

async fn unique_indexes(connection: &mut PgConnection, table: &Table) -> sqlx::Result<Vec<UniqueIndex>> {
    sqlx::query_as(
        "SELECT i.relname::text AS name, c.oid IS NOT NULL AS is_constraint,
                CASE WHEN c.oid IS NULL THEN format('DROP INDEX %s', x.indexrelid::regclass)
                     ELSE format('ALTER TABLE %s DROP CONSTRAINT %I', x.indrelid::regclass, c.conname) END AS drop,
                pg_get_expr(x.indpred, x.indrelid) AS condition, x.indimmediate AS is_immediate,
                ARRAY(SELECT pg_get_indexdef(x.indexrelid, n::int, true) FROM generate_series(1, x.indnkeyatts) n) AS columns
         FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
         LEFT JOIN pg_constraint c
             ON c.conindid = x.indexrelid AND c.conrelid = x.indrelid AND c.contype IN ('p', 'u')
         WHERE x.indrelid = to_regclass($1) AND x.indisunique AND x.indisvalid ORDER BY i.relname",
    )
    .bind(table.name)
    .fetch_all(connection)
    .await
}

impl Inspection<'_> {
    /// Returns the columns in which two rows may have the same value although they must not.
    pub(super) async fn check_uniqueness(&mut self) -> sqlx::Result<Vec<&'static str>> {
        let table = self.table;
        let indexes = unique_indexes(self.connection, table).await?;
        let (refusing, others): (Vec<_>, Vec<_>) =
            indexes.into_iter().partition(|index| self.is_too_strict(index));
        for UniqueIndex { name, drop, columns, .. } in &refusing {
            let columns = columns.join(", ");
            let fault = format!("the unique index {name} of ({columns}) refuses what groupdesk allows");
            self.report.add(table.name, fault, drop);
        }
        // A migration creates this index, unless there is one of its name.
        let created = [(PEOPLE, EMAIL_INDEX), (ENROLLMENTS, LIVE_PAIR_INDEX)];
        if let Some((_, name)) = created.into_iter().find(|(of, _)| *of == table.name)
            && !others.iter().any(|index| index.name == name && index.is_as_created())
            && !refusing.iter().any(|index| index.name == name)
        {
            let fault = "it has the name of an index that groupdesk needs, and is another one";
            self.report.0.extend(names::taken(self.connection, &[name.to_owned()], fault).await?);
        }
        let is_ensured = |name: &str| others.iter().any(|index| index.ensures_unique(name));
        let must_be_unique = |column: &&Column| column.is_unique() && self.comparable(column).is_some();
        let names = table.columns.iter().filter(must_be_unique).map(|column| column.name);
        Ok(names.filter(|name| !is_ensured(name)).collect())
    }

    /// Whether it makes unique what need not be. It refuses nothing with a column in it that is unique anyway, with an
    /// e-mail address in any form, or with a column that is not groupdesk's and fills itself.
    fn is_too_strict(&self, index: &UniqueIndex) -> bool {
        let is_filled = |word: &str| {
            let is_filled = |column: &ActualColumn| column.name == word && column.fills_itself;
            self.table.column(word).is_none() && self.columns.iter().any(is_filled)
        };
        let refuses_nothing = |text: &String| {
            let mut identifiers = text.split(|sign: char| !sign.is_alphanumeric() && sign != '_');
            self.table.column(text).is_some_and(Column::is_unique)
                || identifiers.any(|word| word == "email" || is_filled(word))
        };
        let is_replaced = index.name == REPLACED && index.is_constraint;
        !is_replaced && !index.is_of_live_pairs() && !index.columns.iter().any(refuses_nothing)
    }
}
