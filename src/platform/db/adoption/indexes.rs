//! Which columns must be unique, which must not, and which names of the migrations' indexes, triggers and tables are taken.
//! Postgres itself makes such names: an unnamed index on `core_api.workspaces (name)` is called `workspaces_name_idx`.

use sqlx::migrate::{Migration, Migrator};
use sqlx::{FromRow, PgConnection};

use super::columns::{ActualColumn, Column, ENROLLMENTS, PEOPLE, REPLACED, Table};
use super::{Inspection, Misfit};

/// The migration that creates indexes in loops, so that their names are not in its text.
const LIST_INDEXES: i64 = 20_261_124_010_000;

/// The relations in `core_api` that have one of the names. Renaming an index renames its constraint.
pub(super) async fn taken(
    connection: &mut PgConnection,
    names: &[String],
    fault: &str,
) -> sqlx::Result<Vec<Misfit>> {
    let taken = sqlx::query_as(
        "SELECT 'core_api.' || relname AS object, $2 AS fault,
                format('ALTER %1$s core_api.%2$s RENAME TO %2$s_old',
                       CASE WHEN relkind IN ('i', 'I') THEN 'INDEX' ELSE 'TABLE' END, relname) AS remedy
         FROM pg_class WHERE relnamespace = to_regnamespace('core_api') AND relname = ANY ($1) ORDER BY relname",
    );
    taken.bind(names).bind(fault).fetch_all(connection).await
}

/// `missing`: the tables that will be created, together with their indexes.
pub(super) async fn misfits(
    connection: &mut PgConnection,
    migrations: &Migrator,
    applied: &[i64],
    missing: &[&Table],
) -> sqlx::Result<Vec<Misfit>> {
    let mut indexes = to_come(migrations, applied, indexes);
    indexes.extend(missing.iter().flat_map(|table| table.indexes()));
    let fault = "it has the name of an index that groupdesk creates";
    let mut misfits = taken(connection, &indexes, fault).await?;
    let triggers = sqlx::query_as(
        "SELECT c.oid::regclass::text AS object,
                format('its trigger %s has the name of one that groupdesk creates', g.tgname) AS fault,
                format('ALTER TRIGGER %1$s ON %2$s RENAME TO %1$s_old', g.tgname, c.oid::regclass) AS remedy
         FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
         WHERE c.relnamespace = to_regnamespace('core_api') AND g.tgname = ANY ($1) ORDER BY 1, g.tgname",
    );
    let names = to_come(migrations, applied, |migration| created(migration, "TRIGGER", "ON core_api."));
    misfits.extend(triggers.bind(names).fetch_all(connection).await?);
    Ok(misfits)
}

pub(super) fn own_tables(migrations: &Migrator) -> Vec<String> {
    let tables = migrations.iter().flat_map(|migration| created(migration, "TABLE", ""));
    tables.filter_map(|table| table.strip_prefix("groupdesk.").map(str::to_owned)).collect()
}

/// The names that only migrations give which are not applied yet.
fn to_come(migrations: &Migrator, applied: &[i64], names: impl Fn(&Migration) -> Vec<String>) -> Vec<String> {
    let names = |is_applied: bool| {
        let migrations = migrations.iter();
        migrations.filter(move |it| applied.contains(&it.version) == is_applied).flat_map(&names)
    };
    let before: Vec<String> = names(true).collect();
    names(false).filter(|name| !before.contains(name)).collect()
}

/// The indexes that a migration creates in `core_api`, also those that a later one drops.
fn indexes(migration: &Migration) -> Vec<String> {
    let mut names = created(migration, "INDEX", "ON core_api.");
    if migration.version == LIST_INDEXES {
        let kinds = ["live_created", "live_updated", "removed_created", "removed_updated", "removed_deleted"];
        for kind in kinds {
            let scopes = ["all", "group", "workspace", "person"];
            names.extend(scopes.map(|scope| format!("workspace_group_workspaces_{scope}_{kind}_idx")));
        }
        for kind in kinds.into_iter().chain(["live_name", "removed_name"]) {
            names.extend(["workspace_groups", "workspaces"].map(|table| format!("{table}_{kind}_idx")));
        }
    }
    names
}

/// The names that follow `CREATE <kind>` in statements that contain `target`. A computed name contains `%`.
fn created(migration: &Migration, kind: &str, target: &str) -> Vec<String> {
    let statements = migration.sql.split("CREATE ").skip(1).filter_map(|statement| {
        let statement = statement.trim_start_matches("UNLOGGED ").strip_prefix(kind)?;
        let name = statement.trim_start().trim_start_matches("IF NOT EXISTS ").split_whitespace().next()?;
        let words: Vec<&str> = statement.split(';').next()?.split_whitespace().collect();
        (!name.contains('%') && words.join(" ").contains(target)).then(|| name.to_owned())
    });
    statements.collect()
}

const PAIR: [&str; 2] = ["workspace_group_pk", "workspace_pk"];
const EMAILS: [&str; 2] = ["lower(email::text)", "lower(email)"];
const EMAIL_INDEX: &str = "peoples_email_unique";
const LIVE_PAIR_INDEX: &str = "workspace_group_workspaces_group_workspace_active_unique";

#[derive(FromRow)]
struct UniqueIndex {
    name: String,
    is_constraint: bool,
    drop: String,
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
        // A migration creates this index only if its name is free (`IF NOT EXISTS`), so another index of this name
        // would silently take its place.
        let created = [(PEOPLE, EMAIL_INDEX), (ENROLLMENTS, LIVE_PAIR_INDEX)];
        if let Some((_, name)) = created.into_iter().find(|(of, _)| *of == table.name)
            && !others.iter().any(|index| index.name == name && index.is_as_created())
            && !refusing.iter().any(|index| index.name == name)
        {
            let fault = "it has the name of an index that groupdesk needs, and is another one";
            self.report.0.extend(taken(self.connection, &[name.to_owned()], fault).await?);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::db::migrate::MIGRATIONS;

    #[test]
    fn names_are_read_from_the_migrations() {
        let tables = own_tables(&MIGRATIONS);
        assert!(tables.len() >= 14 && tables.iter().any(|name| name == "untold_news"), "{tables:?}");
        let indexes = to_come(&MIGRATIONS, &[], indexes);
        for name in ["workspaces_name_idx", "peoples_name_search_idx", "workspaces_live_name_idx"] {
            assert!(indexes.iter().any(|index| index == name), "{name}: {indexes:?}");
        }
        assert!(!indexes.iter().any(|index| index.starts_with("operators_")), "{indexes:?}");
        // A later migration creates the index of an applied one again.
        let later = to_come(&MIGRATIONS, &[20_260_601_030_000], super::indexes);
        assert!(!later.iter().any(|index| index == "workspaces_name_search_idx"), "{later:?}");
    }
}
