-- An enrollment writes fewer index entries, and its event repeats no check that the enrollment has passed.
--
-- Rows of one time are ordered by their key, in which they were written, and no longer by their random public id: four
-- bytes in each index instead of sixteen. Orders that no page shows are no longer carried within a group, a workspace or
-- a person: by updated_at anywhere, and by deleted_at within a workspace or a person. A server of the version before
-- still gives them, but sorts all rows of the scope.

DO $$
DECLARE
    scope text;
    kind  text;
BEGIN
    FOREACH scope IN ARRAY ARRAY['all', 'group', 'workspace', 'person'] LOOP
        FOREACH kind IN ARRAY ARRAY['live_created', 'live_updated', 'removed_created', 'removed_updated', 'removed_deleted']
        LOOP
            EXECUTE format('DROP INDEX core_api.workspace_group_workspaces_%s_%s_idx', scope, kind);
        END LOOP;
    END LOOP;
END
$$;
DROP INDEX core_api.workspace_group_workspaces_pair_idx;

-- The times behind the key order nothing: a range of one time in the order of another is looked up in them, rather than
-- in a row of the table for each entry of the index.
CREATE INDEX workspace_group_workspaces_all_live_created_idx
    ON core_api.workspace_group_workspaces (created_at, pk, (coalesce(updated_at, 'infinity'::timestamptz)))
    WHERE deleted_at IS NULL;
CREATE INDEX workspace_group_workspaces_all_live_updated_idx
    ON core_api.workspace_group_workspaces ((coalesce(updated_at, 'infinity'::timestamptz)), pk, created_at)
    WHERE deleted_at IS NULL;
CREATE INDEX workspace_group_workspaces_all_removed_created_idx
    ON core_api.workspace_group_workspaces
        (created_at, pk, (coalesce(updated_at, 'infinity'::timestamptz)), deleted_at)
    WHERE deleted_at IS NOT NULL;
CREATE INDEX workspace_group_workspaces_all_removed_updated_idx
    ON core_api.workspace_group_workspaces
        ((coalesce(updated_at, 'infinity'::timestamptz)), pk, created_at, deleted_at)
    WHERE deleted_at IS NOT NULL;
CREATE INDEX workspace_group_workspaces_all_removed_deleted_idx
    ON core_api.workspace_group_workspaces
        (deleted_at, created_at, pk, (coalesce(updated_at, 'infinity'::timestamptz)))
    WHERE deleted_at IS NOT NULL;

CREATE INDEX workspace_group_workspaces_group_live_created_idx
    ON core_api.workspace_group_workspaces (workspace_group_pk, created_at, pk) WHERE deleted_at IS NULL;
CREATE INDEX workspace_group_workspaces_group_removed_created_idx
    ON core_api.workspace_group_workspaces (workspace_group_pk, created_at, pk, deleted_at)
    WHERE deleted_at IS NOT NULL;
CREATE INDEX workspace_group_workspaces_group_removed_deleted_idx
    ON core_api.workspace_group_workspaces (workspace_group_pk, deleted_at, created_at, pk)
    WHERE deleted_at IS NOT NULL;
CREATE INDEX workspace_group_workspaces_workspace_live_created_idx
    ON core_api.workspace_group_workspaces (workspace_pk, created_at, pk) WHERE deleted_at IS NULL;
CREATE INDEX workspace_group_workspaces_workspace_removed_created_idx
    ON core_api.workspace_group_workspaces (workspace_pk, created_at, pk, deleted_at)
    WHERE deleted_at IS NOT NULL;
CREATE INDEX workspace_group_workspaces_person_live_created_idx
    ON core_api.workspace_group_workspaces (created_by_pk, created_at, pk) WHERE deleted_at IS NULL;
CREATE INDEX workspace_group_workspaces_person_removed_created_idx
    ON core_api.workspace_group_workspaces (created_by_pk, created_at, pk, deleted_at)
    WHERE deleted_at IS NOT NULL;

-- What a new row of a pair follows, and the history of the pair. The live row of a pair is in the unique index.
CREATE INDEX workspace_group_workspaces_pair_removed_idx
    ON core_api.workspace_group_workspaces (workspace_group_pk, workspace_pk) WHERE deleted_at IS NOT NULL;
-- All rows of a group, as the foreign key of the group looks for them. Equal keys share an entry.
CREATE INDEX workspace_group_workspaces_group_idx ON core_api.workspace_group_workspaces (workspace_group_pk);

-- Live or removed, the rows of a pair are found by two partial indexes. The one that is live decides nothing here: if it
-- stays, the unique index refuses the new row.
CREATE OR REPLACE FUNCTION groupdesk.enrollment_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ended timestamptz;
BEGIN
    -- Waits for a removal that is in progress. Whether a pair is live and stays live is decided by the index.
    PERFORM 1 FROM core_api.workspace_group_workspaces
    WHERE workspace_group_pk = NEW.workspace_group_pk AND workspace_pk = NEW.workspace_pk AND deleted_at IS NULL
    FOR SHARE;
    -- A statement of its own, which sees what was committed during the wait.
    SELECT max(deleted_at) INTO ended FROM core_api.workspace_group_workspaces
    WHERE workspace_group_pk = NEW.workspace_group_pk AND workspace_pk = NEW.workspace_pk AND deleted_at IS NOT NULL;
    IF ended > NEW.created_at THEN
        NEW.created_at := ended;
        NEW.updated_at := greatest(NEW.updated_at, ended);
    END IF;
    RETURN NEW;
END
$$;

-- Nearly every workspace that is enrolled is in a group already, so looking comes before locking.
CREATE OR REPLACE FUNCTION groupdesk.loose_no_more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM new_rows n JOIN groupdesk.loose_workspaces l ON l.workspace_pk = n.workspace_pk
    WHERE n.deleted_at IS NULL LIMIT 1;
    IF FOUND THEN
        DELETE FROM groupdesk.loose_workspaces WHERE ctid = ANY (ARRAY(
            SELECT l.ctid FROM groupdesk.loose_workspaces l
            WHERE l.workspace_pk IN (SELECT workspace_pk FROM new_rows WHERE deleted_at IS NULL)
            FOR UPDATE SKIP LOCKED));
    END IF;
    RETURN NULL;
END
$$;

-- An event is written with its enrollment, whose group and workspace never change and which is never deleted: what the
-- foreign keys of the enrollment ensure holds for the event. The link to the enrollment stays.
ALTER TABLE groupdesk.enrollment_events
    DROP CONSTRAINT enrollment_events_workspace_group_pk_fkey,
    DROP CONSTRAINT enrollment_events_workspace_pk_fkey;

-- An enrollment has a handful of events, which are sorted when they are read.
DROP INDEX groupdesk.enrollment_events_enrollment_idx;
CREATE INDEX enrollment_events_enrollment_idx
    ON groupdesk.enrollment_events (workspace_group_workspace_pk);
