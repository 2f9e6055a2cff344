-- Every filter that the API offers, in every order that it offers, has an index that gives the page in
-- that order. A row is live or removed, and a page of both is read as two; so each row is in one set of
-- indexes only, those of its kind, and what removing a row costs is moving it from one set to the other.
--
-- updated_at is null on rows of older systems and sorts last, as infinity, in the expression that the
-- statements order by. Each order ends with the public id, which makes it total. The times behind the id
-- order nothing: a range of one time in the order of another is looked up in them, rather than in a row
-- of the table for each entry of the index.

DROP INDEX core_api.workspace_group_workspaces_created_idx;
DROP INDEX core_api.workspace_group_workspaces_live_created_idx;
DROP INDEX core_api.workspace_group_workspaces_removed_deleted_idx;
DROP INDEX core_api.workspace_group_workspaces_group_created_idx;
DROP INDEX core_api.workspace_group_workspaces_group_live_created_idx;
DROP INDEX core_api.workspace_group_workspaces_group_removed_deleted_idx;
DROP INDEX core_api.workspace_group_workspaces_workspace_created_idx;
DROP INDEX core_api.workspace_group_workspaces_person_created_idx;

DO $$
DECLARE
    scope record;
    sort  record;
BEGIN
    FOR scope IN SELECT * FROM (VALUES
        ('all',       ''),
        ('group',     'workspace_group_pk, '),
        ('workspace', 'workspace_pk, '),
        ('person',    'created_by_pk, ')
    ) AS v (name, columns)
    LOOP
        -- Live rows have no deleted_at to sort by: their next key, created_at, orders them.
        FOR sort IN SELECT * FROM (VALUES
            ('live_created',    'created_at, workspace_group_workspace_id, coalesce(updated_at, ''infinity''::timestamptz)',
             'deleted_at IS NULL'),
            ('live_updated',    'coalesce(updated_at, ''infinity''::timestamptz), workspace_group_workspace_id, created_at',
             'deleted_at IS NULL'),
            ('removed_created', 'created_at, workspace_group_workspace_id, coalesce(updated_at, ''infinity''::timestamptz), deleted_at',
             'deleted_at IS NOT NULL'),
            ('removed_updated', 'coalesce(updated_at, ''infinity''::timestamptz), workspace_group_workspace_id, created_at, deleted_at',
             'deleted_at IS NOT NULL'),
            ('removed_deleted', 'deleted_at, created_at, workspace_group_workspace_id, coalesce(updated_at, ''infinity''::timestamptz)',
             'deleted_at IS NOT NULL')
        ) AS v (name, columns, condition)
        LOOP
            EXECUTE format(
                'CREATE INDEX workspace_group_workspaces_%s_%s_idx ON core_api.workspace_group_workspaces (%s%s) WHERE %s',
                scope.name, sort.name, scope.columns, sort.columns, sort.condition);
        END LOOP;
    END LOOP;
END
$$;

-- All rows of a pair: what a re-add follows on, and the history of the pair.
CREATE INDEX workspace_group_workspaces_pair_idx
    ON core_api.workspace_group_workspaces (workspace_group_pk, workspace_pk);
-- A person's deletion sets created_by_pk to null on rows of both kinds; two partial indexes are not
-- looked into for that.
CREATE INDEX workspace_group_workspaces_person_idx ON core_api.workspace_group_workspaces (created_by_pk);

DROP INDEX core_api.workspace_groups_created_idx;
DROP INDEX core_api.workspace_groups_name_idx;
DROP INDEX core_api.workspaces_created_idx;
DROP INDEX core_api.workspaces_name_idx;

DO $$
DECLARE
    noun record;
    kind record;
    sort record;
BEGIN
    FOR noun IN SELECT * FROM (VALUES
        ('workspace_groups', 'workspace_group_id'),
        ('workspaces',       'workspace_id')
    ) AS v (name, id)
    LOOP
        FOR kind IN SELECT * FROM (VALUES
            ('live',    'deleted_at IS NULL'),
            ('removed', 'deleted_at IS NOT NULL')
        ) AS v (name, condition)
        LOOP
            FOR sort IN SELECT * FROM (VALUES
                ('created', 'created_at'),
                ('updated', 'coalesce(updated_at, ''infinity''::timestamptz)'),
                ('deleted', 'deleted_at, created_at'),
                ('name',    'lower(name)')
            ) AS v (name, columns)
            LOOP
                CONTINUE WHEN kind.name = 'live' AND sort.name = 'deleted';
                EXECUTE format('CREATE INDEX %s_%s_%s_idx ON core_api.%s (%s, %s) WHERE %s',
                    noun.name, kind.name, sort.name, noun.name, sort.columns, noun.id, kind.condition);
            END LOOP;
        END LOOP;
    END LOOP;
END
$$;

CREATE INDEX peoples_updated_idx ON core_api.peoples (coalesce(updated_at, 'infinity'::timestamptz), people_id);
CREATE INDEX peoples_last_name_idx ON core_api.peoples (lower(last_name), people_id);

-- The log by what was done and which way it came in, of which there are few combinations.
CREATE INDEX enrollment_events_kind_idx
    ON groupdesk.enrollment_events (action, source, occurred_at, enrollment_event_id);
