-- Enrolling takes workspaces off the list of those without a group. It looks up each new row by the index, whatever the
-- statistics of the list say: "OFFSET 0" keeps a subquery from becoming a join. Right after many workspaces were created,
-- Postgres believes that the list is short, and joined every new row with every row of the list.

CREATE OR REPLACE FUNCTION groupdesk.loose_no_more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM new_rows n
    WHERE n.deleted_at IS NULL
      AND EXISTS (SELECT 1 FROM groupdesk.loose_workspaces l WHERE l.workspace_pk = n.workspace_pk OFFSET 0)
    LIMIT 1;
    -- Nearly every workspace that is enrolled is in a group already, so looking comes before locking.
    IF FOUND THEN
        DELETE FROM groupdesk.loose_workspaces WHERE ctid = ANY (ARRAY(
            SELECT loose.ctid FROM new_rows n
            CROSS JOIN LATERAL (
                SELECT l.ctid FROM groupdesk.loose_workspaces l WHERE l.workspace_pk = n.workspace_pk
                OFFSET 0 FOR UPDATE SKIP LOCKED
            ) loose
            WHERE n.deleted_at IS NULL));
    END IF;
    RETURN NULL;
END
$$;
