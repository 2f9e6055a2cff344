//! Checks whether an existing database can be adopted, and reports everything that does not fit before anything is
//! changed.
//!
//! The migrations take over existing tables in `core_api` and add missing constraints and defaults. This check reports
//! what only the owner of the tables can decide: a missing column, another type, rows that break a rule, a name that is
//! taken. It runs once, because a database that has been adopted stays adopted.

mod columns;
mod expected;
mod keys;
mod names;
mod rows;
mod surroundings;
mod uniqueness;

use std::fmt;

use sqlx::PgConnection;
use sqlx::migrate::Migrator;

use self::columns::ActualColumn;
use self::expected::{TABLES, Table};
use self::surroundings::Surroundings;

/// One thing that does not fit, and its remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// For example `core_api.peoples.created_at`.
    pub object: String,
    /// A clause about the object, for example `there is no such column`.
    pub fault: String,
    /// A sentence or a statement.
    pub remedy: String,
}

impl Misfit {
    fn new(object: impl Into<String>, fault: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { object: object.into(), fault: fault.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}. {}", self.object, self.fault, self.remedy)
    }
}

/// The check of one table. Each module of this folder checks one aspect.
struct Inspection<'a> {
    connection: &'a mut PgConnection,
    table: &'static Table,
    columns: &'a [ActualColumn],
    is_readable: bool,
    misfits: &'a mut Vec<Misfit>,
}

impl Inspection<'_> {
    fn report(&mut self, object: impl Into<String>, fault: impl Into<String>, remedy: impl Into<String>) {
        self.misfits.push(Misfit::new(object, fault, remedy));
    }
}

/// Returns everything that does not fit. It only reads, but it reads whole tables. `applied`: the versions of the
/// migrations that an earlier, unfinished adoption has applied.
pub(super) async fn misfits(
    connection: &mut PgConnection,
    migrations: &Migrator,
    applied: &[i64],
) -> sqlx::Result<Vec<Misfit>> {
    let surroundings = surroundings::read(connection, migrations).await?;
    let mut misfits = surroundings.misfits();
    if !surroundings.may_look {
        return Ok(misfits);
    }
    let mut missing = Vec::new();
    for table in &TABLES {
        let Some(is_readable) = check_table(connection, table, &surroundings, &mut misfits).await? else {
            missing.push(table);
            continue;
        };
        let columns = columns::read(connection, table).await?;
        let mut inspection = Inspection {
            connection: &mut *connection,
            table,
            columns: &columns,
            is_readable,
            misfits: &mut misfits,
        };
        inspection.check_columns();
        let repeatable = inspection.check_uniqueness().await?;
        inspection.check_foreign_keys().await?;
        inspection.check_rows(&repeatable).await?;
        inspection.check_generated_keys(surroundings.has_application_role).await?;
    }
    misfits.extend(names::misfits(connection, migrations, applied, &missing).await?);
    Ok(misfits)
}

/// Checks the table itself. Returns whether its rows can be read, or `None` if it does not exist and will be created.
async fn check_table(
    connection: &mut PgConnection,
    table: &Table,
    surroundings: &Surroundings,
    misfits: &mut Vec<Misfit>,
) -> sqlx::Result<Option<bool>> {
    let row: Option<(bool, bool, bool, bool)> = sqlx::query_as(
        "SELECT relkind <> 'r', relrowsecurity, NOT pg_has_role(relowner, 'USAGE'),
                has_table_privilege(oid, 'SELECT')
         FROM pg_class WHERE oid = to_regclass($1)",
    )
    .bind(table.name)
    .fetch_optional(connection)
    .await?;
    let Some((is_special, has_row_security, is_foreign, is_readable)) = row else { return Ok(None) };
    let name = table.name;
    let checks = [
        (
            is_special,
            "it is no ordinary table, which foreign keys and partial unique indexes need",
            "Replace it by a table of this name.".to_owned(),
        ),
        (
            has_row_security,
            "row-level security would hide rows from the role as which groupdesk serves",
            format!("ALTER TABLE {name} DISABLE ROW LEVEL SECURITY"),
        ),
        (
            is_foreign,
            "the login that migrates does not own it, and so may not alter it",
            format!("ALTER TABLE {name} OWNER TO {}", surroundings.login),
        ),
    ];
    let found = checks.into_iter().filter(|(is_misfit, ..)| *is_misfit);
    misfits.extend(found.map(|(_, fault, remedy)| Misfit::new(name, fault, remedy)));
    Ok(Some(is_readable))
}
