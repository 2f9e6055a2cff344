-- What happened on which day, and in which groups the most, is counted from the index of the log's times
-- alone: it holds the two columns that are counted by. It replaces the one that did not.

DROP INDEX groupdesk.enrollment_events_occurred_idx;
CREATE INDEX enrollment_events_occurred_idx
    ON groupdesk.enrollment_events (occurred_at, enrollment_event_id) INCLUDE (action, workspace_group_pk);
