-- What the desk's list of a person's groups is sorted by, and the API's is not: the groups that a person
-- created, newest first, live and removed ones read apart as everywhere.
CREATE INDEX workspace_groups_person_live_created_idx
    ON core_api.workspace_groups (created_by_pk, created_at, workspace_group_id) WHERE deleted_at IS NULL;
CREATE INDEX workspace_groups_person_removed_created_idx
    ON core_api.workspace_groups (created_by_pk, created_at, workspace_group_id) WHERE deleted_at IS NOT NULL;
