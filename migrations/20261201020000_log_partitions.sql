-- The logs grow without end. `groupdesk partition-logs` turns a log into a table that is partitioned by month, so that its
-- oldest months can be detached and dropped; until then it stays the one table that it is. The functions here do this, and
-- keep partitions for the coming months. They rewrite and move no row.
--
-- The existing table becomes the first partition. The last partition, `<log>_later`, has no upper bound, so every row has
-- a place. A DEFAULT partition would have the same effect, but Postgres would no longer read the partitions one after the
-- other in the order of time: each page of a list would read all of them.
--
-- A unique index of a partitioned table must contain the time. The key and the public id are therefore unique within each
-- partition only. Across partitions the key is unique because it comes from one sequence, and the id because it is random.
--
-- A later migration must work on a log of either form. Statements on the log do: CREATE and DROP INDEX, columns, CHECK
-- constraints, foreign keys and triggers, all of which reach the partitions. Three things need more: a unique index or a
-- trigger for TRUNCATE is created on each partition, `<log>_later` included, from which new ones are copied; DISABLE TRIGGER
-- needs ONLY; and pg_get_indexdef returns ON ONLY for the index of a partitioned log, which would leave out the partitions.

-- The locks of a change of partitions: the tables to which the log refers, then the log, in the order in which a change of
-- an enrollment takes them. Only the conversion needs the former exclusively, to move foreign keys, and only after those
-- who read the log have finished. The callers set a lock timeout far below Postgres's deadlock timeout of a second, so they
-- give up before they keep others waiting for long or make another transaction fail.
CREATE FUNCTION groupdesk.lock_log(log text, moves_keys boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    referenced text := (SELECT string_agg(DISTINCT confrelid::regclass::text, ', ') FROM pg_catalog.pg_constraint
                        WHERE conrelid = format('groupdesk.%I', log)::regclass AND contype = 'f');
BEGIN
    -- First those who lock people, and then change an enrollment; readers may go on.
    EXECUTE format('LOCK TABLE %s IN EXCLUSIVE MODE', referenced);
    EXECUTE format('LOCK TABLE ONLY groupdesk.%I IN ACCESS EXCLUSIVE MODE', log);
    IF moves_keys THEN
        EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', referenced);
    END IF;
END
$$;

-- The lower bound of the last partition of a partitioned log, and whether the partition has rows. No row: the log is not
-- partitioned.
CREATE FUNCTION groupdesk.log_later(log text, OUT later regclass, OUT starts timestamptz, OUT has_rows boolean)
RETURNS SETOF record LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, YMD' AS $$
BEGIN
    SELECT c.oid::regclass, substring(pg_get_expr(c.relpartbound, c.oid) FROM 'FROM \(''([^'']+)''\) TO \(MAXVALUE\)')
    INTO later, starts
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = to_regclass(format('groupdesk.%I', log)) AND c.relname = log || '_later';
    IF later IS NOT NULL THEN
        BEGIN
            EXECUTE format('SELECT EXISTS (SELECT FROM %s)', later) INTO has_rows;
        EXCEPTION
            -- Replaced in this moment by another process, which only happens if it is empty. A table that does not exist
            -- any more is written as a number.
            WHEN undefined_table OR syntax_error THEN has_rows := false;
        END;
        RETURN NEXT;
    END IF;
END
$$;

-- The time before which all rows of a table are, by the constraint that prepares it as a partition; null without one.
CREATE FUNCTION groupdesk.partition_limit(part regclass) RETURNS timestamptz LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, YMD' AS $$
    SELECT substring(pg_get_constraintdef(oid) FROM '< ''([^'']+)''')::timestamptz
    FROM pg_constraint WHERE conrelid = part AND conname = 'partition_limit'
$$;

-- Attaches an empty table. It gets the row triggers and foreign keys of the log by that. A trigger for TRUNCATE guards only
-- the table on which it is.
CREATE FUNCTION groupdesk.attach_log_part(log text, part text, starts timestamptz, ends text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    whole   CONSTANT text := format('groupdesk.%I', log);
    owner   text;
    trigger text;
BEGIN
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION groupdesk.%I FOR VALUES FROM (%L) TO (%s)', whole, part, starts, ends);
    FOR trigger IN
        SELECT replace(pg_catalog.pg_get_triggerdef(t.oid), ' ON ' || whole || ' ', format(' ON groupdesk.%I ', part))
        FROM pg_catalog.pg_trigger t
        WHERE t.tgrelid = whole::regclass AND NOT t.tgisinternal AND (t.tgtype & 32) <> 0
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger has
                          WHERE has.tgrelid = format('groupdesk.%I', part)::regclass AND has.tgname = t.tgname)
    LOOP
        EXECUTE trigger;
    END LOOP;
    SELECT pg_catalog.pg_get_userbyid(relowner) INTO owner FROM pg_catalog.pg_class WHERE oid = whole::regclass;
    EXECUTE format('ALTER TABLE groupdesk.%I OWNER TO %I', part, owner);
END
$$;

-- Adds months from `starts` on, until there are partitions for this month and the next two, and the last partition after
-- them. All are copies of the table `model`. An empty last partition is replaced, because moving its bound would need
-- exclusive locks on the tables to which the log refers.
CREATE FUNCTION groupdesk.add_log_months(log text, starts timestamptz, model text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    later CONSTANT text := log || '_later';
    ends  CONSTANT timestamptz := greatest(date_trunc('month', now()) + interval '2 months', starts);
    month timestamptz;
BEGIN
    FOR month IN SELECT generate_series(starts, ends, '1 month') LOOP
        EXECUTE format('CREATE TABLE groupdesk.%I (LIKE groupdesk.%I INCLUDING ALL)', log || to_char(month, '_YYYY_MM'), model);
    END LOOP;
    IF EXISTS (SELECT FROM groupdesk.log_later(log) l WHERE l.has_rows) THEN
        RAISE EXCEPTION '% has rows', later;
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS groupdesk.%I', later);
    EXECUTE format('CREATE TABLE groupdesk.%I (LIKE groupdesk.%I INCLUDING ALL)', later, log || to_char(ends, '_YYYY_MM'));
    FOR month IN SELECT generate_series(starts, ends, '1 month') LOOP
        PERFORM groupdesk.attach_log_part(log, log || to_char(month, '_YYYY_MM'), month,
                                          quote_literal(month + interval '1 month'));
    END LOOP;
    PERFORM groupdesk.attach_log_part(log, later, ends + interval '1 month', 'MAXVALUE');
END
$$;

-- The first step of `groupdesk partition-logs`. It limits the table that takes new rows, which is the log itself, or the last
-- partition if it has rows. Returns this table, whose constraint is to be validated next, or null if there is nothing to
-- do. The limit is at least a month away, because it refuses later rows until the second step is done.
CREATE FUNCTION groupdesk.limit_log(log text) RETURNS regclass LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' SET lock_timeout = '300ms' AS $$
DECLARE
    part      regclass := format('groupdesk.%I', log)::regclass;
    starts    timestamptz;
    has_rows  boolean;
    newest    timestamptz;
    others    text;
    ends      timestamptz := date_trunc('month', now()) + interval '2 months';
BEGIN
    IF EXISTS (SELECT FROM pg_class WHERE oid = part AND relkind = 'p') THEN
        SELECT l.later, l.starts, l.has_rows INTO part, starts, has_rows FROM groupdesk.log_later(log) l;
        IF has_rows IS NOT TRUE THEN
            RETURN NULL;
        END IF;
    ELSE
        SELECT string_agg(pg_describe_object(classid, objid, 0), ', ') INTO others
        FROM (SELECT DISTINCT classid, objid FROM pg_depend
              WHERE refclassid = 'pg_class'::regclass AND refobjid = part AND deptype = 'n'
                AND classid IN ('pg_rewrite'::regclass, 'pg_proc'::regclass, 'pg_policy'::regclass)
              UNION SELECT 'pg_publication_rel'::regclass, oid FROM pg_publication_rel WHERE prrelid = part
              UNION SELECT 'pg_attribute'::regclass, attrelid FROM pg_attribute
                    WHERE attrelid = part AND attacl IS NOT NULL) AS depending;
        IF others IS NOT NULL THEN
            RAISE EXCEPTION '% would refer to the first partition of % only: drop it, and create it again afterwards',
                others, part USING ERRCODE = 'dependent_objects_still_exist';
        END IF;
    END IF;
    IF groupdesk.partition_limit(part) > now() + interval '14 days' THEN
        RETURN part;
    END IF;
    EXECUTE format('SELECT max(occurred_at) FROM %s', part) INTO newest;
    IF newest > now() + interval '1 year' THEN
        RAISE EXCEPTION 'the newest row of % has the time %, more than a year from now', part, newest
            USING ERRCODE = 'datetime_field_overflow';
    END IF;
    ends := greatest(ends, date_trunc('month', newest) + interval '1 month', starts + interval '1 month');
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS partition_limit, ADD CONSTRAINT partition_limit CHECK (%s) NOT VALID',
                   part, concat_ws(' AND ', format('occurred_at >= %L', starts), format('occurred_at < %L', ends)));
    RETURN part;
END
$$;

-- The second step: the limited table becomes a partition, and the log continues in new ones. The validated constraint saves
-- Postgres from reading the table. What belongs to the log is moved to the partitioned table: its name, the names of its
-- indexes, triggers, foreign keys, the sequence and privileges.
CREATE FUNCTION groupdesk.partition_log(log text) RETURNS void LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' SET lock_timeout = '300ms' AS $$
DECLARE
    whole     CONSTANT text := format('groupdesk.%I', log);
    ends      timestamptz;
    starts    timestamptz;
    part      text;
    statement text;
    on_whole  text[];
    on_part   text[];
BEGIN
    PERFORM groupdesk.lock_log(log, true);
    IF EXISTS (SELECT FROM pg_class WHERE oid = whole::regclass AND relkind = 'p') THEN
        SELECT l.starts INTO starts FROM groupdesk.log_later(log) l;
        part := log || to_char(starts, '_YYYY_MM');
        ends := groupdesk.partition_limit(format('groupdesk.%I', log || '_later')::regclass);
        on_part := ARRAY[
            format('ALTER TABLE %s DETACH PARTITION groupdesk.%I', whole, log || '_later'),
            format('ALTER TABLE groupdesk.%I RENAME TO %I', log || '_later', part)];
    ELSE
        ends := groupdesk.partition_limit(whole::regclass);
        part := log || to_char(ends, '"_before"_YYYY_MM');
        on_whole := ARRAY[
            format('CREATE TABLE %s (LIKE groupdesk.%I INCLUDING ALL EXCLUDING INDEXES) PARTITION BY RANGE (occurred_at)',
                   whole, part),
            format('ALTER TABLE %s DROP CONSTRAINT partition_limit', whole),
            format('ALTER SEQUENCE %s OWNED BY %s.pk', pg_get_serial_sequence(whole, 'pk'), whole),
            (SELECT format('ALTER TABLE %s OWNER TO %I', whole, pg_get_userbyid(relowner))
             FROM pg_class WHERE oid = whole::regclass)];
        on_part := ARRAY[format('ALTER TABLE %s RENAME TO %I', whole, part)];
        FOR statement IN
            SELECT format('ALTER INDEX groupdesk.%I RENAME TO %I', relname, part || substr(relname, length(log) + 1))
            FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
            WHERE i.indrelid = whole::regclass AND starts_with(relname, log)
        LOOP
            on_part := on_part || statement;
        END LOOP;
        -- A trigger of the log fires for all of its partitions, and once for a statement. The partition keeps that for TRUNCATE.
        FOR statement IN
            SELECT format('DROP TRIGGER %I ON groupdesk.%I', tgname, part)
            FROM pg_trigger WHERE tgrelid = whole::regclass AND NOT tgisinternal AND (tgtype & 32) = 0
            UNION ALL
            SELECT format('REVOKE ALL ON groupdesk.%I FROM %s', part, coalesce(quote_ident(rolname), 'PUBLIC'))
            FROM pg_class CROSS JOIN aclexplode(relacl) LEFT JOIN pg_roles r ON r.oid = grantee
            WHERE pg_class.oid = whole::regclass AND grantee <> relowner
        LOOP
            on_part := on_part || statement;
        END LOOP;
        FOR statement IN
            SELECT pg_get_indexdef(indexrelid) FROM pg_index i WHERE indrelid = whole::regclass
              AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND conrelid = indrelid)
            UNION ALL
            SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', whole, conname, pg_get_constraintdef(oid))
            FROM pg_constraint WHERE conrelid = whole::regclass AND contype = 'f'
            UNION ALL
            SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = whole::regclass AND NOT tgisinternal
            UNION ALL
            SELECT format('GRANT %s ON %s TO %s%s', privilege_type, whole, coalesce(quote_ident(rolname), 'PUBLIC'),
                          CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END)
            FROM pg_class CROSS JOIN aclexplode(relacl) LEFT JOIN pg_roles r ON r.oid = grantee
            WHERE pg_class.oid = whole::regclass AND grantee <> relowner
        LOOP
            on_whole := on_whole || statement;
        END LOOP;
    END IF;
    FOREACH statement IN ARRAY on_part || on_whole LOOP
        EXECUTE statement;
    END LOOP;
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION groupdesk.%I FOR VALUES FROM (%s) TO (%L)',
                   whole, part, coalesce(quote_literal(starts), 'MINVALUE'), ends);
    EXECUTE format('ALTER TABLE groupdesk.%I DROP CONSTRAINT partition_limit', part);
    PERFORM groupdesk.add_log_months(log, ends, part);
