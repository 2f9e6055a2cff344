-- People are searched for by a part of their address too, as in 20260601030000 by a part of their name.

DO $$
DECLARE
    trgm text := (SELECT quote_ident(n.nspname) || '.gin_trgm_ops'
                  FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
                  WHERE e.extname = 'pg_trgm');
BEGIN
    EXECUTE 'CREATE INDEX peoples_email_search_idx ON core_api.peoples USING gin (lower(email) ' || trgm || ')';
END
$$;
