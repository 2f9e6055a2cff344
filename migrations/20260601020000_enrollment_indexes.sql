-- One index for each way in which enrollments are listed: by group, by workspace, by person or
-- all of them, newest first, the live ones apart. Each ends with the public id, which makes the
-- order total, so that a page starts where the last one ended without counting rows.

CREATE INDEX workspace_group_workspaces_created_idx
    ON core_api.workspace_group_workspaces (created_at, workspace_group_workspace_id);
CREATE INDEX workspace_group_workspaces_live_created_idx
    ON core_api.workspace_group_workspaces (created_at, workspace_group_workspace_id)
    WHERE deleted_at IS NULL;
CREATE INDEX workspace_group_workspaces_removed_deleted_idx
    ON core_api.workspace_group_workspaces (deleted_at, workspace_group_workspace_id)
    WHERE deleted_at IS NOT NULL;

CREATE INDEX workspace_group_workspaces_group_created_idx
    ON core_api.workspace_group_workspaces (workspace_group_pk, created_at, workspace_group_workspace_id);
CREATE INDEX workspace_group_workspaces_group_live_created_idx
    ON core_api.workspace_group_workspaces (workspace_group_pk, created_at, workspace_group_workspace_id)
    WHERE deleted_at IS NULL;
CREATE INDEX workspace_group_workspaces_group_removed_deleted_idx
    ON core_api.workspace_group_workspaces (workspace_group_pk, deleted_at, workspace_group_workspace_id)
    WHERE deleted_at IS NOT NULL;

CREATE INDEX workspace_group_workspaces_workspace_created_idx
    ON core_api.workspace_group_workspaces (workspace_pk, created_at, workspace_group_workspace_id);
CREATE INDEX workspace_group_workspaces_person_created_idx
    ON core_api.workspace_group_workspaces (created_by_pk, created_at, workspace_group_workspace_id);

-- A person's deletion sets created_by_pk to null: without this each one reads every group.
CREATE INDEX workspace_groups_person_idx ON core_api.workspace_groups (created_by_pk);

CREATE INDEX workspace_groups_created_idx ON core_api.workspace_groups (created_at, workspace_group_id);
CREATE INDEX workspace_groups_name_idx ON core_api.workspace_groups (lower(name), workspace_group_id);
CREATE INDEX workspaces_created_idx ON core_api.workspaces (created_at, workspace_id);
CREATE INDEX workspaces_name_idx ON core_api.workspaces (lower(name), workspace_id);
CREATE INDEX peoples_created_idx ON core_api.peoples (created_at, people_id);
