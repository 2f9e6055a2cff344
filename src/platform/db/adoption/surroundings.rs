//! What is around the tables: the server, the database, and what the login may do there.

use sqlx::{FromRow, PgConnection};

use super::Misfit;

#[derive(FromRow)]
#[expect(clippy::struct_excessive_bools, reason = "what a login may do is many questions")]
struct Surroundings {
    /// As they are written in a statement.
    database: String,
    login: String,
    version: i32,
    encoding: String,
    may_create: bool,
    /// Will there be a role without the rights of the login, as which the server serves?
    steps_down: bool,
    has_search: bool,
    is_search_installed: bool,
    may_install: bool,
    has_public: bool,
    /// The schema of the extension, if it is installed where the login may not look.
    search_is_in: Option<String>,
    /// May the login see what is in the two schemas, if they are there?
    may_look: bool,
    /// Those of the two schemas that are there, and in which the login may make nothing or may see nothing.
    closed: Vec<String>,
    /// Is `core_api` there, and not the login's to open to the server's role?
    is_not_shared: bool,
    /// Sequences in the two schemas that are not the login's to give to the server's role.
    sequences: Vec<String>,
    /// What is in the schema `groupdesk` under a name of the desk's, where nothing of the desk's is yet.
    strangers: Vec<String>,
}

const SURROUNDINGS: &str = "
    SELECT quote_ident(current_database()) AS database, quote_ident(current_user) AS login,
           current_setting('server_version_num')::int AS version,
           current_setting('server_encoding') AS encoding,
           has_database_privilege(current_database(), 'CREATE')
               OR (to_regnamespace('core_api') IS NOT NULL AND to_regnamespace('groupdesk') IS NOT NULL) AS may_create,
           EXISTS (SELECT FROM pg_roles
                   WHERE rolname = 'groupdesk_app' OR (rolname = current_user AND (rolsuper OR rolcreaterole)))
               AS steps_down,
           EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') AS has_search,
           EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') AS is_search_installed,
           has_database_privilege(current_database(), 'CREATE') AS may_install,
           to_regnamespace('public') IS NOT NULL AS has_public,
           (SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
            WHERE e.extname = 'pg_trgm' AND NOT has_schema_privilege(n.oid, 'USAGE')) AS search_is_in,
           coalesce(has_schema_privilege(to_regnamespace('core_api')::oid, 'USAGE'), true)
               AND coalesce(has_schema_privilege(to_regnamespace('groupdesk')::oid, 'USAGE'), true) AS may_look,
           ARRAY(SELECT nspname::text FROM pg_namespace
                 WHERE nspname IN ('core_api', 'groupdesk')
                   AND NOT (has_schema_privilege(oid, 'CREATE') AND has_schema_privilege(oid, 'USAGE'))
                 ORDER BY 1) AS closed,
           EXISTS (SELECT FROM pg_namespace
                   WHERE nspname = 'core_api' AND NOT has_schema_privilege(oid, 'USAGE WITH GRANT OPTION'))
               AS is_not_shared,
           ARRAY(SELECT format('%I.%I', n.nspname, c.relname)
                 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname IN ('core_api', 'groupdesk')
                   -- The question may be asked of a sequence alone, and conditions have no order.
                   AND CASE WHEN c.relkind = 'S' THEN NOT has_sequence_privilege(c.oid, 'USAGE WITH GRANT OPTION')
                            ELSE false END
                 ORDER BY 1) AS sequences,
           ARRAY(SELECT c.relname::text FROM pg_class c
                 WHERE c.relnamespace = to_regnamespace('groupdesk') AND c.relname = ANY ($1)
                   AND NOT EXISTS (SELECT FROM pg_class m
                                   WHERE m.relnamespace = c.relnamespace AND m.relname = '_sqlx_migrations')
                 ORDER BY 1) AS strangers";

/// The oldest version that has all that the statements use.
const OLDEST: i32 = 14;

/// The tables that the migrations make in the schema `groupdesk`.
const TABLES: [&str; 14] = [
    "operators",
    "sign_in_links",
    "sessions",
    "api_tokens",
    "instance_secrets",
    "enrollment_events",
    "admin_events",
    "idempotency_keys",
    "untold_news",
    "imports",
    "import_lines",
    "sign_in_attempts",
    "loose_workspaces",
    "operator_identities",
];

