-- Tables that were there before us may lack what the rules rest on. What is missing is added,
-- what is there in the right form is left alone: ids with defaults, times with defaults, e-mail
-- addresses unique whatever their case, names that are not blank, and foreign keys that refuse to
-- orphan an enrollment (RESTRICT) but let a person go (SET NULL).

ALTER TABLE core_api.peoples                    ALTER COLUMN people_id SET DEFAULT gen_random_uuid();
ALTER TABLE core_api.workspaces                 ALTER COLUMN workspace_id SET DEFAULT gen_random_uuid();
ALTER TABLE core_api.workspace_groups           ALTER COLUMN workspace_group_id SET DEFAULT gen_random_uuid();
ALTER TABLE core_api.workspace_group_workspaces ALTER COLUMN workspace_group_workspace_id SET DEFAULT gen_random_uuid();

ALTER TABLE core_api.peoples                    ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN updated_at SET DEFAULT now();
ALTER TABLE core_api.workspaces                 ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN updated_at SET DEFAULT now();
ALTER TABLE core_api.workspace_groups           ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN updated_at SET DEFAULT now();
ALTER TABLE core_api.workspace_group_workspaces ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN updated_at SET DEFAULT now();

CREATE UNIQUE INDEX IF NOT EXISTS peoples_email_unique ON core_api.peoples (lower(email));

-- By trigger and not by CHECK: an old row with a blank name must still be removable, and its creator
-- deletable, while nobody may write a blank name any more.
CREATE FUNCTION groupdesk.name_not_blank() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF btrim(NEW.name) = '' THEN
        RAISE EXCEPTION 'a name is not blank'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_name_not_blank';
    END IF;
    RETURN NEW;
END
$$;

ALTER TABLE core_api.workspace_groups DROP CONSTRAINT IF EXISTS workspace_groups_name_not_blank;
CREATE TRIGGER workspace_groups_name_not_blank BEFORE INSERT OR UPDATE OF name ON core_api.workspace_groups
    FOR EACH ROW EXECUTE FUNCTION groupdesk.name_not_blank();
CREATE TRIGGER workspaces_name_not_blank BEFORE INSERT OR UPDATE OF name ON core_api.workspaces
    FOR EACH ROW EXECUTE FUNCTION groupdesk.name_not_blank();

DO $$
DECLARE
    wanted record;
    found  record;
BEGIN
    FOR wanted IN
        SELECT * FROM (VALUES
            ('core_api.workspace_group_workspaces', 'workspace_group_pk', 'core_api.workspace_groups', 'r', 'RESTRICT', 'workspace_group_workspaces_workspace_group_pk_fkey'),
            ('core_api.workspace_group_workspaces', 'workspace_pk',       'core_api.workspaces',       'r', 'RESTRICT', 'workspace_group_workspaces_workspace_pk_fkey'),
            ('core_api.workspace_group_workspaces', 'created_by_pk',      'core_api.peoples',          'n', 'SET NULL', 'workspace_group_workspaces_created_by_pk_fkey'),
            ('core_api.workspace_groups',           'created_by_pk',      'core_api.peoples',          'n', 'SET NULL', 'workspace_groups_created_by_pk_fkey')
        ) AS v (on_table, on_column, to_table, action, action_sql, name)
    LOOP
        FOR found IN
            SELECT c.conname, c.confdeltype
            FROM pg_constraint c
            JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
            WHERE c.contype = 'f'
              AND c.conrelid = wanted.on_table::regclass
              AND cardinality(c.conkey) = 1
              AND a.attname = wanted.on_column
        LOOP
            IF found.confdeltype <> wanted.action::"char" THEN
                EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', wanted.on_table, found.conname);
            END IF;
        END LOOP;
        IF NOT EXISTS (
            SELECT 1
            FROM pg_constraint c
            JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
            WHERE c.contype = 'f'
              AND c.conrelid = wanted.on_table::regclass
              AND cardinality(c.conkey) = 1
              AND a.attname = wanted.on_column
        ) THEN
            EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I FOREIGN KEY (%I) REFERENCES %s (pk) ON DELETE %s',
                           wanted.on_table, wanted.name, wanted.on_column, wanted.to_table, wanted.action_sql);
        END IF;
    END LOOP;
END
$$;
