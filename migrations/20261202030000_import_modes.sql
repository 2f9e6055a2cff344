-- An import enrolls the workspaces of its list, removes them, or makes the group contain exactly them. For the last, the
-- workspaces that are in the group and not on the list are appended as lines when the import is started. Every line then
-- has one action, and the worker, the progress, the report and the resumption need no other mechanism. A large restore or
-- undo is an import as well, whose lines are made from a plan: those of removals have the planned enrollment until they
-- have an outcome.

ALTER TABLE groupdesk.imports
    ADD COLUMN mode text NOT NULL DEFAULT 'enroll'
        CONSTRAINT imports_mode_known CHECK (mode IN ('enroll', 'remove', 'exact', 'restore', 'undo')),
    ADD COLUMN removed int NOT NULL DEFAULT 0,
    -- Lines of workspaces that were to be removed and were not in the group.
    ADD COLUMN not_in int NOT NULL DEFAULT 0,
    -- The lines that were appended, which follow those of the list.
    ADD COLUMN unlisted int NOT NULL DEFAULT 0
        CONSTRAINT imports_unlisted_check CHECK (unlisted BETWEEN 0 AND lines AND (unlisted = 0 OR mode = 'exact')),
    DROP CONSTRAINT imports_counters_add_up,
    ADD CONSTRAINT imports_counters_add_up
        CHECK (done <= lines AND done = enrolled + already_in + unknown + duplicate + unreadable + group_removed
                                        + removed + not_in);

ALTER TABLE groupdesk.import_lines
    ADD COLUMN action text NOT NULL DEFAULT 'enroll'
        CONSTRAINT import_lines_action_known CHECK (action IN ('enroll', 'remove')),
    DROP CONSTRAINT import_lines_outcome_known,
    ADD CONSTRAINT import_lines_outcome_known
        CHECK (outcome IN ('enrolled', 'already_in', 'unknown', 'duplicate', 'unreadable', 'group_removed',
                           'removed', 'not_in')),
    DROP CONSTRAINT import_lines_enrolled_names_it,
    -- The enrollment that the line made or ended.
    ADD CONSTRAINT import_lines_changed_names_it
        CHECK ((outcome IN ('enrolled', 'removed')) = (enrollment_pk IS NOT NULL)),
    ADD CONSTRAINT import_lines_outcome_fits_action
        -- A planned enrollment is left out ("not_in") if others have enrolled and removed the workspace since.
        CHECK (CASE action WHEN 'enroll' THEN outcome <> 'removed'
                           ELSE outcome NOT IN ('enrolled', 'already_in') END),
    -- A line that is not on the list has the number 0.
    ADD CONSTRAINT import_lines_unlisted_is_removed CHECK (line_number > 0 OR action = 'remove');

CREATE INDEX import_lines_removed_idx
    ON groupdesk.import_lines (import_pk, position) WHERE outcome = 'removed';
CREATE INDEX import_lines_not_in_idx
    ON groupdesk.import_lines (import_pk, position) WHERE outcome = 'not_in';
