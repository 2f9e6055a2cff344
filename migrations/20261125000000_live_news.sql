-- What changes is told to every open page, by topics alone: `groups` and `group:<id>`, as kernel/topic.rs has
-- them; never a name, an address or a secret. Who hears of a topic reads what it came to with the rights that
-- they have.
--
-- A change does not notify by itself. Postgres lets transactions that notify commit one after the other, which
-- cost two thirds of the writes a second where many write at once. It leaves a row here instead, and the
-- servers carry what lies here to all of them, in one notice for all that was committed meanwhile. The table
-- is unlogged: what a crash takes with it is made up for by looking anew.

CREATE UNLOGGED TABLE groupdesk.untold_news (
    topics        text[] NOT NULL DEFAULT '{}',
    -- By their internal keys, as whoever writes the row has them at hand.
    group_pks     int[]  NOT NULL DEFAULT '{}',
    workspace_pks int[]  NOT NULL DEFAULT '{}',
    person_pks    int[]  NOT NULL DEFAULT '{}'
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- For changes that no trigger tells of. Nulls are passed over.
CREATE FUNCTION groupdesk.tell(topics text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO groupdesk.untold_news (topics) VALUES (array_remove(topics, NULL))
$$;

-- Carries all that is untold to all who listen. More than 25 things of a kind are one `workspace:*`: a notice
-- ends at 8000 bytes, and whoever would be told of so many looks anew anyway.
CREATE FUNCTION groupdesk.spread_news() RETURNS void LANGUAGE sql AS $$
    WITH news AS MATERIALIZED (
        DELETE FROM groupdesk.untold_news RETURNING topics, group_pks, workspace_pks, person_pks
    ), found AS (
        SELECT unnest(topics) AS topic FROM news
        UNION
        SELECT 'group:' || g.workspace_group_id
        FROM (SELECT DISTINCT unnest(group_pks) AS pk FROM news LIMIT 26) AS touched
        JOIN core_api.workspace_groups g USING (pk)
        UNION
        SELECT 'workspace:' || w.workspace_id
        FROM (SELECT DISTINCT unnest(workspace_pks) AS pk FROM news LIMIT 26) AS touched
        JOIN core_api.workspaces w USING (pk)
        UNION
        SELECT 'person:' || p.people_id
        FROM (SELECT DISTINCT unnest(person_pks) AS pk FROM news LIMIT 26) AS touched
        JOIN core_api.peoples p USING (pk)
    ), counted AS (
        SELECT topic, split_part(topic, ':', 1) || ':*' AS each,
               topic LIKE '%:%' AND count(*) OVER (PARTITION BY split_part(topic, ':', 1), topic LIKE '%:%') > 25 AS are_many
        FROM found
    ), payload AS (
        SELECT string_agg(DISTINCT CASE WHEN are_many THEN each ELSE topic END, ' ') AS text FROM counted
    )
    SELECT pg_notify('groupdesk_news', CASE WHEN octet_length(text) < 7900 THEN text ELSE '*' END)
    FROM payload WHERE text IS NOT NULL
$$;

-- Whether a statement wrote one row or ten thousand, it leaves one row, with as many keys as will be looked up.
CREATE FUNCTION groupdesk.tell_enrollment_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO groupdesk.untold_news (topics, group_pks, workspace_pks, person_pks)
    SELECT CASE WHEN bool_or(action = 'attribution_corrected')
                -- From whom to whom is known by name alone.
                THEN ARRAY['enrollments', 'person:*'] ELSE ARRAY['enrollments'] END,
           ARRAY(SELECT DISTINCT workspace_group_pk FROM written LIMIT 26),
           ARRAY(SELECT DISTINCT workspace_pk FROM written LIMIT 26),
           ARRAY(SELECT DISTINCT actor_people_pk FROM written WHERE actor_people_pk IS NOT NULL LIMIT 26)
    FROM written HAVING count(*) > 0;
    RETURN NULL;
END
$$;

CREATE TRIGGER enrollment_events_told AFTER INSERT ON groupdesk.enrollment_events
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION groupdesk.tell_enrollment_events();

-- Whatever shows a thing by its name shows it anew when that is changed: a workspace on the pages of its
-- groups, a group on those of its workspaces, a person everywhere.
CREATE FUNCTION groupdesk.tell_admin_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO groupdesk.untold_news (topics, group_pks)
    SELECT array_remove(ARRAY['admin_events', CASE subject_type
               WHEN 'workspace_group' THEN 'groups'
               WHEN 'workspace'       THEN 'workspaces'
               WHEN 'people'          THEN 'people'
               WHEN 'operator'        THEN 'operators'
               WHEN 'api_token'       THEN 'tokens'
               WHEN 'import'          THEN 'imports'
           END, CASE subject_type
               WHEN 'workspace_group' THEN 'group:'
               WHEN 'workspace'       THEN 'workspace:'
               WHEN 'people'          THEN 'person:'
               WHEN 'import'          THEN 'import:'
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

CREATE TRIGGER admin_events_told AFTER INSERT ON groupdesk.admin_events
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION groupdesk.tell_admin_events();
