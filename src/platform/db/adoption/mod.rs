//! Whether a database can be adopted as it is: one report of all that does not fit, before anything is changed.
//!
//! The migrations take tables in `core_api` that are there already, and add what is missing in constraints and
//! defaults. What they cannot add, because only its owner knows what it should be, is reported here: a missing
//! column, another type, rows that break a rule, a name that is taken. What the desk works with stays as it is. The
//! check runs once: a database that has been adopted stays so.

mod columns;
mod expected;
mod keys;
mod names;
mod references;
mod rows;
mod surroundings;
mod uniqueness;

use std::fmt;

use sqlx::PgConnection;

use self::expected::{TABLES, Table};

/// One thing that does not fit, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// As in `core_api.peoples.created_at`.
    pub place: String,
    /// A clause about it, as in `there is no such column`.
    pub fault: String,
    /// A sentence or a statement.
    pub remedy: String,
}

impl Misfit {
    fn new(place: impl Into<String>, fault: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { place: place.into(), fault: fault.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}. {}", self.place, self.fault, self.remedy)
    }
}

/// All that does not fit. Only reads, but reads tables as a whole. `applied`: the versions of the migrations that
/// an earlier version of the program has applied without coming to the end of the adoption.
pub(super) async fn misfits(
    connection: &mut PgConnection,
    applied: &[i64],
) -> Result<Vec<Misfit>, sqlx::Error> {
    let (mut found, around) = surroundings::misfits(connection).await?;
    if !around.may_look {
        return Ok(found);
    }
    let mut missing = Vec::new();
    for table in &TABLES {
        let Some(is_readable) = look_at(connection, table, &around.login, &mut found).await? else {
            missing.push(table);
            continue;
        };
        let columns = columns::read(connection, table).await?;
        columns::misfits(table, &columns, &mut found);
        let repeatable = uniqueness::misfits(connection, table, &columns, &mut found).await?;
        references::misfits(connection, table, &mut found).await?;
        rows::misfits(connection, table, &columns, &repeatable, is_readable, &mut found).await?;
        keys::misfits(connection, table, &columns, is_readable, around.steps_down, &mut found).await?;
    }
    names::misfits(connection, applied, &missing, &mut found).await?;
    Ok(found)
}

/// The table itself. `None`: it is not there, and will be made. Otherwise whether its rows can be read.
async fn look_at(
    connection: &mut PgConnection,
    table: &Table,
    login: &str,
    found: &mut Vec<Misfit>,
) -> Result<Option<bool>, sqlx::Error> {
    let row: Option<(String, bool, bool, bool)> = sqlx::query_as(
        "SELECT relkind::text, relrowsecurity, pg_has_role(relowner, 'USAGE'), has_table_privilege(oid, 'SELECT')
         FROM pg_class WHERE oid = to_regclass($1)",
    )
    .bind(table.name)
    .fetch_optional(connection)
    .await?;
    let Some((kind, has_row_security, is_ours, is_readable)) = row else { return Ok(None) };
    let name = table.name;
    if kind != "r" {
        let fault = "it is no ordinary table, which foreign keys and partial unique indexes need";
        found.push(Misfit::new(name, fault, "Replace it by a table of this name."));
    }
    if has_row_security {
        let fault = "row-level security would hide rows from the role as which the desk serves";
        found.push(Misfit::new(name, fault, format!("ALTER TABLE {name} DISABLE ROW LEVEL SECURITY")));
    }
    if !is_ours {
        let fault = "the login that migrates does not own it, and so may not alter it";
        found.push(Misfit::new(name, fault, format!("ALTER TABLE {name} OWNER TO {login}")));
    }
    Ok(Some(is_readable))
}
