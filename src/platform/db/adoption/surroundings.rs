//! The server, the database, and what the login may do there.

use sqlx::migrate::Migrator;
use sqlx::{FromRow, PgConnection};

use super::{Report, names};

#[derive(FromRow)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one property of the server or privilege of the login"
)]
pub(super) struct Surroundings {
    /// As SQL identifiers.
    database: String,
    pub(super) login: String,
    version: i32,
    encoding: String,
    may_create: bool,
    /// Whether there is, or will be, the role without the privileges of the login, which the server takes.
    pub(super) has_application_role: bool,
    /// The schema of the extension `pg_trgm`, if the login may not use it.
    extension_schema: Option<String>,
    /// Whether the extension is not installed, and in addition not available, without a schema, or not allowed.
    lacks_package: bool,
    lacks_public: bool,
    may_not_install: bool,
    /// Whether the login may see what is in the two schemas, if they exist.
    pub(super) may_look: bool,
    /// The existing ones of the two schemas in which the login may not create or not see anything.
    closed_schemas: Vec<String>,
    /// Whether `core_api` exists and the login may not grant it to the application role.
    is_not_grantable: bool,
    /// Sequences in the two schemas that the login may not grant to the application role.
    sequences: Vec<String>,
    /// Tables in the schema `groupdesk` with our names, before any migration has run.
    unknown_tables: Vec<String>,
}

const SURROUNDINGS: &str = "
    SELECT quote_ident(current_database()) AS database, quote_ident(current_user) AS login,
           current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding,
           may_install OR (to_regnamespace('core_api') IS NOT NULL AND to_regnamespace('groupdesk') IS NOT NULL)
               AS may_create,
           EXISTS (SELECT FROM pg_roles
                   WHERE rolname = 'groupdesk_app' OR (rolname = current_user AND (rolsuper OR rolcreaterole)))
               AS has_application_role,
           (SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
            WHERE e.extname = 'pg_trgm' AND NOT has_schema_privilege(n.oid, 'USAGE')) AS extension_schema,
           NOT is_installed AND NOT is_available AS lacks_package,
           NOT is_installed AND is_available AND NOT has_public AS lacks_public,
           NOT is_installed AND is_available AND has_public AND NOT may_install AS may_not_install,
           coalesce(has_schema_privilege(to_regnamespace('core_api')::oid, 'USAGE'), true)
               AND coalesce(has_schema_privilege(to_regnamespace('groupdesk')::oid, 'USAGE'), true) AS may_look,
           ARRAY(SELECT nspname::text FROM pg_namespace
                 WHERE nspname IN ('core_api', 'groupdesk')
                   AND NOT (has_schema_privilege(oid, 'CREATE') AND has_schema_privilege(oid, 'USAGE'))
                 ORDER BY 1) AS closed_schemas,
           EXISTS (SELECT FROM pg_namespace
                   WHERE nspname = 'core_api' AND NOT has_schema_privilege(oid, 'USAGE WITH GRANT OPTION'))
               AS is_not_grantable,
           ARRAY(SELECT format('%I.%I', n.nspname, c.relname)
                 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname IN ('core_api', 'groupdesk')
                   -- Only sequences have this privilege, and the order of conditions is undefined.
                   AND CASE WHEN c.relkind = 'S' THEN NOT has_sequence_privilege(c.oid, 'USAGE WITH GRANT OPTION')
                            ELSE false END
                 ORDER BY 1) AS sequences,
           ARRAY(SELECT c.relname::text FROM pg_class c
                 WHERE c.relnamespace = to_regnamespace('groupdesk') AND c.relname = ANY ($1)
                   AND NOT EXISTS (SELECT FROM pg_class m
                                   WHERE m.relnamespace = c.relnamespace AND m.relname = '_sqlx_migrations')
                 ORDER BY 1) AS unknown_tables
    FROM (SELECT has_database_privilege(current_database(), 'CREATE') AS may_install,
                 EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') AS is_available,
                 EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') AS is_installed,
                 to_regnamespace('public') IS NOT NULL AS has_public) facts";

/// The oldest version that supports everything that the statements use.
const OLDEST: i32 = 14;

pub(super) async fn read(connection: &mut PgConnection, migrations: &Migrator) -> sqlx::Result<Surroundings> {
    sqlx::query_as(SURROUNDINGS).bind(names::own_tables(migrations)).fetch_one(connection).await
}

impl Surroundings {
    pub(super) fn check(&self, report: &mut Report) {
        let Self { database, login, encoding, .. } = self;
        let version = self.version / 10_000;
        if version < OLDEST {
            let remedy = format!("Use a server of version {OLDEST} or newer.");
            report.add(database, format!("the server is PostgreSQL {version}"), remedy);
        }
        if encoding != "UTF8" {
            let fault = format!("its encoding is {encoding}, in which not every name can be stored");
            let remedy =
                "Create a database with --encoding=UTF8 --template=template0, and move the tables there.";
            report.add(database, fault, remedy);
        }
        let grant = format!("GRANT CREATE ON DATABASE {database} TO {login}");
        if !self.may_create {
            report.add(database, format!("{login} may not create schemas in it"), &grant);
        } else if self.may_not_install {
            let fault = format!("the extension pg_trgm is not installed, and {login} may not install it");
            report.add(database, fault, &grant);
        }
        self.check_extension(report);
        self.check_schemas(report);
    }

    /// Checks the extension `pg_trgm`, which a migration installs in `public` unless it is installed.
    fn check_extension(&self, report: &mut Report) {
        let Self { database, login, .. } = self;
        if let Some(schema) = &self.extension_schema {
            let fault = format!("the extension pg_trgm is in it, and {login} may not use what is there");
            report.add(schema, fault, format!("GRANT USAGE ON SCHEMA {schema} TO {login}"));
        }
        if self.lacks_package {
            let fault = "the server does not offer the extension pg_trgm";
            report.add(database, fault, "Install the server's contrib package (postgresql-contrib).");
        }
        if self.lacks_public {
            let fault =
                "the extension pg_trgm is not installed, and there is no schema public to install it in";
            let remedy =
                "CREATE SCHEMA IF NOT EXISTS extensions; CREATE EXTENSION pg_trgm WITH SCHEMA extensions";
            report.add(database, fault, remedy);
        }
    }

    fn check_schemas(&self, report: &mut Report) {
        let login = &self.login;
        for schema in &self.closed_schemas {
            let remedy = format!("GRANT CREATE, USAGE ON SCHEMA {schema} TO {login} WITH GRANT OPTION");
            report.add(schema, format!("{login} may not create anything in it"), remedy);
        }
        if self.has_application_role {
            if self.is_not_grantable && !self.closed_schemas.iter().any(|schema| schema == "core_api") {
                let fault = format!("{login} may not open it to the role as which groupdesk serves");
                let remedy = format!("GRANT USAGE ON SCHEMA core_api TO {login} WITH GRANT OPTION");
                report.add("core_api", fault, remedy);
            }
            for sequence in &self.sequences {
                let fault = format!("{login} may not give it to the role as which groupdesk serves");
                let remedy = format!("GRANT USAGE ON SEQUENCE {sequence} TO {login} WITH GRANT OPTION");
                report.add(sequence, fault, remedy);
            }
        }
        for table in &self.unknown_tables {
            let fault = "it exists, and no migration of groupdesk created it";
            let remedy = "Rename it, or drop it: groupdesk creates a table of this name.";
            report.add(format!("groupdesk.{table}"), fault, remedy);
        }
    }
}
