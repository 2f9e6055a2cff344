-- Imports: long lists of lines, each naming a workspace for one group, which are enrolled in batches.
-- A list is kept line by line, so that it goes on after any end of any process exactly where it stopped,
-- and so that its report can be read for ever. Nothing here is read by what changes enrollments.

CREATE TABLE groupdesk.imports (
    pk                 serial,
    import_id          uuid        NOT NULL DEFAULT gen_random_uuid(),
    workspace_group_pk int         NOT NULL,
    -- Who prepared it, and from the start on who started it. A name without a person is somebody who was
    -- deleted since; neither is a system flow.
    people_pk          int,
    people_name        text,
    -- Where the list came from: a file's name, none of a list that was pasted; and the column of it that
    -- was read, where it has names for its columns.
    file_name          text,
    column_name        text,
    state              text        NOT NULL,
    created_at         timestamptz NOT NULL,
    started_at         timestamptz,
    -- When a batch last ended: of several imports the one that has waited longest goes on.
    moved_at           timestamptz,
    ended_at           timestamptz,
    -- Of a cancelled one, who did; nobody where the person who had started it was deleted.
    cancelled_by_name  text,
    lines              int         NOT NULL DEFAULT 0,
    -- How many of the lines are done: all those up to this position.
    done               int         NOT NULL DEFAULT 0,
    enrolled           int         NOT NULL DEFAULT 0,
    already_in         int         NOT NULL DEFAULT 0,
    unknown            int         NOT NULL DEFAULT 0,
    duplicate          int         NOT NULL DEFAULT 0,
    unreadable         int         NOT NULL DEFAULT 0,
    group_removed      int         NOT NULL DEFAULT 0,
    CONSTRAINT imports_pkey PRIMARY KEY (pk),
    CONSTRAINT imports_import_id_unique UNIQUE (import_id),
    CONSTRAINT imports_workspace_group_pk_fkey
        FOREIGN KEY (workspace_group_pk) REFERENCES core_api.workspace_groups (pk) ON DELETE RESTRICT,
    CONSTRAINT imports_people_pk_fkey
        FOREIGN KEY (people_pk) REFERENCES core_api.peoples (pk) ON DELETE SET NULL,
    CONSTRAINT imports_state_known
        CHECK (state IN ('receiving', 'prepared', 'queued', 'running', 'finished', 'cancelled')),
    CONSTRAINT imports_counters_add_up
        CHECK (done <= lines AND done = enrolled + already_in + unknown + duplicate + unreadable + group_removed),
    CONSTRAINT imports_finished_is_done CHECK (state <> 'finished' OR done = lines)
);

-- What a worker looks for, several times a second: nearly always empty.
CREATE INDEX imports_waiting_idx ON groupdesk.imports (moved_at) WHERE state IN ('queued', 'running');
-- What was begun and never started is forgotten after a while.
CREATE INDEX imports_unstarted_idx ON groupdesk.imports (created_at) WHERE state IN ('receiving', 'prepared');
CREATE INDEX imports_group_idx ON groupdesk.imports (workspace_group_pk, created_at, import_id);
CREATE INDEX imports_person_idx ON groupdesk.imports (people_pk);

CREATE TABLE groupdesk.import_lines (
    import_pk     int  NOT NULL,
    -- 1, 2, 3 … over all that was found, of which a line of the list may hold several.
    position      int  NOT NULL,
    line_number   int  NOT NULL,
    -- As it was written, shortened where it is too long to be an id.
    text          text NOT NULL,
    -- Where the text reads as one.
    workspace_id  uuid,
    -- Why it cannot be read.
    fault         text,
    outcome       text,
    workspace_pk  int,
    enrollment_pk int,
    -- The line that named the same workspace first.
    duplicate_of  int,
    CONSTRAINT import_lines_pkey PRIMARY KEY (import_pk, position),
    CONSTRAINT import_lines_import_pk_fkey
        FOREIGN KEY (import_pk) REFERENCES groupdesk.imports (pk) ON DELETE CASCADE,
    CONSTRAINT import_lines_workspace_pk_fkey
        FOREIGN KEY (workspace_pk) REFERENCES core_api.workspaces (pk) ON DELETE RESTRICT,
    CONSTRAINT import_lines_enrollment_pk_fkey
        FOREIGN KEY (enrollment_pk) REFERENCES core_api.workspace_group_workspaces (pk) ON DELETE RESTRICT,
    CONSTRAINT import_lines_fault_known
        CHECK (fault IN ('not_text', 'control_character', 'too_long', 'empty', 'quote_not_closed')),
    CONSTRAINT import_lines_outcome_known
        CHECK (outcome IN ('enrolled', 'already_in', 'unknown', 'duplicate', 'unreadable', 'group_removed')),
    CONSTRAINT import_lines_enrolled_names_it CHECK ((outcome = 'enrolled') = (enrollment_pk IS NOT NULL)),
    CONSTRAINT import_lines_duplicate_names_it CHECK ((outcome = 'duplicate') = (duplicate_of IS NOT NULL))
);

-- The first line of a workspace, for those that name it again.
CREATE INDEX import_lines_workspace_idx
    ON groupdesk.import_lines (import_pk, workspace_pk) WHERE workspace_pk IS NOT NULL;
-- A page of the report of each kind; a line is in one of these.
CREATE INDEX import_lines_failed_idx
    ON groupdesk.import_lines (import_pk, position) WHERE outcome IN ('unknown', 'unreadable', 'group_removed');
CREATE INDEX import_lines_duplicate_idx
    ON groupdesk.import_lines (import_pk, position) WHERE outcome = 'duplicate';
CREATE INDEX import_lines_already_in_idx
    ON groupdesk.import_lines (import_pk, position) WHERE outcome = 'already_in';
CREATE INDEX import_lines_enrolled_idx
    ON groupdesk.import_lines (import_pk, position) WHERE outcome = 'enrolled';
