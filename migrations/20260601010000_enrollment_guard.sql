-- What must hold of an enrollment whoever writes to the table: the pair, the id and created_at are
-- for ever, deleted_at is set once, a row is never deleted, and updated_at moves with every UPDATE
-- (also with the one that a person's deletion causes, which no code of ours issues).

CREATE FUNCTION groupdesk.enrollment_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION 'an enrollment is never deleted: removing sets deleted_at'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'workspace_group_workspaces_never_deleted';
    END IF;
    IF (NEW.pk, NEW.workspace_group_workspace_id, NEW.workspace_group_pk, NEW.workspace_pk, NEW.created_at)
        IS DISTINCT FROM
       (OLD.pk, OLD.workspace_group_workspace_id, OLD.workspace_group_pk, OLD.workspace_pk, OLD.created_at)
    THEN
        RAISE EXCEPTION 'an enrollment''s pair, id and created_at never change'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'workspace_group_workspaces_immutable';
    END IF;
    IF OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS DISTINCT FROM OLD.deleted_at THEN
        RAISE EXCEPTION 'a removed enrollment stays removed: re-adding is a new row'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'workspace_group_workspaces_deleted_at_once';
    END IF;
    IF NEW.updated_at IS NULL OR NEW.updated_at = OLD.updated_at THEN
        NEW.updated_at := greatest(date_trunc('milliseconds', clock_timestamp()), OLD.created_at);
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER workspace_group_workspaces_guard
    BEFORE UPDATE OR DELETE ON core_api.workspace_group_workspaces
    FOR EACH ROW EXECUTE FUNCTION groupdesk.enrollment_guard();

CREATE TRIGGER workspace_group_workspaces_guard_truncate
    BEFORE TRUNCATE ON core_api.workspace_group_workspaces
    FOR EACH STATEMENT EXECUTE FUNCTION groupdesk.enrollment_guard();
