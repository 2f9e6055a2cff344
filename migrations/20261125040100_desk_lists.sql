-- What the desk's lists of people and of a person's groups are searched and sorted by, and the API's are not.

-- "Part of the e-mail address", beside the name that has its index already. The extension may be in a
-- schema of somebody else's choice, so its operator class is looked up.
DO $$
DECLARE
    trgm text := (SELECT quote_ident(n.nspname) || '.gin_trgm_ops'
                  FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
                  WHERE e.extname = 'pg_trgm');
BEGIN
    EXECUTE 'CREATE INDEX peoples_email_search_idx ON core_api.peoples USING gin (lower(email) ' || trgm || ')';
END
$$;

-- The groups that a person created, newest first, live and removed ones read apart as everywhere.
CREATE INDEX workspace_groups_person_live_created_idx
    ON core_api.workspace_groups (created_by_pk, created_at, workspace_group_id) WHERE deleted_at IS NULL;
CREATE INDEX workspace_groups_person_removed_created_idx
    ON core_api.workspace_groups (created_by_pk, created_at, workspace_group_id) WHERE deleted_at IS NOT NULL;
