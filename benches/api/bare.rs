//! The limit of Postgres for the product without its weight: the platform's tables with the same rows, in a
//! schema that has only the keys, the rule of one live row for each pair, and the index of one list.
//!
//! The statements are written by hand, because they show what the tables allow and not what the server does.

use std::fmt::Write;
use std::path::Path;

use sqlx::PgPool;

use crate::Result;
use crate::data::{PAGE_DEFAULT, PAGE_MAX, Scale, TURNS_PER_ROUND};
use crate::operations::{Caller, Operation, Varying};
use crate::script::Script;

/// Tables that others refer to come first.
const TABLES: [&str; 4] = ["peoples", "workspaces", "workspace_groups", "workspace_group_workspaces"];

/// Adds the keys of the rows. Like in the seeded tables, these indexes grow with each row.
const KEYS: [&str; 4] = [
    "ALTER TABLE bare.peoples ADD PRIMARY KEY (pk), ADD UNIQUE (people_id)",
    "ALTER TABLE bare.workspaces ADD PRIMARY KEY (pk), ADD UNIQUE (workspace_id)",
    "ALTER TABLE bare.workspace_groups ADD PRIMARY KEY (pk), ADD UNIQUE (workspace_group_id)",
    "ALTER TABLE bare.workspace_group_workspaces
         ADD PRIMARY KEY (pk), ADD UNIQUE (workspace_group_workspace_id)",
];

/// Adds what `groupdesk seed` adds after the rows, too.
const CONSTRAINTS: [&str; 4] = [
    "CREATE UNIQUE INDEX ON bare.workspace_group_workspaces (workspace_group_pk, workspace_pk)
     WHERE deleted_at IS NULL",
    "CREATE INDEX ON bare.workspace_group_workspaces
         (workspace_group_pk, created_at, workspace_group_workspace_id)
     WHERE deleted_at IS NULL",
    "ALTER TABLE bare.workspace_groups
         ADD FOREIGN KEY (created_by_pk) REFERENCES bare.peoples (pk) ON DELETE SET NULL",
    "ALTER TABLE bare.workspace_group_workspaces
         ADD FOREIGN KEY (workspace_group_pk) REFERENCES bare.workspace_groups (pk) ON DELETE RESTRICT,
         ADD FOREIGN KEY (workspace_pk) REFERENCES bare.workspaces (pk) ON DELETE RESTRICT,
         ADD FOREIGN KEY (created_by_pk) REFERENCES bare.peoples (pk) ON DELETE SET NULL",
];

/// Creates the schema with the rows that the platform's tables have now. The keys of new rows come from the
/// sequences of those tables, so they do not collide with rows that are copied later.
pub async fn create(pool: &PgPool) -> Result<()> {
    sqlx::raw_sql("CREATE SCHEMA bare").execute(pool).await?;
    for table in TABLES {
        let create = format!("CREATE TABLE bare.{table} (LIKE core_api.{table} INCLUDING DEFAULTS)");
        sqlx::raw_sql(&create).execute(pool).await?;
    }
    for statement in KEYS {
        sqlx::raw_sql(statement).execute(pool).await?;
    }
    copy_new_rows(pool).await?;
    for statement in CONSTRAINTS {
        sqlx::raw_sql(statement).execute(pool).await?;
    }
    Ok(())
}

/// Copies the rows that the platform's tables have received since the last time.
pub async fn copy_new_rows(pool: &PgPool) -> Result<()> {
    for table in TABLES {
        let copy = format!(
            "INSERT INTO bare.{table}
             SELECT * FROM core_api.{table} WHERE pk > (SELECT coalesce(max(pk), 0) FROM bare.{table})"
        );
        sqlx::raw_sql(&copy).execute(pool).await?;
    }
    Ok(())
}

/// The script of an operation on the bare tables.
pub fn script(operation: Operation, scale: Scale, caller: &Caller, folder: &Path) -> Result<Script> {
    let mut text = String::new();
    for varying in operation.varying() {
        writeln!(text, "\\set {} {}", varying.variable(), varying.expression(scale, TURNS_PER_ROUND))?;
    }
    writeln!(text, "{};\n\\set step :step + 1", statement(operation))?;
    let path = folder.join(format!("bare-{}.sql", operation.name()));
    std::fs::write(&path, text)?;
    Ok(Script { path, constants: vec![("group".to_owned(), caller.group.clone())] })
}

fn statement(operation: Operation) -> String {
    match operation {
        Operation::List20 => list(PAGE_DEFAULT),
        Operation::List100 => list(PAGE_MAX),
        Operation::Retrieve => {
            let row = Varying::AnyRow.computed_id();
            with_names(&format!(
                "SELECT * FROM bare.workspace_group_workspaces WHERE workspace_group_workspace_id = {row}"
            ))
        }
        Operation::Enroll => format!(
            "INSERT INTO bare.workspace_group_workspaces (workspace_group_pk, workspace_pk)
SELECT g.pk, w.pk
FROM bare.workspace_groups g
CROSS JOIN bare.workspaces w
WHERE g.workspace_group_id = {} AND g.deleted_at IS NULL
  AND w.workspace_id = {} AND w.deleted_at IS NULL
ON CONFLICT (workspace_group_pk, workspace_pk) WHERE deleted_at IS NULL DO NOTHING
RETURNING workspace_group_workspace_id",
            Varying::OwnGroup.computed_id(),
            Varying::NextWorkspace.computed_id(),
        ),
        Operation::Remove => format!(
            "UPDATE bare.workspace_group_workspaces SET deleted_at = now()
WHERE workspace_group_workspace_id = {} AND deleted_at IS NULL",
            Varying::NextRow.computed_id(),
        ),
    }
}

/// The newest live rows of the large group. The key of the group comes from a subquery and not from the
/// join, so that Postgres reads the rows in the order of the index.
fn list(size: usize) -> String {
    let rows = format!(
        "SELECT * FROM bare.workspace_group_workspaces
    WHERE workspace_group_pk = (SELECT pk FROM bare.workspace_groups WHERE workspace_group_id = :group::uuid)
      AND deleted_at IS NULL
    ORDER BY created_at DESC, workspace_group_workspace_id DESC
    LIMIT {size}"
    );
    format!("{}\nORDER BY e.created_at DESC, e.workspace_group_workspace_id DESC", with_names(&rows))
}

/// The rows of this query with the names that they refer to.
fn with_names(rows: &str) -> String {
    format!(
        "SELECT e.workspace_group_workspace_id, e.created_at, e.updated_at, e.deleted_at,
       g.workspace_group_id, g.name, w.workspace_id, w.name, p.people_id, p.first_name, p.last_name
FROM ({rows}) e
JOIN bare.workspace_groups g ON g.pk = e.workspace_group_pk
JOIN bare.workspaces w ON w.pk = e.workspace_pk
LEFT JOIN bare.peoples p ON p.pk = e.created_by_pk"
    )
}
