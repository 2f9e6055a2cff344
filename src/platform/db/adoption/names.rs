//! Names of the migrations' indexes, triggers and tables that are taken. Postgres itself makes such names: an unnamed index
//! on `core_api.workspaces (name)` is called `workspaces_name_idx`.

use sqlx::PgConnection;
use sqlx::migrate::{Migration, Migrator};

use super::Misfit;
use super::expected::Table;

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

/// The tables that the migrations create in the schema `groupdesk`, without the schema.
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

/// The names that follow `CREATE <kind>` in statements that contain `target`. Names that are computed contain `%` and are
/// left out.
fn created(migration: &Migration, kind: &str, target: &str) -> Vec<String> {
    let statements = migration.sql.split("CREATE ").skip(1).filter_map(|statement| {
        let statement = statement.trim_start_matches("UNLOGGED ").strip_prefix(kind)?;
        let name = statement.trim_start().trim_start_matches("IF NOT EXISTS ").split_whitespace().next()?;
        let words: Vec<&str> = statement.split(';').next()?.split_whitespace().collect();
        (!name.contains('%') && words.join(" ").contains(target)).then(|| name.to_owned())
    });
    statements.collect()
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
