-- Entries of one moment keep the order in which they were written.
--
-- All that one request does has one time, and an entry's public id is random: with the id behind the time, the
-- newest entry of a workspace that was removed and enrolled again at once was the removal as often as not. The
-- internal key grows as entries are written, also within a transaction, so it stands behind the time instead.
-- (A cursor still holds the public id alone; the statement looks the key up by it.)

DROP INDEX groupdesk.enrollment_events_occurred_idx;
DROP INDEX groupdesk.enrollment_events_enrollment_idx;
DROP INDEX groupdesk.enrollment_events_group_idx;
DROP INDEX groupdesk.enrollment_events_workspace_idx;
DROP INDEX groupdesk.enrollment_events_actor_idx;
DROP INDEX groupdesk.enrollment_events_kind_idx;
DROP INDEX groupdesk.admin_events_occurred_idx;
DROP INDEX groupdesk.admin_events_actor_idx;
DROP INDEX groupdesk.admin_events_action_idx;
DROP INDEX groupdesk.admin_events_actor_action_idx;

-- Rows from before the log got their entries by kind, all enrollments before all removals. Where a row begins in
-- the moment in which the one before it ends, the keys of their entries change places. Nothing that an entry says
-- is touched. Each key is another entry's until that one has moved, so they move by way of negative keys.
ALTER TABLE groupdesk.enrollment_events DISABLE TRIGGER enrollment_events_append_only;

WITH level AS (
    SELECT array_agg(pk ORDER BY pk) AS keys,
           array_agg(pk ORDER BY workspace_group_workspace_pk, action = 'removed') AS entries
    FROM groupdesk.enrollment_events
    WHERE source = 'migration' AND action IN ('enrolled', 'removed')
    GROUP BY workspace_group_pk, workspace_pk, occurred_at
    HAVING count(*) > 1
), misplaced AS (
    SELECT entry, key
    FROM level CROSS JOIN LATERAL unnest(entries, keys) AS placed (entry, key)
    WHERE entry <> key
)
UPDATE groupdesk.enrollment_events v SET pk = -misplaced.key FROM misplaced WHERE v.pk = misplaced.entry;

UPDATE groupdesk.enrollment_events SET pk = -pk WHERE pk < 0;

ALTER TABLE groupdesk.enrollment_events ENABLE TRIGGER enrollment_events_append_only;

CREATE INDEX enrollment_events_occurred_idx
    ON groupdesk.enrollment_events (occurred_at, pk) INCLUDE (action, workspace_group_pk);
CREATE INDEX enrollment_events_enrollment_idx
    ON groupdesk.enrollment_events (workspace_group_workspace_pk, occurred_at, pk);
CREATE INDEX enrollment_events_group_idx ON groupdesk.enrollment_events (workspace_group_pk, occurred_at, pk);
CREATE INDEX enrollment_events_workspace_idx ON groupdesk.enrollment_events (workspace_pk, occurred_at, pk);
CREATE INDEX enrollment_events_actor_idx ON groupdesk.enrollment_events (actor_people_pk, occurred_at, pk);
CREATE INDEX enrollment_events_kind_idx ON groupdesk.enrollment_events (action, source, occurred_at, pk);
CREATE INDEX admin_events_occurred_idx ON groupdesk.admin_events (occurred_at, pk);
CREATE INDEX admin_events_actor_idx ON groupdesk.admin_events (actor_people_pk, occurred_at, pk);
CREATE INDEX admin_events_action_idx ON groupdesk.admin_events (action, occurred_at, pk);
CREATE INDEX admin_events_actor_action_idx ON groupdesk.admin_events (actor_people_pk, action, occurred_at, pk);
