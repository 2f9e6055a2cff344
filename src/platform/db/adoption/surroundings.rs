//! The server, the database, and what the login may do there.

use sqlx::migrate::Migrator;
use sqlx::{FromRow, PgConnection};

use super::{Misfit, names};

/// What the checks of the tables need to know.
#[derive(FromRow)]
pub(super) struct Surroundings {
    /// As an SQL identifier.
    pub(super) login: String,
    /// Whether there is, or will be, the role without the privileges of the login, which the server takes.
    pub(super) has_application_role: bool,
    /// Whether the login may see what is in the two schemas, if they exist.
    pub(super) may_look: bool,
}

const SURROUNDINGS: &str = "
    SELECT quote_ident(current_user) AS login,
           EXISTS (SELECT FROM pg_roles
                   WHERE rolname = 'groupdesk_app' OR (rolname = current_user AND (rolsuper OR rolcreaterole)))
               AS has_application_role,
           coalesce(has_schema_privilege(to_regnamespace('core_api')::oid, 'USAGE'), true)
               AND coalesce(has_schema_privilege(to_regnamespace('groupdesk')::oid, 'USAGE'), true) AS may_look";

pub(super) async fn read(connection: &mut PgConnection) -> sqlx::Result<Surroundings> {
    sqlx::query_as(SURROUNDINGS).fetch_one(connection).await
}

const MISFITS: &str = include_str!("surroundings.sql");

pub(super) async fn misfits(
    connection: &mut PgConnection,
    migrations: &Migrator,
    surroundings: &Surroundings,
) -> sqlx::Result<Vec<Misfit>> {
    let query = sqlx::query_as(MISFITS).bind(names::own_tables(migrations));
    query.bind(surroundings.has_application_role).fetch_all(connection).await
}
