-- The role that the server runs as. It owns nothing: it can change no table, no trigger and no function, cannot
-- rewrite a log, and of an enrollment it can change what the flows change and no more. What the product does
-- not do, a statement that somebody smuggled in cannot do either.
--
-- Roles belong to the whole cluster and tables to one database: the role may be there already, made for another
-- database or by somebody who may make roles where the migrating login may not. A login that may not become
-- this role goes on with the rights that it has, and the server says so.
--
-- A function, since it is called after the migrations each time: the role may have been made only then, and a
-- restored database comes without what it was granted. A migration that adds a table replaces it.

CREATE FUNCTION groupdesk.arrange_application_role() RETURNS void LANGUAGE plpgsql AS $$
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
    -- To say whether all migrations are applied.
    IF to_regclass('groupdesk._sqlx_migrations') IS NOT NULL THEN
        GRANT SELECT ON groupdesk._sqlx_migrations TO groupdesk_app;
    END IF;
END
$$;

SELECT groupdesk.arrange_application_role();
