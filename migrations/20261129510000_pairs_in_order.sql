-- Rows of one pair that begin in the same moment keep the order in which they were written.
--
-- One request may enroll a workspace, remove it and enroll it again: two rows with one time. Lists tell them apart
-- by the public id, which is random, so a live row could stand below the removed one before it. A row whose time
-- is level with that of an earlier row of its pair takes an id beyond that row's, as random as any in all digits
-- but the first twelve.

CREATE OR REPLACE FUNCTION groupdesk.enrollment_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ended  timestamptz;
    latest timestamptz;
    before uuid;
BEGIN
    -- Waits for a removal that is in progress. Whether a pair is live and stays live is decided by the index.
    PERFORM 1 FROM core_api.workspace_group_workspaces
    WHERE workspace_group_pk = NEW.workspace_group_pk AND workspace_pk = NEW.workspace_pk AND deleted_at IS NULL
    FOR SHARE;
    -- A statement of its own, which sees what was committed during the wait.
    SELECT max(deleted_at), max(created_at) INTO ended, latest
    FROM core_api.workspace_group_workspaces
    WHERE workspace_group_pk = NEW.workspace_group_pk AND workspace_pk = NEW.workspace_pk;
    IF ended > NEW.created_at THEN
        NEW.created_at := ended;
        NEW.updated_at := greatest(NEW.updated_at, ended);
    END IF;
    IF latest = NEW.created_at THEN
        SELECT workspace_group_workspace_id INTO before
        FROM core_api.workspace_group_workspaces
        WHERE workspace_group_pk = NEW.workspace_group_pk AND workspace_pk = NEW.workspace_pk AND created_at = latest
        ORDER BY workspace_group_workspace_id DESC
        LIMIT 1;
        IF before > NEW.workspace_group_workspace_id THEN
            NEW.workspace_group_workspace_id := (
                lpad(to_hex(('x' || left(translate(before::text, '-', ''), 12))::bit(48)::bigint + 1), 12, '0')
                || right(translate(NEW.workspace_group_workspace_id::text, '-', ''), 20))::uuid;
        END IF;
    END IF;
    RETURN NEW;
END
$$;
