//! Checks whether an existing database can be adopted, and reports everything that only the owner of the tables can decide
//! before anything is changed. The migrations add missing constraints and defaults.

mod columns;
mod indexes;
mod rows;

use std::fmt;

use sqlx::migrate::Migrator;
use sqlx::{FromRow, PgConnection};

use self::columns::{ActualColumn, TABLES, Table};

#[derive(Debug, FromRow)]
pub struct Misfit {
    /// For example `core_api.peoples.created_at`.
    pub object: String,
    /// A clause about the object, for example `there is no such column`.
    pub fault: String,
    pub remedy: String,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}. {}", self.object, self.fault, self.remedy)
    }
}

struct Report(Vec<Misfit>);

impl Report {
    fn add(&mut self, object: impl Into<String>, fault: impl Into<String>, remedy: impl Into<String>) {
        self.0.push(Misfit { object: object.into(), fault: fault.into(), remedy: remedy.into() });
    }
}

/// The login; whether there is, or will be, the role without its privileges, which the server takes; and whether the login
/// may see what is in the two schemas, if they exist.
const SURROUNDINGS: &str = "
    SELECT quote_ident(current_user),
           EXISTS (SELECT FROM pg_roles
                   WHERE rolname = 'groupdesk_app' OR (rolname = current_user AND (rolsuper OR rolcreaterole))),
           coalesce(has_schema_privilege(to_regnamespace('core_api')::oid, 'USAGE'), true)
               AND coalesce(has_schema_privilege(to_regnamespace('groupdesk')::oid, 'USAGE'), true)";

struct Inspection<'a> {
    connection: &'a mut PgConnection,
    table: &'static Table,
    columns: &'a [ActualColumn],
    is_readable: bool,
    report: &'a mut Report,
}

/// Returns everything that does not fit, and reads whole tables. `applied`: the migrations of an unfinished adoption.
pub(super) async fn misfits(
    connection: &mut PgConnection,
    migrations: &Migrator,
    applied: &[i64],
) -> sqlx::Result<Vec<Misfit>> {
    let (login, has_application_role, may_look): (String, bool, bool) =
        sqlx::query_as(SURROUNDINGS).fetch_one(&mut *connection).await?;
    let misfits = sqlx::query_as(include_str!("surroundings.sql")).bind(indexes::own_tables(migrations));
    let misfits = misfits.bind(has_application_role).fetch_all(&mut *connection).await?;
    let mut report = Report(misfits);
    if !may_look {
        return Ok(report.0);
    }
    let mut missing = Vec::new();
    for table in &TABLES {
        let Some(is_readable) = check_table(connection, table, &login, &mut report).await? else {
            missing.push(table);
            continue;
        };
        let columns = columns::read(connection, table).await?;
        let (connection, report) = (&mut *connection, &mut report);
        let mut inspection = Inspection { connection, table, columns: &columns, is_readable, report };
        inspection.check_columns();
        let repeatable = inspection.check_uniqueness().await?;
        inspection.check_foreign_keys().await?;
        inspection.check_rows(&repeatable).await?;
        inspection.check_generated_keys(has_application_role).await?;
    }
    report.0.extend(indexes::misfits(connection, migrations, applied, &missing).await?);
    Ok(report.0)
}

/// Checks the table itself. Returns whether its rows can be read, or `None` if it does not exist and will be created.
async fn check_table(
    connection: &mut PgConnection,
    &Table { name, .. }: &Table,
    login: &str,
    report: &mut Report,
) -> sqlx::Result<Option<bool>> {
    let row = sqlx::query_as(
        "SELECT relkind <> 'r', relrowsecurity, NOT pg_has_role(relowner, 'USAGE'),
                has_table_privilege(oid, 'SELECT')
         FROM pg_class WHERE oid = to_regclass($1)",
    );
    let row: Option<(bool, bool, bool, bool)> = row.bind(name).fetch_optional(connection).await?;
    let Some((is_special, has_row_security, is_foreign, is_readable)) = row else { return Ok(None) };
    if is_special {
        let fault = "it is no ordinary table, which foreign keys and partial unique indexes need";
        report.add(name, fault, "Replace it by a table of this name.");
    }
    if has_row_security {
        let fault = "row-level security would hide rows from the role as which groupdesk serves";
        report.add(name, fault, format!("ALTER TABLE {name} DISABLE ROW LEVEL SECURITY"));
    }
    if is_foreign {
        let fault = "the login that migrates does not own it, and so may not alter it";
        report.add(name, fault, format!("ALTER TABLE {name} OWNER TO {login}"));
    }
    Ok(Some(is_readable))
}
