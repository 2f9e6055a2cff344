-- "Which workspaces are in no group?" asks for what is not there. By probing each workspace in the order
-- of the list, a page costs a million probes where nearly all are in one, which is where the question is
-- worth asking; by comparing the two tables as sets, it costs reading both. So the workspaces that may be
-- in none are kept apart.
--
-- The set is never short of one, and may hold some too many: who reads it looks each of them up. That is
-- all that can be promised without a wait. A counter would be exact, and would make two who enroll the
-- same workspace in two groups queue for it, and two long transactions lock each other out. Here nobody
-- waits: what another transaction holds is left alone, at the price of one workspace too many.
--
-- No foreign key: it would make a removal wait for a workspace that is being removed. A workspace that is
-- deleted for good leaves its number behind, which is never used again.

CREATE TABLE groupdesk.loose_workspaces (
    workspace_pk int NOT NULL
);
CREATE INDEX loose_workspaces_workspace_idx ON groupdesk.loose_workspaces (workspace_pk);

-- A new workspace is in none.
CREATE FUNCTION groupdesk.loose_when_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO groupdesk.loose_workspaces (workspace_pk) SELECT pk FROM new_rows;
    RETURN NULL;
END
$$;

-- One that is enrolled is loose no more. Only what nobody else holds is taken out.
CREATE FUNCTION groupdesk.loose_no_more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM groupdesk.loose_workspaces WHERE ctid = ANY (ARRAY(
        SELECT l.ctid FROM groupdesk.loose_workspaces l
        WHERE l.workspace_pk IN (SELECT workspace_pk FROM new_rows WHERE deleted_at IS NULL)
        FOR UPDATE SKIP LOCKED));
    RETURN NULL;
END
$$;

-- One that is removed is loose unless it is in another group. Of two who take the same workspace out of its
-- last two groups at once, each would see the other's row, and neither call it loose: so the right to leave
-- it out goes to one at a time, until the end of its transaction, and who does not get it does not leave it
-- out. The lock is one of 1024, because a long list takes many.
CREATE FUNCTION groupdesk.loose_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('transaction_isolation') = 'read committed'
        AND pg_try_advisory_xact_lock(1734635639, NEW.workspace_pk % 1024)
    THEN
        -- A statement of its own, which sees what was committed before the lock was free.
        PERFORM 1 FROM core_api.workspace_group_workspaces
        WHERE workspace_pk = NEW.workspace_pk AND deleted_at IS NULL LIMIT 1;
        IF FOUND THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO groupdesk.loose_workspaces (workspace_pk) VALUES (NEW.workspace_pk);
    RETURN NULL;
END
$$;

-- The triggers first: they keep writers out until this is committed, and what is read below stays true.
CREATE TRIGGER workspaces_loose AFTER INSERT ON core_api.workspaces
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION groupdesk.loose_when_made();
CREATE TRIGGER workspace_group_workspaces_loose_no_more AFTER INSERT ON core_api.workspace_group_workspaces
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION groupdesk.loose_no_more();
CREATE TRIGGER workspace_group_workspaces_loose_again AFTER UPDATE OF deleted_at ON core_api.workspace_group_workspaces
    FOR EACH ROW WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL)
    EXECUTE FUNCTION groupdesk.loose_again();

INSERT INTO groupdesk.loose_workspaces (workspace_pk)
SELECT w.pk FROM core_api.workspaces w
WHERE NOT EXISTS (SELECT 1 FROM core_api.workspace_group_workspaces e
                  WHERE e.workspace_pk = w.pk AND e.deleted_at IS NULL);
