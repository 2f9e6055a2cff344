-- At any moment a pair has one live row at most, also in hindsight: a row begins when the one before it
-- has ended, or later, even if its request came in before that of the removal. Whether it has to wait for
-- a removal that is under way is known here alone, right before the row is written.

CREATE FUNCTION groupdesk.enrollment_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ended timestamptz;
BEGIN
    -- Waits for whoever is removing it. Who wants to enroll what is live and stays so is told by the index.
    PERFORM 1 FROM core_api.workspace_group_workspaces
    WHERE workspace_group_pk = NEW.workspace_group_pk AND workspace_pk = NEW.workspace_pk AND deleted_at IS NULL
    FOR SHARE;
    -- A statement of its own, which sees what was committed during the wait.
    ended := (SELECT max(deleted_at) FROM core_api.workspace_group_workspaces
              WHERE workspace_group_pk = NEW.workspace_group_pk AND workspace_pk = NEW.workspace_pk);
    IF ended > NEW.created_at THEN
        NEW.created_at := ended;
        NEW.updated_at := greatest(NEW.updated_at, ended);
    END IF;
    RETURN NEW;
END
$$;

-- Of live rows alone: a row of the past, brought in from elsewhere, says itself when it was.
CREATE TRIGGER workspace_group_workspaces_follows
    BEFORE INSERT ON core_api.workspace_group_workspaces
    FOR EACH ROW WHEN (NEW.deleted_at IS NULL) EXECUTE FUNCTION groupdesk.enrollment_follows();
