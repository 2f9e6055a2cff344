-- A pair may now have many rows over time, of which one at most is live: what was one constraint
-- over all rows becomes a unique index over the live ones. This index, and not any check in code,
-- is what decides a race of two enrolls.

ALTER TABLE core_api.workspace_group_workspaces
    DROP CONSTRAINT IF EXISTS workspace_group_workspaces_workspace_group_pk_wor_3c190_unique;

CREATE UNIQUE INDEX IF NOT EXISTS workspace_group_workspaces_group_workspace_active_unique
    ON core_api.workspace_group_workspaces (workspace_group_pk, workspace_pk)
    WHERE deleted_at IS NULL;
