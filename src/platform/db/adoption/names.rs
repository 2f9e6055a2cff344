//! Names that the migrations give to indexes and triggers, and that are taken already. Postgres itself makes such names:
//! an index on `core_api.workspaces (name)` is called `workspaces_name_idx` where nobody says otherwise.

use sqlx::{FromRow, PgConnection};

use super::Misfit;
use super::expected::Table;

/// The indexes that each migration makes in `core_api`, also those that a later one drops.
const INDEXES: [(i64, &[&str]); 6] = [
    (
        20_260_601_020_000,
        &[
            "workspace_group_workspaces_created_idx",
            "workspace_group_workspaces_live_created_idx",
            "workspace_group_workspaces_removed_deleted_idx",
            "workspace_group_workspaces_group_created_idx",
            "workspace_group_workspaces_group_live_created_idx",
            "workspace_group_workspaces_group_removed_deleted_idx",
            "workspace_group_workspaces_workspace_created_idx",
            "workspace_group_workspaces_person_created_idx",
            "workspace_groups_person_idx",
            "workspace_groups_created_idx",
            "workspace_groups_name_idx",
            "workspaces_created_idx",
            "workspaces_name_idx",
            "peoples_created_idx",
        ],
    ),
    (
        20_260_601_030_000,
        &["workspace_groups_name_search_idx", "workspaces_name_search_idx", "peoples_name_search_idx"],
    ),
    (
        20_261_124_010_000,
        &[
            "workspace_group_workspaces_all_live_created_idx",
            "workspace_group_workspaces_all_live_updated_idx",
            "workspace_group_workspaces_all_removed_created_idx",
            "workspace_group_workspaces_all_removed_updated_idx",
            "workspace_group_workspaces_all_removed_deleted_idx",
            "workspace_group_workspaces_group_live_updated_idx",
            "workspace_group_workspaces_group_removed_created_idx",
            "workspace_group_workspaces_group_removed_updated_idx",
            "workspace_group_workspaces_workspace_live_created_idx",
            "workspace_group_workspaces_workspace_live_updated_idx",
            "workspace_group_workspaces_workspace_removed_created_idx",
            "workspace_group_workspaces_workspace_removed_updated_idx",
            "workspace_group_workspaces_workspace_removed_deleted_idx",
            "workspace_group_workspaces_person_live_created_idx",
            "workspace_group_workspaces_person_live_updated_idx",
            "workspace_group_workspaces_person_removed_created_idx",
            "workspace_group_workspaces_person_removed_updated_idx",
            "workspace_group_workspaces_person_removed_deleted_idx",
            "workspace_group_workspaces_pair_idx",
            "workspace_group_workspaces_person_idx",
            "workspace_groups_live_created_idx",
            "workspace_groups_live_updated_idx",
            "workspace_groups_live_name_idx",
            "workspace_groups_removed_created_idx",
            "workspace_groups_removed_updated_idx",
            "workspace_groups_removed_deleted_idx",
            "workspace_groups_removed_name_idx",
            "workspaces_live_created_idx",
            "workspaces_live_updated_idx",
            "workspaces_live_name_idx",
            "workspaces_removed_created_idx",
            "workspaces_removed_updated_idx",
            "workspaces_removed_deleted_idx",
            "workspaces_removed_name_idx",
            "peoples_updated_idx",
            "peoples_last_name_idx",
        ],
    ),
    (20_261_125_000_100, &["peoples_email_search_idx"]),
    (
        20_261_125_040_100,
        &["workspace_groups_person_live_created_idx", "workspace_groups_person_removed_created_idx"],
    ),
    (
        20_261_129_100_000,
        &[
            "workspace_groups_live_beginning_idx",
            "workspaces_live_beginning_idx",
            "workspaces_external_beginning_idx",
            "peoples_name_beginning_idx",
            "peoples_last_name_beginning_idx",
        ],
    ),
];

/// The triggers that each migration makes on the tables in `core_api`.
const TRIGGERS: [(i64, &[&str]); 4] = [
    (20_260_601_000_000, &["workspace_groups_name_not_blank", "workspaces_name_not_blank"]),
    (20_260_601_010_000, &["workspace_group_workspaces_guard", "workspace_group_workspaces_guard_truncate"]),
    (20_261_124_020_000, &["workspace_group_workspaces_follows"]),
    (
        20_261_125_040_000,
        &[
            "workspaces_loose",
            "workspace_group_workspaces_loose_no_more",
            "workspace_group_workspaces_loose_again",
        ],
    ),
];

/// A relation in `core_api` that has a name of ours.
#[derive(FromRow)]
pub(super) struct Taken {
    name: String,
    is_index: bool,
}

impl Taken {
    pub(super) fn place(&self) -> String {
        format!("core_api.{}", self.name)
    }

    /// The statement that gives the name back. With an index its constraint is renamed, too.
    pub(super) fn renamed(&self) -> String {
        let (kind, name) = (if self.is_index { "INDEX" } else { "TABLE" }, &self.name);
        format!("ALTER {kind} core_api.{name} RENAME TO {name}_old")
    }
}

/// Those of the names that are taken.
pub(super) async fn taken(connection: &mut PgConnection, names: &[&str]) -> Result<Vec<Taken>, sqlx::Error> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    sqlx::query_as(
        "SELECT relname::text AS name, relkind IN ('i', 'I') AS is_index FROM pg_class
         WHERE relnamespace = to_regnamespace('core_api') AND relname = ANY ($1) ORDER BY relname",
    )
    .bind(names)
    .fetch_all(connection)
    .await
}

/// `missing`: the tables that will be made, with indexes that have names of their own.
pub(super) async fn misfits(
    connection: &mut PgConnection,
    applied: &[i64],
    missing: &[&Table],
    misfits: &mut Vec<Misfit>,
) -> Result<(), sqlx::Error> {
    let mut indexes = to_come(&INDEXES, applied);
    indexes.extend(missing.iter().flat_map(|table| table.indexes));
    for taken in taken(connection, &indexes).await? {
        let fault = "it has the name of an index that the desk makes";
        misfits.push(Misfit::new(taken.place(), fault, taken.renamed()));
    }
    let triggers: Vec<String> = to_come(&TRIGGERS, applied).into_iter().map(str::to_owned).collect();
    let taken: Vec<(String, String)> = sqlx::query_as(
        "SELECT c.oid::regclass::text, g.tgname::text FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
         WHERE c.relnamespace = to_regnamespace('core_api') AND g.tgname = ANY ($1) ORDER BY 1, 2",
    )
    .bind(triggers)
    .fetch_all(connection)
    .await?;
    for (table, trigger) in taken {
        let fault = format!("its trigger {trigger} has the name of one that the desk makes");
        let remedy = format!("ALTER TRIGGER {trigger} ON {table} RENAME TO {trigger}_old");
        misfits.push(Misfit::new(table, fault, remedy));
    }
    Ok(())
}

/// The names that migrations make which are not applied yet.
fn to_come(names: &[(i64, &[&'static str])], applied: &[i64]) -> Vec<&'static str> {
    let to_come = names.iter().filter(|(version, _)| !applied.contains(version));
    to_come.flat_map(|(_, names)| names.iter().copied()).collect()
}
