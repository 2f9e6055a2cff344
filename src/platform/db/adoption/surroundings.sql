-- What does not fit in the server, the database and the privileges of the login, with its remedy. A migration installs the
-- extension pg_trgm in the schema public, unless it is installed.
-- $1: the tables in the schema groupdesk that migrations create. $2: whether there is, or will be, an application role.
WITH facts AS (
    SELECT quote_ident(current_database()) AS database, quote_ident(current_user) AS login,
           current_setting('server_version_num')::int / 10000 AS version,
           current_setting('server_encoding') AS encoding,
           has_database_privilege(current_database(), 'CREATE') AS may_create,
           to_regnamespace('core_api') IS NULL OR to_regnamespace('groupdesk') IS NULL AS lacks_schema,
           to_regnamespace('public') IS NOT NULL AS has_public,
           EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') AS is_available,
           EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') AS is_installed
)
SELECT object, fault, remedy FROM (
    SELECT checks.* FROM facts CROSS JOIN LATERAL (VALUES
        (1, version < 14, database, format('the server is PostgreSQL %s', version),
         'Use a server of version 14 or newer.'),
        (2, encoding <> 'UTF8', database,
         format('its encoding is %s, in which not every name can be stored', encoding),
         'Create a database with --encoding=UTF8 --template=template0, and move the tables there.'),
        (3, lacks_schema AND NOT may_create, database, format('%s may not create schemas in it', login),
         format('GRANT CREATE ON DATABASE %s TO %s', database, login)),
        (4, NOT is_installed AND NOT is_available, database, 'the server does not offer the extension pg_trgm',
         'Install the server''s contrib package (postgresql-contrib).'),
        (4, NOT is_installed AND is_available AND NOT has_public, database,
         'the extension pg_trgm is not installed, and there is no schema public to install it in',
         'CREATE SCHEMA IF NOT EXISTS extensions; CREATE EXTENSION pg_trgm WITH SCHEMA extensions'),
        -- A login that may not create schemas either needs the same grant.
        (4, NOT is_installed AND is_available AND has_public AND NOT may_create AND NOT lacks_schema, database,
         format('the extension pg_trgm is not installed, and %s may not install it', login),
         format('GRANT CREATE ON DATABASE %s TO %s', database, login))
    ) checks (number, is_misfit, object, fault, remedy)
    UNION ALL
    SELECT 4, NOT has_schema_privilege(n.oid, 'USAGE'), quote_ident(n.nspname),
           format('the extension pg_trgm is in it, and %s may not use what is there', login),
           format('GRANT USAGE ON SCHEMA %I TO %s', n.nspname, login)
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace, facts WHERE e.extname = 'pg_trgm'
    UNION ALL
    SELECT 5, NOT (has_schema_privilege(oid, 'CREATE') AND has_schema_privilege(oid, 'USAGE')), nspname,
           format('%s may not create anything in it', login),
           format('GRANT CREATE, USAGE ON SCHEMA %s TO %s WITH GRANT OPTION', nspname, login)
    FROM pg_namespace, facts WHERE nspname IN ('core_api', 'groupdesk')
    UNION ALL
    SELECT 6, $2 AND NOT has_schema_privilege(oid, 'USAGE WITH GRANT OPTION')
              AND has_schema_privilege(oid, 'CREATE') AND has_schema_privilege(oid, 'USAGE'), nspname,
           format('%s may not open it to the role as which groupdesk serves', login),
           format('GRANT USAGE ON SCHEMA core_api TO %s WITH GRANT OPTION', login)
    FROM pg_namespace, facts WHERE nspname = 'core_api'
    UNION ALL
    -- Only sequences have this privilege, and the order of conditions is undefined.
    SELECT 7, $2 AND CASE WHEN c.relkind = 'S' THEN NOT has_sequence_privilege(c.oid, 'USAGE WITH GRANT OPTION')
                          ELSE false END, format('%I.%I', n.nspname, c.relname),
           format('%s may not give it to the role as which groupdesk serves', login),
           format('GRANT USAGE ON SEQUENCE %I.%I TO %s WITH GRANT OPTION', n.nspname, c.relname, login)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, facts
    WHERE n.nspname IN ('core_api', 'groupdesk')
    UNION ALL
    SELECT 8, NOT EXISTS (SELECT FROM pg_class m
                          WHERE m.relnamespace = c.relnamespace AND m.relname = '_sqlx_migrations'),
           'groupdesk.' || relname, 'it exists, and no migration of groupdesk created it',
           'Rename it, or drop it: groupdesk creates a table of this name.'
    FROM pg_class c WHERE relnamespace = to_regnamespace('groupdesk') AND relname = ANY ($1)
) checks WHERE is_misfit ORDER BY number, object COLLATE "C"
