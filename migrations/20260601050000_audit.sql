-- The two logs: every change of an enrollment, and everything else worth knowing. Both only grow.
-- The one rewrite that a log allows is the one that a person's deletion causes: the link to the
-- person goes, the name as it was stays.

CREATE TABLE groupdesk.enrollment_events (
    pk                          bigserial,
    enrollment_event_id         uuid        NOT NULL DEFAULT gen_random_uuid(),
    action                      text        NOT NULL,
    occurred_at                 timestamptz NOT NULL,
    source                      text        NOT NULL,
    actor_people_pk             int,
    actor_name                  text,
    token_name                  text,
    request_id                  text,
    workspace_group_workspace_pk int        NOT NULL,
    workspace_group_pk          int         NOT NULL,
    workspace_pk                int         NOT NULL,
    -- Of a corrected attribution: the names it went from and to; null where nobody was, or is, named.
    attributed_from             text,
    attributed_to               text,
    CONSTRAINT enrollment_events_pkey PRIMARY KEY (pk),
    CONSTRAINT enrollment_events_enrollment_event_id_unique UNIQUE (enrollment_event_id),
    CONSTRAINT enrollment_events_action_known CHECK (action IN ('enrolled', 'removed', 'attribution_corrected')),
    CONSTRAINT enrollment_events_source_known CHECK (source IN ('web', 'api', 'cli', 'import', 'migration')),
    CONSTRAINT enrollment_events_actor_people_pk_fkey
        FOREIGN KEY (actor_people_pk) REFERENCES core_api.peoples (pk) ON DELETE SET NULL,
    CONSTRAINT enrollment_events_workspace_group_workspace_pk_fkey
        FOREIGN KEY (workspace_group_workspace_pk) REFERENCES core_api.workspace_group_workspaces (pk) ON DELETE RESTRICT,
    CONSTRAINT enrollment_events_workspace_group_pk_fkey
        FOREIGN KEY (workspace_group_pk) REFERENCES core_api.workspace_groups (pk) ON DELETE RESTRICT,
    CONSTRAINT enrollment_events_workspace_pk_fkey
        FOREIGN KEY (workspace_pk) REFERENCES core_api.workspaces (pk) ON DELETE RESTRICT
);

CREATE TABLE groupdesk.admin_events (
    pk              bigserial,
    admin_event_id  uuid        NOT NULL DEFAULT gen_random_uuid(),
    action          text        NOT NULL,
    occurred_at     timestamptz NOT NULL,
    source          text        NOT NULL,
    actor_people_pk int,
    actor_name      text,
    token_name      text,
    request_id      text,
    -- What it happened to: its type and public id, and its name as it was then.
    subject_type    text        NOT NULL,
    subject_id      uuid,
    subject_name    text,
    CONSTRAINT admin_events_pkey PRIMARY KEY (pk),
    CONSTRAINT admin_events_admin_event_id_unique UNIQUE (admin_event_id),
    CONSTRAINT admin_events_source_known CHECK (source IN ('web', 'api', 'cli', 'import', 'migration')),
    CONSTRAINT admin_events_actor_people_pk_fkey
        FOREIGN KEY (actor_people_pk) REFERENCES core_api.peoples (pk) ON DELETE SET NULL
);

-- Rows that existed before the log did: what is known of them. Who removed them is not.
INSERT INTO groupdesk.enrollment_events
    (action, occurred_at, source, actor_people_pk, actor_name,
     workspace_group_workspace_pk, workspace_group_pk, workspace_pk)
SELECT 'enrolled', e.created_at, 'migration', e.created_by_pk, btrim(p.first_name || ' ' || p.last_name),
       e.pk, e.workspace_group_pk, e.workspace_pk
FROM core_api.workspace_group_workspaces e
LEFT JOIN core_api.peoples p ON p.pk = e.created_by_pk
ORDER BY e.created_at, e.pk;

INSERT INTO groupdesk.enrollment_events
    (action, occurred_at, source, workspace_group_workspace_pk, workspace_group_pk, workspace_pk)
SELECT 'removed', e.deleted_at, 'migration', e.pk, e.workspace_group_pk, e.workspace_pk
FROM core_api.workspace_group_workspaces e
WHERE e.deleted_at IS NOT NULL
ORDER BY e.deleted_at, e.pk;

CREATE INDEX enrollment_events_occurred_idx
    ON groupdesk.enrollment_events (occurred_at, enrollment_event_id);
CREATE INDEX enrollment_events_enrollment_idx
    ON groupdesk.enrollment_events (workspace_group_workspace_pk, occurred_at, enrollment_event_id);
CREATE INDEX enrollment_events_group_idx
    ON groupdesk.enrollment_events (workspace_group_pk, occurred_at, enrollment_event_id);
CREATE INDEX enrollment_events_workspace_idx
    ON groupdesk.enrollment_events (workspace_pk, occurred_at, enrollment_event_id);
CREATE INDEX enrollment_events_actor_idx
    ON groupdesk.enrollment_events (actor_people_pk, occurred_at, enrollment_event_id);
CREATE INDEX admin_events_occurred_idx ON groupdesk.admin_events (occurred_at, admin_event_id);
CREATE INDEX admin_events_actor_idx ON groupdesk.admin_events (actor_people_pk);

CREATE FUNCTION groupdesk.log_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A foreign key's SET NULL runs inside a trigger, a statement of anybody's does not.
    IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1
        AND NEW.actor_people_pk IS NULL
        AND to_jsonb(NEW) - 'actor_people_pk' = to_jsonb(OLD) - 'actor_people_pk'
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% only grows: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_TABLE_NAME || '_append_only';
END
$$;

CREATE TRIGGER enrollment_events_append_only BEFORE UPDATE OR DELETE ON groupdesk.enrollment_events
    FOR EACH ROW EXECUTE FUNCTION groupdesk.log_only_grows();
CREATE TRIGGER enrollment_events_append_only_truncate BEFORE TRUNCATE ON groupdesk.enrollment_events
    FOR EACH STATEMENT EXECUTE FUNCTION groupdesk.log_only_grows();
CREATE TRIGGER admin_events_append_only BEFORE UPDATE OR DELETE ON groupdesk.admin_events
    FOR EACH ROW EXECUTE FUNCTION groupdesk.log_only_grows();
CREATE TRIGGER admin_events_append_only_truncate BEFORE TRUNCATE ON groupdesk.admin_events
    FOR EACH STATEMENT EXECUTE FUNCTION groupdesk.log_only_grows();
