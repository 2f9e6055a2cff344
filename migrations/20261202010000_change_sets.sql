-- Each change of enrollments belongs to a change set: everything that one request, command or import does. Its events have
-- its id, and a reason and a reference to a ticket if somebody gave them. Events of the time before have neither.
--
-- The id of a request's change set begins with the first eight bytes of the request id, so that the index finds the events
-- of a request as well.

ALTER TABLE groupdesk.enrollment_events
    ADD COLUMN change_set_id uuid,
    ADD COLUMN reason text CONSTRAINT enrollment_events_reason_check CHECK (char_length(reason) BETWEEN 1 AND 500),
    ADD COLUMN reference text CONSTRAINT enrollment_events_reference_check CHECK (char_length(reference) BETWEEN 1 AND 100);

-- Nothing follows the id in the index, because the events of a large change set then share one entry.
CREATE INDEX enrollment_events_change_set_idx ON groupdesk.enrollment_events (change_set_id)
    WHERE change_set_id IS NOT NULL;
-- The planner then knows that the events of a change set are few.
ANALYZE groupdesk.enrollment_events;

-- What a change set is, beyond its events. Only change sets that need it have a row.
CREATE TABLE groupdesk.change_sets (
    change_set_id uuid        CONSTRAINT change_sets_pkey PRIMARY KEY,
    kind          text        NOT NULL CONSTRAINT change_sets_kind_check CHECK (kind IN ('undo', 'move', 'copy', 'restore')),
    recorded_at   timestamptz NOT NULL,
    -- The change set that an undo reverses.
    undone_id     uuid        CONSTRAINT change_sets_undone_check CHECK ((undone_id IS NOT NULL) = (kind = 'undo')),
    -- The groups of a move or copy.
    from_group_pk int         CONSTRAINT change_sets_from_group_fkey REFERENCES core_api.workspace_groups (pk),
    to_group_pk   int         CONSTRAINT change_sets_to_group_fkey REFERENCES core_api.workspace_groups (pk),
    -- The moment whose membership a restore brings back.
    as_of         timestamptz CONSTRAINT change_sets_as_of_check CHECK ((as_of IS NOT NULL) = (kind = 'restore')),
    CONSTRAINT change_sets_groups_check CHECK (
        num_nonnulls(from_group_pk, to_group_pk) = CASE WHEN kind IN ('move', 'copy') THEN 2 ELSE 0 END)
);
CREATE INDEX change_sets_undone_idx ON groupdesk.change_sets (undone_id) WHERE undone_id IS NOT NULL;
CREATE INDEX change_sets_from_group_idx ON groupdesk.change_sets (from_group_pk) WHERE from_group_pk IS NOT NULL;
CREATE INDEX change_sets_to_group_idx ON groupdesk.change_sets (to_group_pk) WHERE to_group_pk IS NOT NULL;

CREATE FUNCTION groupdesk.change_sets_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'change_sets only grows: % refused', TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'change_sets_append_only';
END
$$;
CREATE TRIGGER change_sets_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON groupdesk.change_sets
    FOR EACH STATEMENT EXECUTE FUNCTION groupdesk.change_sets_only_grow();

-- The history that the database is in: a random id. `groupdesk history new` adds one after the database was restored from a
-- backup, and what was prepared in the history before is then refused. The latest row counts.
CREATE TABLE groupdesk.histories (
    pk         int         GENERATED ALWAYS AS IDENTITY CONSTRAINT histories_pkey PRIMARY KEY,
    history_id uuid        NOT NULL DEFAULT gen_random_uuid(),
    begins_at  timestamptz NOT NULL
);
INSERT INTO groupdesk.histories (begins_at) VALUES (now());