END
$$;

-- Servers call this every day. It keeps partitions for the coming months and returns the logs whose last partition has rows,
-- because no server was running for months: those stay where they are until `groupdesk partition-logs` closes the
-- partition. It also removes the limit that an unfinished conversion has left, before the limit would refuse a row. The
-- lock keeps it apart from other servers and from the command, which holds it for the whole session.
CREATE FUNCTION groupdesk.maintain_log_partitions() RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' SET lock_timeout = '300ms' AS $$
DECLARE
    log      text;
    part     regclass;
    starts   timestamptz;
    has_rows boolean;
    is_mine  boolean;
BEGIN
    FOREACH log IN ARRAY ARRAY['enrollment_events', 'admin_events'] LOOP
        -- What is read below is changed by no other process then.
        is_mine := pg_try_advisory_xact_lock(hashtext('groupdesk partition-logs'));
        SELECT l.later, l.starts, l.has_rows INTO part, starts, has_rows FROM groupdesk.log_later(log) l;
        IF has_rows THEN
            RETURN NEXT log;
        END IF;
        CONTINUE WHEN NOT is_mine;
        part := coalesce(part, format('groupdesk.%I', log)::regclass);
        IF groupdesk.partition_limit(part) < now() + interval '7 days' THEN
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT partition_limit', part);
        END IF;
        IF NOT has_rows AND starts < date_trunc('month', now()) + interval '3 months' THEN
            PERFORM groupdesk.lock_log(log, false);
            PERFORM groupdesk.add_log_months(log, starts, log || '_later');
        END IF;
    END LOOP;
