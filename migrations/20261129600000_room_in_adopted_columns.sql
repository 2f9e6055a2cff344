-- Columns of tables that were there before us may have less room than the desk accepts, as with varchar(255) for e-mail
-- addresses: a longer value was a fault instead of being stored. A varchar that gets more room keeps its rows as they
-- are.
--
-- Where something that is not ours depends on the type, such as a view or a generated column, the column stays as it
-- is: Postgres refuses the change by one of the errors below. A database that is adopted from now on is not adopted with
-- such a column.

DO $$
DECLARE
    short record;
BEGIN
    FOR short IN
        SELECT wanted.on_table, wanted.on_column, wanted.room
        FROM (VALUES
            ('core_api.peoples',          'first_name',            255),
            ('core_api.peoples',          'last_name',             255),
            ('core_api.peoples',          'email',                 320),
            ('core_api.workspaces',       'name',                  255),
            ('core_api.workspaces',       'description',           500),
            ('core_api.workspaces',       'external_workspace_id', 255),
            ('core_api.workspaces',       'avatar_color',          255),
            ('core_api.workspace_groups', 'name',                  255)
        ) AS wanted (on_table, on_column, room)
        JOIN pg_attribute a ON a.attrelid = wanted.on_table::regclass AND a.attname = wanted.on_column
        WHERE a.atttypid = 'varchar'::regtype AND a.atttypmod > 4 AND a.atttypmod - 4 < wanted.room
    LOOP
        BEGIN
            -- Our own trigger depends on the column.
            IF short.on_column = 'name' THEN
                EXECUTE format('DROP TRIGGER %I ON %s',
                    split_part(short.on_table, '.', 2) || '_name_not_blank', short.on_table);
            END IF;
            EXECUTE format('ALTER TABLE %s ALTER COLUMN %I TYPE varchar(%s)',
                short.on_table, short.on_column, short.room);
            IF short.on_column = 'name' THEN
                EXECUTE format('CREATE TRIGGER %I BEFORE INSERT OR UPDATE OF name ON %s
                                    FOR EACH ROW EXECUTE FUNCTION groupdesk.name_not_blank()',
                    split_part(short.on_table, '.', 2) || '_name_not_blank', short.on_table);
            END IF;
        EXCEPTION
            WHEN feature_not_supported OR syntax_error OR invalid_table_definition THEN NULL;
        END;
    END LOOP;
END
$$;