/// What the report needs to know beside the tables.
pub(super) struct Around {
    /// The login, as it is written in a statement.
    pub(super) login: String,
    /// Can the tables be looked at?
    pub(super) may_look: bool,
    /// Does the server do without the rights of its login?
    pub(super) steps_down: bool,
}

pub(super) async fn misfits(connection: &mut PgConnection) -> Result<(Vec<Misfit>, Around), sqlx::Error> {
    let tables: Vec<String> = TABLES.iter().map(|name| (*name).to_owned()).collect();
    let found: Surroundings = sqlx::query_as(SURROUNDINGS).bind(tables).fetch_one(connection).await?;
    let mut misfits = of_the_server(&found);
    misfits.extend(of_the_extension(&found));
    let login = &found.login;
    for schema in &found.closed {
        let fault = format!("{login} may not create anything in it");
        let remedy = format!("GRANT CREATE, USAGE ON SCHEMA {schema} TO {login} WITH GRANT OPTION");
        misfits.push(Misfit::new(schema, fault, remedy));
    }
    let is_said = found.closed.iter().any(|schema| schema == "core_api");
    if found.steps_down && found.is_not_shared && !is_said {
        let fault = format!("{login} may not open it to the role as which the desk serves");
        let remedy = format!("GRANT USAGE ON SCHEMA core_api TO {login} WITH GRANT OPTION");
        misfits.push(Misfit::new("core_api", fault, remedy));
    }
    for sequence in found.sequences.iter().filter(|_| found.steps_down) {
        let fault = format!("{login} may not give it to the role as which the desk serves");
        let remedy = format!("GRANT USAGE ON SEQUENCE {sequence} TO {login} WITH GRANT OPTION");
        misfits.push(Misfit::new(sequence, fault, remedy));
    }
    for stranger in &found.strangers {
        let fault = "it is there, and no migration of the desk's made it";
        let remedy = "Rename it, or drop it: the desk makes something of this name.";
        misfits.push(Misfit::new(format!("groupdesk.{stranger}"), fault, remedy));
    }
    let Surroundings { login, may_look, steps_down, .. } = found;
    Ok((misfits, Around { login, may_look, steps_down }))
}

fn of_the_server(found: &Surroundings) -> Vec<Misfit> {
    let Surroundings { database, login, version, encoding, .. } = found;
    let mut misfits = Vec::new();
    if version / 10_000 < OLDEST {
        let fault = format!("the server is PostgreSQL {}", version / 10_000);
        misfits.push(Misfit::new(database, fault, format!("Use a server of version {OLDEST} or newer.")));
    }
    if encoding != "UTF8" {
        let fault = format!("its encoding is {encoding}, in which not every name can be stored");
        let remedy = "Make a database with --encoding=UTF8 --template=template0, and bring the tables over.";
        misfits.push(Misfit::new(database, fault, remedy));
    }
    if !found.may_create {
        let fault = format!("{login} may not create schemas in it");
        misfits.push(Misfit::new(database, fault, format!("GRANT CREATE ON DATABASE {database} TO {login}")));
    }
    misfits
}

/// The extension `pg_trgm`, which a migration installs in `public` unless it is there.
fn of_the_extension(found: &Surroundings) -> Option<Misfit> {
    let Surroundings { database, login, .. } = found;
    if let Some(schema) = &found.search_is_in {
        let fault = format!("the extension pg_trgm is in it, and {login} may not use what is there");
        let remedy = format!("GRANT USAGE ON SCHEMA {schema} TO {login}");
        return Some(Misfit::new(schema, fault, remedy));
    }
    if found.is_search_installed {
        return None;
    }
    if !found.has_search {
        let fault = "the extension pg_trgm is not there to be installed";
        let remedy = "Install the server's contrib package (postgresql-contrib).";
        return Some(Misfit::new(database, fault, remedy));
    }
    if !found.has_public {
        let fault = "the extension pg_trgm is not installed, and there is no schema public to install it in";
        let remedy =
            "CREATE SCHEMA IF NOT EXISTS extensions; CREATE EXTENSION pg_trgm WITH SCHEMA extensions";
        return Some(Misfit::new(database, fault, remedy));
    }
    // Where the login may not create schemas either, the same grant helps.
    (!found.may_install && found.may_create).then(|| {
        let fault = format!("the extension pg_trgm is not installed, and {login} may not install it");
        Misfit::new(database, fault, format!("GRANT CREATE ON DATABASE {database} TO {login}"))
    })
}