-- Settings of a group; a group without a row has the defaults.
CREATE TABLE groupdesk.group_settings (
    workspace_group_pk int  CONSTRAINT group_settings_pkey PRIMARY KEY
                            CONSTRAINT group_settings_group_fkey REFERENCES core_api.workspace_groups (pk) ON DELETE CASCADE,
    -- Whether a change of the group's enrollments needs a reason: never, always, or if it concerns more than `reason_above`.
    reason_policy      text NOT NULL DEFAULT 'off'
                            CONSTRAINT group_settings_policy_check CHECK (reason_policy IN ('off', 'required', 'required_above')),
    reason_above       int  CONSTRAINT group_settings_above_check CHECK (
                                CASE WHEN reason_policy = 'required_above'
                                     THEN reason_above IS NOT NULL AND reason_above BETWEEN 1 AND 1000000
                                     ELSE reason_above IS NULL END),
    -- The system from which the group is managed; changes by hand are warned about.
    managed_by         text CONSTRAINT group_settings_managed_by_check CHECK (char_length(managed_by) BETWEEN 1 AND 100)
);
-- As in the migration live_news, and events without a reason are refused in a group that requires one. For a limit, all
-- events without a reason of the change set in the group count, also those of earlier statements.
CREATE OR REPLACE FUNCTION groupdesk.tell_enrollment_events() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unexplained record;
BEGIN
    SELECT s.workspace_group_pk, s.reason_above INTO unexplained
    FROM (SELECT workspace_group_pk, count(*) AS events FROM written WHERE reason IS NULL GROUP BY 1) AS here
    JOIN groupdesk.group_settings s ON s.workspace_group_pk = here.workspace_group_pk AND s.reason_policy <> 'off'
    WHERE s.reason_policy = 'required' OR s.reason_above < greatest(here.events, (
              SELECT count(*) FROM groupdesk.enrollment_events v
              WHERE v.change_set_id IN (SELECT change_set_id FROM written) AND v.reason IS NULL
                AND v.workspace_group_pk = s.workspace_group_pk))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'changes of this group need a reason'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reason_required',
                  DETAIL = (SELECT concat_ws(' ', g.workspace_group_id, unexplained.reason_above)
                            FROM core_api.workspace_groups g WHERE g.pk = unexplained.workspace_group_pk);
    END IF;
    INSERT INTO groupdesk.untold_news (topics, group_pks, workspace_pks, person_pks)
    SELECT CASE WHEN bool_or(action = 'attribution_corrected')
                -- The names do not lead to the persons.
                THEN ARRAY['enrollments', 'person:*'] ELSE ARRAY['enrollments'] END,
           ARRAY(SELECT DISTINCT workspace_group_pk FROM written LIMIT 26),
           ARRAY(SELECT DISTINCT workspace_pk FROM written LIMIT 26),
           ARRAY(SELECT DISTINCT actor_people_pk FROM written WHERE actor_people_pk IS NOT NULL LIMIT 26)
    FROM written HAVING count(*) > 0;
    RETURN NULL;
END
$$;

-- A started import has the reason and the reference of who started it.
ALTER TABLE groupdesk.imports
    ADD COLUMN reason text CONSTRAINT imports_reason_check CHECK (char_length(reason) BETWEEN 1 AND 500),
    ADD COLUMN reference text CONSTRAINT imports_reference_check CHECK (char_length(reference) BETWEEN 1 AND 100);

-- The privileges of the application on what this migration creates. The function is changed where it is, because another
-- migration may have replaced it since the last one that is known here.
DO $$
DECLARE
    present CONSTANT text := pg_get_functiondef('groupdesk.arrange_application_role()'::regprocedure);
    anchor  CONSTANT text := 'GRANT SELECT ON groupdesk.instance_secrets';
BEGIN
    IF position(anchor IN present) = 0 THEN
        RAISE EXCEPTION 'arrange_application_role() has no place for the privileges on change sets';
    END IF;
    EXECUTE replace(present, anchor, '
    GRANT SELECT, INSERT ON groupdesk.change_sets TO groupdesk_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON groupdesk.group_settings TO groupdesk_app;
    GRANT SELECT ON groupdesk.histories TO groupdesk_app;
    ' || anchor);
END
$$;
SELECT groupdesk.arrange_application_role();
