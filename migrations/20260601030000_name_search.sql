-- "Contains", whatever the case, over names: trigram indexes serve it. The extension may already
-- be installed in a schema of somebody else's choice, so its operator class is looked up.

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

DO $$
DECLARE
    trgm text := (SELECT quote_ident(n.nspname) || '.gin_trgm_ops'
                  FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
                  WHERE e.extname = 'pg_trgm');
BEGIN
    EXECUTE 'CREATE INDEX workspace_groups_name_search_idx ON core_api.workspace_groups USING gin (lower(name) ' || trgm || ')';
    EXECUTE 'CREATE INDEX workspaces_name_search_idx ON core_api.workspaces USING gin (lower(name) ' || trgm || ')';
    EXECUTE 'CREATE INDEX peoples_name_search_idx ON core_api.peoples USING gin (lower(first_name || '' '' || last_name) ' || trgm || ')';
END
$$;