END
$$;
REVOKE EXECUTE ON FUNCTION groupdesk.maintain_log_partitions() FROM PUBLIC;

-- As in the migration audit, but a partition answers in the name of its log.
CREATE OR REPLACE FUNCTION groupdesk.log_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    log name := TG_TABLE_NAME;
BEGIN
    -- A foreign key's SET NULL runs inside a trigger, a statement of anybody's does not.
    IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1
        AND NEW.actor_people_pk IS NULL
        AND to_jsonb(NEW) - 'actor_people_pk' = to_jsonb(OLD) - 'actor_people_pk'
    THEN
        RETURN NEW;
    END IF;
    SELECT relname INTO log FROM pg_catalog.pg_class
    WHERE oid = coalesce(pg_catalog.pg_partition_root(TG_RELID), TG_RELID);
    RAISE EXCEPTION '% only grows: % refused', log, TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = log || '_append_only';
END
$$;

-- As in the migration application_role, with the function that servers call.
CREATE OR REPLACE FUNCTION groupdesk.arrange_application_role() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    BEGIN
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'groupdesk_app') THEN
            CREATE ROLE groupdesk_app NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
        END IF;
        -- From 16 on who made a role is a member of it and may not yet become it.
        IF NOT pg_has_role(current_user, 'groupdesk_app',
                           CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END) THEN
            EXECUTE format('GRANT groupdesk_app TO %I', current_user);
        END IF;
    EXCEPTION
        -- Made in this moment, for another database.
        WHEN duplicate_object OR unique_violation THEN NULL;
        -- The server says what that comes to.
        WHEN insufficient_privilege THEN NULL;
    END;
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'groupdesk_app') THEN
        RETURN;
    END IF;

    GRANT USAGE ON SCHEMA core_api, groupdesk TO groupdesk_app;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA core_api, groupdesk TO groupdesk_app;

    GRANT SELECT, INSERT, UPDATE, DELETE ON core_api.peoples TO groupdesk_app;
    GRANT SELECT, INSERT, UPDATE ON core_api.workspaces, core_api.workspace_groups TO groupdesk_app;
    GRANT SELECT, INSERT, UPDATE (created_by_pk, updated_at, deleted_at)
        ON core_api.workspace_group_workspaces TO groupdesk_app;

    -- The logs grow. (What a deleted person leaves in them is set to null by the foreign key, as the owner.)
    GRANT SELECT, INSERT ON groupdesk.enrollment_events, groupdesk.admin_events TO groupdesk_app;

    GRANT SELECT, INSERT, UPDATE
        ON groupdesk.operators, groupdesk.sign_in_links, groupdesk.api_tokens TO groupdesk_app;
    GRANT SELECT, INSERT, DELETE ON groupdesk.operator_identities TO groupdesk_app;
    GRANT SELECT, INSERT, UPDATE, DELETE
        ON groupdesk.sessions, groupdesk.sign_in_attempts, groupdesk.idempotency_keys, groupdesk.imports,
           groupdesk.import_lines, groupdesk.untold_news, groupdesk.loose_workspaces TO groupdesk_app;
    GRANT SELECT ON groupdesk.instance_secrets TO groupdesk_app;
    GRANT EXECUTE ON FUNCTION groupdesk.maintain_log_partitions() TO groupdesk_app;
    -- To say whether all migrations are applied.
    IF to_regclass('groupdesk._sqlx_migrations') IS NOT NULL THEN
        GRANT SELECT ON groupdesk._sqlx_migrations TO groupdesk_app;
    END IF;
END
$$;

SELECT groupdesk.arrange_application_role();
