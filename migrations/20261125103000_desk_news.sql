-- More of what an open page shows is told when it changes.
--
-- A list that was discarded leaves the page on which a group's lists are. One that was still coming in was on
-- no page.

CREATE FUNCTION groupdesk.tell_import_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM groupdesk.tell(ARRAY['imports', 'import:' || OLD.import_id]);
    RETURN NULL;
END
$$;

CREATE TRIGGER imports_gone_told AFTER DELETE ON groupdesk.imports
    FOR EACH ROW WHEN (OLD.state <> 'receiving')
    EXECUTE FUNCTION groupdesk.tell_import_gone();

-- As live_news has it, without imports, of which the administrative log never told: they tell of themselves.
CREATE OR REPLACE FUNCTION groupdesk.tell_admin_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO groupdesk.untold_news (topics, group_pks)
    SELECT array_remove(ARRAY['admin_events', CASE subject_type
               WHEN 'workspace_group' THEN 'groups'
               WHEN 'workspace'       THEN 'workspaces'
               WHEN 'people'          THEN 'people'
               WHEN 'operator'        THEN 'operators'
               WHEN 'api_token'       THEN 'tokens'
           END, CASE subject_type
               WHEN 'workspace_group' THEN 'group:'
               WHEN 'workspace'       THEN 'workspace:'
               WHEN 'people'          THEN 'person:'
           END || subject_id], NULL)
           || CASE
               WHEN action IN ('workspace_group_updated', 'workspace_group_removed')
                   THEN ARRAY['enrollments', 'workspace:*']
               WHEN action IN ('people_updated', 'people_deleted')
                   THEN ARRAY['enrollments', 'groups', 'group:*', 'workspace:*']
               WHEN action IN ('workspace_updated', 'workspace_removed')
                   THEN ARRAY['enrollments']
           END,
           CASE WHEN action IN ('workspace_updated', 'workspace_removed') THEN ARRAY(
               SELECT DISTINCT e.workspace_group_pk
               FROM core_api.workspace_group_workspaces e
               JOIN core_api.workspaces w ON w.pk = e.workspace_pk
               WHERE w.workspace_id = written.subject_id
               LIMIT 26
           ) ELSE '{}' END
    FROM written;
    RETURN NULL;
END
$$;
