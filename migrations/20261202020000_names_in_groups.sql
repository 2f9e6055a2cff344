-- The workspaces of a group in the order of their names, in an index: a page of a group of a hundred thousand costs the
-- same wherever it is in this order, and no workspace outside of the group is read for it.
--
-- The name of a workspace is in another table than its enrollment, so an index needs a copy of it. A column of the
-- enrollment would be smaller, but the table is shared with another platform. Filling the column, and renaming a workspace,
-- would change rows that nobody has changed: their `updated_at` would move (`enrollment_guard`), and with it their entity
-- tags. The copy is therefore in a table of our own, with a row for each enrollment, which triggers write. They run with the
-- rights of their owner, because the other platform's roles have none in this schema. None of them names a column of
-- `core_api.workspaces`, so the other platform may still change the type of a column.

-- Folded and short: names that differ only behind the 64th character have the order in which they were enrolled.
CREATE FUNCTION groupdesk.name_key(given text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT left(groupdesk.folded(given), 64) $$;

CREATE TABLE groupdesk.enrollment_names (
    enrollment_pk      int     NOT NULL,
    workspace_group_pk int     NOT NULL,
    is_live            boolean NOT NULL,
    name_key           text    NOT NULL COLLATE "C"
);

-- "OFFSET 0" keeps the subquery from becoming a join with all workspaces (migration loose_look_ups).
CREATE FUNCTION groupdesk.name_enrollments() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO groupdesk.enrollment_names (enrollment_pk, workspace_group_pk, is_live, name_key)
    SELECT n.pk, n.workspace_group_pk, n.deleted_at IS NULL, groupdesk.name_key(w.name)
    FROM new_rows n
    CROSS JOIN LATERAL (SELECT name FROM core_api.workspaces WHERE pk = n.workspace_pk OFFSET 0) w;
    RETURN NULL;
END
$$;

CREATE FUNCTION groupdesk.name_removed_enrollment() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE groupdesk.enrollment_names SET is_live = false WHERE enrollment_pk = NEW.pk;
    RETURN NULL;
END
$$;

-- An enrollment that is in progress has locked its workspace FOR KEY SHARE and may have read the old name already, which
-- nobody else sees yet. A rename waits for it, and later enrollments wait for the rename. The enrollments, of which there
-- are many more than renames, need no further lock for this.
CREATE FUNCTION groupdesk.rename_alone() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.name <> OLD.name THEN
        PERFORM 1 FROM core_api.workspaces WHERE pk = OLD.pk FOR UPDATE;
    END IF;
    RETURN NEW;
END
$$;

-- The rows are locked in the order in which removals lock enrollments. A live and a removed enrollment are found by
-- different indexes.
CREATE FUNCTION groupdesk.rename_enrollments() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    new_key text := groupdesk.name_key(NEW.name);
    changed int[];
BEGIN
    IF new_key = groupdesk.name_key(OLD.name) THEN
        RETURN NULL;
    END IF;
    changed := ARRAY(
        SELECT n.enrollment_pk
        FROM (SELECT pk, workspace_group_pk FROM core_api.workspace_group_workspaces
              WHERE workspace_pk = NEW.pk AND deleted_at IS NULL
              UNION ALL
              SELECT pk, workspace_group_pk FROM core_api.workspace_group_workspaces
              WHERE workspace_pk = NEW.pk AND deleted_at IS NOT NULL) e
        JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk
        JOIN groupdesk.enrollment_names n ON n.enrollment_pk = e.pk
        ORDER BY g.workspace_group_id, e.pk
        FOR UPDATE OF n);
    UPDATE groupdesk.enrollment_names SET name_key = new_key WHERE enrollment_pk = ANY (changed);
    RETURN NULL;
END
$$;

REVOKE EXECUTE ON FUNCTION groupdesk.name_enrollments(), groupdesk.name_removed_enrollment(),
    groupdesk.rename_alone(), groupdesk.rename_enrollments() FROM PUBLIC;

-- The triggers come first: they keep writers out until this is committed, so the rows below are complete.
CREATE TRIGGER workspace_group_workspaces_name AFTER INSERT ON core_api.workspace_group_workspaces
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION groupdesk.name_enrollments();
CREATE TRIGGER workspace_group_workspaces_name_removed AFTER UPDATE OF deleted_at ON core_api.workspace_group_workspaces
    FOR EACH ROW WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL)
    EXECUTE FUNCTION groupdesk.name_removed_enrollment();
CREATE TRIGGER workspaces_rename_alone BEFORE UPDATE ON core_api.workspaces
    FOR EACH ROW EXECUTE FUNCTION groupdesk.rename_alone();
CREATE TRIGGER workspaces_rename_enrollments AFTER UPDATE ON core_api.workspaces
    FOR EACH ROW EXECUTE FUNCTION groupdesk.rename_enrollments();

INSERT INTO groupdesk.enrollment_names (enrollment_pk, workspace_group_pk, is_live, name_key)
SELECT e.pk, e.workspace_group_pk, e.deleted_at IS NULL, w.key
FROM core_api.workspace_group_workspaces e
JOIN (SELECT pk, groupdesk.name_key(name) AS key FROM core_api.workspaces OFFSET 0) w ON w.pk = e.workspace_pk;

ALTER TABLE groupdesk.enrollment_names ADD PRIMARY KEY (enrollment_pk);
CREATE INDEX enrollment_names_order_idx
    ON groupdesk.enrollment_names (workspace_group_pk, is_live, name_key, enrollment_pk);

-- An empty table is left as it is: Postgres expects some rows in a table that was never analyzed.
DO $$
BEGIN
    IF EXISTS (SELECT FROM groupdesk.enrollment_names) THEN
        ANALYZE groupdesk.enrollment_names;
    END IF;
END
$$;

-- The servers read the table, and only the triggers write it. The function with the grants is changed in place and not
-- replaced, because another migration may have replaced or renamed it since the last one that is known here.
DO $$
DECLARE
    anchor  CONSTANT text := 'GRANT SELECT ON groupdesk.instance_secrets';
    granting regprocedure := (
        SELECT oid FROM pg_proc
        WHERE pronamespace = 'groupdesk'::regnamespace AND proname LIKE 'arrange\_application\_role%'
          AND strpos(prosrc, anchor) > 0);
BEGIN
    IF granting IS NULL THEN
        RAISE EXCEPTION 'no function grants what the application role may read';
    END IF;
    EXECUTE replace(pg_get_functiondef(granting), anchor,
                    'GRANT SELECT ON groupdesk.enrollment_names, groupdesk.instance_secrets');
END
$$;
SELECT groupdesk.arrange_application_role();
